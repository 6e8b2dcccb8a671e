"""The family's dossier: its cards, one page per person, a pencil per rubric."""
