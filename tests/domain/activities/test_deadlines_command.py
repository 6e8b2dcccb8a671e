"""`portail deadlines`, as an agent types it."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.domain.activities.models import PublicHoliday
from tests.domain.activities.factories import ActivityFactory, UnitFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("deadlines", *arguments, stdout=out)
    return out.getvalue()


def rows(*arguments: str) -> list[dict[str, Any]]:
    return json.loads(run(*arguments, "--json"))  # type: ignore[no-any-return]  # the shape is what we test


@pytest.mark.exigence("P16", "P20")
def test_shows_one_line_for_each_served_day() -> None:
    UnitFactory(activity__code="cantine")
    PublicHoliday.objects.create(day=date(2026, 9, 8), name="Foire")
    lines = run("--activity", "cantine", "--from", "2026-09-07", "--to", "13/09/2026").replace("\u00a0", " ")
    head, _, *days = lines.splitlines()
    assert head.split("  ")[0] == "jour servi"
    assert [line.split("  ")[0] for line in days] == [
        "lundi 7 septembre 2026",
        "jeudi 10 septembre 2026",
        "vendredi 11 septembre 2026",
    ]
    assert days[0].count("jeudi 3 septembre 2026 à 23 h 59") == 2
    assert days[0].endswith("Les jours se changent jusqu’au jeudi 23 h 59 de la semaine précédente.")


def test_gives_the_same_as_json_with_instants_of_paris() -> None:
    UnitFactory(activity__code="cantine")
    (row,) = rows("--activity", "cantine", "--from", "2026-09-07", "--to", "2026-09-07")
    window = {
        "opens": None,
        "last": "2026-09-03T23:59:00+02:00",
        "closes": "2026-09-04T00:00:00+02:00",
        "never": False,
        "note": "",
    }
    assert row == {
        "day": "2026-09-07",
        "unit": "repas",
        "booking": window,
        "cancellation": window,
        "sentence": "Les jours se changent jusqu’au jeudi 23\u00a0h\u00a059 de la semaine précédente.",
    }


def test_names_the_unit_and_both_rules_where_they_differ() -> None:
    activity = ActivityFactory(
        code="centre",
        booking_deadline={"kind": "never"},
        cancellation_deadline={"kind": "always"},
    )
    UnitFactory(activity=activity, code="bus", name="Bus", order=1)
    UnitFactory(activity=activity, code="matin", name="Matin", order=2)
    lines = run("--activity", "centre", "--from", "2026-09-07", "--to", "2026-09-08").splitlines()
    assert ["Bus" in line for line in lines[2:]] == [True, False, True, False]
    assert ["Matin" in line for line in lines[2:]] == [False, True, False, True]
    assert "fermé en ligne" in lines[2]
    assert "sans limite" in lines[2]
    assert lines[2].endswith("Les jours ne se réservent pas en ligne. Les jours s’annulent à tout moment.")


def test_says_when_no_day_is_served() -> None:
    UnitFactory(activity__code="cantine")
    shown = run("--activity", "cantine", "--from", "2026-09-05", "--to", "2026-09-06").replace("\u00a0", " ")
    assert shown.strip() == "Restaurant scolaire 2026/2027 : aucun jour servi du 5 au 6 septembre 2026."
    assert rows("--activity", "cantine", "--from", "2026-09-05", "--to", "2026-09-06") == []


@pytest.mark.parametrize(
    ("activity", "first", "last", "message"),
    [
        (
            "judo",
            "2026-09-07",
            "2026-09-08",
            "--activity : « judo » est inconnu. Activités connues : cantine, centre.",
        ),
        ("cantine", "2026-13-01", "2026-09-08", "--from : « 2026-13-01 » n’est pas une date."),
        ("cantine", "2026-09-07", "demain", "--to : « demain » n’est pas une date."),
        (
            "cantine",
            "2026-09-07",
            "2026-09-01",
            "--to : le 1er septembre 2026 vient avant le 7 septembre 2026 de --from.",
        ),
        ("cantine", "2026-09-07", "2036-09-07", "--to : 3654 jours demandés, 800 au plus."),
    ],
)
def test_names_the_option_that_is_wrong(activity: str, first: str, last: str, message: str) -> None:
    ActivityFactory(code="cantine")
    ActivityFactory(code="centre")
    with pytest.raises(CommandError) as refused:
        run("--activity", activity, "--from", first, "--to", last)
    assert message in str(refused.value).replace("\u00a0", " ")


def test_says_when_the_town_has_no_activity_yet() -> None:
    with pytest.raises(CommandError, match="Aucune activité n’est encore enregistrée"):
        run("--activity", "cantine", "--from", "2026-09-07", "--to", "2026-09-08")
