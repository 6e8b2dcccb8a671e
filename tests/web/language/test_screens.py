"""The main screens in both languages: nothing French is left on an English page but what the town wrote, marked so."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.bookings.models import Receipt
from portal.domain.bookings.services import change_draft
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from tests.web.language.reading import left_in_french
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, OPEN_DAY, Town, build

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C18")]

#: Names that the town and families chose: proper names have no language.
NAMES = (
    "Portail famille",
    "de votre commune",
    "Votre commune",
    "Mairie",
    "non conforme",
    "Bérangère",
    "Quatremer",
    "Restaurant scolaire",
    "Restauration",
    "Accueil du soir",
    "Soir",
    "Mercredi",
    "Journée",
    "Repas",
    "Enfance",
    "à l’unité",
    "Français",
)


@pytest.fixture
def town() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield build()


def visitor(language: str = "en") -> Client:
    client = Client()
    client.cookies["langue"] = language
    return client


def parent(town: Town, language: str = "en") -> Client:
    client = visitor(language)
    client.force_login(town.owner)
    return client


PUBLIC = (
    "/compte/connexion/",
    "/compte/inscription/",
    "/compte/lien/",
    "/compte/mot-de-passe/",
    "/page-qui-manque/",
)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_english_throughout(path: str) -> None:
    page = visitor().get(path, follow=True).content.decode()
    assert '<html lang="en">' in page
    assert left_in_french(page, names=NAMES) == []


def family_pages(town: Town) -> dict[str, str]:
    child, activity = town.not_enrolled.pk, town.wednesday.activity.code
    return {
        "home": reverse("home:index"),
        "planning": reverse("planning:index") + "?mois=2026-09",
        "planning week": reverse("planning:index") + "?vue=semaine&jour=2026-09-15",
        "planning day": reverse("planning:index") + "?vue=jour&jour=2026-09-15",
        "planning edit": reverse("planning:index") + "?mois=2026-09&modifier=1",
        "why closed": reverse("planning:why", args=[town.code(CLOSED_DAY)]),
        "why open": reverse("planning:why", args=[town.code(OPEN_DAY)]),
        "basket": reverse("basket:index"),
        "clear": reverse("basket:clear"),
        "receipt": reverse("basket:receipt", args=[town.receipt.number]),
        "requests": reverse("procedures:index"),
        "enrolments": reverse("enrolments:index"),
        "choose": reverse("enrolments:choose", args=[child]),
        "enrol": reverse("enrolments:enrol", args=[child, activity]),
        "enrolment": reverse("enrolments:detail", args=[town.enrolment.pk]),
    }


def test_every_screen_of_a_family_is_english_throughout(town: Town, subtests: pytest.Subtests) -> None:
    for name, path in family_pages(town).items():
        with subtests.test(name):
            response = parent(town).get(path)
            page = response.content.decode()
            assert response.status_code == 200
            assert '<html lang="en">' in page
            assert left_in_french(page, names=(*NAMES, town.canteen.activity.name)) == []


def test_the_same_screens_are_french_for_a_reader_of_french(town: Town, subtests: pytest.Subtests) -> None:
    for name, path in family_pages(town).items():
        with subtests.test(name):
            page = parent(town, "fr").get(path).content.decode()
            assert '<html lang="fr">' in page
            assert left_in_french(page, names=NAMES), "no French word: the reader of this test is blind"
            assert ' lang="fr"' not in page.replace('<html lang="fr">', "")


def test_a_refused_form_says_why_in_english(town: Town) -> None:
    address = reverse("enrolments:enrol", args=[town.not_enrolled.pk, town.wednesday.activity.code])
    page = parent(town).post(address, {"starts_on": "2031-01-01"}).content.decode()
    assert "The start date must be between" in page
    assert left_in_french(page, names=NAMES) == []


def test_what_is_kept_and_sent_is_french_whoever_reads_the_screen(town: Town) -> None:
    """The draft of an English reader: its receipt, its démarche and its mail are those of anybody."""
    response = parent(town).post(reverse("basket:index"), {"suite": "valider", "brouillon": town.token})
    assert response.status_code == 302
    receipt = Receipt.objects.exclude(pk=town.receipt.pk).get()

    assert "réservations" in Procedure.objects.get(reference=receipt.number).title
    mail = OutgoingMail.objects.get(reference=receipt.number)
    assert "€" in mail.text
    assert "September" not in mail.text + mail.html + mail.subject
    assert "septembre" in mail.text
    assert '<html lang="fr">' in mail.html


def test_the_reason_of_a_day_left_out_is_kept_in_french(town: Town) -> None:
    """A day of the draft closes before it is validated: the receipt says why, to the family as to the agents."""
    change_draft(family=town.family, add=[town.code(OPEN_DAY)], remove=[], by=town.owner, at=NOW)
    with time_machine.travel(NOW + timedelta(hours=26), tick=False):
        client = parent(town)
        page = client.get(reverse("basket:index")).content.decode()
        assert "can no longer be changed online" in page
        client.post(reverse("basket:index"), {"suite": "valider", "brouillon": town.token})
        receipt = Receipt.objects.exclude(pk=town.receipt.pk).get()
        (left_out,) = receipt.left_out
        assert "ne se modifie plus en ligne" in left_out["reason"]
        shown = client.get(reverse("basket:receipt", args=[receipt.number])).content.decode()
        assert f'<span lang="fr">{left_out["reason"]}</span>' in shown


def test_an_enrolment_asked_in_english_is_confirmed_in_french(town: Town) -> None:
    address = reverse("enrolments:enrol", args=[town.not_enrolled.pk, town.wednesday.activity.code])
    response = parent(town).post(
        address, {"starts_on": "2026-09-16", f"jours_{town.wednesday.pk}": ["3"]}, follow=True
    )
    assert left_in_french(response.content.decode(), names=NAMES) == []
    mail = OutgoingMail.objects.order_by("pk").last()
    assert mail is not None
    assert "mercredi" in mail.text
    assert "Wednesday" not in mail.text
