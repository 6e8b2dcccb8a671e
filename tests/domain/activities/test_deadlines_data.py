"""The JSON form of deadlines: read back as written, mistakes named in French with their place."""

import json
from datetime import date, datetime, time
from typing import Any

import pytest

from portal.domain.activities.deadlines import (
    Always,
    DayKind,
    DayOfMonth,
    DaysBefore,
    Deadline,
    FixedInstant,
    InvalidDeadline,
    MostRestrictive,
    Never,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
    RollingOpening,
    Span,
    WeekdayBefore,
    deadline_from_data,
)

FORMS: list[tuple[dict[str, Any], Deadline]] = [
    ({"kind": "always"}, Always()),
    ({"kind": "never"}, Never()),
    ({"kind": "weekday_before", "weekday": 4}, WeekdayBefore(4)),
    (
        {"kind": "weekday_before", "weekday": 4, "weeks": 2, "hour": "12:00", "inclusive": False},
        WeekdayBefore(4, time(12), weeks=2, inclusive=False),
    ),
    ({"kind": "day_of_month", "day": 20}, DayOfMonth(20)),
    ({"kind": "day_of_month", "day": 20, "inclusive": False}, DayOfMonth(20, hour=time(0), inclusive=False)),
    (
        {"kind": "day_of_month", "day": 31, "months": 2, "step_back": ["weekend"]},
        DayOfMonth(31, months=2, step_back=frozenset({DayKind.WEEKEND})),
    ),
    (
        {"kind": "days_before", "days": 2, "hour": "10:00", "not_counted": ["weekend", "public_holiday"]},
        DaysBefore(2, time(10), not_counted=frozenset({DayKind.WEEKEND, DayKind.PUBLIC_HOLIDAY})),
    ),
    ({"kind": "fixed", "day": "2025-08-20", "hour": "17:00"}, FixedInstant(date(2025, 8, 20), time(17))),
    (
        {"kind": "rolling_opening", "amount": 2, "unit": "months", "hour": "08:00", "aligned": True},
        RollingOpening(2, Span.MONTHS, time(8), aligned=True),
    ),
    (
        {
            "kind": "per_weekday",
            "table": {"1": {"kind": "weekday_before", "weekday": 5}, "2": {"kind": "days_before", "days": 1}},
            "otherwise": {"kind": "always"},
        },
        PerWeekday(((1, WeekdayBefore(5)), (2, DaysBefore(1))), otherwise=Always()),
    ),
    (
        {
            "kind": "periods",
            "periods": [
                {
                    "label": "Noël 2025",
                    "first": "2025-12-20",
                    "last": "2026-01-04",
                    "opens": "2025-11-03",
                    "opens_hour": "08:00",
                    "closes": "2025-12-03",
                    "hour": "12:00",
                }
            ],
        },
        PeriodWindows(
            (
                PeriodWindow(
                    "Noël 2025",
                    date(2025, 12, 20),
                    date(2026, 1, 4),
                    opens=date(2025, 11, 3),
                    opens_hour=time(8),
                    closes=date(2025, 12, 3),
                    hour=time(12),
                ),
            )
        ),
    ),
    (
        {
            "kind": "most_restrictive",
            "rules": [{"kind": "rolling_opening", "amount": 30, "unit": "days"}, {"kind": "days_before", "days": 1}],
        },
        MostRestrictive((RollingOpening(30), DaysBefore(1))),
    ),
]


@pytest.mark.parametrize(("data", "rule"), FORMS, ids=[rule.kind for _, rule in FORMS])
def test_reads_and_writes_each_kind(data: dict[str, Any], rule: Deadline) -> None:
    assert deadline_from_data(data) == rule
    assert rule.to_data() == data
    assert deadline_from_data(json.loads(json.dumps(rule.to_data()))) == rule


def test_accepts_what_a_person_writes_in_a_profile() -> None:
    assert deadline_from_data({"kind": "weekday_before", "weekday": "Jeudi"}) == WeekdayBefore(4)
    assert deadline_from_data({"kind": "weekday_before", "weekday": "4", "hour": time(23, 59)}) == WeekdayBefore(4)
    assert deadline_from_data({"kind": "fixed", "day": date(2025, 8, 20)}) == FixedInstant(date(2025, 8, 20))
    table = {"lundi": {"kind": "always"}}
    assert deadline_from_data({"kind": "per_weekday", "table": table}) == PerWeekday(((1, Always()),))


def test_an_empty_opening_means_open_since_always() -> None:
    period = {"label": "Été", "first": "2026-07-04", "last": "2026-08-31", "opens": None, "closes": "2026-06-17"}
    rule = deadline_from_data({"kind": "periods", "periods": [period]})
    assert isinstance(rule, PeriodWindows)
    assert rule.periods[0].opens is None


def nested(levels: int) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": "always"}
    for _ in range(levels):
        data = {"kind": "per_weekday", "table": {"1": data}}
    return data


PERIOD = {"label": "Été", "first": "2026-07-04", "last": "2026-08-31", "closes": "2026-06-17"}


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        (None, "d", "attend une règle"),
        ([], "d", "attend une règle"),
        ("jeudi", "d", "attend une règle"),
        ({}, "d.kind", "Au choix"),
        ({"kind": "thursday"}, "d.kind", "« thursday » est inconnu"),
        ({"kind": ["never"]}, "d.kind", "est inconnu"),
        ({"kind": "never", "hour": "10:00"}, "d.hour", "clé inconnue"),
        ({"kind": "days_before"}, "d.days", "manque"),
        ({"kind": "days_before", "days": "2"}, "d.days", "nombre entier"),
        ({"kind": "days_before", "days": True}, "d.days", "nombre entier"),
        ({"kind": "days_before", "days": 2.5}, "d.days", "nombre entier"),
        ({"kind": "days_before", "days": 999}, "d.days", "de 0 à 366"),
        ({"kind": "days_before", "days": 1, "houre": "10:00"}, "d.houre", "Clés possibles"),
        ({"kind": "days_before", "days": 1, "hour": "25:00"}, "d.hour", "« 25:00 »"),
        ({"kind": "days_before", "days": 1, "hour": 10}, "d.hour", "une heure comme 23:59"),
        ({"kind": "days_before", "days": 1, "hour": "10:00:30"}, "d.hour", "sans secondes"),
        ({"kind": "days_before", "days": 1, "inclusive": "oui"}, "d.inclusive", "true ou false"),
        ({"kind": "days_before", "days": 1, "not_counted": "weekend"}, "d.not_counted", "attend une liste"),
        ({"kind": "days_before", "days": 1, "not_counted": ["samedi"]}, "d.not_counted", "« samedi »"),
        ({"kind": "days_before", "days": 1, "step_back": [["weekend"]]}, "d.step_back", "genre de jours"),
        ({"kind": "weekday_before", "weekday": "jeudy"}, "d.weekday", "de 1 (lundi) à 7 (dimanche)"),
        ({"kind": "weekday_before", "weekday": 8}, "d.weekday", "de 1 (lundi) à 7 (dimanche)"),
        ({"kind": "fixed", "day": "2026-02-30"}, "d.day", "« 2026-02-30 »"),
        ({"kind": "fixed", "day": datetime(2026, 2, 3)}, "d.day", "une date comme"),  # noqa: DTZ001  # refused
        ({"kind": "rolling_opening", "amount": 3, "unit": "years"}, "d.unit", "days, weeks, months"),
        ({"kind": "per_weekday", "table": []}, "d.table", "une règle par jour"),
        ({"kind": "per_weekday", "table": {"9": {"kind": "never"}}}, "d.table.9", "de 1 (lundi)"),
        ({"kind": "per_weekday", "table": {"1": {"kind": "x"}}}, "d.table.1.kind", "est inconnu"),
        ({"kind": "per_weekday", "table": {"1": {"kind": "never"}, "lundi": {"kind": "never"}}}, "d.table", "deux"),
        ({"kind": "periods", "periods": {}}, "d.periods", "une liste de périodes"),
        ({"kind": "periods", "periods": [3]}, "d.periods[0]", "attend une période"),
        ({"kind": "periods", "periods": [{"label": "Été"}]}, "d.periods[0].first", "manque"),
        ({"kind": "periods", "periods": [{**PERIOD, "label": 3}]}, "d.periods[0].label", "un texte"),
        ({"kind": "periods", "periods": [{**PERIOD, "close": 1}]}, "d.periods[0].close", "clé inconnue"),
        ({"kind": "periods", "periods": [PERIOD, PERIOD]}, "d.periods", "se recouvrent"),
        ({"kind": "periods", "periods": [PERIOD], "otherwise": 3}, "d.otherwise", "attend une règle"),
        ({"kind": "most_restrictive", "rules": {}}, "d.rules", "une liste de règles"),
        (
            {"kind": "most_restrictive", "rules": [{"kind": "always"}, {"kind": "fixed", "day": "hier"}]},
            "d.rules[1].day",
            "« hier »",
        ),
        (nested(6), ".".join(["d", *["table.1"] * 6]), "imbriquées"),
    ],
)
def test_names_the_mistake_and_its_place(data: Any, path: str, words: str) -> None:
    with pytest.raises(InvalidDeadline) as refused:
        deadline_from_data(data, "d")
    assert refused.value.path == path
    assert words in refused.value.reason.replace("\u00a0", " ")
    assert str(refused.value) == f"{path}\u00a0: {refused.value.reason}"


def test_a_mistake_without_path_stands_alone() -> None:
    with pytest.raises(InvalidDeadline) as refused:
        deadline_from_data(3)
    assert str(refused.value) == "attend une règle avec sa clé «\u00a0kind\u00a0», et non «\u00a03\u00a0»."


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(InvalidDeadline) as refused:
        deadline_from_data({"kind": "x" * 500})
    assert len(refused.value.reason) < 250


def test_five_levels_of_rules_are_enough_for_anyone() -> None:
    assert deadline_from_data(nested(5)).to_data() == nested(5)
