"""Weeks and months as the addresses write them: `2026-S46`, `2026-11`."""

import re
from datetime import date, timedelta

from documents.menus.models.menu import MenuSite
from portal.domain.kernel.calendar import DateRange, Week, month_range

#: Weeks shown around today: beyond, the address does not exist, and robots stop there.
WEEKS_BACK, WEEKS_FORWARD = 60, 40

_WEEK = re.compile(r"(\d{4})-S(\d{2})")


def week_from_code(code: str) -> Week | None:
    """The week of “2026-S46”; None when there is no such week (2025 has no week 53)."""
    found = _WEEK.fullmatch(code)
    if not found or not 2000 <= int(found[1]) < 2100:
        return None
    try:
        return Week(int(found[1]), int(found[2]))
    except ValueError:
        return None


def month_from(year: int, month: int) -> DateRange | None:
    """The days of a month; None when there is no such month."""
    return month_range(year, month) if 2000 <= year < 2100 and 1 <= month <= 12 else None


def within_reach(week: Week, today: date) -> bool:
    """Whether the page of this week exists today."""
    return weeks_after(week, today) in range(-WEEKS_BACK, WEEKS_FORWARD + 1)


def weeks_after(week: Week, today: date) -> int:
    """How many weeks after today's week; negative before."""
    return (week.monday - Week.of(today).monday).days // 7


def week_to_show(site: MenuSite, today: date) -> Week:
    """This week, or the next one once the last meal of this one is behind."""
    last = max(site.weekdays, default=5)
    return Week.of(today + timedelta(weeks=1)) if today.isoweekday() > last else Week.of(today)
