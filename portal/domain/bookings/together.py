"""Several children enrolled in one activity by one validation (guide 000: no window to refuse between children)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.bookings.enrol import enrol_and_book
from portal.domain.bookings.outcomes import EnrolmentOutcome
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.families.models import Child, Family
from portal.domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class EnrolmentWish:
    """What is asked for one child: the day of entry, the ISO weekdays of each unit, what is written with it."""

    child: Child
    starts_on: date
    pattern: Mapping[int, frozenset[int]]
    then: Callable[[Enrolment], None] | None = None


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """What became of one wish: an outcome, or the refusal that left this child out whole."""

    child: Child
    outcome: EnrolmentOutcome | None = None
    refusal: Refusal | None = None


def enrol_children(
    *, family: Family, activity: Activity, wishes: Sequence[EnrolmentWish], by: User, at: datetime
) -> list[ChildAnswer]:
    """Enrol each child, all or nothing for each: one that is refused leaves the others as they are.

    In the order given, each in a transaction of its own with its mail and its démarche: the places of a day go to the
    first child that asks for them. Nothing is raised for a refusal.
    """
    answers = []
    for wish in wishes:
        try:
            outcome = enrol_and_book(
                family=family,
                child=wish.child,
                activity=activity,
                starts_on=wish.starts_on,
                pattern=wish.pattern,
                by=by,
                at=at,
                then=wish.then,
            )
        except EnrolmentRefused as refused:
            answers.append(ChildAnswer(wish.child, refusal=refused.refusal))
        else:
            answers.append(ChildAnswer(wish.child, outcome=outcome))
    return answers
