"""How many days a child may have in an activity: limits as values, the days that they count, their sentences.

Pure: the days are those of a `ServiceCalendar`. Weeks are ISO weeks, whatever the month or the year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from portal.domain import language
from portal.domain.activities.enums import LimitDays, LimitSense, LimitSpan
from portal.domain.activities.opening import Holiday, ServiceCalendar
from portal.domain.kernel.calendar import DateRange, monday_of, month_range

#: The holidays that last longer are those of summer; all the others of metropolitan France last two weeks.
SHORT_HOLIDAY = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of an activity. `units` (keys) are those that it counts; `season` the days of the activity.

    `what` names what is counted, as families know it.
    """

    pk: int
    sense: LimitSense
    count: int
    span: LimitSpan
    among: LimitDays
    units: frozenset[int]
    season: DateRange
    what: str = ""

    @property
    def is_floor(self) -> bool:
        return self.sense == LimitSense.AT_LEAST

    def counts(self, day: date, calendar: ServiceCalendar) -> bool:
        """Whether that day is one of those that the limit counts."""
        if day not in self.season:
            return False
        holiday = calendar.holiday_on(day)
        match self.among:
            case LimitDays.ALL:
                return True
            case LimitDays.SCHOOL:
                return holiday is None
            case LimitDays.HOLIDAYS:
                return holiday is not None
            case LimitDays.SHORT:
                return holiday is not None and not _is_summer(holiday)
            case _:
                return holiday is not None and _is_summer(holiday)

    def period(self, day: date, calendar: ServiceCalendar) -> DateRange | None:
        """The days over which `day` is counted, those of them that count apart; None when it does not count."""
        if not self.counts(day, calendar):
            return None
        match self.span:
            case LimitSpan.DAY:
                return DateRange(day, day)
            case LimitSpan.WEEK:
                return DateRange(monday_of(day), monday_of(day) + timedelta(days=6))
            case LimitSpan.MONTH:
                return month_range(day.year, day.month)
            case LimitSpan.HOLIDAY:
                holiday = calendar.holiday_on(day)
                return holiday.days if holiday is not None else None
            case _:
                return self.season

    def reach(self, days: DateRange) -> DateRange:
        """All the days that may be counted together with one of `days`."""
        match self.span:
            case LimitSpan.DAY:
                return days
            case LimitSpan.WEEK:
                return DateRange(monday_of(days.first), monday_of(days.last) + timedelta(days=6))
            case LimitSpan.MONTH:
                first, last = days.first, days.last
                return DateRange(month_range(first.year, first.month).first, month_range(last.year, last.month).last)
            case _:
                return DateRange(min(days.first, self.season.first), max(days.last, self.season.last))

    # Words

    @property
    def rule(self) -> str:
        """“2 jours par semaine au plus pendant les petites vacances”, without its full stop."""
        words = {"count": self.amount(self.count)}
        said = (_FLOORS if self.is_floor else _CEILINGS)[self.span]
        sentence = _(said) % words
        if self.among == LimitDays.ALL or (self.span, self.among) == (LimitSpan.HOLIDAY, LimitDays.HOLIDAYS):
            return sentence
        return f"{sentence} {_(_AMONG[self.among])}"

    def amount(self, number: int) -> str:
        """“2 jours”, or “2 réservations” for a limit by day."""
        if self.span == LimitSpan.DAY:
            said = ngettext("%(count)s\u00a0réservation", "%(count)s\u00a0réservations", number)
        else:
            said = ngettext("%(count)s\u00a0jour", "%(count)s\u00a0jours", number)
        return said % {"count": language.words().integer(number)}

    def named(self, day: date, calendar: ServiceCalendar) -> str:
        """The period that holds `day`: “la semaine du 7 septembre 2026”."""
        words = language.words()
        match self.span:
            case LimitSpan.DAY:
                return _("le %(day)s") % {"day": words.long_date(day)}
            case LimitSpan.WEEK:
                return _("la semaine du %(day)s") % {"day": words.full_date(monday_of(day))}
            case LimitSpan.MONTH:
                return _("en %(month)s") % {"month": words.month_year(day)}
            case LimitSpan.HOLIDAY:
                holiday = calendar.holiday_on(day)
                return _("pendant la période «\u00a0%(name)s\u00a0»") % {"name": holiday.name if holiday else ""}
            case _:
                return words.date_range_year(self.season.first, self.season.last)


def limit_of(
    pk: int,
    sense: str,
    count: int,
    span: str,
    among: str,
    units: Mapping[int, str],
    season: DateRange,
    activity: str,
    *,
    chosen: bool,
) -> Limit:
    """A limit from its columns; `units` gives the name of each unit that it counts, `chosen` among others."""
    named = language.words().join_words([language.words().lower_first(name) for name in units.values()])
    return Limit(
        pk=pk,
        sense=LimitSense(sense),
        count=count,
        span=LimitSpan(span),
        among=LimitDays(among),
        units=frozenset(units),
        season=season,
        what=f"{activity} ({named})" if chosen else activity,
    )


def _is_summer(holiday: Holiday) -> bool:
    return timedelta(days=len(holiday.days)) > SHORT_HOLIDAY


_CEILINGS = {
    LimitSpan.DAY: gettext_noop("%(count)s par jour au plus"),
    LimitSpan.WEEK: gettext_noop("%(count)s par semaine au plus"),
    LimitSpan.MONTH: gettext_noop("%(count)s par mois au plus"),
    LimitSpan.HOLIDAY: gettext_noop("%(count)s par période de vacances au plus"),
    LimitSpan.SEASON: gettext_noop("%(count)s au plus en tout"),
}
_FLOORS = {
    LimitSpan.WEEK: gettext_noop("au moins %(count)s par semaine"),
    LimitSpan.MONTH: gettext_noop("au moins %(count)s par mois"),
    LimitSpan.HOLIDAY: gettext_noop("au moins %(count)s par période de vacances"),
    LimitSpan.SEASON: gettext_noop("au moins %(count)s en tout"),
}
_AMONG = {
    LimitDays.SCHOOL: gettext_noop("les jours d’école"),
    LimitDays.HOLIDAYS: gettext_noop("pendant les vacances scolaires"),
    LimitDays.SHORT: gettext_noop("pendant les petites vacances"),
    LimitDays.SUMMER: gettext_noop("pendant les vacances d’été"),
}
