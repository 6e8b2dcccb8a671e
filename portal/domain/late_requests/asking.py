"""What a family may ask of the service around a cell: that one, and the other refused days of the month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action, sentences
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, BookingContext, ServiceContact
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.granting import full_pools, judge_grant
from portal.domain.bookings.loading import Scope, load_context, load_room
from portal.domain.bookings.models import Booking
from portal.domain.bookings.policy import contact_service, full
from portal.domain.bookings.room import Room
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.clock import at_paris, paris_date, to_utc
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind
from portal.domain.late_requests.enums import DayState, Ground
from portal.domain.late_requests.models import LateDay
from portal.domain.late_requests.terms import NOTHING, Terms, terms_of

#: More lines than that are not read: only the days of the unit that was pressed are proposed then.
MOST_LINES = 31


@dataclass(frozen=True, slots=True)
class Askable:
    """A day that may be asked of the service, and why the family cannot do it by itself.

    `amount` in euros: what it would cost, the `surcharge` of a late booking included, or what it would give back.
    """

    key: CellKey
    label: str
    ground: Ground
    reason: Refusal
    since: datetime | None
    is_late: bool
    amount: Decimal
    surcharge: Decimal
    explanation: tuple[str, ...]
    closes_at: datetime

    @property
    def code(self) -> str:
        return self.key.code

    @property
    def day(self) -> date:
        return self.key.day


@dataclass(frozen=True, slots=True)
class Asking:
    """What the form proposes. `rule` is the deadline to pass over, in the language of the page; `refusal`: why the
    cell that was pressed cannot be asked for.
    """

    key: CellKey
    wish: Wish
    child_name: str
    activity_id: int
    activity_name: str
    label: str
    rule: str
    service: ServiceContact
    article: str
    terms: Terms
    days: tuple[Askable, ...]
    refusal: Refusal | None = None


def begins(day: date, unit: BookableUnit) -> datetime:
    """When that day begins for the unit: at its hour, at midnight without one. Nothing is decided after it."""
    return at_paris(day, unit.starts_at or time(0))


def askable_days(*, family: Family, user: User, code: str, at: datetime) -> Asking:
    """The cell and the other refused days of its month for the same child and activity; nothing is locked.

    One wish for all: that of the cell, a day booked is to be cancelled. Days with an open request are left out. A
    constant number of queries. Raises UnknownCell.
    """
    key = CellKey.parse(code)
    month = month_range(key.day.year, key.day.month)
    scope = Scope(DateRange(month.first, month.last), cells=[key])
    context = load_context(family=family, user=user, scope=scope, today=paris_date(at), at=at)
    context.check({key})
    pressed = context.unit(key)
    wish = Wish.REMOVE if key in context.booked else Wish.ADD
    room = load_room(context, scope, at=at, exact=True)
    terms = terms_of([pressed.activity_id]).get(pressed.activity_id, NOTHING)
    units = sorted(
        (unit for unit in context.units.values() if unit.activity_id == pressed.activity_id),
        key=lambda unit: unit.rank,
    )
    cells = [CellKey(key.child_id, unit.pk, day) for day in month if day >= paris_date(at) for unit in units]
    open_ = open_cells({*cells, key}, wish)
    asked = judge_cells(context, room, [key], wish, terms, at=at)[key]
    if key in open_:
        asked = _already()
    found = judge_cells(context, room, [cell for cell in cells if cell not in open_], wish, terms, at=at)
    days = [each for each in found.values() if isinstance(each, Askable)]
    if len(days) > MOST_LINES:
        days = [each for each in days if each.key.unit_id == key.unit_id]
    return Asking(
        key=key,
        wish=wish,
        child_name=context.child(key).first_name,
        activity_id=pressed.activity_id,
        activity_name=pressed.activity_name,
        label=pressed.label,
        rule=family_rule(pressed, wish),
        service=pressed.service,
        article=pressed.offer.article,
        terms=terms,
        days=tuple(days),
        refusal=asked if isinstance(asked, Refusal) else None,
    )


def judge_cells(
    context: BookingContext, room: Room, cells: Collection[CellKey], wish: Wish, terms: Terms, *, at: datetime
) -> dict[CellKey, Askable | Refusal]:
    """Each cell as it may be asked for, or why not, in the order given."""
    explained = _explanations(context, cells) if wish == Wish.REMOVE else {}
    return {key: _judge(context, room, key, wish, terms, explained, at=at) for key in cells}


def open_cells(cells: Collection[CellKey], wish: Wish) -> set[CellKey]:
    """Those of these cells that a request of any household asks for already, under this wish."""
    rows = LateDay.objects.filter(
        state=DayState.OPEN,
        wish=wish,
        child__in={key.child_id for key in cells},
        day__in={key.day for key in cells},
    )
    return {CellKey(*row) for row in rows.values_list("child", "unit", "day")} & {*cells}


def _judge(
    context: BookingContext,
    room: Room,
    key: CellKey,
    wish: Wish,
    terms: Terms,
    explained: dict[CellKey, tuple[str, ...]],
    *,
    at: datetime,
) -> Askable | Refusal:
    unit = context.unit(key)
    verdict = judge_grant(context, key, wish, at=at)
    if verdict.refusal is not None:
        return verdict.refusal
    not_yet = next((each for each in verdict.passed if each.rule is Rule.NOT_YET_OPEN), None)
    if not_yet is not None:
        return not_yet
    lacking = full_pools(context, room, verdict.units, key) if wish == Wish.ADD else []
    if not verdict.passed and not lacking:
        return _by_oneself()
    closes_at = begins(key.day, unit)
    if to_utc(closes_at) <= to_utc(at):
        return _begun(unit)
    ground = Ground.BOTH if verdict.passed and lacking else Ground.DEADLINE if verdict.passed else Ground.CAPACITY
    if not terms.takes(ground):
        return _not_taken(unit)
    is_late = any(each.rule is Rule.DEADLINE_PASSED for each in verdict.passed)
    reason = verdict.passed[0] if verdict.passed else full(unit, pool=lacking[0])
    since = min((each.since for each in verdict.passed if each.since is not None), key=to_utc, default=None)
    amount, surcharge, steps = _price(context, verdict.units, key, wish, explained, late=is_late)
    return Askable(key, unit.label, ground, reason, since, is_late, amount, surcharge, steps, closes_at)


def _price(
    context: BookingContext,
    units: Collection[int],
    key: CellKey,
    wish: Wish,
    explained: dict[CellKey, tuple[str, ...]],
    *,
    late: bool,
) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    """Of all that moves together, as the planning shows it."""
    amount = surcharge = ZERO
    steps: list[str] = []
    for unit in units:
        cell = key._replace(unit_id=unit)
        if wish == Wish.REMOVE:
            amount += context.booked[cell].unit_price
            steps += explained.get(cell, ())
            continue
        quote = context.service_quote(cell, late=late)
        if quote is not None:
            amount += quote.amount
            surcharge += quote.surcharge
            steps += quote.explanation
    return amount, surcharge, tuple(dict.fromkeys(steps))


def _explanations(context: BookingContext, cells: Collection[CellKey]) -> dict[CellKey, tuple[str, ...]]:
    """How the price of what is booked was made; one query."""
    booked = {context.booked[key].pk: key for key in cells if key in context.booked}
    rows = Booking.objects.filter(pk__in=booked).values_list("pk", "explanation")
    return {booked[pk]: tuple(steps) for pk, steps in rows}


def family_rule(unit: BookableUnit, wish: Wish) -> str:
    """The deadline for the family, in the language of the page; one sentence where both actions close together."""
    action = Action.CHANGE if unit.one_rule else Action.CANCEL if wish == Wish.REMOVE else Action.BOOK
    return sentences.rule(unit.deadline(wish), action, language=language.spoken())


def rule_sentence(unit: BookableUnit, wish: Wish) -> str:
    """The deadline that the request asks to pass over, as the règlement prints it; French, for agents."""
    return unit.deadline(wish).sentence(Action.CANCEL if wish == Wish.REMOVE else Action.BOOK)


def _by_oneself() -> Refusal:
    return Refusal(
        rule=Rule.CHANGED_MEANWHILE,
        sentence=_("Ce jour se change encore sur le planning\u00a0: il n’y a rien à demander."),
        way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
    )


def _already() -> Refusal:
    return Refusal(
        rule=Rule.CHANGED_MEANWHILE,
        sentence=_("Une demande attend déjà une réponse pour cet enfant ce jour-là."),
        way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
    )


def _begun(unit: BookableUnit) -> Refusal:
    return Refusal(
        rule=Rule.DAY_PAST,
        sentence=_("Ce jour a commencé\u00a0: appelez %(service)s.") % {"service": unit.service.address},
        way_out=contact_service(unit.service),
    )


def _not_taken(unit: BookableUnit) -> Refusal:
    return Refusal(
        rule=Rule.NEVER_ONLINE,
        sentence=_(
            "Pour cette activité, aucune demande de ce genre ne se fait en ligne. Vous pouvez contacter %(service)s."
        )
        % {"service": unit.service.address},
        way_out=contact_service(unit.service),
    )
