"""Changing the regular week of an enrolment from a day on, through the draft (beyond B13).

Days that the family changed by hand are exceptions: what they are differs from what the week in force says, because
somebody booked, cancelled or wished for that day. They stay as they are, unless the family says otherwise. Every other
day to come becomes what the new week says, within the rules and the deadlines of any tick (`draft.rework`). The new
week takes effect with the validation of the draft that holds its days.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.bookings.codes import CellKey, UnknownCell
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.draft import Choice, rework
from portal.domain.bookings.enrol import NOT_WORTH_A_WORD
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.loading import Scope, key_of, load_context, load_lines, load_room
from portal.domain.bookings.models import Basket, BasketLine, BasketWeek
from portal.domain.bookings.outcomes import DraftChange, LeftOut
from portal.domain.bookings.wishes import Wishes
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.weeks import (
    Pattern,
    RegularWeeks,
    WeekFrom,
    load_weeks,
    pattern_data,
    read_pattern,
    set_week,
)
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import ZERO, total
from portal.domain.kernel.refusals import Refusal


class WeekRefused(Exception):
    """The week cannot be changed so: nothing was written. The message is a sentence ready to show; `field` is what it
    is about: "starts_on", or nothing.
    """

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of one unit that a change of week books or cancels, at its price in euros."""

    label: str
    day: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """What a change of week would do to the draft now; nothing is written and no place is held.

    `kept` are the days changed by hand that stay as they are though the new week says otherwise.
    """

    booking: tuple[WeekDay, ...] = ()
    cancelling: tuple[WeekDay, ...] = ()
    kept: tuple[WeekDay, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def amount(self) -> Decimal:
        """What it adds to the bills to come, in euros; negative when more is given back."""
        return total([*(each.price for each in self.booking), *(-each.price for each in self.cancelling)] or [ZERO])


@dataclass(slots=True)
class _Change:
    """A change of week being applied to a context: what it ticks, and the exceptions that it leaves."""

    enrolment: Enrolment
    weeks: RegularWeeks
    days: DateRange
    pattern: Pattern
    exceptions_too: bool
    pending: WeekFrom | None = None
    kept: list[CellKey] = field(default_factory=list)

    def choose(self, context: BookingContext, lines: Collection[BasketLine]) -> Choice:
        """What has to be ticked and unticked."""
        child = self.enrolment.child_id
        if child not in context.children:
            raise UnknownCell(str(child))
        wished = {key_of(line): Wish(line.wish) for line in lines}
        choice = Choice()
        self.kept.clear()
        for unit, day in self._cells(context):
            key = CellKey(child, unit.pk, day)
            wish = wished.get(key)
            planned = wish == Wish.ADD if wish is not None else key in context.booked
            if planned == (day.isoweekday() in self.pattern.get(unit.pk, frozenset())):
                continue
            if not self.exceptions_too and self._by_hand(context, key, wish):
                self.kept.append(key)
            elif planned:
                choice.unticked.append(key)
            else:
                choice.ticked.append(key)
        return choice

    def _cells(self, context: BookingContext) -> Iterator[tuple[BookableUnit, date]]:
        """The days of each unit on which something is booked or may be, in order."""
        units = [each for each in context.units.values() if each.activity_id == self.enrolment.activity_id]
        for unit in sorted(units, key=lambda each: each.rank):
            for day in self.days:
                booked = CellKey(self.enrolment.child_id, unit.pk, day) in context.booked
                refusal = None if booked else context.calendar.refusal(unit.offer, day)
                # Nobody asked for these days: an activity of school days does not “leave aside” the holidays.
                if refusal is None or refusal.rule not in NOT_WORTH_A_WORD:
                    yield unit, day

    def _by_hand(self, context: BookingContext, key: CellKey, wish: Wish | None) -> bool:
        week = self.weeks.on(key.day)
        if wish is not None and self.pending is not None and key.day >= self.pending.starts_on:
            # What the draft holds of a week asked for before is not a day chosen by hand.
            week = self.pending.pattern
        usual = key.day.isoweekday() in week.get(key.unit_id, frozenset())
        if wish is not None:
            return (wish == Wish.ADD) != usual
        return (key in context.booked and not usual) or (key in context.cancelled and usual)


def plan_week(
    *,
    family: Family,
    enrolment: Enrolment,
    starts_on: date,
    pattern: Pattern,
    by: User,
    at: datetime,
    exceptions_too: bool = False,
) -> WeekPlan:
    """What `change_week` would do at `at`, as the places are now: read only. Raises as it does."""
    change = _prepare(family, enrolment, starts_on, pattern, at=at, exceptions_too=exceptions_too)
    scope = Scope(change.days, activities=[enrolment.activity_id])
    lines = {key_of(line): line for line in load_lines(family)}
    context = load_context(family=family, user=by, scope=scope.with_cells(lines), today=paris_date(at), at=at)
    choice = change.choose(context, lines.values())
    reach = [*choice.ticked, *choice.unticked]
    room = load_room(context, Scope.of_cells(reach, otherwise=starts_on), at=at, exact=True)
    wishes = Wishes(context, lines, at=at, room=room)
    for key in choice.unticked:
        wishes.untick(key)
    wishes.tick(sorted(choice.ticked, key=lambda key: key.day))
    gone = {key: Wish(line.wish) for key, line in wishes.dropped.items()}
    booking = [key for key, wish in wishes.new.items() if wish == Wish.ADD]
    booking += [key for key, wish in gone.items() if wish == Wish.REMOVE]
    cancelling = [key for key, wish in wishes.new.items() if wish == Wish.REMOVE]
    cancelling += [key for key, wish in gone.items() if wish == Wish.ADD]
    return WeekPlan(
        _days(context, booking),
        _days(context, cancelling),
        _days(context, change.kept),
        tuple(_left_out(context, key, wish, refusal) for wish, key, refusal in wishes.left_out),
    )


def change_week(
    *,
    family: Family,
    enrolment: Enrolment,
    starts_on: date,
    pattern: Pattern,
    by: User,
    at: datetime,
    exceptions_too: bool = False,
) -> DraftChange:
    """Put into the draft what makes every day from `starts_on` to the end of the enrolment follow `pattern`.

    Days changed by hand stay unless `exceptions_too`; what is past its deadline, closed or full is left out with its
    reason, as for any tick (`change_draft`). The week itself takes effect with the draft's validation, at once when no
    day changes: the days before keep theirs. Asked again before the validation, the last week counts.

    Raises WeekRefused when the enrolment has no regular week to change or the day is out of it; UnknownCell when the
    enrolment is not this household's or the child out of the person's reach. Nothing is written then.
    """
    change = _prepare(family, enrolment, starts_on, pattern, at=at, exceptions_too=exceptions_too)

    def keep_the_week(basket: Basket | None) -> None:
        if basket is None:
            set_week(enrolment=enrolment, starts_on=starts_on, pattern=change.pattern, by=by, at=at)
            return
        BasketWeek.objects.update_or_create(
            basket=basket,
            enrolment=enrolment,
            defaults={"starts_on": starts_on, "pattern": pattern_data(change.pattern)},
        )

    def choose(context: BookingContext, lines: list[BasketLine]) -> Choice:
        child = context.children.get(enrolment.child_id)
        if child is None or not child.may_book:
            raise UnknownCell(str(enrolment.child_id))
        return change.choose(context, lines)

    weekdays = {weekday for each in change.pattern.values() for weekday in each}
    return rework(
        family=family,
        by=by,
        at=at,
        scope=Scope(change.days, activities=[enrolment.activity_id]),
        choose=choose,
        wanted_days=[day for day in change.days if day.isoweekday() in weekdays],
        afterwards=keep_the_week,
    )


def apply_weeks(basket: Basket, *, by: User, at: datetime) -> None:
    """Make the weeks of a draft that is being validated the regular ones, in the caller's transaction."""
    for each in BasketWeek.objects.filter(basket=basket).select_related("enrolment").order_by("pk"):
        if each.enrolment.state == EnrolmentState.ACCEPTED:
            set_week(
                enrolment=each.enrolment, starts_on=each.starts_on, pattern=read_pattern(each.pattern), by=by, at=at
            )


@dataclass(frozen=True, slots=True)
class DraftWeek:
    """A regular week that waits for the validation of the draft."""

    child_name: str
    activity: str
    starts_on: date
    weekdays: tuple[int, ...]


def weeks_of_draft(family: Family) -> list[DraftWeek]:
    """The regular weeks that the family's draft would change, in one query."""
    rows = BasketWeek.objects.filter(basket__family=family).select_related("enrolment__child", "enrolment__activity")
    return [
        DraftWeek(
            row.enrolment.child.first_name,
            row.enrolment.activity.short_name,
            row.starts_on,
            tuple(sorted({day for days in row.pattern.values() for day in days})),
        )
        for row in rows.order_by("pk")
    ]


def may_have_week(enrolment: Enrolment, *, today: date) -> bool:
    """Whether the regular week may be changed on line: accepted, booked by week, not over, open to families."""
    activity = enrolment.activity
    return (
        enrolment.state == EnrolmentState.ACCEPTED
        and activity.enrolment_mode == EnrolmentMode.PATTERN
        and activity.editable_by_families
        and enrolment.ends_on >= today
    )


def _prepare(
    family: Family, enrolment: Enrolment, starts_on: date, pattern: Pattern, *, at: datetime, exceptions_too: bool
) -> _Change:
    today = paris_date(at)
    if enrolment.family_id != family.pk:
        raise UnknownCell(str(enrolment.pk))
    if not may_have_week(enrolment, today=today):
        raise WeekRefused(_("Cette inscription n’a pas de semaine habituelle à changer en ligne."))
    first = max(today, enrolment.starts_on)
    if not first <= starts_on <= enrolment.ends_on:
        words = language.words()
        raise WeekRefused(
            _("Choisissez un jour entre le %(first)s et le %(last)s.")
            % {"first": words.full_date(first), "last": words.full_date(enrolment.ends_on)},
            "starts_on",
        )
    served = {unit.pk: frozenset(unit.weekdays) for unit in enrolment.activity.units.all()}
    kept = {unit: days & served[unit] for unit, days in pattern.items() if unit in served and days & served[unit]}
    weeks = load_weeks([enrolment])[enrolment.pk]
    asked = BasketWeek.objects.filter(basket__family=family, enrolment=enrolment).first()
    pending = WeekFrom(asked.starts_on, read_pattern(asked.pattern)) if asked is not None else None
    return _Change(enrolment, weeks, DateRange(starts_on, enrolment.ends_on), kept, exceptions_too, pending)


def _days(context: BookingContext, keys: Collection[CellKey]) -> tuple[WeekDay, ...]:
    return tuple(
        WeekDay(context.units[key.unit_id].label, key.day, _price(context, key))
        for key in sorted(keys, key=lambda key: (key.day, context.units[key.unit_id].rank))
    )


def _price(context: BookingContext, key: CellKey) -> Decimal:
    if key in context.booked:
        return context.booked[key].unit_price
    price = context.price(key)
    return price.amount if price is not None else ZERO


def _left_out(context: BookingContext, key: CellKey, wish: Wish, refusal: Refusal) -> LeftOut:
    return LeftOut(
        code=key.code,
        child_name=context.children[key.child_id].first_name,
        label=context.units[key.unit_id].label,
        day=key.day,
        wish=wish,
        refusal=refusal,
    )
