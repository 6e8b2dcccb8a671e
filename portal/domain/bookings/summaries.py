"""What the pages around the planning show, as plain values: one cell explained, the effect on a month, what comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from portal.domain.bookings.computation import Computation
from portal.domain.bookings.context import ServiceContact
from portal.domain.bookings.planning import PlanningChild, Shown, Was
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal, WayOut
from portal.domain.pricing.rules import NOT_HELPED, Helped


@dataclass(frozen=True, slots=True)
class PlacesLeft:
    """The places of a day, in the pool where fewest are left. `left` counts what this family may still take."""

    capacity: int
    left: int


@dataclass(frozen=True, slots=True)
class RuleWindow:
    """A rule that governs the cell, as the règlement prints it, and the last minute that it allows for this day.

    `governs` is "change", "book", "late" (booking with a surcharge) or "cancel"; `open`: that may be done now.
    """

    sentence: str
    explanation: str
    opens_at: datetime | None
    closes_at: datetime | None
    open: bool
    governs: str


@dataclass(frozen=True, slots=True)
class CellExplanation:
    """« Pourquoi non ? »: one cell, what it is, the reason when it may not change, and what to do instead.

    `rules` holds one rule when booking and cancelling close together, else the two, booking first, late booking
    between. `price` is that of the booking or, on a free day, of the tariff; None when no tariff says. `places` is
    None without limit. `effect` tells what choosing this free day would take away; `enrolment_id` is that of the
    booking, zero on a free day. `helped`: the aids of the day; `lacks_knowledge`: a quotient that the town does
    not know would change the price.
    """

    code: str
    child: PlanningChild
    day: date
    label: str
    activity_id: int
    activity_name: str
    unit_name: str
    was: Was
    shown: Shown
    editable: bool
    checked: bool
    refusal: Refusal | None
    rules: tuple[RuleWindow, ...]
    article: str
    price: Decimal | None
    price_explanation: tuple[str, ...]
    places: PlacesLeft | None
    service: ServiceContact
    ways_out: tuple[WayOut, ...]
    effect: str = ""
    enrolment_id: int = 0
    helped: Helped = NOT_HELPED
    deliberation_url: str = ""
    lacks_knowledge: bool = False

    @property
    def due(self) -> Decimal | None:
        """What the family pays once the aids are taken off."""
        return None if self.price is None else self.price - sum((line.amount for line in self.helped.lines), ZERO)


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What the draft does to one child's line in one month."""

    child_id: int
    child_name: str
    unit_id: int
    label: str
    before: Computation
    after: Computation


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """What the draft does to a month that it touches. `before` and `after` are the whole family's, in euros."""

    month: date
    rows: tuple[EffectRow, ...]
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One thing a child does on a day. `note`: what other packages say of it, such as the stop of a bus (`notes`)."""

    unit_id: int
    label: str
    activity_name: str
    structure: str
    starts_at: time | None
    ends_at: time | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChildDay:
    """What one child does on a day, earliest first; empty when nothing is booked."""

    child: PlanningChild
    entries: Sequence[DayEntry]
