"""Days of a school year that a profile names without their year, so that it serves every year."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.domain.activities.school_calendar import school_holidays
from portal.domain.kernel.calendar import ONE_DAY, DateRange
from portal.domain.kernel.school_year import SchoolYear

FIRST_CLASS = "rentree"
LAST_CLASS = "fin-des-classes"

_MONTH_DAY = re.compile(r"(?P<month>\d{2})-(?P<day>\d{2})(?P<before> -1)?")


class UnreadableDay(ValueError):
    """The text names no day; the message is French."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """A fixed date, a month and day of the school year (a year earlier with `before`), or a `landmark`.

    From August to December the day is of the year in which the school year begins, from January to July of the next.
    """

    fixed: date | None = None
    month: int = 0
    day: int = 0
    before: bool = False
    landmark: str = ""

    def on(self, year: SchoolYear, zone: str) -> date:
        """The date it is in that school year, in that school zone.

        The 29 February of a common year is the 28. Where the holidays are not published, classes run from
        1 September to 5 July.
        """
        if self.fixed is not None:
            return self.fixed
        if self.landmark == FIRST_CLASS:
            return first_class_day(year, zone)
        if self.landmark == LAST_CLASS:
            return last_class_day(year, zone)
        civil = year.start + (0 if self.month >= year.first_day.month else 1) - self.before
        try:
            return date(civil, self.month, self.day)
        except ValueError:
            return date(civil, self.month, 28)


def day_rule_from(value: Any) -> DayRule:
    """The rule that a TOML value writes. Raises UnreadableDay."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return DayRule(fixed=value)
    if isinstance(value, str):
        if value in (FIRST_CLASS, LAST_CLASS):
            return DayRule(landmark=value)
        if (found := _MONTH_DAY.fullmatch(value)) and _exists(int(found["month"]), int(found["day"])):
            return DayRule(month=int(found["month"]), day=int(found["day"]), before=found["before"] is not None)
        try:
            return DayRule(fixed=date.fromisoformat(value))
        except ValueError:
            pass
    written = value if isinstance(value, str | int) else type(value).__name__
    raise UnreadableDay(
        f"« {written} » n’est pas un jour : écrivez « {FIRST_CLASS} », « {LAST_CLASS} », un mois et un jour comme "
        "« 09-01 », ou une date comme 2026-09-01."
    )


def _exists(month: int, day: int) -> bool:
    try:
        # A leap year: 29 February is a day like another.
        date(2024, month, day)
    except ValueError:
        return False
    return True


def first_class_day(year: SchoolYear, zone: str) -> date:
    """The first weekday after the summer holidays that end in August of `year`."""
    summer = _holiday_on(date(year.start, 8, 15), zone)
    day = summer.last + ONE_DAY if summer else date(year.start, 9, 1)
    while day.isoweekday() > 5:
        day += ONE_DAY
    return day


def last_class_day(year: SchoolYear, zone: str) -> date:
    """The last weekday before the summer holidays that follow `year`."""
    summer = _holiday_on(date(year.start + 1, 7, 20), zone)
    day = summer.first - ONE_DAY if summer else date(year.start + 1, 7, 5)
    while day.isoweekday() > 5:
        day -= ONE_DAY
    return day


def _holiday_on(day: date, zone: str) -> DateRange | None:
    return next((period.days for period in school_holidays(zone, DateRange(day, day)).periods), None)


def profile_year(day: date) -> SchoolYear:
    """The school year that a profile is loaded for: the one running, and in July already the next.

    The kernel's year turns on 1 August; in July classes are over and families prepare the next year.
    """
    running = SchoolYear.of(day)
    return running.next if day.month == 7 else running
