"""From an address to a situation: what was asked, what is wrong with it, and the short address that says it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.forms import BoundField, CheckboxSelectMultiple, RadioSelect
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.domain.activities.models import Activity
from portal.domain.quotients.formula import Formula, Per
from portal.domain.tariffs.engine import Quotient
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.grids import Per as PaidPer
from portal.domain.tariffs.engine.situations import Regime, Residence
from tariffs_simulator.counting import HolidayWeeks
from tariffs_simulator.entry import ChildEntry, Entry, Way
from tariffs_simulator.estimating import age_at_start
from tariffs_simulator.forms import MOST_CHILDREN, ChildForm, FamilyForm, QuotientForm
from tariffs_simulator.household import Household
from tariffs_simulator.offer import Priced, PricedUnit
from tariffs_simulator.wording import quotient_words

#: Sent with every form: without it somebody arrives, and nothing is wrong yet.
SENT = "s"
COMPARED = "avec"
#: A longer address than that was not written by this page.
LONGEST = 3000
LONGEST_DAY = 24 * 60
#: Up to so many activities, all are chosen for who arrives.
FEW = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """What the questions depend on, whoever asks."""

    priced: Priced
    holidays: tuple[HolidayWeeks, ...]
    formula: Formula
    household: Household | None
    schools: Mapping[str, str]
    town: str
    today: date


@dataclass(frozen=True, slots=True)
class ChildAsked:
    """The questions about one child and the boxes of its week."""

    number: int
    name: str
    form: ChildForm
    days: Mapping[int, frozenset[int]]
    minutes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and the field in which to mend it, by its id."""

    message: str
    field: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was entered, with its forms. `entry` is None as long as something is missing or wrong."""

    quotient: QuotientForm
    family: FamilyForm
    children: tuple[ChildAsked, ...]
    weeks: Mapping[int, int]
    entry: Entry | None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def forms(self) -> list[Any]:
        return [self.quotient, self.family, *(child.form for child in self.children)]


def ask(data: QueryDict, setting: Setting, *, answered: bool) -> Asked:
    """The questions with the answers of `data`. Unless `answered` they are those of somebody who arrives."""
    priced = setting.priced
    common: dict[str, Any] = {"facts": priced.facts, "grids": priced.grids}
    bound: dict[str, Any] = {"data": data} if answered else {"initial": data.dict()}
    quotient = QuotientForm(
        formula=setting.formula,
        mine=_mine(setting),
        income_year=setting.today.year - 2,
        **bound,
    )
    family = FamilyForm(town=setting.town, **common, **bound)
    children = tuple(
        ChildAsked(
            number=number,
            name=child_name(number, setting.household),
            form=ChildForm(
                prefix=f"e{number + 1}", schools=dict(setting.schools), year=priced.year, **common, **bound
            ),
            days=_days(data, number, priced),
            minutes=_minutes(data, number, priced),
        )
        for number in range(number_of_children(data))
    )
    weeks = {each.key: _whole(data.get(f"v{each.key}", ""), 0, len(each.weeks)) for each in setting.holidays}
    forms = [quotient, family, *(child.form for child in children)]
    wrong = [form for form in forms if not form.is_valid()] if answered else []
    problems = tuple(
        Problem(str(message), _anchor(each)) for form in wrong for each in form for message in each.errors
    )
    asked = Asked(quotient, family, children, weeks, None, problems)
    return Asked(quotient, family, children, weeks, _entry(asked)) if answered and not problems else asked


def _anchor(bound: BoundField) -> str:
    """The first box of a group, else the field itself."""
    boxes = isinstance(bound.field.widget, (RadioSelect, CheckboxSelectMultiple))
    return f"{bound.auto_id}_0" if boxes else bound.auto_id


def _mine(setting: Setting) -> str:
    """The quotient of the signed-in family with its source and validity; "" for a visitor."""
    if setting.household is None:
        return ""
    known = setting.household.quotient(setting.today)
    if known.value is None:
        return _("il n’est pas connu aujourd’hui\u00a0: le tarif le plus élevé s’applique")
    return quotient_words(known)


def _entry(asked: Asked) -> Entry:
    family, quotient = asked.family.cleaned_data, asked.quotient
    household = quotient.household
    income = family.get("ressources")
    if income is None and household is not None:
        # A month of the income of the year, before the benefits: what the scale of nurseries reads.
        yearly = [each for each in quotient.formula.amounts if each.per is Per.YEAR and not each.minus]
        income = sum((household.amounts[each.code] for each in yearly), start=Decimal(0)) / 12 if yearly else None
    return Entry(
        way=Way(quotient.cleaned_data["qf"]),
        quotient=quotient.cleaned_data.get("quotient"),
        computed=quotient.computed,
        resources=household,
        income=income,
        residence=Residence(family.get("lieu") or Residence.TOWN),
        regime=Regime(family.get("regime") or Regime.GENERAL),
        memberships=frozenset(family.get("adhesion") or ()),
        disabled=family.get("handicap") or 0,
        holidays=asked.weeks,
        children=tuple(
            ChildEntry(
                days=child.days,
                minutes=child.minutes,
                age=child.form.cleaned_data.get("age"),
                level=child.form.cleaned_data.get("niveau") or "",
                school=child.form.cleaned_data.get("ecole") or "",
                regular=bool(child.form.cleaned_data.get("habitude")),
                own_meal=bool(child.form.cleaned_data.get("panier")),
            )
            for child in asked.children
        ),
    )


def quotient_on(entry: Entry, household: Household | None, day: date) -> Quotient:
    """The quotient of that day: what was entered, or that of the dossier; unknown when it is kept silent."""
    if entry.way is Way.KNOWN and entry.quotient is not None:
        return Quotient.of(entry.quotient)
    if entry.way is Way.COMPUTED and entry.computed is not None:
        return Quotient.of(entry.computed.value)
    if entry.way is Way.MINE and household is not None:
        return household.quotient(day)
    return Quotient()


def child_name(number: int, household: Household | None) -> str:
    """The first name of a child of the signed-in family, else its rank."""
    children = household.children if household is not None else ()
    return children[number].first_name if number < len(children) else _("Enfant %(number)s") % {"number": number + 1}


def births(household: Household | None) -> dict[int, date]:
    """The true dates of birth, by rank."""
    return {number: child.birth_date for number, child in enumerate(household.children if household else ())}


def number_of_children(data: QueryDict) -> int:
    return _whole(data.get("enfants", ""), 1, MOST_CHILDREN)


def tick(number: int, unit: int) -> str:
    """The name of the boxes of a child and a unit."""
    return f"e{number + 1}-u{unit}"


def duration(number: int, unit: int) -> str:
    """The name of how long that lasts."""
    return f"e{number + 1}-d{unit}"


def _days(data: QueryDict, number: int, priced: Priced) -> dict[int, frozenset[int]]:
    """Boxes come one by one, or all in one word: “1245”."""
    found = {}
    for each in priced.units:
        written = "".join(data.getlist(tick(number, each.unit.pk)))
        days = frozenset(day for day in each.unit.weekdays if str(day) in written)
        if days:
            found[each.unit.pk] = days
    return found


def _minutes(data: QueryDict, number: int, priced: Priced) -> dict[int, int]:
    return {
        each.unit.pk: _whole(data.get(duration(number, each.unit.pk), ""), 15, LONGEST_DAY, usual(each))
        for each in priced.units
        if each.per is PaidPer.TIME
    }


def usual(unit: PricedUnit) -> int:
    """What is proposed where time is paid: how long the unit lasts, else an hour."""
    return unit.usual_minutes or 60


def _whole(text: str, least: int, most: int, otherwise: int | None = None) -> int:
    """A whole number within its limits, whatever was written in the address."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return least if otherwise is None else otherwise
    return min(max(int(text), least), most)


# Addresses


def arriving(setting: Setting, activities: Sequence[Activity]) -> QueryDict:
    """The answers of somebody who arrives: those of the family for who is signed in, else the least."""
    data = QueryDict(mutable=True)
    data.setlist("activite", [activity.code for activity in activities])
    data["annee"] = str(setting.priced.year.start)
    data["lieu"], data["regime"] = Residence.TOWN.value, Regime.GENERAL.value
    data["enfants"] = "1"
    data["qf"] = Way.KNOWN.value
    if setting.household is None:
        return data
    children = list(setting.household.children)[:MOST_CHILDREN]
    data["qf"] = Way.MINE.value
    data["enfants"] = str(max(len(children), 1))
    for number, child in enumerate(children):
        data[f"e{number + 1}-age"] = str(age_at_start(child.birth_date, setting.priced.year))
        data[f"e{number + 1}-niveau"], data[f"e{number + 1}-ecole"] = child.level, child.school
        for unit, days in child.days.items():
            data.setlist(tick(number, unit), [str(day) for day in sorted(days)])
        if Fact.REGULAR in setting.priced.facts and child.days:
            data[f"e{number + 1}-habitude"] = "on"
    return data


def changed(data: QueryDict) -> QueryDict:
    """The answers after « ajouter un enfant », « retirer » or « garder pour comparer » was pressed."""
    after = data.copy()
    add, remove, keep = (after.pop(name, []) for name in ("ajouter", "retirer", "garder"))
    count = number_of_children(after)
    if add and count < MOST_CHILDREN:
        # The week of the one before: brothers and sisters often have the same.
        for name in [name for name in after if name.startswith(f"e{count}-u") or name.startswith(f"e{count}-d")]:
            after.setlist(f"e{count + 1}-{name.partition('-')[2]}", after.getlist(name))
        after["enfants"] = str(count + 1)
    elif remove and count > 1:
        gone = _whole(remove[0], 1, count)
        for number in range(gone, count + 1):
            for name in [name for name in after if name.startswith(f"e{number}-")]:
                del after[name]
            for name in [name for name in after if name.startswith(f"e{number + 1}-")]:
                after.setlist(f"e{number}-{name.partition('-')[2]}", after.getlist(name))
        after["enfants"] = str(count - 1)
    if keep:
        after[COMPARED] = address(after, without=COMPARED)
    return after


def address(data: QueryDict, *, without: str = "") -> str:
    """The query that says the same, as short as it can be: no empty answer, the boxes of a unit in one word."""
    pairs: list[tuple[str, str]] = []
    for name in data:
        values = [value for value in data.getlist(name) if value]
        if name in (without, "csrfmiddlewaretoken") or not values:
            continue
        if name.partition("-")[2].startswith("u"):
            pairs.append((name, "".join(values)))
        else:
            pairs.extend((name, value) for value in values)
    return urlencode(pairs)


def compared(data: QueryDict) -> QueryDict | None:
    """The situation kept to be compared with, if there is one that can be read."""
    kept = data.get(COMPARED, "")
    return QueryDict(kept) if kept and len(kept) <= LONGEST else None
