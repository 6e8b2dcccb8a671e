"""What the verbs answer, and why they may not answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain.bookings.computation import Computation
from portal.domain.bookings.limiting import Shortfall
from portal.domain.bookings.planning import Draft
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A wish that could not be taken, with its reason. `code` is empty when it stands for a whole line of days."""

    code: str
    child_name: str
    label: str
    day: date
    wish: str
    refusal: Refusal

    def to_data(self) -> dict[str, Any]:
        """As a receipt keeps it."""
        return {
            "code": self.code,
            "child": self.child_name,
            "label": self.label,
            "day": self.day.isoformat(),
            "wish": self.wish,
            "rule": self.refusal.rule.value,
            "reason": self.refusal.sentence,
        }


@dataclass(frozen=True, slots=True)
class Followed:
    """A cell that nobody touched and that changed with another one, and the sentence that says why."""

    code: str
    child_name: str
    day: date
    sentence: str


@dataclass(frozen=True, slots=True)
class DraftChange:
    """The draft after a change: how many wishes really changed, those left aside, those that followed; `left` says how
    many days are still possible where the days just added are limited.
    """

    draft: Draft
    changed: int = 0
    left_out: tuple[LeftOut, ...] = ()
    followed: tuple[Followed, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnrolmentOutcome:
    """An enrolment and the days it booked by itself; `cost` is their sum in euros, `computation` how it is made."""

    enrolment: Enrolment
    booked: int = 0
    cost: Decimal = ZERO
    computation: Computation = field(default_factory=Computation)
    left_out: tuple[LeftOut, ...] = ()


class NothingToConfirm(Exception):
    """No change of the draft can be validated: there is none, or each has become impossible.

    Nothing was written and no number was given. The draft stays as it is, so that each line can show its reason:
    a place may come back, and what the family wanted is not lost. `left_out` gives the reasons.
    """

    def __init__(self, left_out: Sequence[LeftOut] = ()) -> None:
        super().__init__(f"{len(left_out)} wishes left out")
        self.left_out = tuple(left_out)


class MinimumMissing(Exception):
    """What the draft asks leaves a child with fewer days of a period than the activity wants; nothing was written.

    The draft stays as it is. `shortfalls` say which periods, and what is missing.
    """

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        super().__init__(f"{len(shortfalls)} periods short of days")
        self.shortfalls = tuple(shortfalls)


class DraftChanged(Exception):
    """The draft is not the one that was shown: changed meanwhile, or replaced by another. Nothing was written."""
