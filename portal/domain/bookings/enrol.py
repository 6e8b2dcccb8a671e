"""An enrolment that books its days by itself: about 140 at once, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity
from portal.domain.audit.services import record
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.computation import Computation
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingSource, Wish
from portal.domain.bookings.expiry import release_drafts_in_the_way
from portal.domain.bookings.loading import Scope, load_context
from portal.domain.bookings.models import Booking
from portal.domain.bookings.notifications import queue_enrolment
from portal.domain.bookings.outcomes import EnrolmentOutcome, LeftOut
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.policy import full, why_not
from portal.domain.bookings.room import Room
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.enrolments.services import request_enrolment
from portal.domain.families.models import Child, Family
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.language import in_french
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure

__all__ = ["EnrolmentOutcome", "enrol_and_book"]

#: Nobody asked for these days: an activity of school days does not “leave aside” the holidays.
NOT_WORTH_A_WORD = frozenset(
    {Rule.NOT_OFFERED, Rule.PUBLIC_HOLIDAY, Rule.SCHOOL_HOLIDAY, Rule.TERM_TIME, Rule.ALREADY_BOOKED}
)


def enrol_and_book(
    *,
    family: Family,
    child: Child,
    activity: Activity,
    starts_on: date,
    pattern: Mapping[int, frozenset[int]],
    by: User,
    at: datetime,
) -> EnrolmentOutcome:
    """Enrol the child and, when the activity says so, book its days up to the end, at the price of each day.

    A pattern activity books the weekdays of `pattern` (unit → ISO weekdays), a whole-year activity all that it
    serves; nothing is booked while an agent has to accept the enrolment, nor for the other activities. Days past their
    deadline, full or closed are left out and listed; the enrolment stands without them. One mail and one démarche.

    Raises `EnrolmentRefused` (of `enrolments.services`); nothing is written then.
    """
    # An absurd day of entry is refused below, without listing two thousand years of days first.
    first = max(starts_on, activity.starts_on, paris_date(at))
    books = activity.enrolment_mode != EnrolmentMode.OPEN and first <= activity.ends_on
    if books:
        release_drafts_in_the_way(family=family, days=[*DateRange(first, activity.ends_on)], at=at)
    with transaction.atomic():
        _lock_child(child)
        enrolment = request_enrolment(
            family=family, child=child, activity=activity, starts_on=starts_on, pattern=pattern, by=by, at=at
        )
        week = _week(enrolment)
        outcome = EnrolmentOutcome(enrolment)
        if books and enrolment.state == EnrolmentState.ACCEPTED:
            outcome = _book_week(enrolment, week, by=by, at=at)
        _tell(outcome, week, by=by, at=at)
        return outcome


def _lock_child(child: Child) -> None:
    """Before the places: two parents who enrol the same child at once do it one after the other."""
    list(Child.objects.select_for_update(of=("self",), no_key=True).filter(pk=child.pk).values_list("pk"))


def _week(enrolment: Enrolment) -> list[PatternDay]:
    days = PatternDay.objects.filter(enrolment=enrolment).select_related("unit")
    return list(days.order_by("unit__order", "unit", "weekday"))


@in_french()
def _book_week(enrolment: Enrolment, week: Sequence[PatternDay], *, by: User, at: datetime) -> EnrolmentOutcome:
    days = DateRange(enrolment.starts_on, enrolment.ends_on)
    context = load_context(
        family=enrolment.family,
        user=by,
        scope=Scope(days, activities=[enrolment.activity_id]),
        today=paris_date(at),
    )
    wanted, left_out = _choose(context, enrolment, week, days, at=at)
    room = lock_places(needed((context.units[key.unit_id].pools, key.day) for key in wanted))
    granted: list[CellKey] = []
    for key in wanted:
        refusal = _take(context, room, key)
        if refusal is None:
            granted.append(key)
        else:
            left_out.append(_left_out(context, key, refusal))
    save_places(room)
    bookings = [_booking(context, enrolment, key, by=by, at=at) for key in granted]
    Booking.objects.bulk_create(bookings)
    computation = Computation.of(booking.unit_price for booking in bookings)
    record(
        verb="book_enrolment",
        target=enrolment,
        by=by,
        at=at,
        family_key=enrolment.family_id,
        after={
            "booked": [key.code for key in granted],
            "cost": str(computation.total),
            "left_out": [each.code for each in left_out],
        },
    )
    return EnrolmentOutcome(
        enrolment,
        booked=len(bookings),
        cost=computation.total,
        computation=computation,
        left_out=tuple(sorted(left_out, key=lambda each: each.day)),
    )


def _choose(
    context: BookingContext,
    enrolment: Enrolment,
    week: Sequence[PatternDay],
    days: DateRange,
    *,
    at: datetime,
) -> tuple[list[CellKey], list[LeftOut]]:
    """The days that the week asks and the rules allow, in order, and those they refuse."""
    units: dict[int, list[int]] = {}
    for each in week:
        units.setdefault(each.weekday, []).append(each.unit_id)
    wanted: list[CellKey] = []
    left_out: list[LeftOut] = []
    for day in days:
        for unit_id in units.get(day.isoweekday(), ()):
            key = CellKey(enrolment.child_id, unit_id, day)
            refusal = why_not(
                context,
                wish=Wish.ADD,
                child_id=key.child_id,
                unit_id=unit_id,
                day=day,
                at=at,
                enrolling=True,
            )
            if refusal is None:
                wanted.append(key)
            elif refusal.rule not in NOT_WORTH_A_WORD:
                left_out.append(_left_out(context, key, refusal))
    return wanted, left_out


def _take(context: BookingContext, room: Room, key: CellKey) -> Refusal | None:
    unit = context.units[key.unit_id]
    if room.book(unit.pools, key.day):
        return None
    return full(unit, pool=next(pool for pool in unit.pools if not room.has_one(pool, key.day)))


def _booking(context: BookingContext, enrolment: Enrolment, key: CellKey, *, by: User, at: datetime) -> Booking:
    price = context.prices.price(key.unit_id, key.day)
    return Booking(
        child_id=key.child_id,
        unit_id=key.unit_id,
        day=key.day,
        enrolment=enrolment,
        family_id=enrolment.family_id,
        source=BookingSource.PATTERN,
        tariff_version_id=price.version_key,
        unit_price=price.amount,
        explanation=list(price.explanation),
        booked_at=at,
        booked_by=by,
    )


def _left_out(context: BookingContext, key: CellKey, refusal: Refusal) -> LeftOut:
    return LeftOut(
        code=key.code,
        child_name=context.children[key.child_id].first_name,
        label=context.units[key.unit_id].label,
        day=key.day,
        wish=Wish.ADD,
        refusal=refusal,
    )


def _tell(outcome: EnrolmentOutcome, week: Sequence[PatternDay], *, by: User, at: datetime) -> None:
    """The démarche and the mail."""
    enrolment = outcome.enrolment
    accepted = enrolment.state == EnrolmentState.ACCEPTED
    open_procedure(
        family=enrolment.family,
        child=enrolment.child,
        kind=ProcedureKind.ENROLMENT,
        title=f"Inscription{french.NBSP}: {enrolment.child.first_name}, {enrolment.activity.name}",
        reference=str(enrolment.pk),
        state=ProcedureState.ACCEPTED if accepted else ProcedureState.RECEIVED,
        by=by,
        at=at,
    )
    named: dict[str, list[int]] = {}
    for day in week:
        named.setdefault(day.unit.name, []).append(day.weekday)
    queue_enrolment(outcome=outcome, week=[*named.items()], at=at)
