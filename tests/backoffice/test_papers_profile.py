"""What the five towns ask, as their profiles say it, and the papers of the sample town."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from config.places import COMMUNES_DIR
from portal.backoffice.parts.papers import PapersTable, TypeTable, _check, day_of_year
from portal.backoffice.profiles import load_profile, read_profile
from portal.backoffice.profiles.schema import Place
from portal.backoffice.roles import Role, granted
from portal.backoffice.sample.town import build_town
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.files.models import StoredFile
from portal.domain.papers.enums import PaperForm, PaperState, Validity
from portal.domain.papers.models import Paper, PaperType
from portal.domain.procedures.models import Procedure
from tests.harness.towns import load_town

AT = datetime(2026, 9, 9, 8, tzinfo=UTC)
ASKED = {
    "les-rousses": ["imposition", "domicile", "assurance"],
    "colomars": ["domicile", "assurance", "autre"],
    "alae": ["domicile", "reglement", "jugement", "hebergement"],
    # Its one paper is a vaccination certificate: it belongs to health, where few people read it.
    "roussillon-conflent": [],
    "roussillon-conflent-2019": ["dossier"],
}


@pytest.mark.django_db
@pytest.mark.exigence("D6", "D34", "I32")
@pytest.mark.parametrize("town", sorted(ASKED))
def test_each_town_asks_its_own_papers(town: str) -> None:
    for _twice in range(2):
        load_town(town, at=AT)
    types = PaperType.objects.filter(is_offered=True).order_by("order")
    assert [kind.code for kind in types] == ASKED[town]
    for kind in types:
        kind.full_clean()


@pytest.mark.django_db
def test_the_rules_of_alae_are_accepted_on_line_and_its_papers_follow_the_branch() -> None:
    load_town("alae", at=AT)
    rules = PaperType.objects.get(code="reglement")
    assert (rules.form, rules.text_version, rules.validity) == (PaperForm.AGREEMENT, "2026-2027", Validity.FOREVER)
    assert rules.branches == ["school_entry", "renewal", "leisure_only"]
    assert PaperType.objects.get(code="jugement").is_required is False


@pytest.mark.django_db
def test_a_type_that_left_the_profile_is_no_longer_asked() -> None:
    PaperType.objects.create(code="ancien", name="Ancien", scope="family", validity=Validity.FOREVER)
    load_profile(profile=read_profile(COMMUNES_DIR / "colomars"), by=User.objects.system(), at=AT)
    assert PaperType.objects.get(code="ancien").is_offered is False
    assert PaperType.objects.get(code="assurance").is_offered is True


def test_management_decides_animation_and_accounting_do_not() -> None:
    assert "papers.decide_paper" in granted(Role.MANAGEMENT)
    for role in (Role.ACTIVITIES, Role.ACCOUNTING, Role.COMMUNICATION):
        assert not any(permission.startswith("papers.") for permission in granted(role))


def test_a_day_of_the_year_comes_every_year() -> None:
    assert day_of_year("08-31") == (8, 31)
    assert [day_of_year(text) for text in ("02-29", "13-01", "08/31", "", "04-31")] == [None] * 5


def refusals(**options: Any) -> list[str]:
    """What the check says of one type in the profile of Les Rousses."""
    profile = read_profile(COMMUNES_DIR / "les-rousses")
    given: dict[str, Any] = {"code": "a", "name": "A", "scope": "family", "path": "papers.types[n°1]"}
    place = Place(profile.folder, [], "profile.toml", "papers")
    table = TypeTable(**(given | options))
    _check(profile, PapersTable(types=(table,), path="papers"), place)
    return [str(problem) for problem in place.problems]


def test_what_a_profile_may_not_say() -> None:
    assert refusals(valid_until="08-31") == []
    for wrong in (
        {"valid_until": "02-30"},
        {"valid_until": "08-31", "valid_months": 3},
        {"activities": ("inconnue",)},
        {"form": "agreement"},
        {"version": "2026"},
        {"min_age": 9, "max_age": 3},
        {"reasons": ("x" * 121,)},
    ):
        assert len(refusals(**wrong)) == 1, wrong
    assert refusals(activities=("restaurant",)) == []


@pytest.mark.django_db
def test_the_sample_town_shows_every_state(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path
    load_town("les-rousses", at=AT)
    build_town(families=60, seed=7, by=User.objects.system(), at=AT)
    family = Family.objects.get(number="4127")

    def first(code: str, name: str = "") -> Paper:
        rows = Paper.objects.filter(family=family, type__code=code)
        return rows.get(child__first_name=name) if name else rows.get(child=None)

    assert (first("assurance", "Hugo").state, first("domicile").state) == (PaperState.REFUSED, PaperState.SENT)
    assert first("assurance", "Hugo").reason == "La date de fin n’est pas lisible."
    assert first("imposition").valid_until == date(2027, 8, 31)
    waiting = Paper.objects.waiting()
    assert 3 <= waiting.count() <= 15
    assert Procedure.objects.filter(subject="papers.paper").count() == waiting.count()
    assert not waiting.filter(files=None).exists()
    assert StoredFile.objects.count() < 80
    for paper in Paper.objects.select_related("type", "family", "child"):
        paper.full_clean()
