"""Columns: which row of a table names its columns, and what each of them is in our words."""
