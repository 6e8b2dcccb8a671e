"""The verbs of bookings. Each file holds one concept; doors import from here."""

from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.confirm import confirm_basket
from portal.domain.bookings.deciding import ChildLeft, accept_enrolment
from portal.domain.bookings.draft import (
    change_draft,
    discard_draft,
    extend_draft,
    remove_line,
    resume_draft,
)
from portal.domain.bookings.enrol import enrol_and_book
from portal.domain.bookings.expiry import release_lapsed_drafts
from portal.domain.bookings.household import HouseholdWish, WishAnswer, enrol_household
from portal.domain.bookings.outcomes import (
    DraftChange,
    DraftChanged,
    EnrolmentOutcome,
    LeftOut,
    MinimumMissing,
    NothingToConfirm,
)
from portal.domain.bookings.period import change_period
from portal.domain.bookings.removal import Removal, cancel_enrolment, plan_removal
from portal.domain.bookings.together import ChildAnswer, EnrolmentWish, enrol_children
from portal.domain.bookings.weekly import WeekPlan, WeekRefused, change_week, plan_week

__all__ = [
    "ChildAnswer",
    "ChildLeft",
    "DraftChange",
    "DraftChanged",
    "EnrolmentOutcome",
    "EnrolmentWish",
    "HouseholdWish",
    "LeftOut",
    "MinimumMissing",
    "NothingToConfirm",
    "Removal",
    "UnknownCell",
    "WeekPlan",
    "WeekRefused",
    "WishAnswer",
    "accept_enrolment",
    "cancel_enrolment",
    "change_draft",
    "change_period",
    "change_week",
    "confirm_basket",
    "discard_draft",
    "enrol_and_book",
    "enrol_children",
    "enrol_household",
    "extend_draft",
    "plan_removal",
    "plan_week",
    "release_lapsed_drafts",
    "remove_line",
    "resume_draft",
]
