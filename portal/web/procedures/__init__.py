"""The list of a family’s démarches."""
