"""Validating the draft, and the receipt that proves it."""

from datetime import date, datetime
from io import BytesIO

import pytest
import time_machine
from pypdf import PdfReader

from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import BasketLine, Booking, Receipt
from portal.domain.bookings.services import change_draft
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.french import long_date
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.reading import BASKET, PLANNING, Reader
from tests.web.planning.scene import NOW, Scene, code, days_of, make_unit

VALIDATE = ("suite", "valider")


@pytest.mark.exigence("P48", "P52", "P53", "P59", "P60", "P63")
@pytest.mark.usefixtures("draft")
def test_validating_saves_and_proves(reader, scene):
    page = reader.press(reader.get(BASKET), VALIDATE)
    receipt = Receipt.objects.get()
    assert page.url == f"{BASKET}recu/{receipt.number}/"
    assert page.text("h1") == "C’est enregistré"
    assert page.text(".lead") == "mercredi 9 septembre 2026 à 22 h 40"
    facts = page.text(".facts")
    assert receipt.number == "2026-09-00001"
    assert f"n° {receipt.number}" in facts
    assert receipt.code in facts
    assert scene.user.email in facts
    assert "Accueil du soir" in page.text("tbody")
    assert page.text("tfoot").endswith("−2,20 €")
    assert "jusqu’au jeudi 10 sept., 23 h 59" in page.text("main")
    assert not BasketLine.objects.exists()
    assert Booking.objects.filter(state=BookingState.CANCELLED).count() == 1
    assert OutgoingMail.objects.get().reference == receipt.number
    planning = reader.get(PLANNING)
    assert planning.text("#cout") == "Coût du mois : 229,20 €"
    assert "annulé" in planning.texts("#s38 td")


@pytest.mark.usefixtures("draft")
def test_sent_twice_gives_the_same_receipt(reader):
    page = reader.get(BASKET)
    first = reader.press(page, VALIDATE)
    second = reader.press(page, VALIDATE)
    assert first.url == second.url
    assert Receipt.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.usefixtures("draft")
def test_the_same_basket_in_two_windows_is_never_validated_blindly(reader, scene, codes):
    """The recap shown in one window is not what the other parent made of the draft since."""
    page = reader.get(BASKET)
    marc = scene.other_parent()
    change_draft(family=scene.family, add=[codes[0].replace("2026-09-15", "2026-09-22")], remove=[], by=marc, at=NOW)
    page = reader.press(page, VALIDATE)
    assert page.url == BASKET
    assert page.text("#avis strong") == "Marc a changé ce brouillon à 22 h 40"
    assert not Receipt.objects.exists()
    assert BasketLine.objects.count() == 3
    assert reader.press(page, VALIDATE).text("h1") == "C’est enregistré"


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize("token", ["", "x", "x:1", "00000000-0000-4000-8000-000000000000:1", ":9", "1:2:3"])
def test_a_garbled_token_validates_nothing(reader, token):
    page = reader.press(reader.get(BASKET), VALIDATE, brouillon=token)
    assert page.url == BASKET
    assert not Receipt.objects.exists()
    assert BasketLine.objects.count() == 2


def test_validating_nothing_says_so(reader):
    page = reader.client.post(BASKET, {"suite": "valider", "brouillon": ""}, follow=True)
    assert "Rien n’a été validé" in page.content.decode()


@pytest.mark.exigence("P57")
@pytest.mark.usefixtures("draft")
def test_a_lapsed_draft_can_still_be_validated(reader, frozen):
    page = reader.get(BASKET)
    frozen.shift(60 * 60)
    page = reader.press(page, VALIDATE)
    assert page.text("h1") == "C’est enregistré"


@pytest.mark.usefixtures("draft")
def test_days_left_out_are_on_the_receipt(reader, scene, codes, frozen):
    october = codes[0].replace("2026-09-15", "2026-10-06")
    change_draft(family=scene.family, add=[october], remove=[], by=scene.user, at=NOW)
    page = reader.get(BASKET)
    frozen.move_to("2026-09-11 00:05 +0200")
    page = reader.press(page, VALIDATE)
    assert page.text("h1") == "C’est enregistré"
    notice = page.text(".notice.wait")
    assert notice.startswith("2 jours n’ont pas pu être enregistrés")
    assert "vendredi 18 septembre 2026" in notice
    assert "mardi 6 octobre 2026" in page.text("tbody")


@pytest.mark.usefixtures("draft")
def test_a_receipt_is_for_its_family_only(reader, client, frozen):
    url = reader.press(reader.get(BASKET), VALIDATE).url
    other = Scene(user=UserFactory(username="autre"))
    client.force_login(other.user)
    assert client.get(url).status_code == 404
    assert client.get(f"{url}pdf/").status_code == 404


def test_an_unknown_receipt_is_not_found(reader):
    for number in ("2026-09-99999", "x", "..%2f"):
        reader.get(f"{BASKET}recu/{number}/", status=404)


@pytest.mark.usefixtures("draft")
def test_the_receipt_stays_reachable_and_unchanged(reader, scene, frozen):
    url = reader.press(reader.get(BASKET), VALIDATE).url
    frozen.move_to("2027-03-01 12:00 +0100")
    reader.client.force_login(scene.user)
    page = reader.get(url)
    assert page.text(".lead") == "mercredi 9 septembre 2026 à 22 h 40"
    assert page.text("tfoot").endswith("−2,20 €")


@pytest.mark.usefixtures("draft")
def test_the_receipt_on_paper(reader):
    url = reader.press(reader.get(BASKET), VALIDATE).url
    response = reader.client.get(f"{url}pdf/")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="recu-2026-09-00001.pdf"'
    assert response.content.startswith(b"%PDF-")


@pytest.mark.usefixtures("draft")
def test_the_receipt_on_paper_is_french_and_whole_whatever_the_language_of_the_screen(reader):
    url = reader.press(reader.get(BASKET), VALIDATE).url
    response = reader.client.get(f"{url}pdf/", headers={"Accept-Language": "en"})
    pages = PdfReader(BytesIO(response.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    receipt = Receipt.objects.get()
    assert f"Reçu n° {receipt.number}" in text
    assert receipt.code in text
    assert receipt.family.number in text
    assert "mercredi 9 septembre 2026 à 22 h 40" in text
    for line in receipt.lines.all():
        assert line.child_name in text
        assert long_date(line.day).replace("\u00a0", " ") in text
    assert "−2,20 €" in text


# The acceptance case


@pytest.mark.exigence("P71", "P35", "P44", "P49", "P53")
def test_twenty_one_meals_are_90_30_and_one_cancelled_86_00(db, client):
    """Guide 003: September 2019, 21 × 4,30 €, the meal of 20 September cancelled."""
    with time_machine.travel(datetime(2019, 9, 11, 10, tzinfo=PARIS), tick=False):
        scene = Scene()
        hugo = scene.child()
        canteen = make_unit(
            "Restaurant scolaire", weekdays=[1, 2, 3, 4, 5], starts_on=date(2019, 9, 2), ends_on=date(2020, 7, 3)
        )
        scene.enrol(hugo, canteen)
        scene.book(hugo, canteen, days_of((2019, 9), [1, 2, 3, 4, 5], 2))
        client.force_login(scene.user)
        reader = Reader(client)

        page = reader.get(PLANNING)
        assert page.text("h1") == "Planning de septembre 2019"
        assert page.text("#cout") == "Coût du mois : 90,30 €"
        assert "Restaurant scolaire 21 × 4,30 € = 90,30 €" in page.text("#totaux")

        page = reader.get(f"{PLANNING}?mois=2019-09&modifier=1")
        page = reader.press(page, ("suite", "verifier"), untick=[code(hugo, canteen, date(2019, 9, 20))])
        assert page.text("tfoot").endswith("−4,30 €")
        assert "21 × 4,30 € = 90,30 € → devient 20 × 4,30 € = 86,00 €" in page.text("[aria-labelledby=effet-1]")

        page = reader.press(page, VALIDATE)
        line = page.text("tbody")
        assert line.startswith("vendredi 20 septembre 2019 Hugo Restaurant scolaire annulation")
        assert line.endswith("−4,30 €")
        page = reader.get(PLANNING)
        assert page.text("#cout") == "Coût du mois : 86,00 €"
        assert "Restaurant scolaire 20 × 4,30 € = 86,00 €" in page.text("#totaux")
