"""Forms that agents build: a page with fields, answers linked to the family that sent them."""
