"""The planning page's values: every cell of a family over a range of days."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import State, Window
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, BookingContext, FamilyChild
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.holidays import booking_periods
from portal.domain.bookings.loading import Scope, key_of, load_context, load_lines, load_room
from portal.domain.bookings.models import BasketLine
from portal.domain.bookings.planning import (
    Cell,
    Draft,
    Planning,
    PlanningChild,
    PlanningRow,
    Shown,
    UpcomingDeadline,
    Was,
    WeekDeadline,
)
from portal.domain.bookings.policy import late_surcharge, why_not
from portal.domain.bookings.relations import Days, why_not_tied
from portal.domain.bookings.settlement import Settlement, draft_values, reprice, settle
from portal.domain.bookings.upcoming import upcoming_deadlines
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange, monday_of
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import ZERO, total
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.kernel.school_year import age_on

#: The calendar's reasons, and those that wait for a date: a dash and two words, not a lock.
CLOSED_RULES = frozenset(
    {
        Rule.BEFORE_OPENING,
        Rule.AFTER_END,
        Rule.OUTSIDE_ENROLMENT,
        Rule.PUBLIC_HOLIDAY,
        Rule.CLOSED_DAY,
        Rule.SCHOOL_HOLIDAY,
        Rule.TERM_TIME,
        Rule.NOT_YET_OPEN,
    }
)


@dataclass(slots=True)
class Picture:
    """A family as it stands: the context with its places, the draft's lines and what they would become."""

    context: BookingContext
    lines: Mapping[CellKey, BasketLine]
    settlement: Settlement
    reasons: Mapping[CellKey, Refusal]
    at: datetime
    days: Days

    @property
    def draft(self) -> Draft:
        return draft_values(self.context, [*self.lines.values()], self.settlement, at=self.at)

    def pending(self) -> dict[CellKey, BasketLine]:
        """The lines that would be validated."""
        return {key_of(line): line for line in self.settlement.standing}


def take_picture(
    *,
    family: Family,
    user: User | None,
    scope: Scope,
    at: datetime,
    lines: list[BasketLine] | None = None,
    exact: bool = False,
) -> Picture:
    """Read everything about these days, nothing locked; `lines` are the draft's when they are already read."""
    lines = load_lines(family) if lines is None else lines
    keys = [key_of(line) for line in lines]
    scope = scope.with_cells(keys)
    context = load_context(family=family, user=user, scope=scope, today=paris_date(at), at=at)
    room = load_room(context, scope, at=at, exact=exact)
    reprice(context, lines, at=at)
    settlement = settle(context, lines, room.copy(), at=at)
    for line in lines:
        pools = context.units[line.unit_id].pools
        if line.wish == Wish.REMOVE:
            room.expect(pools, line.day)
        elif not line.holding:
            room.expect(pools, line.day, -1)
    context.room = room
    context.recount({key_of(line): Wish(line.wish) for line in lines})
    return Picture(
        context=context,
        lines=dict(zip(keys, lines, strict=True)),
        settlement=settlement,
        reasons={key_of(line): refusal for line, refusal in settlement.fallen},
        at=at,
        days=Days(context, lines),
    )


def load_planning(
    *,
    family: Family,
    user: User,
    days: DateRange,
    at: datetime,
    children: Collection[int] | None = None,
    activities: Collection[int] | None = None,
) -> Planning:
    """The planning of a family over `days`, in a constant number of queries.

    `children` and `activities` keep the lines of those only; the draft is always whole. A line is shown when the
    enrolment's and the activity's periods meet `days`, or when it holds a booking. Someone who may not see the family
    gets an empty planning.
    """
    picture = take_picture(family=family, user=user, scope=Scope(days), at=at)
    rows = [
        row
        for row in _rows(picture, days)
        if (children is None or row[0].pk in children) and (activities is None or row[1].activity_id in activities)
    ]
    served = _served_days(days, (unit for _, unit in rows))
    shown = {child.pk: planning_child(child, on=paris_date(at)) for child in picture.context.children.values()}
    return Planning(
        days=days,
        at=at,
        children=tuple(child for pk, child in shown.items() if children is None or pk in children),
        rows=tuple(_row(picture, shown[child.pk], unit, days, served) for child, unit in rows),
        draft=picture.draft,
        upcoming=_upcoming(picture.context, days, at),
        deadlines=_week_deadlines(picture.context, _open_units(picture.context, rows), served, at),
        served_days=frozenset(served),
        periods=booking_periods(picture.context, at=at),
    )


def load_draft(*, family: Family, at: datetime, user: User | None = None) -> Draft:
    """The draft as it stands, each line with the reason why it would fall out now; empty when there is none.

    With `user`, that person's rights count too. One query when there is no draft.
    """
    lines = load_lines(family)
    if not lines:
        return Draft()
    scope = Scope.of_cells([key_of(line) for line in lines], otherwise=paris_date(at))
    return take_picture(family=family, user=user, scope=scope, at=at, lines=lines).draft


def planning_child(child: FamilyChild, *, on: date) -> PlanningChild:
    """The child as pages show it, with their age that day."""
    age = age_on(child.birth_date, on) if child.birth_date <= on else 0
    return PlanningChild(child.pk, child.first_name, child.last_name, age, child.level)


def cell_of(picture: Picture, key: CellKey) -> Cell:
    """One cell: what it was, what it becomes, whether it may change and why not."""
    context = picture.context
    was = Was.FREE
    if key in context.booked:
        was = Was.BOOKED
    elif key in context.cancelled:
        was = Was.CANCELLED
    line = picture.lines.get(key)
    if line is not None:
        adding = line.wish == Wish.ADD
        # A wish may always be taken back; its reason says that it would fall out.
        return Cell(
            *key,
            was=was,
            shown=Shown.ADDING if adding else Shown.REMOVING,
            editable=True,
            checked=adding,
            refusal=picture.reasons.get(key),
            surcharge=line.surcharge,
        )
    booked = was is Was.BOOKED
    if context.relations.concerns(key.unit_id):
        day = picture.days.of(key.child_id, key.day)
        refusal = why_not_tied(context, day, key.unit_id, at=picture.at)
    else:
        refusal = why_not(
            context,
            wish=Wish.REMOVE if booked else Wish.ADD,
            child_id=key.child_id,
            unit_id=key.unit_id,
            day=key.day,
            at=picture.at,
        )
    shown = _shown(was, refusal)
    return Cell(
        *key,
        was=was,
        shown=shown,
        editable=refusal is None,
        checked=booked,
        refusal=None if shown is Shown.NOT_OFFERED else refusal,
        surcharge=ZERO if booked or refusal is not None else late_surcharge(context, key, at=picture.at),
    )


def _shown(was: Was, refusal: Refusal | None) -> Shown:
    if was is Was.BOOKED:
        return Shown.BOOKED
    rule = refusal.rule if refusal else None
    if rule is Rule.FULL:
        return Shown.FULL
    if was is Was.CANCELLED:
        return Shown.CANCELLED
    if rule is None:
        return Shown.FREE
    if rule is Rule.NOT_OFFERED:
        return Shown.NOT_OFFERED
    return Shown.CLOSED if rule in CLOSED_RULES else Shown.NOT_PLANNED


def _rows(picture: Picture, days: DateRange) -> list[tuple[FamilyChild, BookableUnit]]:
    """The lines of the page, children in the family's order, units in the town's."""
    context = picture.context
    wanted: set[tuple[int, int]] = set()
    for enrolment in context.enrolments.values():
        if enrolment.starts_on <= days.last and days.first <= enrolment.ends_on:
            wanted |= {
                (enrolment.child_id, unit.pk)
                for unit in context.units.values()
                if unit.activity_id == enrolment.activity_id and unit.offer.period.overlaps(days)
            }
    wanted |= {(key.child_id, key.unit_id) for key in (*context.booked, *picture.lines) if key.day in days}
    units = sorted((unit for unit in context.units.values() if unit.shown), key=lambda unit: unit.rank)
    return [(child, unit) for child in context.children.values() for unit in units if (child.pk, unit.pk) in wanted]


def _served_days(days: DateRange, units: Iterable[BookableUnit]) -> list[date]:
    """The columns: every day whose weekday one of the lines serves, closed or not."""
    weekdays = {weekday for unit in units for weekday in unit.offer.weekdays}
    return [day for day in days if day.isoweekday() in weekdays]


def _row(
    picture: Picture, child: PlanningChild, unit: BookableUnit, days: DateRange, served: list[date]
) -> PlanningRow:
    context = picture.context
    keys = [CellKey(child.pk, unit.pk, day) for day in served]
    booked = {key: context.booked[key] for key in keys if key in context.booked}
    own = {key: booking for key, booking in booked.items() if booking.family_id == context.family_id}
    after = {key: booking.unit_price for key, booking in own.items()}
    for line in picture.settlement.standing:
        key = key_of(line)
        if key.child_id != child.pk or key.unit_id != unit.pk or key.day not in days:
            continue
        if line.wish == Wish.ADD:
            after[key] = line.unit_price
        else:
            after.pop(key, None)
    enrolment = context.enrolments.get((child.pk, unit.activity_id))
    enrolment_id = enrolment.pk if enrolment else next((each.enrolment_id for each in booked.values()), 0)
    price, rate_label = _row_price(context, child, unit, served)
    return PlanningRow(
        child=child,
        enrolment_id=enrolment_id,
        activity_id=unit.activity_id,
        activity_name=unit.activity_name,
        activity_short_name=unit.activity_short_name,
        activity_starts_on=unit.offer.starts_on,
        unit_id=unit.pk,
        unit_name=unit.name,
        label=unit.label,
        unit_price=price,
        rate_label=rate_label,
        count=len(own),
        cost=total(booking.unit_price for booking in own.values()),
        count_after=len(after),
        cost_after=total(after.values()),
        cells={key.day: cell_of(picture, key) for key in keys},
    )


def _row_price(
    context: BookingContext, child: PlanningChild, unit: BookableUnit, served: Iterable[date]
) -> tuple[Decimal, str]:
    """The price beside the line: that of the first day shown that the unit serves."""
    for day in served:
        if context.calendar.serves(unit.offer, day):
            price = context.price(CellKey(child.pk, unit.pk, day))
            if price is not None:
                return price.amount, price.rate_label
    return ZERO, ""


def _upcoming(context: BookingContext, days: DateRange, at: datetime) -> UpcomingDeadline | None:
    """The next deadline of the days shown, from today."""
    coming = days.intersection(DateRange(paris_date(at), max(paris_date(at), days.last)))
    return next(iter(upcoming_deadlines(context, days=coming, at=at, limit=1)), None) if coming else None


def _open_units(context: BookingContext, rows: Iterable[tuple[FamilyChild, BookableUnit]]) -> list[BookableUnit]:
    """The units shown whose days somebody may book: where every enrolment still waits, no deadline matters yet."""
    found = {}
    for child, unit in rows:
        enrolment = context.enrolments.get((child.pk, unit.activity_id))
        if enrolment is not None and enrolment.accepted:
            found[unit.pk] = unit
    return list(found.values())


def _week_deadlines(
    context: BookingContext, units: Iterable[BookableUnit], served: Iterable[date], at: datetime
) -> tuple[WeekDeadline, ...]:
    """For each week, when the days that are really served close; one entry per instant, soonest first."""
    units = [unit for unit in units if unit.editable]
    groups: dict[tuple[date, datetime | None, bool], dict[str, list[date]]] = {}
    for day in served:
        for unit in units:
            if not context.calendar.serves(unit.offer, day):
                continue
            for label, window in _windows(context, unit, day):
                if window.closes is None and not window.never:
                    continue
                passed = window.state(at) in (State.CLOSED, State.NEVER)
                group = groups.setdefault((monday_of(day), window.last_shown, passed), {})
                group.setdefault(label, []).append(day)
    return tuple(
        WeekDeadline(
            week_start=monday,
            closes_at=closes_at,
            passed=passed,
            labels=tuple(labels),
            days=DateRange(min(min(each) for each in labels.values()), max(max(each) for each in labels.values())),
        )
        for (monday, closes_at, passed), labels in sorted(groups.items(), key=_soonest)
    )


def _soonest(group: tuple[tuple[date, datetime | None, bool], object]) -> tuple[date, bool, float]:
    monday, closes_at, _offer = group[0]
    return monday, closes_at is None, closes_at.timestamp() if closes_at else 0.0


def _windows(context: BookingContext, unit: BookableUnit, day: date) -> list[tuple[str, Window]]:
    """The unit's windows for a day: one when booking and cancelling close together, else one each, late between."""
    booking = context.window(unit, Wish.ADD, day)
    if unit.one_rule:
        return [(unit.label, booking)]
    late = context.late_window(unit, day)
    after = [(_("%(unit)s, en retard") % {"unit": unit.label}, late)] if late is not None else []
    cancellation = context.window(unit, Wish.REMOVE, day)
    if booking.closes == cancellation.closes and booking.never == cancellation.never:
        return [(unit.label, booking), *after]
    return [
        (_("%(unit)s (réserver)") % {"unit": unit.label}, booking),
        *after,
        (_("%(unit)s (annuler)") % {"unit": unit.label}, cancellation),
    ]
