"""The rentrée of a household, on one page: every child, one validation, and its recap."""
