"""Assurance: what reconciles with what, and whether each row follows from its own columns."""
