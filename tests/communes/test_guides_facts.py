"""What the guides of the five towns say of dates and prices, answered by their profiles."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines.data import deadline_from_data
from portal.domain.activities.models import Activity, Unit
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.money import line_amount
from portal.domain.tariffs.queries import load_price_book
from tests.communes.towns import TOWNS

pytestmark = pytest.mark.django_db

#: In the school year of each guide.
GUIDE_000 = GUIDE_002 = datetime(2025, 11, 15, 9, tzinfo=UTC)
GUIDE_001 = datetime(2019, 11, 15, 9, tzinfo=UTC)
GUIDE_003 = datetime(2019, 8, 27, 8, tzinfo=UTC)
GUIDE_004 = datetime(2023, 5, 31, 8, tzinfo=UTC)


def load(town: str, at: datetime) -> None:
    """What the town offers, without its pages."""
    profile = replace(read_profile(COMMUNES_DIR / town), sections={})
    load_profile(profile=profile, by=User.objects.system(), at=at)


def answers(activity: str, day: str, unit: str = "") -> dict[str, Any]:
    """What `portail deadlines` answers for one day."""
    out = StringIO()
    call_command("deadlines", "--activity", activity, "--from", day, "--to", day, "--json", stdout=out)
    rows = [row for row in json.loads(out.getvalue()) if unit in ("", row["unit"])]
    assert rows, f"{activity} is not served on {day}"
    return dict(rows[0])


def until(activity: str, day: str, *, action: str = "booking", unit: str = "") -> str:
    """The last minute to book (or cancel) a day, on the clocks of Paris: “2025-11-20 23:59”."""
    window = answers(activity, day, unit)[action]
    return "jamais" if window["never"] else (window["last"] or "sans limite")[:16].replace("T", " ")


def price(activity: str, unit: str, day: date) -> Decimal:
    found = Unit.objects.get(activity__code=activity, code=unit)
    return load_price_book([found]).price(found.pk, day).amount


def test_les_rousses_changes_until_the_thursday_before() -> None:
    load("les-rousses", GUIDE_003)

    for day in ("2019-09-16", "2019-09-17", "2019-09-18", "2019-09-19", "2019-09-20"):
        for action in ("booking", "cancellation"):
            assert until("restaurant-2019", day, action=action) == "2019-09-12 23:59"
    assert until("periscolaire-2019", "2019-09-20", unit="soir") == "2019-09-12 23:59"
    assert until("accueil-loisirs-2019", "2019-10-21") == "2019-10-17 23:59"


def test_alae_books_until_the_20th_of_the_month_before() -> None:
    load("alae", GUIDE_002)

    for code in ("restauration-2025", "garderie-mercredi-2025", "cl-maternel-mercredis-2025", "bus-mercredis-2025"):
        day = "2026-01-14" if "restauration" not in code else "2026-01-15"
        for action in ("booking", "cancellation"):
            assert until(code, day, action=action) == "2025-12-20 23:59"
    assert until("restauration-2025", "2026-03-10") == "2026-02-20 23:59"


@pytest.mark.parametrize(
    ("season", "day", "opens", "last"),
    [
        ("automne", "2025-10-20", None, "2025-10-01 23:59"),
        ("noel", "2025-12-22", "2025-11-03 00:00", "2025-12-03 23:59"),
        ("hiver", "2026-02-23", "2026-01-05 00:00", "2026-02-04 23:59"),
        ("printemps", "2026-04-20", "2026-03-09 00:00", "2026-04-01 23:59"),
        ("ete", "2026-07-06", "2026-05-04 00:00", "2026-06-17 23:59"),
    ],
)
def test_alae_opens_each_holiday_in_its_window(season: str, day: str, opens: str | None, last: str) -> None:
    load("alae", GUIDE_002)

    for code in (f"clv-maternel-{season}-2025", f"clv-elementaire-{season}-2025", "bus-vacances-2025"):
        window = answers(code, day)["booking"]
        assert (window["opens"] and window["opens"][:16].replace("T", " ")) == opens
        assert window["last"][:16].replace("T", " ") == last
        assert until(code, day, action="cancellation") == last


def test_alae_books_the_morning_and_the_evening_for_the_year() -> None:
    load("alae", GUIDE_002)

    for code in ("alae-matin-2025", "alae-soir-1-2025", "alae-soir-2-2025"):
        activity = Activity.objects.get(code=code)
        assert activity.enrolment_mode == "whole_year"
        assert activity.enrolment_opens_at is not None
        assert activity.enrolment_closes_at is not None
        assert activity.enrolment_opens_at.astimezone(PARIS).date() == date(2025, 3, 10)
        assert activity.enrolment_closes_at.astimezone(PARIS).date() in (date(2025, 8, 20), date(2025, 8, 21))
        assert until(code, "2025-12-02") == "jamais"


def test_alae_counts_an_afternoon_as_its_guide() -> None:
    load("alae", GUIDE_002)

    code = "cl-maternel-mercredis-2025"
    assert line_amount(price(code, "sans-repas", date(2026, 1, 7)), 4) == Decimal("20.80")
    assert price(code, "avec-repas", date(2026, 1, 7)) == Decimal("10.40")


def test_colomars_runs_from_the_first_to_the_last_day_of_class_and_opens_summer_on_10_july() -> None:
    load("colomars", GUIDE_004)

    morning = Activity.objects.get(code="accueil-matin-2022")
    assert (morning.starts_on, morning.ends_on) == (date(2022, 9, 1), date(2023, 7, 7))
    assert Activity.objects.get(code="ete-2022").starts_on == date(2023, 7, 10)
    assert price("accueil-matin-2022", "matin", date(2023, 5, 30)) == Decimal("8.00")


def test_colomars_has_a_delay_to_book_and_another_to_cancel() -> None:
    load("colomars", GUIDE_004)

    # Monday 5 June 2023: the week-end is not counted; nor is Monday 29 May, a public holiday.
    assert until("accueil-matin-2022", "2023-06-05") == "2023-06-02 16:00"
    assert until("accueil-matin-2022", "2023-06-05", action="cancellation") == "2023-06-01 16:00"
    assert until("accueil-matin-2022", "2023-05-30") == "2023-05-26 16:00"
    assert until("restauration-2022", "2023-06-05") == "2023-06-02 10:00"
    assert until("restauration-2022", "2023-06-08") == "2023-06-06 10:00"
    assert until("mercredis-2022", "2023-06-14") == "2023-06-09 12:00"
    assert until("mercredis-2022", "2023-06-14", action="cancellation") == "2023-06-07 23:59"
    assert answers("petites-vacances-2022", "2023-04-17")["booking"]["opens"][:10] == "2023-02-01"


def test_roussillon_conflent_prices_a_midday_as_its_guide() -> None:
    load("roussillon-conflent", GUIDE_000)

    day = date(2025, 12, 1)
    for code, days, meals, times in (
        ("meridien-torcatis-2025", 138, "710.70", "41.40"),
        ("meridien-pasteur-2025", 28, "144.20", "8.40"),
    ):
        assert line_amount(price(code, "repas", day), days) == Decimal(meals)
        assert line_amount(price(code, "temps-meridien", day), days) == Decimal(times)


def test_roussillon_conflent_offers_what_its_guide_lists() -> None:
    load("roussillon-conflent", GUIDE_000)

    evening = Activity.objects.get(code="ados-soir-ille-2025")
    assert (evening.starts_on, evening.ends_on) == (date(2025, 9, 1), date(2026, 7, 5))
    assert "non adhérent" in evening.name
    assert until("ados-soir-ille-2025", "2025-12-01") == "sans limite"
    # One school, one place: the school of the child decides for the midday, the family for the holidays.
    assert Activity.objects.get(code="meridien-wallon-2025").school_codes == ["wallon"]
    assert Activity.objects.get(code="vacances-millas-2025").school_codes == []
    # Monday 1 December: two days of class before, Wednesdays and week-ends left out.
    assert until("meridien-pasteur-2025", "2025-12-01") == "2025-11-27 10:00"
    assert until("meridien-pasteur-2025", "2025-12-01", action="cancellation") == "2025-11-28 10:00"


def test_the_older_roussillon_conflent_prices_an_invoice_as_its_guide() -> None:
    load("roussillon-conflent-2019", GUIDE_001)

    day = date(2019, 12, 3)
    assert line_amount(price("restauration-2019", "repas", day), 10) == Decimal("44.00")
    assert line_amount(price("atelier-3d-2019", "atelier", day), 10) == Decimal("7.50")
    assert until("restauration-2019", "2019-12-02") == "2019-11-29 10:00"
    assert until("mercredis-2019", "2019-12-04") == "2019-12-02 12:00"


def kinds(rule: Any) -> Iterator[str]:
    if isinstance(rule, dict):
        if "kind" in rule:
            yield rule["kind"]
        for value in rule.values():
            yield from kinds(value)
    elif isinstance(rule, list):
        for value in rule:
            yield from kinds(value)


def test_together_the_towns_use_every_kind_of_rule() -> None:
    used: set[str] = set()
    for town in TOWNS:
        for activity in read_profile(COMMUNES_DIR / town).town.activities:
            for table in (activity, *activity.units):
                for rule in (table.booking_deadline, table.cancellation_deadline):
                    if rule is not None:
                        used |= set(kinds(rule.to_data()))
                        assert deadline_from_data(rule.to_data()) == rule

    assert used == {
        "always",
        "never",
        "weekday_before",
        "days_before",
        "day_of_month",
        "fixed",
        "rolling_opening",
        "per_weekday",
        "periods",
        "most_restrictive",
    }
