"""The enrolments of a whole household, asked for by one validation: the rentrée (guide 000, beyond C8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.enrol import book_weeks, open_enrolment, week_of
from portal.domain.bookings.expiry import release_drafts_in_the_way
from portal.domain.bookings.outcomes import EnrolmentOutcome
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.services import EnrolmentRefused, request_enrolment
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class HouseholdWish:
    """One child asked into one activity: the day of entry, and the ISO weekdays of each unit."""

    child: Child
    activity: Activity
    starts_on: date
    pattern: Mapping[int, frozenset[int]]

    def days_to_book(self, *, today: date) -> DateRange | None:
        """The days that accepting would book by itself; None when the activity books none, or none is left."""
        first = max(self.starts_on, self.activity.starts_on, today)
        if self.activity.enrolment_mode == EnrolmentMode.OPEN or first > self.activity.ends_on:
            return None
        return DateRange(first, self.activity.ends_on)


@dataclass(frozen=True, slots=True)
class WishAnswer:
    """What became of one wish: an outcome, or the refusal that left it out whole."""

    wish: HouseholdWish
    outcome: EnrolmentOutcome | None = None
    refusal: Refusal | None = None


def make_way_for(*, family: Family, wishes: Sequence[HouseholdWish], at: datetime) -> None:
    """Release the lapsed drafts of others that hold places on the days of these wishes, in a transaction of its own:
    before that of `enrol_household`, which locks its places once.
    """
    periods = [days for wish in wishes if (days := wish.days_to_book(today=paris_date(at))) is not None]
    if periods:
        days = DateRange(min(each.first for each in periods), max(each.last for each in periods))
        release_drafts_in_the_way(family=family, days=[*days], at=at)


@transaction.atomic
def enrol_household(*, family: Family, wishes: Sequence[HouseholdWish], by: User, at: datetime) -> list[WishAnswer]:
    """Enrol children in activities, one transaction for all, in the order given; gives one answer for each wish.

    A wish that `request_enrolment` refuses falls out with its reason and leaves the others as they are: each is asked
    within a savepoint, so that what a wish changes for the next one counts (brothers and sisters enrolled before).
    Then the days of those accepted at once are booked together (`enrol.book_weeks`): the places are locked once, in
    order, and what is left of a day goes to the first child. One démarche each, no mail: the caller tells the family.

    Locks: the calendar, the children by key, then the places (docs/locking.md). Raises nothing for a refusal.
    """
    share_calendar()
    lock_children({wish.child.pk for wish in wishes})
    today = paris_date(at)
    answers = [_ask(family, wish, by=by, at=at) for wish in wishes]
    asking = [
        (answer.outcome.enrolment, week_of(answer.outcome.enrolment))
        for answer in answers
        if answer.outcome is not None
        and answer.outcome.enrolment.state == EnrolmentState.ACCEPTED
        and answer.wish.days_to_book(today=today) is not None
    ]
    booked = {outcome.enrolment.pk: outcome for outcome in book_weeks(asking, by=by, at=at)}
    for answer in answers:
        if answer.outcome is not None:
            open_enrolment(answer.outcome.enrolment, by=by, at=at)
    return [
        WishAnswer(answer.wish, booked.get(answer.outcome.enrolment.pk, answer.outcome))
        if answer.outcome is not None
        else answer
        for answer in answers
    ]


def _ask(family: Family, wish: HouseholdWish, *, by: User, at: datetime) -> WishAnswer:
    try:
        enrolment = request_enrolment(
            family=family,
            child=wish.child,
            activity=wish.activity,
            starts_on=wish.starts_on,
            pattern=wish.pattern,
            by=by,
            at=at,
        )
    except EnrolmentRefused as refused:
        return WishAnswer(wish, refusal=refused.refusal)
    return WishAnswer(wish, EnrolmentOutcome(enrolment))
