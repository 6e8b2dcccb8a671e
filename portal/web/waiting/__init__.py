"""The family’s lines: joining, leaving, answering, giving a place."""
