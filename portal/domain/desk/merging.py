"""Notes and assignments are about requests, which follow their family: so do they."""

from portal.domain.merging.registry import Subject, register_rows


def connect() -> None:
    """Register."""
    register_rows(
        "desk.RequestAssignment.family", Subject.FAMILY, ("demande prise en charge", "demandes prises en charge")
    )
    register_rows("desk.RequestNote.family", Subject.FAMILY, ("note interne", "notes internes"))
