"""`portail price` and `portail import_grid`: prices for those who have no screen."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.domain.audit.models import AuditEntry
from tests.domain.tariffs.factories import TariffVersionFactory
from tests.domain.tariffs.test_published import HALF_HOURS, WAVRIN

pytestmark = pytest.mark.django_db

TABLE = "QF;1er enfant;2e enfant;Extérieurs\n0–599;1,00;0,50;4,00\n600–999;3,05;1,53;4,00\n≥ 1000;3,10;1,55;4,00\n"


@pytest.fixture
def tariff() -> Any:
    return TariffVersionFactory(tariff__code="repas").tariff


def run(name: str, *args: object, **options: Any) -> str:
    out = StringIO()
    call_command(name, *map(str, args), stdout=out, **options)
    return out.getvalue().replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "grille.csv"
    path.write_text(TABLE)
    return path


@pytest.mark.exigence("C16")
def test_a_table_is_tried_then_published(tariff: Any, table: Path) -> None:
    asked = ("import_grid", table, "--tariff", "repas", "--from", "2027-01-04")
    tried = run(*asked, "--dry-run")
    assert "Extérieurs : habite l’intercommunalité ou habite ailleurs" in tried
    assert "de 600 à moins de 1 000 : Extérieurs 4,00 €, 1er enfant 3,05 €, 2e enfant 1,53 €" in tried
    assert "rien n’est enregistré" in tried
    assert tariff.versions.count() == 1
    assert "est publiée" in run(*asked, "--deliberation", "délibération du 12 juin 2026")
    assert tariff.versions.get(valid_from=date(2027, 1, 4)).deliberation == "délibération du 12 juin 2026"
    assert AuditEntry.objects.get(verb="publish_grid").by.username == "systeme"
    with pytest.raises(CommandError, match="déjà une version à partir du lundi"):
        run(*asked)


@pytest.mark.exigence("C16")
def test_what_is_wrong_is_refused_and_what_is_strange_is_to_be_confirmed(tariff: Any, table: Path) -> None:
    asked = ("import_grid", table, "--tariff", "repas", "--from", "2027-01-04")
    table.write_text(TABLE.replace("600–999", "700–999"))
    with pytest.raises(CommandError, match="il y a un trou"):
        run(*asked)
    table.write_text(TABLE.replace("3,10", "2,10"))
    with pytest.raises(CommandError, match="--confirm-falls"):
        run(*asked)
    assert tariff.versions.count() == 1
    run(*asked, "--confirm-falls")
    assert tariff.versions.count() == 2


@pytest.mark.parametrize(
    ("name", "content", "options", "words"),
    [
        ("g.csv", "bonjour", {}, "point-virgule"),
        ("g.csv", None, {}, "ne s’ouvre pas"),
        ("g.pdf", "x;y", {}, "Choisissez un fichier"),
        ("g.json", "{", {}, "n’est pas du JSON"),
        ("g.json", "[]", {}, "une grille est un objet"),
        ("g.json", '{"parts": [{"method": {"kind": "magie"}}]}', {}, "magie"),
        ("g.csv", TABLE, {"--from": "demain"}, "n’est pas une date"),
        ("g.csv", TABLE, {"--tariff": "absent"}, "Codes connus : repas"),
    ],
)
def test_each_mistake_is_said_in_words(
    tariff: Any, tmp_path: Path, name: str, content: str | None, options: dict[str, str], words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    given = {"--tariff": "repas", "--from": "2027-01-04"} | options
    with pytest.raises(CommandError) as refused:
        run("import_grid", path, *[each for pair in given.items() for each in pair])
    assert words in str(refused.value).replace("\u00a0", " ")
    assert tariff.versions.count() == 1


def test_a_grid_in_json_is_published_as_it_is(tariff: Any, tmp_path: Path) -> None:
    path = tmp_path / "grille.json"
    path.write_text(json.dumps(HALF_HOURS))
    run("import_grid", path, "--tariff", "repas", "--from", "2027-01-04")
    assert tariff.versions.get(valid_from=date(2027, 1, 4)).grid["counting"] == {
        "per": "time", "minutes": 30, "step": 30,
    }  # fmt: skip


@pytest.mark.exigence("C1")
def test_a_price_is_asked_with_the_facts_and_answers_its_steps(tariff: Any) -> None:
    tariff.versions.create(valid_from=date(2026, 9, 1), grid=WAVRIN)
    asked = ("price", "--tariff", "repas", "--date", "2026-10-07", "--qf", "642", "--json")
    answer = json.loads(run(*asked, "--rank", "2", "--children", "3"))["units"][0]
    assert (answer["price"], answer["steps"][-1]["column"]) == ("7.10", "2e enfant")
    assert [step["kind"] for step in answer["steps"]] == ["quotient", "bracket"]
    assert answer["steps"][-1]["numbers"] == ["500.01", "800.01", "7.10"]
    outside = json.loads(run(*asked, "--residence", "outside"))["units"][0]
    assert Decimal(outside["price"]) == 14
    assert "7,10 €" in run(*asked[:-1], "--rank", "2")
    helped = json.loads(run(*asked, "--member", "ccas"))["units"][0]
    assert helped["price"] == "2.00"
    assert json.loads(run("price", "--tariff", "repas", "--date", "2010-01-01", "--json"))["units"][0]["price"] is None


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--qf", "beaucoup", "n’est pas un nombre"),
        ("--income", "-3", "un montant est un nombre positif"),
        ("--residence", "mars", "Au choix : town, area, outside"),
        ("--born", "hier", "une date comme"),
        ("--rank", "premier", "un nombre entier"),
        ("--minutes", "-5", "à partir de 0"),
    ],
)
def test_a_fact_that_cannot_be_read_names_its_option(tariff: Any, option: str, value: str, words: str) -> None:
    with pytest.raises(CommandError) as refused:
        run("price", "--tariff", "repas", f"{option}={value}")
    said = str(refused.value).replace("\u00a0", " ")
    assert said.startswith(option)
    assert words in said
