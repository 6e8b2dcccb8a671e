"""The recap of the draft."""

import pytest
from django.urls import reverse

from portal.domain.bookings.models import BasketLine, Booking, Receipt
from portal.domain.bookings.services import change_draft
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.reading import BASKET, Reader, plain
from tests.web.planning.scene import NOW, Scene

pytestmark = pytest.mark.usefixtures("draft")


@pytest.mark.exigence("C1", "P44", "P48", "P49", "P56", "P58")
def test_each_line_says_date_child_activity_change_tariff_and_cost(reader):
    page = reader.get(BASKET)
    assert page.text("h1") == "Vérifiez, puis validez"
    assert page.texts("table thead th") == ["Date", "Enfant", "Activité", "Changement", "Tarif", "Coût", "Action"]
    (why,) = page.all("table tbody a")  # a day given back has nothing to explain
    assert "/famille/planning/pourquoi/" in why.extract()["href"]
    rows = [[plain(cell.get_text(" ")) for cell in row.select("th, td")][:6] for row in page.all("table tbody tr")]
    assert rows == [
        ["mardi 15 septembre 2026", "Hugo", "Accueil du soir", "réservation", "à l’unité", "2,10 €"],
        ["vendredi 18 septembre 2026", "Hugo", "Cantine", "annulation", "à l’unité", "−4,30 €"],
    ]
    assert page.text("table tfoot") == "2 changements, en tout −2,20 €"
    assert "pas encore enregistrés" in page.text(".lead")
    assert "jusqu’à 23 h" in page.text(".lead")


@pytest.mark.exigence("P69")
def test_each_cell_names_its_column_for_the_phone(reader):
    labels = {cell["data-label"] for cell in reader.get(BASKET).all("tbody td[data-label]")}
    assert labels == {"Enfant", "Activité", "Changement", "Tarif", "Coût"}


@pytest.mark.exigence("P71")
def test_the_effect_on_the_month_is_computed_before_and_after(reader):
    effect = reader.get(BASKET).text("section[aria-labelledby=effet-1]")
    assert "Effet sur septembre 2026" in effect
    assert "Hugo, cantine 16 × 4,30 € = 68,80 € → devient 15 × 4,30 € = 64,50 €" in effect
    assert "Toute la famille 231,40 € → devient 229,20 €" in effect


@pytest.mark.exigence("P52", "P51")
def test_the_words_of_the_guides_are_there(reader):
    page = reader.get(BASKET)
    assert page.text("#terminer") == "Terminer"
    assert page.texts("main .actions button") == [
        "Valider mes 2 changements",
        "Garder 20 minutes de plus",
        "Tout supprimer",
    ]
    assert page.all(".actions a")[0].get_text(strip=True) == "Revenir au planning"


def test_one_line_can_be_taken_out(reader, codes):
    page = reader.press(reader.get(BASKET), ("retirer", codes[0]))
    assert page.url == BASKET
    assert [str(line.unit.code) for line in BasketLine.objects.all()] == ["repas"]
    assert "Valider mon changement" in page.text(".actions")
    assert "Ce changement n’est pas encore enregistré" in page.text(".lead")


def test_taking_out_a_line_twice_is_nothing(reader, codes):
    page = reader.get(BASKET)
    reader.press(page, ("retirer", codes[0]))
    assert reader.press(page, ("retirer", codes[0])).status == 200
    assert BasketLine.objects.count() == 1


@pytest.mark.parametrize("garbled", ["x", "1.2.3", "1.2.2026-02-30"])
def test_a_garbled_line_is_not_found(reader, garbled):
    assert reader.client.post(BASKET, {"retirer": garbled}).status_code == 404
    assert BasketLine.objects.count() == 2


@pytest.mark.exigence("P51")
def test_clearing_asks_then_forgets_the_draft_only(reader):
    booked = Booking.objects.count()
    page = reader.press(reader.get(BASKET), ("suite", "effacer"))
    assert page.text("h1") == "Tout supprimer du brouillon ?"
    assert "1 ajout, 1 annulation, −2,20 €" in page.text(".lead")
    assert BasketLine.objects.count() == 2
    page = reader.press(page, ("", ""))
    assert page.url.startswith("/famille/planning/")
    assert "Votre brouillon est supprimé" in page.text("#avis")
    assert not BasketLine.objects.exists()
    assert Booking.objects.count() == booked


def test_keeping_the_draft_leads_back(reader):
    page = reader.get(f"{BASKET}effacer/")
    assert page.all("a.button")[0]["href"] == BASKET


@pytest.mark.exigence("P57")
def test_the_time_can_be_extended_here(reader, frozen):
    frozen.shift(15 * 60)
    page = reader.press(reader.get(BASKET), ("suite", "garder"))
    assert "jusqu’à 23 h 15" in page.text(".lead")
    response = reader.client.post(f"{reverse('planning:keep')}?retour=panier")
    assert response.headers["Location"] == BASKET


@pytest.mark.exigence("P57")
def test_a_lapsed_draft_says_what_is_kept_and_can_be_resumed(reader, frozen):
    frozen.shift(21 * 60)
    page = reader.get(BASKET)
    assert page.text(".lead").startswith("Les places ne sont plus retenues depuis 23 h ; vos choix sont gardés.")
    page = reader.press(page, ("suite", "reprendre"))
    assert "jusqu’à 23 h 21" in page.text(".lead")


@pytest.mark.exigence("P16", "P20")
def test_a_line_that_became_late_says_why_and_is_not_counted(reader, frozen):
    frozen.move_to("2026-09-11 00:05 +0200")
    page = reader.get(BASKET)
    assert "2 jours seront laissés de côté" in page.text(".notice.wait")
    assert "jeudi 10 septembre 2026 à 23 h 59" in page.text(".notice.wait")
    assert page.all(".notice.wait a")[0]["href"].startswith("/famille/planning/pourquoi/")
    assert "Les places ne sont plus retenues" in page.text(".lead")
    assert not page.all("button[value=valider]")


def test_validating_when_nothing_is_possible_keeps_the_draft_and_says_so(reader, frozen):
    page = reader.get(BASKET)
    frozen.move_to("2026-09-11 00:05 +0200")
    page = reader.press(page, ("suite", "valider"))
    assert page.url == BASKET
    assert "Rien n’a été validé" in page.text("#avis")
    assert BasketLine.objects.count() == 2
    assert not Receipt.objects.exists()


def test_an_empty_basket_is_good_news(reader, scene, codes):
    change_draft(family=scene.family, add=[codes[1]], remove=[codes[0]], by=scene.user, at=NOW)
    page = reader.get(BASKET)
    assert page.text("h1") == "Rien à valider"
    assert reader.get(f"{BASKET}effacer/", status=302).response.headers["Location"] == BASKET


def test_the_basket_of_another_family_is_empty(client, db, frozen):
    other = Scene(user=UserFactory(username="autre"))
    client.force_login(other.user)
    assert Reader(client).get(BASKET).text("h1") == "Rien à valider"


def test_a_stranger_signs_in_first(client):
    for url in (BASKET, f"{BASKET}effacer/", f"{BASKET}recu/2026-09-00001/", f"{BASKET}recu/2026-09-00001/pdf/"):
        assert client.get(url).headers["Location"].startswith(reverse("account_login"))


def test_few_queries(reader, django_assert_max_num_queries):
    reader.get(BASKET)
    # The last one asks for the regular weeks that the draft changes.
    with django_assert_max_num_queries(31):
        reader.get(BASKET)


@pytest.mark.exigence("P54")
def test_each_child_has_its_cost_and_its_number_of_changes(reader):
    costs = reader.get(BASKET).text("section[aria-labelledby=cout-1]")
    assert "Hugo" in costs
    assert "Accueil du soir (+1) 1 × 2,10 € = 2,10 €" in costs
    assert "Cantine (−1) −4,30 €" in costs
    assert "En tout pour Hugo −2,20 € (2 changements)" in costs


@pytest.mark.exigence("P54")
def test_a_year_is_said_child_by_child_before_its_lines(reader, monkeypatch):
    monkeypatch.setattr("portal.web.basket.views.UNFOLDED", 1)
    page = reader.get(BASKET)
    assert page.text("details.details summary") == "Voir les 2 lignes, jour par jour"
    assert len(page.all("details.details tbody tr")) == 2
    assert str(page.soup).index("par-enfant") < str(page.soup).index("Voir les 2")
