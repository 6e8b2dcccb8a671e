"""The verbs of bookings. Each file holds one concept; doors import from here."""

from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.confirm import confirm_basket
from portal.domain.bookings.draft import (
    change_draft,
    discard_draft,
    extend_draft,
    remove_line,
    resume_draft,
)
from portal.domain.bookings.enrol import enrol_and_book
from portal.domain.bookings.expiry import release_lapsed_drafts
from portal.domain.bookings.outcomes import (
    DraftChange,
    DraftChanged,
    EnrolmentOutcome,
    LeftOut,
    NothingToConfirm,
)
from portal.domain.bookings.period import change_period

__all__ = [
    "DraftChange",
    "DraftChanged",
    "EnrolmentOutcome",
    "LeftOut",
    "NothingToConfirm",
    "UnknownCell",
    "change_draft",
    "change_period",
    "confirm_basket",
    "discard_draft",
    "enrol_and_book",
    "extend_draft",
    "release_lapsed_drafts",
    "remove_line",
    "resume_draft",
]
