"""The yearly update of a dossier, in one page."""
