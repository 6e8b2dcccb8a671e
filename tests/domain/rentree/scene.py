"""A household that prepares the rentrée of 2027/2028, in June 2027: activities of last year and of next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity, PlacePool, Structure, Unit
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.rentree.services import Answer
from tests.domain.activities.factories import ActivityFactory, ActivityTypeFactory, StructureFactory
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory, PatternDayFactory

#: Wednesday 16 June 2027, in the morning.
AT = datetime(2027, 6, 16, 10, tzinfo=PARIS)
YEAR = SchoolYear(2027)
FIRST = date(2027, 9, 2)
LAST = date(2028, 7, 7)


@dataclass
class RentreeScene:
    """`old` and `new` give the units of each activity by its stem."""

    family: Family
    parent: User
    children: list[Child]
    old: dict[str, Unit]
    new: dict[str, Unit]
    others: list[User] = field(default_factory=list)

    @property
    def child(self) -> Child:
        return self.children[0]

    def answer(self, stem: str, *days: int, child: int = 0, wanted: bool = True, **facts: Any) -> Answer:
        """One answer for one child, the days of its only unit."""
        unit = self.new[stem]
        return Answer(
            child=self.children[child],
            activity=Activity.objects.get(pk=unit.activity_id),
            wanted=wanted,
            earliest=FIRST,
            pattern={unit.pk: frozenset(days)} if days else {},
            **facts,
        )


def coming(stem: str, *, pools: Sequence[PlacePool] = (), price: str = "4.30", **facts: Any) -> Unit:
    """The only unit of an activity of 2027/2028; `unit_…` for the unit, the rest for the activity."""
    mine = {key.removeprefix("unit_"): facts.pop(key) for key in list(facts) if key.startswith("unit_")}
    facts.setdefault("name", f"{stem.capitalize()} 2027/2028")
    activity = ActivityFactory(
        code=f"{stem}-2027",
        starts_on=FIRST,
        ends_on=LAST,
        **{"enrolment_mode": EnrolmentMode.PATTERN, "short_name": stem.capitalize()} | facts,
    )
    return priced_unit(activity=activity, pools=list(pools), price=price, **mine)


def rentree_scene(
    *,
    children: int = 1,
    parents: int = 1,
    stems: Sequence[str] = ("cantine",),
    pools: Sequence[PlacePool] = (),
    last_week: Sequence[int] = (1, 2),
    enrolled: bool = True,
    **facts: Any,
) -> RentreeScene:
    """Each child was in each activity last year, on these days; the coming year has its successors."""
    home = household(children=children, parents=parents, enrolled=False)
    old, new = {}, {}
    for stem in stems:
        place, kind = structure(stem), ActivityTypeFactory(code=f"type-{stem}", name=stem.capitalize())
        before = ActivityFactory(
            code=f"{stem}-2026",
            name=f"{stem.capitalize()} 2026/2027",
            short_name=stem.capitalize(),
            structure=place,
            type=kind,
            enrolment_mode=EnrolmentMode.PATTERN,
        )
        old[stem] = priced_unit(activity=before, price="4.30")
        new[stem] = coming(stem, pools=pools, structure=place, type=kind, **facts)
        for child in home.children if enrolled else ():
            enrolment = EnrolmentFactory(child=child, activity=before, family=home.family, requested_by=home.parent)
            for weekday in last_week:
                PatternDayFactory(enrolment=enrolment, unit=old[stem], weekday=weekday)
    return RentreeScene(home.family, home.parent, home.children, old, new, home.others)


def structure(stem: str) -> Structure:
    made: Structure = StructureFactory(code=f"lieu-{stem}", name=f"Lieu {stem}")
    return made


def hours(start: int, end: int) -> dict[str, time]:
    """The hours of a unit, for the factory."""
    return {"starts_at": time(start), "ends_at": time(end)}
