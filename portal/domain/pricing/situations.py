"""Who a household is on a day, as its prices read it: nothing is read that no grid looks at.

A town whose tariffs are flat asks the database nothing. Otherwise the number of queries depends on the facts alone,
never on the families, children, units or days.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Q

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Unit
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.weeks import RegularWeeks, load_weeks
from portal.domain.families import enums as families
from portal.domain.families.models import ChildLink, Family, Schooling
from portal.domain.health.queries import meals_brought
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.pricing.models import HouseholdFigures, Membership, ResidencePolicy, ResidenceRuling
from portal.domain.pricing.rules import place_among, residence_of
from portal.domain.quotients.queries import load_timelines
from portal.domain.quotients.rules import Timeline, resolve
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.situations import Regime, Residence, Siblings, Situation
from portal.domain.tariffs.facts import quotient_fact
from portal.domain.tariffs.queries import ANYBODY, PriceBook

#: A day booked, or about to be: child, unit, day.
Presence = tuple[int, int, date]

_REGIMES = {
    families.Regime.CAF: Regime.GENERAL,
    families.Regime.MSA: Regime.MSA,
    families.Regime.OTHER: Regime.OTHER,
}
#: What is known child by child.
_OF_CHILDREN = frozenset(
    {
        Fact.AGE,
        Fact.SCHOOL,
        Fact.LEVEL,
        Fact.MEMBERSHIP,
        Fact.HOUSEHOLD,
        Fact.ENROLLED,
        Fact.PRESENT,
        Fact.REGULAR,
        Fact.OWN_MEAL,
    }
)
#: What only the day of the service tells, or whoever asks for the price.
_ASKED = frozenset({Fact.LATE, Fact.ATTENDANCE, Fact.TIME})
_BY_HABIT = (EnrolmentMode.PATTERN, EnrolmentMode.WHOLE_YEAR)


@dataclass(slots=True)
class Household:
    """What is known of one household; what no grid asks stays at its default."""

    births: dict[int, date] = field(default_factory=dict)
    timeline: Timeline | None = None
    residence: Residence = Residence.TOWN
    rulings: list[ResidenceRuling] = field(default_factory=list)
    regime: Regime = Regime.GENERAL
    figures: list[HouseholdFigures] = field(default_factory=list)
    memberships: list[tuple[str, int | None, DateRange]] = field(default_factory=list)
    schools: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    enrolled: dict[str, list[tuple[int, DateRange]]] = field(default_factory=lambda: defaultdict(list))
    habits: dict[tuple[int, int], list[tuple[DateRange, RegularWeeks]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    own_meals: Mapping[int, Sequence[DateRange]] = field(default_factory=dict)


class Situations:
    """The situations of one household. Equal situations are one object: a price book knows them by identity."""

    def __init__(
        self,
        *,
        facts: frozenset[Fact] = frozenset(),
        household: Household | None = None,
        tariff_of: Callable[[int], str] = lambda _unit: "",
        activities: Mapping[int, tuple[int, bool]] | None = None,
    ) -> None:
        self._facts = facts
        self._household = household or Household()
        self._tariff_of = tariff_of
        self._activities = activities or {}
        self._present: dict[tuple[str, date], set[int]] = defaultdict(set)
        self._known: dict[tuple[int, int, date, bool], Situation] = {}
        self._days: dict[date, Situation] = {}
        self._same: dict[Situation, Situation] = {ANYBODY: ANYBODY}

    @property
    def facts(self) -> frozenset[Fact]:
        return self._facts

    def attend(self, places: Iterable[Presence]) -> None:
        """These days are booked by the household, or are being booked together: their children count as present."""
        if Fact.PRESENT not in self._facts:
            return
        for child, unit, day in places:
            self._present[self._tariff_of(unit), day].add(child)
        self._known.clear()

    def of(self, child: int, unit: int, day: date, *, late: bool = False) -> Situation:
        """The situation of the child for that unit (keys) on that day. `late`: booked after its deadline.

        What no grid of the book looks at is as for anybody. A child outside the household has no age and no school.
        """
        if not self._facts:
            return ANYBODY
        late = late and Fact.LATE in self._facts
        key = (child, unit, day, late)
        if key not in self._known:
            found = self._tell(child, unit, day, late)
            self._known[key] = self._same.setdefault(found, found)
        return self._known[key]

    def _tell(self, child: int, unit: int, day: date, late: bool) -> Situation:
        home, facts = self._household, self._facts
        school, level = home.schools.get((child, SchoolYear.of(day).start), ("", ""))
        return replace(
            self._of_the_day(day),
            birth_date=home.births.get(child) if Fact.AGE in facts else None,
            school=school,
            level=level,
            memberships=frozenset(
                code for code, member, days in home.memberships if member in (None, child) and day in days
            ),
            household=self._among(child, home.births) if Fact.HOUSEHOLD in facts else ANYBODY.household,
            enrolled=self._enrolled(child, unit, day) if Fact.ENROLLED in facts else ANYBODY.enrolled,
            present=self._among(child, self._present.get((self._tariff_of(unit), day), ()))
            if Fact.PRESENT in facts
            else ANYBODY.present,
            regular=Fact.REGULAR in facts and self._is_regular(child, unit, day),
            own_meal=any(day in days for days in home.own_meals.get(child, ())),
            late=late,
        )

    def _of_the_day(self, day: date) -> Situation:
        """What is the same for all the children."""
        if day not in self._days:
            home = self._household
            ruling = next((each for each in home.rulings if each.covers(day)), None)
            figures = next((each for each in home.figures if each.covers(day)), None)
            self._days[day] = Situation(
                quotient=quotient_fact(resolve(home.timeline, day)) if home.timeline else ANYBODY.quotient,
                income=figures.income if figures and Fact.INCOME in self._facts else None,
                residence=Residence(ruling.residence) if ruling else home.residence,
                regime=home.regime,
                disabled=figures.disabled if figures and Fact.DISABLED in self._facts else 0,
            )
        return self._days[day]

    def _among(self, child: int, counted: Iterable[int]) -> Siblings:
        return place_among(child, self._household.births, counted)

    def _enrolled(self, child: int, unit: int, day: date) -> Siblings:
        rows = self._household.enrolled.get(self._tariff_of(unit), ())
        return self._among(child, {each for each, days in rows if day in days})

    def _is_regular(self, child: int, unit: int, day: date) -> bool:
        """A weekly pattern of the child holds that unit; before any enrolment, whether the activity asks for one."""
        activity, by_habit = self._activities.get(unit, (0, False))
        for days, weeks in self._household.habits.get((child, activity), ()):
            if day in days:
                return bool(weeks.on(day).get(unit))
        return by_habit


def load_situations(
    *, family: int, book: PriceBook, units: Collection[int], present: Iterable[Presence] = ()
) -> Situations:
    """The situations of one household (key) for these units of the book; `present`: what it has booked.

    No query when no grid looks at anything.
    """
    found = load_many(families=[family], book=book, units=units)[family]
    found.attend(present)
    return found


def load_many(*, families: Collection[int], book: PriceBook, units: Collection[int]) -> dict[int, Situations]:
    """The same for several households, by key, in as many queries as for one."""
    facts = book.facts() - {Fact.ATTENDANCE, Fact.TIME}
    if not facts:
        nobody = Situations()
        return dict.fromkeys(families, nobody)
    homes = {key: Household() for key in families}
    asked = facts - _ASKED

    def tariff_of(unit: int) -> str:
        tariff = book.tariff(unit)
        return tariff.code if tariff is not None else ""

    tariffs = {code for unit in units if (code := tariff_of(unit))}
    links = _load_links(homes) if asked & _OF_CHILDREN else {}
    if Fact.QUOTIENT in asked:
        for key, timeline in load_timelines(homes).items():
            homes[key].timeline = timeline
    if asked & {Fact.RESIDENCE, Fact.REGIME}:
        _load_addresses(homes, asked)
    if asked & {Fact.INCOME, Fact.DISABLED}:
        for row in HouseholdFigures.objects.filter(family__in=homes).order_by("valid_from"):
            homes[row.family_id].figures.append(row)
    if Fact.MEMBERSHIP in asked:
        _load_memberships(homes, links)
    if asked & {Fact.SCHOOL, Fact.LEVEL}:
        _load_schools(homes, links)
    if Fact.ENROLLED in asked:
        _load_enrolled(homes, links, tariffs)
    activities: dict[int, tuple[int, bool]] = {}
    if Fact.REGULAR in asked:
        rows = Unit.objects.filter(pk__in=units).values_list("pk", "activity", "activity__enrolment_mode")
        activities = {unit: (activity, mode in _BY_HABIT) for unit, activity, mode in rows}
        _load_habits(homes, links, {activity for activity, _mode in activities.values()})
    if Fact.OWN_MEAL in asked:
        meals = meals_brought(links)
        for home in homes.values():
            home.own_meals = meals
    return {
        key: Situations(facts=facts, household=home, tariff_of=tariff_of, activities=activities)
        for key, home in homes.items()
    }


def _load_links(homes: Mapping[int, Household]) -> dict[int, list[int]]:
    """The births of the children of each household; for each child, its households."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = ChildLink.objects.filter(family__in=homes).values_list("family", "child", "child__birth_date")
    for family, child, birth in rows.order_by("pk"):
        homes[family].births[child] = birth
        found[child].append(family)
    return found


def _load_addresses(homes: Mapping[int, Household], facts: frozenset[Fact]) -> None:
    policy = None
    if Fact.RESIDENCE in facts:
        policy = ResidencePolicy.objects.filter(only=True).first()
        for ruling in ResidenceRuling.objects.filter(family__in=homes).order_by("valid_from"):
            homes[ruling.family_id].rulings.append(ruling)
    for key, town, postcode, regime in Family.objects.filter(pk__in=homes).values_list(
        "pk", "town", "postcode", "regime"
    ):
        home = homes[key]
        if policy is not None:
            home.residence = residence_of(town=town, postcode=postcode, towns=policy.towns, area=policy.area)
        if Fact.REGIME in facts and regime:
            home.regime = _REGIMES[families.Regime(regime)]


def _load_memberships(homes: Mapping[int, Household], links: Mapping[int, list[int]]) -> None:
    rows = Membership.objects.filter(Q(family__in=homes) | Q(child__in=links))
    for code, family, child, first, last in rows.values_list(
        "kind__code", "family", "child", "valid_from", "valid_until"
    ):
        for key in [family] if family is not None else links[child]:
            homes[key].memberships.append((code, child, DateRange(first, last or date.max)))


def _load_schools(homes: Mapping[int, Household], links: Mapping[int, list[int]]) -> None:
    rows = Schooling.objects.filter(child__in=links).values_list("child", "school_year", "school__code", "level")
    for child, year, school, level in rows:
        for key in links[child]:
            homes[key].schools[child, year] = (school, level)


def _load_enrolled(homes: Mapping[int, Household], links: Mapping[int, list[int]], tariffs: Collection[str]) -> None:
    code = "activity__units__tariff_link__tariff__code"
    rows = Enrolment.objects.live().filter(child__in=links, **{f"{code}__in": tariffs})
    for tariff, child, first, last in rows.values_list(code, "child", "starts_on", "ends_on").distinct():
        for key in links[child]:
            homes[key].enrolled[tariff].append((child, DateRange(first, last)))


def _load_habits(homes: Mapping[int, Household], links: Mapping[int, list[int]], activities: Collection[int]) -> None:
    rows = list(Enrolment.objects.live().filter(child__in=links, activity__in=activities).order_by("pk"))
    weeks = load_weeks(rows)
    for row in rows:
        for key in links[row.child_id]:
            homes[key].habits[row.child_id, row.activity_id].append(
                (DateRange(row.starts_on, row.ends_on), weeks[row.pk])
            )
