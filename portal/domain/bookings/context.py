"""What the policy reads: a family's children, units, enrolments, calendar, prices and bookings, loaded once.

Plain values; `loading.load_context` builds them in a constant number of queries.
"""

from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain.activities.deadlines import Deadline, Window
from portal.domain.activities.late import LatePath, is_late
from portal.domain.activities.limits import Limit
from portal.domain.activities.opening import Offer, ServiceCalendar
from portal.domain.activities.relations import Relations
from portal.domain.bookings.codes import CellKey, UnknownCell
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.room import Room
from portal.domain.bookings.tally import Counted, Tally
from portal.domain.kernel import french
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal, WayOut
from portal.domain.pricing.situations import Situations
from portal.domain.tariffs.engine import NoPrice, Price
from portal.domain.tariffs.queries import PriceBook


@dataclass(frozen=True, slots=True)
class FamilyChild:
    """A child whom the family may see. `may_book` needs the right of the person and of the household."""

    pk: int
    first_name: str
    last_name: str
    birth_date: date
    level: str
    may_book: bool


@dataclass(frozen=True, slots=True)
class ServiceContact:
    """Who answers for an activity."""

    name: str
    phone: str = ""
    email: str = ""
    opening_hours: str = ""

    @property
    def named(self) -> str:
        """“le service Enfance”, however the town named it; a longer name keeps its own words, quoted."""
        name = self.name.strip()
        if name.lower().startswith("service"):
            return _("le %(name)s") % {"name": f"{name[:1].lower()}{name[1:]}"}
        if " " in name:
            return _("le service «\u00a0%(name)s\u00a0»") % {"name": name}
        return _("le service %(name)s") % {"name": name}

    @property
    def address(self) -> str:
        """“le service Enfance au 01 99 00 12 34”."""
        if not self.phone:
            return self.named
        return _("%(service)s au %(phone)s") % {
            "service": self.named,
            "phone": self.phone.replace(" ", french.NBSP),
        }


@dataclass(frozen=True, slots=True)
class Contact:
    """The way out through a service, and the sentence that ends a refusal with it."""

    sentence: str
    way_out: WayOut


@dataclass(frozen=True, slots=True)
class BookableUnit:
    """A unit with all that its activity says. `label` is how families know it, alone among their activities.

    `pools` gives the places of each pool that one booking consumes, None for unlimited. `limits` count it.
    """

    offer: Offer
    name: str
    label: str
    activity_name: str
    activity_short_name: str
    shown: bool
    editable: bool
    pools: Mapping[int, int | None]
    service: ServiceContact
    rank: tuple[int, ...]
    starts_at: time | None = None
    ends_at: time | None = None
    limits: tuple[Limit, ...] = ()

    @property
    def pk(self) -> int:
        return self.offer.unit_id

    @property
    def activity_id(self) -> int:
        return self.offer.activity_id

    @property
    def one_rule(self) -> bool:
        """Whether booking and cancelling close together."""
        return self.offer.booking == self.offer.cancellation and self.offer.late is None

    def deadline(self, wish: Wish) -> Deadline:
        """The deadline of the unit, else of its activity, for booking or for cancelling."""
        return self.offer.cancellation if wish == Wish.REMOVE else self.offer.booking


@dataclass(frozen=True, slots=True)
class LiveEnrolment:
    """The live enrolment of a child in an activity; `accepted` once nobody needs to decide."""

    pk: int
    child_id: int
    activity_id: int
    accepted: bool
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class LiveBooking:
    """A booking in the books. `family_id` is the household that made it and pays for it; `holds_place` is false once
    its place was given back to others (`giving_back`).
    """

    pk: int
    enrolment_id: int
    family_id: int
    tariff_version_id: int
    unit_price: Decimal
    holds_place: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a day asked for at some instant, in euros: `amount` holds the `surcharge` of a late booking."""

    price: Price
    amount: Decimal
    surcharge: Decimal
    explanation: tuple[str, ...]


@dataclass(slots=True)
class BookingContext:
    """One family, some days. `room` is None where places are decided elsewhere, under lock. `blocked` says, by
    child, why an incomplete dossier closes booking.

    `counted` is what counts for the limits of the units, None where nobody asks; `tally` the same while wishes are
    being decided: it follows them (`recount`).
    """

    family_id: int
    children: Mapping[int, FamilyChild]
    units: Mapping[int, BookableUnit]
    enrolments: Mapping[tuple[int, int], LiveEnrolment]
    calendar: ServiceCalendar
    prices: PriceBook
    situations: Situations = field(default_factory=Situations)
    relations: Relations = field(default_factory=Relations)
    booked: Mapping[CellKey, LiveBooking] = field(default_factory=dict)
    cancelled: Set[CellKey] = frozenset()
    room: Room | None = None
    blocked: Mapping[int, Refusal] = field(default_factory=dict)
    counted: Counted | None = None
    tally: Tally = field(default_factory=Tally, repr=False)
    known: dict[Hashable, Refusal | None] = field(default_factory=dict, repr=False)
    windows: dict[tuple[Deadline, date], Window] = field(default_factory=dict, repr=False)
    late_windows: dict[tuple[Deadline, LatePath, date], Window | None] = field(default_factory=dict, repr=False)
    contacts: dict[ServiceContact, Contact] = field(default_factory=dict, repr=False)

    def recount(self, wishes: Mapping[CellKey, Wish] | None = None) -> None:
        """Count anew for the limits: what is booked and wished for in the live drafts of every household.

        With `wishes`, those stand for the draft of this family, cancellations too.
        """
        if self.counted is None:
            return
        self.tally = Tally({*self.counted.booked, *self.counted.elsewhere})
        for key in self.counted.mine if wishes is None else ():
            self.tally.plan(key)
        for key, wish in (wishes or {}).items():
            (self.tally.plan if wish == Wish.ADD else self.tally.unplan)(key)

    def child(self, key: CellKey) -> FamilyChild:
        """The child of a cell. Raises UnknownCell when the family does not see them."""
        try:
            return self.children[key.child_id]
        except KeyError as error:
            raise UnknownCell(key.code) from error

    def unit(self, key: CellKey) -> BookableUnit:
        """The unit of a cell. Raises UnknownCell when there is none."""
        try:
            return self.units[key.unit_id]
        except KeyError as error:
            raise UnknownCell(key.code) from error

    def check(self, keys: Set[CellKey]) -> None:
        """Raise UnknownCell unless each key names a child and a unit that the family may know."""
        for key in keys:
            self.child(key)
            self.unit(key)

    def enrolment(self, key: CellKey) -> LiveEnrolment | None:
        """The live enrolment that would carry a booking of this cell."""
        return self.enrolments.get((key.child_id, self.units[key.unit_id].activity_id))

    def live_enrolment(self, key: CellKey) -> LiveEnrolment:
        """The same, after the policy said yes. Raises KeyError when there is none."""
        return self.enrolments[(key.child_id, self.units[key.unit_id].activity_id)]

    def together(self, keys: Iterable[CellKey]) -> None:
        """These days are being booked together: brothers and sisters count for one another's price ("present")."""
        self.situations.attend(keys)

    def price(self, key: CellKey, *, late: bool = False) -> Price | None:
        """The price of that day for that child and this household; None when no tariff says."""
        situation = self.situations.of(key.child_id, key.unit_id, key.day, late=late)
        try:
            return self.prices.price(key.unit_id, key.day, situation)
        except NoPrice:
            return None

    def window(self, unit: BookableUnit, wish: Wish, day: date) -> Window:
        """When the wish is allowed for that day, computed once for all the units and children with the same rule."""
        asked = (unit.deadline(wish), day)
        if asked not in self.windows:
            self.windows[asked] = asked[0].window(day, self.calendar)
        return self.windows[asked]

    def late_window(self, unit: BookableUnit, day: date) -> Window | None:
        """When that day is booked late, with a surcharge; None when it is not, or not any longer than in time."""
        late = unit.offer.late
        if late is None:
            return None
        asked = (unit.offer.booking, late, day)
        if asked not in self.late_windows:
            ordinary = self.window(unit, Wish.ADD, day)
            self.late_windows[asked] = late.window(day, self.calendar, ordinary=ordinary)
        return self.late_windows[asked]

    def quote(self, key: CellKey, *, at: datetime) -> Quote | None:
        """What booking that day at `at` costs, late or not; None when no tariff says."""
        unit = self.units[key.unit_id]
        return self.service_quote(key, late=is_late(self.late_window(unit, key.day), at))

    def service_quote(self, key: CellKey, *, late: bool) -> Quote | None:
        """What that day costs once it is known whether it is booked late: with the surcharge where the activity has a
        late path. None when no tariff says.
        """
        path = self.units[key.unit_id].offer.late
        price = self.price(key, late=late and path is not None)
        if price is None:
            return None
        if path is None or not late:
            return Quote(price, price.amount, ZERO, price.explanation)
        more = path.surcharge(price.amount)
        return Quote(price, price.amount + more, more, (*price.explanation, path.explanation(more)))
