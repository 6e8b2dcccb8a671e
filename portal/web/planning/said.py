"""What concerns whole lines or whole days of a planning: said once above or under the weeks, not in each cell."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.bookings.planning import PlanningRow
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Refusal, Rule
from portal.web.planning.words import lower_first

#: Reasons that speak for the whole period: said once above the weeks, the cell keeps two words and no link.
OUT_OF_PERIOD = frozenset({Rule.BEFORE_OPENING, Rule.AFTER_END, Rule.OUTSIDE_ENROLMENT, Rule.NOT_ENROLLED})
#: Days on which nothing happens: said once under the weeks.
CALENDAR = frozenset({Rule.PUBLIC_HOLIDAY, Rule.SCHOOL_HOLIDAY, Rule.TERM_TIME, Rule.CLOSED_DAY})


def openings(rows: Iterable[PlanningRow], days: DateRange, *, today: date) -> list[str]:
    """« Cette activité est ouverte à partir du 2 septembre 2019 : cantine. », once a day, while it is to come."""
    later: dict[date, dict[str, None]] = {}
    for row in rows:
        if today < row.activity_starts_on and row.activity_starts_on > days.first:
            later.setdefault(row.activity_starts_on, {})[lower_first(row.activity_name)] = None
    return [_opening(day, list(names)) for day, names in sorted(later.items())]


def other_limits(rows: Iterable[PlanningRow]) -> list[str]:
    """What else keeps days of the period shut: an enrolment that waits or begins later, an activity that ends.

    The enrolments of a child that wait are one sentence, however many they are.
    """
    said: dict[str, None] = {}
    waiting: dict[str, dict[str, None]] = {}
    for row in rows:
        who = f"{row.child.first_name}, {lower_first(row.label)}"
        for cell in row.cells.values():
            if cell.refusal is None or cell.refusal.rule not in OUT_OF_PERIOD - {Rule.BEFORE_OPENING}:
                continue
            if cell.refusal.rule is Rule.NOT_ENROLLED:
                waiting.setdefault(row.child.first_name, {})[row.activity_name] = None
            else:
                said[language.words().labelled(who, lower_first(cell.refusal.sentence))] = None
    return [*(_waiting(name, list(activities)) for name, activities in waiting.items()), *said]


def closed_days(rows: Iterable[PlanningRow]) -> list[str]:
    """The holidays and closures of the period, each sentence once, in the order of the days."""
    said = {
        _closed(row, cell.refusal): day
        for row in rows
        for day, cell in sorted(row.cells.items(), reverse=True)
        if cell.refusal is not None and cell.refusal.rule in CALENDAR
    }
    return [sentence for sentence, _day in sorted(said.items(), key=lambda item: item[1])]


def _opening(day: date, activities: list[str]) -> str:
    words = {"day": language.words().full_date(day), "activities": language.words().join_words(activities)}
    if len(activities) == 1:
        return _("Cette activité est ouverte à partir du %(day)s\u00a0: %(activities)s.") % words
    return _("Ces activités sont ouvertes à partir du %(day)s\u00a0: %(activities)s.") % words


def _waiting(child: str, activities: Sequence[str]) -> str:
    return ngettext(
        "%(child)s\u00a0: une inscription attend la réponse du service (%(names)s). "
        "Les jours se réservent dès qu’elle est acceptée.",
        "%(child)s\u00a0: %(count)s\u00a0inscriptions attendent la réponse du service (%(names)s). "
        "Les jours de chacune se réservent dès qu’elle est acceptée.",
        len(activities),
    ) % {"child": child, "count": len(activities), "names": "\u00a0; ".join(activities)}


def _closed(row: PlanningRow, refusal: Refusal) -> str:
    """The sentence of a holiday or a closure; a holiday activity is named, for its line may not be shown."""
    if refusal.rule is not Rule.TERM_TIME:
        return refusal.sentence
    return language.words().labelled(row.activity_short_name, lower_first(refusal.sentence))
