"""Declarations follow their child and their household: they are about bookings, which follow too."""

from portal.domain.merging.registry import Subject, register_rows

_WORDS = ("absence déclarée", "absences déclarées")


def connect() -> None:
    """Register."""
    register_rows("absences.Absence.family", Subject.FAMILY, _WORDS, order=92)
    register_rows("absences.Absence.child", Subject.CHILD, _WORDS, order=92)
