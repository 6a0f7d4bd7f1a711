"""Whole scenarios on both engines: every table of every month equal row by row, types included, and with the model."""
