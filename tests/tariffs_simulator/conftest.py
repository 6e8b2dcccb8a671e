"""The small profile with a simulator: a canteen by quotient, a leisure centre in the holidays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.domain.activities.models import Unit
from tests.communes.small import ProfileFolder, loaded

#: Tuesday 8 September 2026, at nine.
NOW = datetime(2026, 9, 8, 7, tzinfo=UTC)

SIMULATOR = """
[simulator]
lead = "Une estimation au centime près."

[[activity_types]]
code = "loisirs"
name = "Loisirs"

[[tariffs]]
code = "loisirs"
name = "Journée de loisirs"

[[tariffs.versions]]
valid_from = 2015-09-01
unit_price = 10.40

[[activities]]
code = "loisirs"
name = "Accueil de loisirs {annee}"
short_name = "Loisirs"
service = "enfance"
structure = "restaurant-scolaire"
type = "loisirs"
starts_on = "08-01"
ends_on = "07-31"
service_days = "holidays"

[[activities.units]]
code = "journee"
name = "Journée"
weekdays = ["lundi", "mardi", "mercredi", "jeudi", "vendredi"]
tariff = "loisirs"
"""

#: Half-open brackets, a column for those from elsewhere, ten per cent less from the second child on.
GRID = {
    "parts": [
        {
            "method": {
                "kind": "brackets",
                "columns": [
                    {"label": "habitants", "when": {"residences": ["town"]}},
                    {"label": "extérieurs"},
                ],
                "rows": [
                    {"low": "0", "high": "600", "prices": ["2.10", "4.00"]},
                    {"low": "600", "high": "1000", "prices": ["3.60", "5.50"]},
                    {"low": "1000", "prices": ["5.40", "8.00"]},
                ],
            }
        }
    ],
    "changes": [
        {"label": "2e enfant", "kind": "percent", "number": "-10", "when": {"ranks": {"low": 2}}},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    return ProfileFolder(tmp_path / "essai").add(SIMULATOR)


@pytest.fixture
def town(db: None, folder: ProfileFolder) -> Iterator[ProfileFolder]:
    """The town, loaded; the meal is priced by brackets."""
    with loaded(folder, at=NOW):
        version = Unit.objects.get(**MEAL).tariff_link.tariff.versions.get()
        version.unit_price, version.grid = None, GRID
        version.deliberation, version.deliberation_url = "délibération du 18 juin 2026", "https://essai.example/d.pdf"
        version.full_clean()
        version.save()
        yield folder


MEAL = {"code": "repas", "activity__starts_on__year": 2026}
DAY = {"code": "journee", "activity__starts_on__year": 2026}


@pytest.fixture
def meal(town: ProfileFolder) -> Unit:
    return Unit.objects.select_related("activity").get(**MEAL)


@pytest.fixture
def leisure(town: ProfileFolder) -> Unit:
    return Unit.objects.select_related("activity").get(**DAY)
