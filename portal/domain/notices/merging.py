"""What was said to people follows their dossier."""

from portal.domain.merging.registry import Subject, register_rows


def connect() -> None:
    """Register."""
    register_rows("notices.Notice.family", Subject.FAMILY, ("notification", "notifications"))
