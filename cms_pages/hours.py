"""Opening hours in words: days that share the same hours are one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from cms_pages.enums import Season
from portal.domain import language

SCHEMA_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

Spans = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Some days of the week (ISO) and when one may come, in order."""

    days: tuple[int, ...]
    spans: Spans

    @property
    def days_shown(self) -> str:
        """“Du lundi au vendredi”, “Mercredi”, “Lundi, mardi et jeudi”."""
        first, last = self.days[0], self.days[-1]
        if len(self.days) > 2 and last - first + 1 == len(self.days):
            words = _("du %(first)s au %(last)s") % {
                "first": language.words().weekday_name(first),
                "last": language.words().weekday_name(last),
            }
        else:
            words = language.words().join_words([language.words().weekday_name(day) for day in self.days])
        return words[:1].upper() + words[1:]

    @property
    def hours_shown(self) -> str:
        """“7 h 30 à 18 h 30”; two spans are joined."""
        return language.words().join_words(
            [
                _("%(opens)s à %(closes)s")
                % {"opens": language.words().hour(opens), "closes": language.words().hour(closes)}
                for opens, closes in self.spans
            ],
        )


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of one season."""

    season: Season
    lines: tuple[HoursLine, ...]


def timetables(entries: Iterable[Mapping[str, Any]]) -> list[Timetable]:
    """From what agents entered (days, opens, closes, season) to one timetable a season, days in order."""
    seasons: dict[Season, dict[int, list[tuple[time, time]]]] = {}
    for entry in entries:
        days = seasons.setdefault(Season(entry["season"]), {})
        for day in entry["days"]:
            days.setdefault(int(day), []).append((entry["opens"], entry["closes"]))
    return [Timetable(season, _lines(seasons[season])) for season in Season if season in seasons]


def _lines(days: Mapping[int, list[tuple[time, time]]]) -> tuple[HoursLine, ...]:
    together: dict[Spans, list[int]] = {}
    for day in sorted(days):
        together.setdefault(tuple(sorted(set(days[day]))), []).append(day)
    return tuple(HoursLine(tuple(found), spans) for spans, found in together.items())


def schema_hours(tables: Iterable[Timetable]) -> list[str]:
    """“Mo,Tu 07:30-18:30”, as schema.org reads it: the hours of the year, or those of term."""
    known = {table.season: table for table in tables}
    table = known.get(Season.ALL) or known.get(Season.SCHOOL)
    if table is None:
        return []
    return [
        f"{','.join(SCHEMA_DAYS[day - 1] for day in line.days)} {opens:%H:%M}-{closes:%H:%M}"
        for line in table.lines
        for opens, closes in line.spans
    ]
