"""What the public simulator is told of the signed-in family. It names this module's `FAMILIES` in a setting.

Read for the person's own eyes, page by page: nothing of it is written, nor put in an address.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest

from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.weeks import load_weeks
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, School, Schooling
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.quotients.queries import load_timelines
from portal.domain.quotients.rules import Timeline, resolve
from portal.domain.tariffs.engine import Quotient
from portal.domain.tariffs.facts import quotient_fact
from portal.web import clock
from portal.web.family import resolve_family


@dataclass(frozen=True, slots=True)
class HouseholdChild:
    """A child, with the ISO weekdays of its regular week by key of unit."""

    first_name: str
    birth_date: date
    level: str = ""
    school: str = ""
    days: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Household:
    """The children whom the person may see, the eldest first, and the quotients of the family."""

    children: tuple[HouseholdChild, ...]
    timeline: Timeline

    def quotient(self, day: date) -> Quotient:
        """The quotient of that day: the one that the enrolment page prices with."""
        return quotient_fact(resolve(self.timeline, day))


class Families:
    """Answers the simulator."""

    def household(self, request: HttpRequest) -> Household | None:
        """The family of the signed-in person, in five queries; None for a visitor or an account without family."""
        user = request.user
        family = resolve_family(request) if user.is_authenticated else None
        if family is None or not isinstance(user, User):
            return None
        today = paris_date(clock.now(request))
        children = list(children_with(user=user, family=family, right=Right.SEE).order_by("birth_date", "pk"))
        schoolings = _schoolings(children, today)
        weeks = _weeks(children, today)
        return Household(
            children=tuple(
                HouseholdChild(
                    child.first_name, child.birth_date, *schoolings.get(child.pk, ("", "")), days=weeks[child.pk]
                )
                for child in children
            ),
            timeline=load_timelines([family.pk])[family.pk],
        )

    def schools(self) -> Mapping[str, str]:
        """The name of each school by its code."""
        return dict(School.objects.values_list("code", "name"))


FAMILIES = Families()


def _schoolings(children: list[Child], today: date) -> dict[int, tuple[str, str]]:
    """The level and the code of the school of the year, by child."""
    rows = Schooling.objects.filter(child__in=children, school_year=SchoolYear.of(today).start)
    return {child: (level, code) for child, level, code in rows.values_list("child", "level", "school__code")}


def _weeks(children: list[Child], today: date) -> dict[int, dict[int, frozenset[int]]]:
    """The regular week of each child: what its accepted enrolments, of today or later, say."""
    enrolments = list(Enrolment.objects.accepted().filter(child__in=children, ends_on__gte=today).order_by("pk"))
    weeks = load_weeks(enrolments)
    found: dict[int, dict[int, frozenset[int]]] = defaultdict(dict)
    for enrolment in enrolments:
        for unit, weekdays in weeks[enrolment.pk].on(max(today, enrolment.starts_on)).items():
            if weekdays:
                found[enrolment.child_id][unit] = weekdays
    return found
