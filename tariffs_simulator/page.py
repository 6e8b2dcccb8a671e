"""What the page of the simulator shows: the questions, the estimate, the curve, the comparison. Writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from cms_pages.site_facts import site_facts
from portal.domain import language
from portal.domain.activities.models import Activity
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.quotients.formula import CAF, Formula
from portal.domain.quotients.models import QuotientDefinition
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.grids import Per
from tariffs_simulator.counting import holidays_of
from tariffs_simulator.curve import Curve, curves_of
from tariffs_simulator.entry import Way
from tariffs_simulator.estimating import Estimate, Line, estimate
from tariffs_simulator.forms import MOST_CHILDREN, RANKED
from tariffs_simulator.household import Household, families
from tariffs_simulator.offer import Priced, PricedUnit, load_priced, open_activities, years_of
from tariffs_simulator.reading import (
    COMPARED,
    FEW,
    SENT,
    Asked,
    ChildAsked,
    Problem,
    Setting,
    address,
    arriving,
    ask,
    births,
    changed,
    compared,
    duration,
    quotient_on,
    tick,
    usual,
)
from tariffs_simulator.wording import duration as duration_in_words
from tariffs_simulator.wording import quotient_steps, said

if TYPE_CHECKING:
    from tariffs_simulator.models import SimulatorPage

#: Steps of a quarter of an hour, up to eleven hours.
_DURATIONS = range(15, 11 * 60 + 1, 15)


@dataclass(frozen=True, slots=True)
class Choices:
    """The activities that may be chosen, those that are, and the school years."""

    activities: Sequence[Activity]
    chosen: Sequence[Activity]
    years: Sequence[SchoolYear]
    year: SchoolYear

    @property
    def grouped(self) -> bool:
        """Whether they are many: by type, then."""
        return len(self.activities) > FEW


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything about one situation. `estimate` is None as long as something is missing."""

    setting: Setting
    choices: Choices
    data: QueryDict
    asked: Asked
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Box:
    """One day of one unit: a check box."""

    weekday: int
    short: str
    long: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One unit for one child: its boxes, and how long it lasts where time is paid."""

    name: str
    unit: PricedUnit
    boxes: tuple[Box, ...]
    duration_name: str
    durations: tuple[tuple[int, str, bool], ...]


@dataclass(frozen=True, slots=True)
class ChildShown:
    """One child of the form."""

    asked: ChildAsked
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ChildResult:
    """What one child costs."""

    name: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Why:
    """A price to be explained, and the child who pays it when others pay another one."""

    line: Line
    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One amount in both situations, and the difference."""

    label: str
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


def simulator_context(request: HttpRequest, page: "SimulatorPage") -> dict[str, Any]:
    """What the template shows. Queries do not grow with the number of units or children."""
    today = paris_date(timezone.now())
    types = [each.pk for each in page.activity_types.all()]
    activities = open_activities(types=types, today=today)
    if not activities:
        return {"form": None, "choices": None, "household": None}
    household = families().household(request)
    town = Town(activities, household, town_name(request), today)
    answer = town.answer(request.GET)
    kept = compared(answer.data)
    before = town.answer(kept) if kept is not None else None
    return _context(request, answer, before)


class Town:
    """The activities on offer and who asks; answers one situation, or two of them."""

    def __init__(self, activities: Sequence[Activity], household: Household | None, name: str, today: date) -> None:
        self.activities = activities
        self.household = household
        self.today = today
        self._formula = town_formula()
        self._name = name
        self._priced: dict[tuple[int, ...], Priced] = {}

    def answer(self, query: QueryDict) -> Answer:
        """The questions and the estimate of that query."""
        sent = SENT in query
        choices = self._choices(query, sent=sent)
        setting = self._setting(choices)
        data = changed(query) if sent else arriving(setting, choices.chosen)
        matters = Fact.QUOTIENT in setting.priced.facts
        if not sent and not matters:
            data["qf"] = Way.HIDDEN.value
        answered = sent or self.household is not None or not matters
        asked = ask(data, setting, answered=answered)
        return Answer(setting, choices, data, asked, self._estimate(asked, setting))

    def _choices(self, query: QueryDict, *, sent: bool) -> Choices:
        years = years_of(self.activities)
        codes = query.getlist("activite")
        wanted = query.get("annee", "")
        named = [SchoolYear.of(each.starts_on) for each in self.activities if each.code in codes]
        year = next((each for each in years if str(each.start) == wanted), None)
        if year is None:
            running = SchoolYear.of(self.today)
            year = named[0] if named else running if running in years else years[0]
        of_year = [each for each in self.activities if SchoolYear.of(each.starts_on) == year]
        chosen = [each for each in of_year if each.code in codes]
        if not chosen and not sent:
            used = {unit for child in (self.household.children if self.household else ()) for unit in child.days}
            chosen = self._used(of_year, used) or (of_year if len(of_year) <= FEW else [])
        return Choices(of_year, chosen, years, year)

    def _used(self, activities: Sequence[Activity], units: set[int]) -> list[Activity]:
        if not units:
            return []
        keys = set(
            Activity.objects.filter(units__in=units, pk__in=[each.pk for each in activities]).values_list(
                "pk", flat=True
            )
        )
        return [each for each in activities if each.pk in keys]

    def _setting(self, choices: Choices) -> Setting:
        keys = (choices.year.start, *(each.pk for each in choices.chosen))
        if keys not in self._priced:
            self._priced[keys] = load_priced(choices.chosen, year=choices.year, today=self.today)
        priced = self._priced[keys]
        return Setting(
            priced=priced,
            holidays=holidays_of(priced.calendar, [unit.offer for unit in priced.units], choices.year),
            formula=self._formula,
            household=self.household,
            schools=families().schools() if Fact.SCHOOL in priced.facts else {},
            town=self._name,
            today=self.today,
        )

    def _estimate(self, asked: Asked, setting: Setting) -> Estimate | None:
        entry = asked.entry
        if entry is None:
            return None
        return estimate(
            entry,
            setting.priced,
            setting.holidays,
            quotient_on=lambda day: quotient_on(entry, self.household, day),
            births=births(self.household),
            language=language.spoken(),
        )


def town_formula() -> Formula:
    """The town's own formula when it has one, else the CAF's."""
    own = (each for each in QuotientDefinition.objects.filter(is_offered=True).order_by("order", "pk"))
    return next((each.computes for each in own if each.is_computed), CAF)


def town_name(request: HttpRequest) -> str:
    """The name of the town, for « où habitez-vous ? »."""
    known = site_facts(request).identity
    return known.name if known is not None else _("Dans la commune")


def _context(request: HttpRequest, answer: Answer, before: Answer | None) -> dict[str, Any]:
    asked, setting, estimated = answer.asked, answer.setting, answer.estimate
    entry, facts = asked.entry, setting.priced.facts
    computed = entry is not None and entry.computed is not None and entry.resources is not None
    steps: Sequence[str] = ()
    if entry is not None and entry.computed is not None and entry.resources is not None:
        steps = quotient_steps(setting.formula, entry.resources, entry.computed)
    return {
        # The title of the page says when something is wrong.
        "form": asked.quotient,
        "sent": SENT in request.GET,
        "choices": answer.choices,
        "asked": asked,
        "problems": _problems(answer),
        "quotient_matters": Fact.QUOTIENT in facts,
        "own_formula": setting.formula is not CAF,
        "ranked": bool(facts & RANKED),
        "household": setting.household,
        "children": [ChildShown(child, tuple(_rows(child, setting.priced))) for child in asked.children],
        "may_add": len(asked.children) < MOST_CHILDREN,
        "holidays": [
            (f"v{each.key}", each, asked.weeks.get(each.key, 0), range(len(each.weeks) + 1))
            for each in setting.holidays
        ],
        "estimate": estimated,
        "results": _results(estimated, asked),
        "whys": _whys(estimated.lines or estimated.others, asked) if estimated else [],
        "curves": _curves(answer),
        "steps": steps,
        "computed": entry.computed if computed and entry is not None else None,
        "address": address(answer.data),
        "alone": address(answer.data, without=COMPARED),
        "kept": answer.data.get(COMPARED, ""),
        "comparison": _comparison(before, answer),
        "before_words": quotient_words(before) if before is not None else "",
        "after_words": quotient_words(answer),
    }


def _problems(answer: Answer) -> list[Problem]:
    """What keeps the price from being told, in words."""
    if not answer.choices.chosen:
        return [Problem(_("Choisissez au moins une activité."), "q-activites")]
    return list(answer.asked.problems)


def _rows(child: ChildAsked, priced: Priced) -> Iterable[Row]:
    words = language.words()
    for unit in priced.units:
        key = unit.unit.pk
        minutes = child.minutes.get(key, usual(unit))
        yield Row(
            name=tick(child.number, key),
            unit=unit,
            boxes=tuple(
                Box(day, words.short_weekday(day), words.weekday_name(day), day in child.days.get(key, ()))
                for day in sorted(unit.unit.weekdays)
            ),
            duration_name=duration(child.number, key) if unit.per is Per.TIME else "",
            durations=tuple(
                (each, duration_in_words(each), each == minutes) for each in sorted({*_DURATIONS, minutes})
            )
            if unit.per is Per.TIME
            else (),
        )


def _results(estimated: Estimate | None, asked: Asked) -> list[ChildResult]:
    if estimated is None:
        return []
    found = [ChildResult(child.name, estimated.of_child(child.number)) for child in asked.children]
    return [each for each in found if each.estimate.lines]


def _whys(lines: Sequence[Line], asked: Asked) -> list[Why]:
    """The lines whose explanation differs from those before: brothers and sisters often pay the same."""
    found: dict[tuple[int, Any], Why] = {}
    for line in lines:
        if line.price is not None:
            name = asked.children[line.child].name if len(asked.children) > 1 else ""
            found.setdefault((line.unit.unit.pk, line.price.steps), Why(line, name))
    units = [key[0] for key in found]
    # The name of a child says something where another one pays another price.
    return [why if units.count(key[0]) > 1 else Why(why.line, "") for key, why in found.items()]


def _curves(answer: Answer) -> list[Curve]:
    entry, estimated = answer.asked.entry, answer.estimate
    if entry is None or estimated is None:
        return []
    household = answer.setting.household
    return curves_of(estimated.lines or estimated.others, quotient_on=lambda day: quotient_on(entry, household, day))


def _comparison(before: Answer | None, after: Answer) -> list[Compared]:
    if before is None or before.estimate is None or after.estimate is None:
        return []
    one, other = before.estimate, after.estimate
    rows = [
        Compared(_("Par mois, en moyenne"), one.by_month, other.by_month),
        Compared(_("Une semaine d’école"), one.school_week, other.school_week),
        Compared(_("Une semaine de vacances"), one.holiday_week, other.holiday_week),
        Compared(_("L’année scolaire"), one.year, other.year),
    ]
    return [each for each in rows if each.before or each.after]


def quotient_words(answer: Answer) -> str:
    """The quotient of a situation in two words, for the head of a column."""
    entry = answer.asked.entry
    if entry is None:
        return ""
    known = quotient_on(entry, answer.setting.household, answer.setting.today).value
    return said(known) if known is not None else _("non donné")
