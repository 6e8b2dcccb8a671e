"""Every combination of criteria, for families drawn at random, against the rule written out in plain Python."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_pages.audiences import Audience, children_reached, with_children_met
from news.models import NewsPage
from portal.domain.accounts.models import User
from portal.domain.bookings.enums import BookingSource, BookingState
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, ChildLink, Family, FamilyMember, School, Schooling
from portal.domain.tariffs.models import TariffVersion
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import priced_unit, version_of
from tests.domain.families.factories import AdultFactory, ChildFactory, FamilyFactory, SchoolFactory
from tests.news.factories import make_index, make_item

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B23")]

ON = date(2026, 9, 8)
DAYS = (date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 17))
LONG_AGO = datetime(2019, 6, 3, 8, tzinfo=UTC)
LEVELS = ("CP", "CM1")


# -- what is drawn -------------------------------------------------------------------------


@dataclass(frozen=True)
class Enrolled:
    activity: int
    accepted: bool
    ends_on: date


@dataclass(frozen=True)
class Booked:
    activity: int
    day: date
    cancelled: bool


@dataclass(frozen=True)
class Pupil:
    """A child: its school and level of a year (or none), what it is enrolled in, where it is booked."""

    seen: bool
    school: int | None
    level: str
    year: int
    enrolled: tuple[Enrolled, ...]
    booked: tuple[Booked, ...]


@dataclass(frozen=True)
class Criteria:
    """An item: for whom."""

    audience: str
    activities: tuple[int, ...] = ()
    schools: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    days: tuple[date, date | None] | None = None

    @property
    def slug(self) -> str:
        first, last = self.days or ("", "")
        parts = [self.audience, *map(str, self.activities), "e", *map(str, self.schools), *self.levels]
        return "-".join([*parts, str(first), str(last or "")]).lower()


enrolments = st.builds(
    Enrolled,
    activity=st.integers(0, 1),
    accepted=st.booleans(),
    ends_on=st.sampled_from([ON - timedelta(days=1), ON, date(2027, 7, 2)]),
)
bookings = st.builds(Booked, activity=st.integers(0, 1), day=st.sampled_from(DAYS), cancelled=st.booleans())
pupils = st.builds(
    Pupil,
    seen=st.booleans(),
    school=st.sampled_from([None, 0, 1]),
    level=st.sampled_from(LEVELS),
    year=st.sampled_from([2026, 2026, 2025]),
    enrolled=st.lists(enrolments, max_size=2, unique_by=lambda one: one.activity).map(tuple),
    booked=st.lists(bookings, max_size=3, unique_by=lambda one: (one.activity, one.day)).map(tuple),
)
households = st.tuples(st.booleans(), st.lists(pupils, max_size=3))

CHOICES = [
    Criteria(Audience.PUBLIC),
    Criteria(Audience.FAMILIES),
    *(
        Criteria(Audience.CHOSEN, activities, schools, levels, days)
        for activities, schools, levels, days in product(
            [(), (0,), (0, 1)],
            [(), (0,)],
            [(), ("CP",), ("CP", "CM1")],
            [None, (DAYS[0], None), (DAYS[0], DAYS[1])],
        )
    ),
]


# -- the rule, in plain Python -------------------------------------------------------------


def meets(pupil: Pupil, wanted: Criteria) -> bool:
    """Whether this child meets every criterion that is given, one at least being given."""
    if not (wanted.activities or wanted.schools or wanted.levels or wanted.days):
        return False
    this_year = pupil.school is not None and pupil.year == 2026
    if wanted.schools and not (this_year and pupil.school in wanted.schools):
        return False
    if wanted.levels and not (this_year and pupil.level in wanted.levels):
        return False
    if wanted.days:
        first, last = wanted.days[0], wanted.days[1] or wanted.days[0]
        there = {one.activity for one in pupil.booked if not one.cancelled and first <= one.day <= last}
        return bool(there & set(wanted.activities)) if wanted.activities else bool(there)
    if wanted.activities:
        current = {one.activity for one in pupil.enrolled if one.accepted and one.ends_on >= ON}
        return bool(current & set(wanted.activities))
    return True


def may_read(can_see: bool, children: list[Pupil], wanted: Criteria) -> bool:
    if wanted.audience == Audience.PUBLIC:
        return True
    if not can_see:
        return False
    if wanted.audience == Audience.FAMILIES:
        return True
    return any(child.seen and meets(child, wanted) for child in children)


# -- the same in the database --------------------------------------------------------------


@dataclass
class World:
    units: list[Any]
    schools: list[School]
    agent: User
    version: TariffVersion
    items: dict[str, NewsPage]

    def settle(self, can_see: bool, children: list[Pupil]) -> tuple[User, list[Child]]:
        family: Family = FamilyFactory()
        adult = AdultFactory(user=UserFactory(password="!"))
        rights = {"can_see": can_see, "can_edit": can_see, "can_book": can_see, "can_pay": can_see}
        FamilyMember.objects.create(family=family, adult=adult, **rights)
        return adult.user, [self.raise_child(family, pupil) for pupil in children]

    def raise_child(self, family: Family, pupil: Pupil) -> Child:
        child: Child = ChildFactory()
        rights = dict.fromkeys(("can_see", "can_edit", "can_book", "can_pay"), pupil.seen)
        ChildLink.objects.create(family=family, child=child, **rights)
        if pupil.school is not None:
            Schooling.objects.create(
                child=child, school_year=pupil.year, school=self.schools[pupil.school], level=pupil.level
            )
        for enrolled in pupil.enrolled:
            self.enrol(family, child, enrolled.activity, accepted=enrolled.accepted, ends_on=enrolled.ends_on)
        for one in pupil.booked:
            # What the enrolment of a booking has become since changes nothing to the presence.
            enrolment = Enrolment.objects.filter(
                child=child, activity=self.units[one.activity].activity
            ).first() or self.enrol(family, child, one.activity, accepted=False, ends_on=date(2027, 7, 2))
            self.book(child, enrolment, one)
        return child

    def enrol(self, family: Family, child: Child, activity: int, *, accepted: bool, ends_on: date) -> Enrolment:
        return Enrolment.objects.create(
            child=child,
            family=family,
            activity=self.units[activity].activity,
            state=EnrolmentState.ACCEPTED if accepted else EnrolmentState.CANCELLED,
            starts_on=date(2026, 9, 2),
            ends_on=ends_on,
            requested_at=LONG_AGO,
            requested_by=self.agent,
            decided_at=LONG_AGO,
        )

    def book(self, child: Child, enrolment: Enrolment, one: Booked) -> None:
        cancelled = {"cancelled_at": LONG_AGO, "cancelled_by": self.agent} if one.cancelled else {}
        Booking.objects.create(
            child=child,
            unit=self.units[one.activity],
            day=one.day,
            enrolment=enrolment,
            family=enrolment.family,
            state=BookingState.CANCELLED if one.cancelled else BookingState.BOOKED,
            source=BookingSource.BASKET,
            tariff_version=self.version,
            unit_price=Decimal("4.30"),
            booked_at=LONG_AGO,
            booked_by=self.agent,
            **cancelled,
        )


@pytest.fixture
def world() -> World:
    """Two activities, two schools, one item for every combination of criteria."""
    units = [priced_unit(), priced_unit()]
    schools = [SchoolFactory(), SchoolFactory(code="montagne", name="École de la Montagne")]
    index = make_index()
    items = {
        wanted.slug: make_item(
            index,
            wanted.slug,
            published=False,
            audience=wanted.audience,
            activities=[units[rank].activity for rank in wanted.activities],
            schools=[schools[rank] for rank in wanted.schools],
            audience_levels=list(wanted.levels),
            present_from=wanted.days[0] if wanted.days else None,
            present_until=wanted.days[1] if wanted.days else None,
        )
        for wanted in CHOICES
    }
    return World(units, schools, UserFactory(agent=True), version_of(units[0]), items)


def test_the_database_and_the_rule_agree(world: World) -> None:
    assert len(world.items) == len(CHOICES)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(household=households, reached=st.sampled_from(CHOICES))
    def agree(household: tuple[bool, list[Pupil]], reached: Criteria) -> None:
        can_see, children = household
        with transaction.atomic():
            user, kids = world.settle(can_see, children)
            found = set(NewsPage.objects.readable_by(user, on=ON).values_list("slug", flat=True))
            met = dict(with_children_met(NewsPage.objects.all(), user=user, on=ON).values_list("slug", "children_met"))
            families = set(children_reached(world.items[reached.slug], on=ON).values_list("pk", flat=True))
            transaction.set_rollback(True)
        assert found == {wanted.slug for wanted in CHOICES if may_read(can_see, children, wanted)}
        for wanted in CHOICES:
            assert set(met[wanted.slug]) == {
                kid.pk
                for kid, child in zip(kids, children, strict=True)
                if can_see and child.seen and meets(child, wanted)
            }, wanted
        chosen = reached.audience == Audience.CHOSEN
        assert families == {
            kid.pk for kid, child in zip(kids, children, strict=True) if chosen and meets(child, reached)
        }

    agree()
