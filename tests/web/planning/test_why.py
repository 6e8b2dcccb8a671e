"""« Pourquoi non ? »: the rule, the instant, the text, the ways out."""

from datetime import date

import pytest

from portal.domain.activities.models import Unit
from portal.domain.families.models import Child
from tests.web.planning.scene import code


@pytest.fixture
def address(scene):
    hugo, canteen = Child.objects.get(first_name="Hugo"), Unit.objects.get(code="repas")
    return lambda day: f"/famille/planning/pourquoi/{code(hugo, canteen, day)}/"


@pytest.mark.exigence("P14", "P20", "P22")
def test_a_late_day_says_rule_instant_article_and_ways_out(reader, address):
    page = reader.get(address(date(2026, 9, 11)))
    assert page.text("h1") == "Ce jour ne se modifie plus en ligne"
    facts = page.text(".facts")
    assert "Les jours se changent jusqu’au jeudi 23 h 59 de la semaine précédente." in facts
    assert "fermé depuis le jeudi 3 septembre 2026 à 23 h 59" in facts
    assert "règlement intérieur, article 5" in facts
    assert "réservé 4,30 €" in facts
    assert page.texts(".tasks a") == [
        "Appeler le service Enfance : 01 99 00 12 34",
        "Envoyer un mail à l’adresse du service",
    ]
    assert page.all(".tasks a")[0]["href"] == "tel:+33199001234"


def test_a_day_that_may_change_says_until_when(reader, address):
    page = reader.get(address(date(2026, 9, 18)))
    assert page.text("h1") == "Ce jour se modifie encore en ligne"
    assert "ouvert jusqu’au jeudi 10 septembre 2026 à 23 h 59, demain" in page.text(".facts").replace(" ,", ",")
    (timer,) = page.all(".facts time")
    assert (timer["role"], timer["data-deadline"]) == ("timer", "2026-09-10T23:59:00+02:00")


@pytest.mark.exigence("C3")
def test_two_rules_are_counted_apart(reader, address):
    canteen = Unit.objects.get(code="repas")
    canteen.cancellation_deadline = {"kind": "days_before", "days": 1}
    canteen.save()
    facts = reader.get(address(date(2026, 9, 18))).text(".facts").replace(" ,", ",")
    assert "À réserver Demain, jeudi 10 septembre à 23 h 59" in facts.replace("demain", "Demain")
    assert "À annuler dans 8 jours, jeudi 17 septembre à 23 h 59" in facts


def test_every_way_out_leads_somewhere(reader, address):
    for link in reader.get(address(date(2026, 9, 11))).all("main a[href^='/']"):
        assert reader.client.get(str(link["href"])).status_code == 200


@pytest.mark.parametrize(
    "garbled", ["x", "1.2.3", "1.2.0001-01-01", "1.2.9999-12-31", "1.2.2026-02-30", "0.0.2026-09-11"]
)
def test_a_garbled_cell_is_not_found(reader, garbled):
    reader.get(f"/famille/planning/pourquoi/{garbled}/", status=404)
