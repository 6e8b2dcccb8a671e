"""What a profile says of units that go together, exclude or need each other."""

from pathlib import Path

import pytest

from portal.backoffice.profiles import ProfileRefused, load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit, UnitRelation
from tests.communes.small import ProfileFolder
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household

MORE = """
[[activities.units]]
code = "{code}"
name = "{code}"
weekdays = ["lundi", "mardi", "jeudi", "vendredi"]
tariff = "repas-enfant"
{keys}
"""


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    return ProfileFolder(tmp_path / "essai")


def tied(folder: ProfileFolder, *, meal: str = "", pause: str = "", bus: str = "") -> ProfileFolder:
    """The profile with two more units, and these keys."""
    units = MORE.format(code="pause", keys=pause) + MORE.format(code="bus", keys=bus)
    return folder.change('pools = ["places"]\n', f'pools = ["places"]\n{meal}\n{units}')


@pytest.mark.parametrize(
    ("keys", "path", "reason"),
    [
        ({"meal": 'together = ["pose"]'}, "repas].together", "« pose » n’est pas une unité du profil."),
        ({"meal": 'excludes = ["repas"]'}, "repas].excludes", "une unité n’a pas de lien avec elle-même."),
        (
            {"meal": 'together = ["pause"]', "pause": 'excludes = ["restaurant/repas"]'},
            "pause].excludes",
            "« restaurant/repas » a déjà un autre lien avec cette unité, `together`.",
        ),
        (
            {"meal": 'needs = ["pause"]', "pause": 'needs = ["bus"]', "bus": 'needs = ["repas"]'},
            "repas].needs",
            "ces unités ont besoin l’une de l’autre en rond",
        ),
        (
            {"meal": 'together = ["pause"]', "pause": 'together = ["bus"]', "bus": 'excludes = ["repas"]'},
            "repas].excludes",
            "ces unités se réservent ensemble et s’excluent à la fois",
        ),
    ],
)
def test_relations_that_cannot_be_are_told_where_they_stand(
    folder: ProfileFolder, keys: dict[str, str], path: str, reason: str
) -> None:
    with pytest.raises(ProfileRefused) as refused:
        read_profile(tied(folder, **keys).path)
    (problem,) = refused.value.problems
    assert str(problem).startswith("profile.toml, activities[restaurant].units[")
    assert path in str(problem)
    assert reason in str(problem).replace("\u00a0", " ")


@pytest.mark.django_db
@pytest.mark.exigence("P33")
def test_relations_are_stored_followed_and_refused_by_bookings(folder: ProfileFolder) -> None:
    by = User.objects.system()
    tied(folder, meal='together = ["pause"]', bus='needs = ["repas"]')
    load_profile(profile=read_profile(folder.path), by=by, at=AT)
    kinds = {
        (each.unit.code, each.kind, each.other.code) for each in UnitRelation.objects.select_related("unit", "other")
    }
    assert {kind for _, kind, _ in kinds} == {"solidary", "dependent"}
    assert ("bus", "dependent", "repas") in kinds

    folder.change('together = ["pause"]', 'excludes = ["pause"]')
    load_profile(profile=read_profile(folder.path), by=by, at=AT)
    assert {each.kind for each in UnitRelation.objects.all()} == {"exclusive", "dependent"}

    home = household(Unit.objects.get(code="repas"))
    book(home, [MONDAY])
    folder.change('excludes = ["pause"]', 'together = ["pause"]')
    with pytest.raises(ProfileRefused, match="l’une sans l’autre"):
        load_profile(profile=read_profile(folder.path), by=by, at=AT)
    assert {each.kind for each in UnitRelation.objects.all()} == {"exclusive", "dependent"}
