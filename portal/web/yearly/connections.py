"""What this area tells the rest of the door: rubrics of the dossier, tasks of the home, notices."""


def connect() -> None:
    """Register, once, from `apps.ready`."""
