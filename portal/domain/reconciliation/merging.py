"""A finding follows whom it is about; the next run says what is left of it."""

from portal.domain.merging.registry import Subject, register_rows

_WORDS = ("constat du rapprochement", "constats du rapprochement")


def connect() -> None:
    """Register."""
    register_rows("reconciliation.Finding.family", Subject.FAMILY, _WORDS, order=99)
    register_rows("reconciliation.Finding.child", Subject.CHILD, _WORDS, order=99)
