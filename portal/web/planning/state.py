"""What a planning page shows, as its address says it: the period, the arrangement, who is masked, reading or editing.

    /famille/planning/?vue=mois&mois=2026-09&par=enfant&enfant=3&activite=7&modifier=1

Everything may be missing. A value that cannot be read falls back to the current month and is told to the reader; an
`enfant` that is not a number is nobody's child: 404, as for another family's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.kernel.calendar import DateRange, fortnight_of, monday_of, month_range, shift_month

#: A portal keeps some years of history and plans one or two ahead; beyond, an address is a typing mistake.
YEARS_BACK, YEARS_AHEAD = 10, 3

#: The largest number of a row has nineteen digits.
MOST_DIGITS = 19

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


class View(StrEnum):
    """How long a stretch is shown at once."""

    MONTH = "mois"
    FORTNIGHT = "quinzaine"
    WEEK = "semaine"
    DAY = "jour"


class Grouping(StrEnum):
    """Whether the lines are grouped by child or by activity."""

    CHILD = "enfant"
    ACTIVITY = "activite"


@dataclass(frozen=True, slots=True)
class PlanningState:
    """The address of a planning page. `anchor` is a day of the period; empty filters mean everybody, everything."""

    anchor: date
    view: View = View.MONTH
    grouping: Grouping = Grouping.CHILD
    children: frozenset[int] = frozenset()
    activities: frozenset[int] = frozenset()
    edit: bool = False
    fallback: bool = field(default=False, compare=False)

    @classmethod
    def read(cls, query: QueryDict, *, today: date) -> Self:
        """The state of an address. `fallback` tells that part of it could not be read and was replaced.

        Raises Http404 on an `enfant` that is no number.
        """
        raw_view = query.get("vue", View.MONTH)
        view = View(raw_view) if raw_view in list(View) else View.MONTH
        raw_anchor = query.get("mois" if view is View.MONTH else "jour", "")
        anchor = _month(raw_anchor) if view is View.MONTH else _day(raw_anchor)
        if anchor is not None and not is_plausible(anchor, today=today):
            anchor = None
        raw_grouping = query.get("par", Grouping.CHILD)
        return cls(
            anchor=anchor or today,
            view=view,
            grouping=Grouping(raw_grouping) if raw_grouping in list(Grouping) else Grouping.CHILD,
            children=_children(query.getlist("enfant")),
            activities=frozenset(int(raw) for raw in query.getlist("activite") if is_number(raw)),
            edit=query.get("modifier") == "1",
            fallback=(raw_view not in list(View)) or bool(raw_anchor and anchor is None),
        )

    # The period

    @property
    def days(self) -> DateRange:
        """The days shown."""
        if self.view is View.MONTH:
            return month_range(self.anchor.year, self.anchor.month)
        if self.view is View.FORTNIGHT:
            return fortnight_of(self.anchor)
        if self.view is View.WEEK:
            monday = monday_of(self.anchor)
            return DateRange(monday, monday + timedelta(days=6))
        return DateRange(self.anchor, self.anchor)

    def moved(self, steps: int) -> Self:
        """The state that many periods later (earlier if negative)."""
        if self.view is View.MONTH:
            return replace(self, anchor=shift_month(self.anchor, steps))
        days = {View.FORTNIGHT: 14, View.WEEK: 7, View.DAY: 1}[self.view]
        return replace(self, anchor=self.days.first + timedelta(days=days * steps))

    def reachable(self, *, today: date) -> bool:
        """Whether an address with this anchor would be read as such: the arrows stop there."""
        return is_plausible(self.anchor, today=today)

    def seen_as(self, view: View, *, today: date) -> Self:
        """The same days seen otherwise. From a longer view, today if it is in it, else its first day."""
        if self.view is View.MONTH or self.view is View.FORTNIGHT:
            anchor = today if today in self.days else self.days.first
        else:
            anchor = self.anchor
        return replace(self, view=view, anchor=anchor)

    @property
    def title(self) -> str:
        """ "septembre 2026", "du 14 au 18 septembre 2026", "lundi 14 septembre 2026"."""
        if self.view is View.MONTH:
            return language.words().month_year(self.anchor)
        if self.view is View.DAY:
            return language.words().long_date(self.anchor)
        return language.words().date_range_year(self.days.first, self.days.last)

    @property
    def step_name(self) -> str:
        """The short name of the period on an arrow: "Août", "7 sept."."""
        first = self.days.first
        if self.view is View.MONTH:
            return language.words().month_name(first.month).capitalize()
        return language.words().short_day_month(first)

    @property
    def whole(self) -> str:
        """« toute la semaine »: the object of « Cocher… »; nothing for the month, whose button has its own words."""
        return {
            View.MONTH: "",
            View.FORTNIGHT: _("toute la quinzaine"),
            View.WEEK: _("toute la semaine"),
            View.DAY: _("ce jour"),
        }[self.view]

    @property
    def cost_name(self) -> str:
        """« Coût du mois », « Coût de la quinzaine »…"""
        return {
            View.MONTH: _("Coût du mois"),
            View.FORTNIGHT: _("Coût de la quinzaine"),
            View.WEEK: _("Coût de la semaine"),
            View.DAY: _("Coût du jour"),
        }[self.view]

    # The address

    def query(self) -> str:
        """The state as the end of an address, without "?"; what goes without saying is left out."""
        query = QueryDict(mutable=True)
        if self.view is View.MONTH:
            query["mois"] = f"{self.anchor:%Y-%m}"
        else:
            query["vue"] = self.view.value
            query["jour"] = self.anchor.isoformat()
        if self.grouping is not Grouping.CHILD:
            query["par"] = self.grouping.value
        query.setlist("enfant", [str(child) for child in sorted(self.children)])
        query.setlist("activite", [str(activity) for activity in sorted(self.activities)])
        if self.edit:
            query["modifier"] = "1"
        return query.urlencode()

    def url(self, **changes: Any) -> str:
        """The address of the page, with some of its facts changed."""
        return f"{reverse('planning:index')}?{replace(self, **changes).query()}"


def planning_url(day: date, *, view: View = View.MONTH, edit: bool = False) -> str:
    """The address of the planning around a day, for the other pages: a deadline opens in edit mode."""
    state = PlanningState(anchor=day, view=view, edit=edit)
    fragment = f"#s{day.isocalendar().week}" if view is View.MONTH else ""
    return f"{state.url()}{fragment}"


def kept_filter(chosen: Iterable[str], everything: Mapping[int, str]) -> frozenset[int]:
    """A filter from its check boxes: all of them, or none, is no filter at all."""
    kept = frozenset(int(raw) for raw in chosen if is_number(raw)) & everything.keys()
    return frozenset() if len(kept) == len(everything) else kept


def is_number(raw: str) -> bool:
    """Whether it is written as the number of a row. Endless digits are none: Python refuses to read them."""
    return raw.isascii() and raw.isdigit() and len(raw) <= MOST_DIGITS


def _children(raw: Iterable[str]) -> frozenset[int]:
    children = set()
    for value in raw:
        if not is_number(value):
            raise Http404("no such child")
        children.add(int(value))
    return frozenset(children)


def _month(raw: str) -> date | None:
    found = _MONTH.fullmatch(raw)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def _day(raw: str) -> date | None:
    found = _DAY.fullmatch(raw)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def is_plausible(day: date, *, today: date) -> bool:
    """Whether an address may name that day: some years back, few ahead."""
    return today.year - YEARS_BACK <= day.year <= today.year + YEARS_AHEAD
