"""Plannings made by hand: children, lines and cells without the booking engine."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from portal.domain.bookings.planning import (
    Cell,
    Draft,
    DraftLine,
    Planning,
    PlanningChild,
    PlanningRow,
    Shown,
    Was,
    WeekDeadline,
)
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Refusal, Rule

NOW = datetime(2026, 9, 9, 22, 40, tzinfo=PARIS)
TODAY = NOW.date()

HUGO = PlanningChild(pk=1, first_name="Hugo", last_name="Vuillet", age=9, level="CM1")
LENA = PlanningChild(pk=2, first_name="Léna", last_name="Vuillet", age=5, level="GS")

LATE = Refusal(
    rule=Rule.DEADLINE_PASSED,
    sentence="Ce jour ne se modifie plus en ligne.",
    since=datetime(2026, 9, 3, 23, 59, tzinfo=PARIS),
)
FULL = Refusal(rule=Rule.FULL, sentence="Ce jour est complet.")
HOLIDAY = Refusal(rule=Rule.PUBLIC_HOLIDAY, sentence="Le mercredi 11 novembre 2026 est férié : Armistice 1918.")
BEFORE = Refusal(rule=Rule.BEFORE_OPENING, sentence="Cette activité est ouverte à partir du 2 septembre 2026.")

CellRule = Callable[[date], tuple[Was, Shown, bool, bool, Refusal | None]]


def free(_day: date) -> tuple[Was, Shown, bool, bool, Refusal | None]:
    return (Was.FREE, Shown.FREE, True, False, None)


def booked(_day: date) -> tuple[Was, Shown, bool, bool, Refusal | None]:
    return (Was.BOOKED, Shown.BOOKED, True, True, None)


def adding(_day: date) -> tuple[Was, Shown, bool, bool, Refusal | None]:
    return (Was.FREE, Shown.ADDING, True, True, None)


def removing(_day: date) -> tuple[Was, Shown, bool, bool, Refusal | None]:
    return (Was.BOOKED, Shown.REMOVING, True, False, None)


def late(_day: date) -> tuple[Was, Shown, bool, bool, Refusal | None]:
    return (Was.BOOKED, Shown.BOOKED, False, True, LATE)


def full(_day: date) -> tuple[Was, Shown, bool, bool, Refusal | None]:
    return (Was.FREE, Shown.FULL, False, False, FULL)


def closed(refusal: Refusal) -> CellRule:
    return lambda _day: (Was.FREE, Shown.CLOSED, False, False, refusal)


NEVER = (Was.FREE, Shown.NOT_OFFERED, False, False, None)


def make_row(
    days: DateRange,
    *,
    child: PlanningChild = HUGO,
    unit: int = 7,
    activity: int = 3,
    label: str = "Cantine",
    price: str = "4.30",
    weekdays: Iterable[int] = (1, 2, 4, 5),
    rule: CellRule = free,
    special: dict[date, CellRule] | None = None,
    starts_on: date = date(2026, 9, 2),
) -> PlanningRow:
    """A line whose days follow `rule`, but for those of `special`."""
    special = special or {}
    cells = {}
    for day in days.days():
        values = (special.get(day) or rule)(day) if day.isoweekday() in set(weekdays) else NEVER
        was, shown, editable, checked, refusal = values
        cells[day] = Cell(child.pk, unit, day, was, shown, editable, checked, refusal)
    unit_price = Decimal(price)
    count = sum(cell.was is Was.BOOKED for cell in cells.values())
    after = sum(cell.checked for cell in cells.values())
    return PlanningRow(
        child=child,
        enrolment_id=child.pk * 10 + activity,
        activity_id=activity,
        activity_name=f"{label} 2026/2027",
        activity_short_name=label,
        activity_starts_on=starts_on,
        unit_id=unit,
        unit_name="Repas",
        label=label,
        unit_price=unit_price,
        rate_label="à l’unité",
        count=count,
        cost=unit_price * count,
        count_after=after,
        cost_after=unit_price * after,
        cells=cells,
    )


def make_planning(
    days: DateRange,
    rows: Iterable[PlanningRow],
    *,
    children: Iterable[PlanningChild] = (HUGO, LENA),
    draft: Draft | None = None,
    deadlines: Iterable[WeekDeadline] = (),
    at: datetime = NOW,
) -> Planning:
    return Planning(
        days=days,
        at=at,
        children=tuple(children),
        rows=tuple(rows),
        draft=draft or Draft(),
        deadlines=tuple(deadlines),
    )


def make_line(row: PlanningRow, day: date, wish: str) -> DraftLine:
    sign = 1 if wish == "add" else -1
    return DraftLine(
        code=row.cells[day].code,
        wish=wish,
        child_id=row.child.pk,
        child_name=row.child.first_name,
        unit_id=row.unit_id,
        label=row.label,
        day=day,
        tariff_name="Repas",
        rate_label="à l’unité",
        amount=row.unit_price * sign,
    )
