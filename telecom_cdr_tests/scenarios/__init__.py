"""Whole months with the invoices they must come to, worked out by hand."""
