"""An enrolment that books its days by itself: about 140 at once, in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity
from portal.domain.audit.services import record
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.computation import Computation
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingSource, Wish
from portal.domain.bookings.expiry import release_drafts_in_the_way
from portal.domain.bookings.loading import Scope, load_context, load_room
from portal.domain.bookings.models import Booking
from portal.domain.bookings.notifications import queue_enrolment
from portal.domain.bookings.outcomes import EnrolmentOutcome, LeftOut
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.policy import full
from portal.domain.bookings.relation_words import partner
from portal.domain.bookings.relations import Day, Days, tick
from portal.domain.bookings.room import Room
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.enrolments.services import request_enrolment
from portal.domain.families.locks import lock_children
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
    then: Callable[[Enrolment], None] | None = None,
) -> EnrolmentOutcome:
    """Enrol the child and, when the activity says so, book its days up to the end, at the price of each day.

    A pattern activity books the weekdays of `pattern` (unit → ISO weekdays), a whole-year activity all that it
    serves; nothing is booked while an agent has to accept the enrolment, nor for the other activities. Days past their
    deadline, full or closed are left out and listed; the enrolment stands without them. One mail and one démarche.
    `then` writes what goes with the enrolment (the stop of a bus), in its transaction, before any place is locked.

    Raises `EnrolmentRefused` (of `enrolments.services`); nothing is written then.
    """
    # An absurd day of entry is refused below, without listing two thousand years of days first.
    first = max(starts_on, activity.starts_on, paris_date(at))
    books = activity.enrolment_mode != EnrolmentMode.OPEN and first <= activity.ends_on
    if books:
        release_drafts_in_the_way(family=family, days=[*DateRange(first, activity.ends_on)], at=at)
    with transaction.atomic():
        share_calendar()
        lock_children([child.pk])
        enrolment = request_enrolment(
            family=family, child=child, activity=activity, starts_on=starts_on, pattern=pattern, by=by, at=at
        )
        if then is not None:
            then(enrolment)
        week = week_of(enrolment)
        outcome = EnrolmentOutcome(enrolment)
        if books and enrolment.state == EnrolmentState.ACCEPTED:
            outcome = book_week(enrolment, week, by=by, at=at)
        open_enrolment(enrolment, by=by, at=at)
        confirm_by_mail(outcome, week, at=at)
        return outcome


def week_of(enrolment: Enrolment) -> list[PatternDay]:
    """The regular week that was asked for, in order."""
    days = PatternDay.objects.filter(enrolment=enrolment).select_related("unit")
    return list(days.order_by("unit__order", "unit", "weekday"))


#: An enrolment with the regular week it asks for.
Asking = tuple[Enrolment, Sequence[PatternDay]]


def book_week(
    enrolment: Enrolment, week: Sequence[PatternDay], *, by: User, at: datetime, of_household: bool = False
) -> EnrolmentOutcome:
    """Book the days of an accepted enrolment; the caller shares the calendar and has locked the child.

    `of_household`: nobody of the family is asking now, the service decides, and the rights are those of the household
    alone. Raises UnknownCell when the child left it.
    """
    (outcome,) = book_weeks([(enrolment, week)], by=by, at=at, of_household=of_household)
    return outcome


@in_french()
def book_weeks(
    asking: Sequence[Asking], *, by: User, at: datetime, of_household: bool = False
) -> list[EnrolmentOutcome]:
    """The same for several accepted enrolments of one family, their children locked: one context, one lock of all the
    places, one insert. What is left of a day goes to the first child in the order given; what a unit needs may come
    from another of these enrolments. Gives one outcome each, in order.
    """
    if not asking:
        return []
    context, asked = _week_context(asking, user=None if of_household else by, at=at)
    wanted, _ = _choose(context, asked, Room({}), at=at)
    room = lock_places(needed((context.units[key.unit_id].pools, key.day) for key in _reach(context, asked, wanted)))
    granted, left_out = _choose(context, asked, room, at=at)
    save_places(room)
    context.together(granted)
    bookings = {key: _booking(context, key, by=by, at=at) for key in granted}
    Booking.objects.bulk_create(bookings.values())
    outcomes = []
    for enrolment, _week in asking:
        mine = [key for key, asker in granted.items() if _whose(context, asking, key, asker) == enrolment.pk]
        left = [each for key, each in left_out if context.live_enrolment(key).pk == enrolment.pk]
        computation = Computation.of(bookings[key].unit_price for key in mine)
        record(
            verb="book_enrolment",
            target=enrolment,
            by=by,
            at=at,
            family_key=enrolment.family_id,
            after={
                "booked": [key.code for key in mine],
                "cost": str(computation.total),
                "left_out": [each.code for each in left],
            },
        )
        outcomes.append(
            EnrolmentOutcome(
                enrolment,
                booked=len(mine),
                cost=computation.total,
                computation=computation,
                left_out=tuple(sorted(left, key=lambda each: each.day)),
            )
        )
    return outcomes


def _whose(context: BookingContext, asking: Sequence[Asking], key: CellKey, asker: CellKey) -> int:
    """The enrolment that answers for a booked day: its own when it is one of these, else that of what brought it."""
    own = context.live_enrolment(key).pk
    return own if any(own == enrolment.pk for enrolment, _ in asking) else context.live_enrolment(asker).pk


def rehearse_week(enrolment: Enrolment, week: Sequence[PatternDay], *, at: datetime) -> tuple[int, list[LeftOut]]:
    """How many days `book_week` would book at `at` were the request accepted, and which it would leave out.

    As the places are now; nothing is locked.
    """
    context, asked = _week_context([(enrolment, week)], user=None, at=at)
    live = {key: replace(each, accepted=True) for key, each in context.enrolments.items()}
    context = replace(context, enrolments=live)
    wanted, _ = _choose(context, asked, Room({}), at=at)
    reach = sorted(_reach(context, asked, wanted))
    room = load_room(context, Scope.of_cells(reach, otherwise=paris_date(at)), at=at, exact=True)
    granted, left_out = _choose(context, asked, room, at=at)
    return len(granted), sorted((each for _key, each in left_out), key=lambda each: each.day)


#: The cells that are asked for, by child and day: children in the order given, days in order.
Asked = Mapping[tuple[int, date], list[CellKey]]


def _week_context(asking: Sequence[Asking], *, user: User | None, at: datetime) -> tuple[BookingContext, Asked]:
    """The context of the days to come of enrolments of one family, and the cells that their weeks ask for."""
    today = paris_date(at)
    periods = [_to_come(enrolment, today) for enrolment, _week in asking]
    context = load_context(
        family=asking[0][0].family,
        user=user,
        scope=Scope(
            DateRange(min(days.first for days in periods), max(days.last for days in periods)),
            activities=[enrolment.activity_id for enrolment, _week in asking],
        ),
        today=today,
        limited_at=at,
    )
    return context, _asked(asking, today)


def _to_come(enrolment: Enrolment, today: date) -> DateRange:
    return DateRange(max(enrolment.starts_on, min(today, enrolment.ends_on)), enrolment.ends_on)


def _asked(asking: Sequence[Asking], today: date) -> Asked:
    """The cells of the weeks, by child and day."""
    found: dict[tuple[int, date], list[CellKey]] = {}
    for enrolment, week in asking:
        units: dict[int, list[int]] = {}
        for each in week:
            units.setdefault(each.weekday, []).append(each.unit_id)
        for day in _to_come(enrolment, today):
            for unit_id in units.get(day.isoweekday(), ()):
                key = CellKey(enrolment.child_id, unit_id, day)
                found.setdefault((key.child_id, day), []).append(key)
    ranks = {child: rank for rank, child in enumerate(dict.fromkeys(each.child_id for each, _week in asking))}
    return {key: found[key] for key in sorted(found, key=lambda key: (ranks[key[0]], key[1]))}


def _reach(context: BookingContext, asked: Asked, wanted: Collection[CellKey]) -> set[CellKey]:
    """The cells whose places may be taken, whatever the places left decide."""
    days = {(key.child_id, key.day) for key in wanted}
    return {
        key._replace(unit_id=unit)
        for day in days
        for key in asked[day]
        for unit in context.relations.reached_from(key.unit_id)
        if unit in context.units
    }


def _choose(
    context: BookingContext, asked: Asked, room: Room, *, at: datetime
) -> tuple[dict[CellKey, CellKey], list[tuple[CellKey, LeftOut]]]:
    """The cells that the rules and the places of `room` grant, each with the one that brought it, and those refused.

    Nothing is cancelled by an enrolment: what excludes a day already booked is left aside. What needs another unit of
    the same week waits for it.
    """
    granted: dict[CellKey, CellKey] = {}
    left_out: list[tuple[CellKey, LeftOut]] = []
    books = Days(context)
    context.recount()
    for (child, there), keys in asked.items():
        day = books.of(child, there)
        waiting = keys
        while waiting:
            refused: dict[CellKey, Refusal] = {}
            for key in waiting:
                answer = _take(context, room, day, key, at=at)
                if isinstance(answer, Refusal):
                    refused[key] = answer
                else:
                    granted |= dict.fromkeys(answer, key)
            later = [key for key, refusal in refused.items() if refusal.rule is Rule.DEPENDENT]
            left_out += [
                (key, _left_out(context, key, refusal))
                for key, refusal in refused.items()
                if (key not in later or len(later) == len(waiting)) and refusal.rule not in NOT_WORTH_A_WORD
            ]
            waiting = later if len(later) < len(waiting) else []
    return granted, left_out


def _take(context: BookingContext, room: Room, day: Day, key: CellKey, *, at: datetime) -> list[CellKey] | Refusal:
    """The cell and those that go with it, each with its place, or the reason why not."""
    moves = (
        tick(context, day, key.unit_id, at=at, replacing=False, enrolling=True)
        if key.unit_id not in day.planned
        else []
    )
    if isinstance(moves, Refusal):
        return moves
    taken: list[CellKey] = []
    mark = room.mark() if len(moves) > 1 else room
    for move in moves:
        there = day.key(move.unit_id)
        unit = context.units[move.unit_id]
        if room.book(unit.pools, there.day):
            taken.append(there)
            continue
        refusal = full(unit, pool=next(pool for pool in unit.pools if not room.has_one(pool, there.day)))
        room.back_to(mark)
        if there == key:
            return refusal
        return partner(context, key.child_id, key.unit_id, there.unit_id, refusal)
    for each in taken:
        day.wishes[each.unit_id] = Wish.ADD
        context.tally.plan(each)
    return taken


def _booking(context: BookingContext, key: CellKey, *, by: User, at: datetime) -> Booking:
    price = context.price(key)
    assert price is not None  # noqa: S101  # the policy refuses a day without price
    return Booking(
        child_id=key.child_id,
        unit_id=key.unit_id,
        day=key.day,
        enrolment_id=context.live_enrolment(key).pk,
        family_id=context.family_id,
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


def open_enrolment(enrolment: Enrolment, *, by: User, at: datetime) -> None:
    """The démarche of a request, or of an enrolment accepted at once."""
    accepted = enrolment.state == EnrolmentState.ACCEPTED
    open_procedure(
        family=enrolment.family,
        child=enrolment.child,
        kind=ProcedureKind.ENROLMENT,
        title=f"Inscription{french.NBSP}: {enrolment.child.first_name}, {enrolment.activity.name}",
        reference=str(enrolment.pk),
        about=enrolment,
        state=ProcedureState.ACCEPTED if accepted else ProcedureState.RECEIVED,
        note="La demande attend que votre dossier soit complet." if enrolment.held_since is not None else "",
        by=by,
        at=at,
    )


def confirm_by_mail(outcome: EnrolmentOutcome, week: Sequence[PatternDay], *, at: datetime) -> None:
    """The mail of an enrolment, with its regular week."""
    named: dict[str, list[int]] = {}
    for day in week:
        named.setdefault(day.unit.name, []).append(day.weekday)
    queue_enrolment(outcome=outcome, week=[*named.items()], at=at)
