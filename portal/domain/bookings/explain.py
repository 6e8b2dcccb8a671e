"""One cell explained, and the effect of the draft on the months that it touches."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action, sentences
from portal.domain.bookings.aids import helped
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.computation import Computation
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.grid import Picture, cell_of, planning_child, take_picture
from portal.domain.bookings.loading import Scope, load_lines
from portal.domain.bookings.models import Booking
from portal.domain.bookings.planning import Shown
from portal.domain.bookings.policy import contact_service, ways_out
from portal.domain.bookings.relation_words import replaces
from portal.domain.bookings.relations import Because, tick
from portal.domain.bookings.summaries import CellExplanation, EffectRow, MonthEffect, PlacesLeft, RuleWindow
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import total
from portal.domain.kernel.refusals import Refusal
from portal.domain.pricing.rules import NOT_HELPED


def explain_cell(*, family: Family, user: User, code: str, at: datetime) -> CellExplanation:
    """Everything about one cell: its state, its price, its rules with their instants, the reason and the ways out.

    Raises UnknownCell for a garbled code, or a child or unit out of the person's reach.
    """
    key = CellKey.parse(code)
    picture = take_picture(
        family=family, user=user, scope=Scope(DateRange(key.day, key.day), cells=[key]), at=at, exact=True
    )
    context = picture.context
    context.check({key})
    child, unit = context.child(key), context.unit(key)
    cell = cell_of(picture, key)
    refusal = cell.refusal
    if cell.shown is Shown.NOT_OFFERED:
        refusal = context.calendar.refusal(unit.offer, key.day)
    price, price_explanation, deliberation_url = _price(picture, key)
    today = context.price(key)
    is_ours = key not in context.booked or context.booked[key].family_id == context.family_id
    return CellExplanation(
        code=key.code,
        child=planning_child(child, on=paris_date(at)),
        day=key.day,
        label=unit.label,
        activity_id=unit.activity_id,
        activity_name=unit.activity_name,
        unit_name=unit.name,
        was=cell.was,
        shown=cell.shown,
        editable=cell.editable,
        checked=cell.checked,
        refusal=refusal,
        rules=_rules(context, unit, key.day, at),
        article=unit.offer.article,
        price=price,
        price_explanation=price_explanation,
        places=_places(picture, unit, key.day),
        service=unit.service,
        ways_out=ways_out(refusal, unit) if refusal else (contact_service(unit.service),),
        effect=_effect(picture, key) if cell.shown is Shown.FREE else "",
        enrolment_id=context.booked[key].enrolment_id if key in context.booked else 0,
        helped=helped(context, family, key, price) if price is not None and is_ours else NOT_HELPED,
        deliberation_url=deliberation_url,
        lacks_knowledge=is_ours and today is not None and today.lacks_knowledge,
    )


def month_effect(*, family: Family, user: User, at: datetime) -> tuple[MonthEffect, ...]:
    """For each month that the draft touches: the lines it changes and the family's total, before and after.

    Only what would be validated now counts. A constant number of queries; one when there is no draft.
    """
    lines = load_lines(family)
    days = sorted({line.day for line in lines})
    if not days:
        return ()
    first, last = days[0], days[-1]
    whole = DateRange(month_range(first.year, first.month).first, month_range(last.year, last.month).last)
    picture = take_picture(family=family, user=user, scope=Scope(whole), at=at, lines=lines)
    pending = picture.pending()
    months = sorted({key.day.replace(day=1) for key in pending})
    before = {
        key: booking.unit_price
        for key, booking in picture.context.booked.items()
        if booking.family_id == picture.context.family_id
    }
    after = dict(before)
    for key, line in pending.items():
        if line.wish == Wish.ADD:
            after[key] = line.unit_price
        else:
            after.pop(key, None)
    return tuple(_month_effect(picture, month, before, after, pending) for month in months)


def _month_effect(
    picture: Picture,
    month: date,
    before: dict[CellKey, Decimal],
    after: dict[CellKey, Decimal],
    pending: Iterable[CellKey],
) -> MonthEffect:
    days = month_range(month.year, month.month)
    context = picture.context
    touched = {(key.child_id, key.unit_id) for key in pending if key.day in days}
    lines = [
        (child, unit)
        for child in context.children.values()
        for unit in sorted(context.units.values(), key=lambda each: each.rank)
        if (child.pk, unit.pk) in touched
    ]

    def prices(books: dict[CellKey, Decimal], line: tuple[int, int] | None = None) -> list[Decimal]:
        return [
            price for key, price in books.items() if key.day in days and line in (None, (key.child_id, key.unit_id))
        ]

    return MonthEffect(
        month=month,
        rows=tuple(
            EffectRow(
                child_id=child.pk,
                child_name=child.first_name,
                unit_id=unit.pk,
                label=unit.label,
                before=Computation.of(prices(before, (child.pk, unit.pk))),
                after=Computation.of(prices(after, (child.pk, unit.pk))),
            )
            for child, unit in lines
        ),
        before=total(prices(before)),
        after=total(prices(after)),
    )


def _effect(picture: Picture, key: CellKey) -> str:
    """What choosing a free day would take away, in words; nothing when it takes nothing."""
    context = picture.context
    moves = tick(context, picture.days.of(key.child_id, key.day), key.unit_id, at=picture.at)
    if isinstance(moves, Refusal):
        return ""
    replaced = [move.unit_id for move in moves if move.because is Because.REPLACED]
    return replaces(context, key.child_id, key.unit_id, replaced) if replaced else ""


def _rules(context: BookingContext, unit: BookableUnit, day: date, at: datetime) -> tuple[RuleWindow, ...]:
    def rule(wish: Wish, action: Action) -> RuleWindow:
        deadline, window = unit.deadline(wish), context.window(unit, wish, day)
        return RuleWindow(
            sentence=sentences.rule(deadline, action, language=language.spoken()),
            explanation=sentences.explain(deadline, day, context.calendar, at, language=language.spoken()),
            opens_at=window.opens,
            closes_at=window.last_shown,
            open=window.allows(at),
            governs=action.value,
        )

    if unit.one_rule:
        return (rule(Wish.ADD, Action.CHANGE),)
    late = context.late_window(unit, day)
    after: tuple[RuleWindow, ...] = ()
    if unit.offer.late is not None and late is not None:
        deadline = unit.offer.late.deadline
        after = (
            RuleWindow(
                sentence=unit.offer.late.sentence(),
                explanation=sentences.explain(deadline, day, context.calendar, at, language=language.spoken()),
                opens_at=late.opens,
                closes_at=late.last_shown,
                open=late.allows(at),
                governs="late",
            ),
        )
    return (rule(Wish.ADD, Action.BOOK), *after, rule(Wish.REMOVE, Action.CANCEL))


def _price(picture: Picture, key: CellKey) -> tuple[Decimal | None, tuple[str, ...], str]:
    """What the day costs or would cost, with its explanation: as fixed on the booking or the draft's line; where its
    deliberation is read. What another household pays says nothing of that household.
    """
    booking = picture.context.booked.get(key)
    if booking is not None:
        if booking.family_id != picture.context.family_id:
            return None, (), ""
        rows = Booking.objects.values_list("explanation", "tariff_version__deliberation_url")
        explanation, url = rows.get(pk=booking.pk)
        return booking.unit_price, tuple(explanation), url
    line = picture.lines.get(key)
    if line is not None:
        return line.unit_price, tuple(line.explanation), line.tariff_version.deliberation_url
    quote = picture.context.quote(key, at=picture.at)
    return (quote.amount, quote.explanation, quote.price.grid.deliberation_url) if quote else (None, (), "")


def _places(picture: Picture, unit: BookableUnit, day: date) -> PlacesLeft | None:
    room = picture.context.room
    limited = [
        PlacesLeft(capacity=limit, left=max(room.free(pool, day) or 0, 0))
        for pool, limit in unit.pools.items()
        if limit is not None and room is not None
    ]
    return min(limited, key=lambda places: places.left, default=None)
