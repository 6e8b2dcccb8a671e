"""What a planning page shows, as plain values: built by `queries.load_planning`, rendered by the doors.

The door only arranges these values (by child or by activity, in weeks); it decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from portal.domain.activities.deadlines import State
from portal.domain.bookings.limiting import Shortfall
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal


class Was(StrEnum):
    """What a cell is in the books, before the draft."""

    FREE = "free"
    BOOKED = "booked"
    CANCELLED = "cancelled"


class Shown(StrEnum):
    """What a cell shows (interface: state, word and colour)."""

    FREE = "free"
    ADDING = "adding"
    BOOKED = "booked"
    REMOVING = "removing"
    CANCELLED = "cancelled"
    FULL = "full"
    CLOSED = "closed"
    NOT_PLANNED = "not_planned"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Cell:
    """One child, one unit, one day.

    `editable` means a check box; `checked` is what the box becomes with the draft. When not editable, `refusal`
    says why (closed day, deadline…), except for `NOT_OFFERED`, which is a weekday the unit never serves. `surcharge`:
    what choosing this free day, or having chosen it, costs more for being late.
    """

    child_id: int
    unit_id: int
    day: date
    was: Was
    shown: Shown
    editable: bool
    checked: bool
    refusal: Refusal | None = None
    surcharge: Decimal = ZERO

    @property
    def code(self) -> str:
        """The value a form sends for this cell: "child.unit.2026-09-07"."""
        return f"{self.child_id}.{self.unit_id}.{self.day.isoformat()}"


@dataclass(frozen=True, slots=True)
class PlanningChild:
    """A child of the page."""

    pk: int
    first_name: str
    last_name: str
    age: int
    level: str


@dataclass(frozen=True, slots=True)
class PlanningRow:
    """One child's line for one unit. Costs are in euros for the displayed range.

    `count`/`cost` are the bookings of this family in the books (not those of a child's other household);
    `count_after`/`cost_after` include what the draft would validate. `unit_price` is that of the first day shown that
    the unit serves, zero when no tariff says. `cells` has each day on which some line of the page takes place.
    """

    child: PlanningChild
    enrolment_id: int
    activity_id: int
    activity_name: str
    activity_short_name: str
    activity_starts_on: date
    unit_id: int
    unit_name: str
    label: str
    unit_price: Decimal
    rate_label: str
    count: int
    cost: Decimal
    count_after: int
    cost_after: Decimal
    cells: Mapping[date, Cell]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A pending change, signed: negative for a cancellation. `refusal` tells why it would fall out now; `surcharge` is
    the part of the amount that a late booking adds.
    """

    code: str
    wish: str
    child_id: int
    child_name: str
    unit_id: int
    label: str
    day: date
    tariff_name: str
    rate_label: str
    amount: Decimal
    refusal: Refusal | None = None
    surcharge: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Draft:
    """The family's draft as it is now; empty when there is none.

    `additions`, `removals` and `amount` (euros) count what would be validated now: a line with a `refusal` is in
    `lines` only. `lapsed`: the time is over, nothing is held any more. `missing`: the minimums that it does not meet,
    without which it is not validated.
    """

    key: str = ""
    version: int = 0
    additions: int = 0
    removals: int = 0
    amount: Decimal = Decimal("0.00")
    expires_at: datetime | None = None
    lapsed: bool = False
    changed_at: datetime | None = None
    changed_by: str = ""
    lines: tuple[DraftLine, ...] = ()
    missing: tuple[Shortfall, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def count(self) -> int:
        """How many changes would be validated now."""
        return self.additions + self.removals


@dataclass(frozen=True, slots=True)
class WeekDeadline:
    """When the served days of an ISO week close: one entry per distinct instant, soonest first.

    `closes_at` is the last minute allowed, as it is printed (“23 h 59”); None when they are never changed on line, and
    then `passed`. Days without limit have no entry. `labels` name the lines concerned, with the action when booking
    and cancelling close apart.
    """

    week_start: date
    closes_at: datetime | None
    passed: bool
    labels: tuple[str, ...]
    days: DateRange


@dataclass(frozen=True, slots=True)
class BookingPeriod:
    """When the days of a period (a holiday) are booked: from `opens_at`, None for always, to `closes_at` included."""

    label: str
    days: DateRange
    opens_at: datetime | None
    closes_at: datetime | None
    state: State
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpcomingDeadline:
    """Days that may still change until `closes_at`, the last minute as it is printed.

    `may_book` and `may_cancel` tell what ends then. `days` are service days, in order; `rules` the sentences of the
    règlement that say so.
    """

    closes_at: datetime
    may_book: bool
    may_cancel: bool
    days: tuple[date, ...]
    labels: tuple[str, ...]
    children: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def range(self) -> DateRange:
        return DateRange(self.days[0], self.days[-1])


@dataclass(frozen=True, slots=True)
class Planning:
    """Everything a planning page needs, loaded in a constant number of queries.

    `upcoming` is the next deadline of `days` among all the lines, masked or not; None when nothing closes any more.
    """

    days: DateRange
    at: datetime
    children: tuple[PlanningChild, ...]
    rows: tuple[PlanningRow, ...]
    draft: Draft
    deadlines: tuple[WeekDeadline, ...]
    upcoming: UpcomingDeadline | None = None
    served_days: frozenset[date] = field(default_factory=frozenset)
    periods: tuple[BookingPeriod, ...] = ()

    @property
    def cost(self) -> Decimal:
        return sum((row.cost for row in self.rows), Decimal("0.00"))

    @property
    def cost_after(self) -> Decimal:
        return sum((row.cost_after for row in self.rows), Decimal("0.00"))
