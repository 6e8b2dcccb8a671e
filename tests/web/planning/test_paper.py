"""The month of all the children on one sheet."""

import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from pypdf import PdfReader

from portal.domain.transport.rules import Wanted
from portal.domain.transport.services import choose_stops
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import book
from tests.domain.transport.factories import bus_line, enrolment_of, rider, stop
from tests.web.planning.scene import NOW, SCHOOL_WEEK, Scene, make_unit

pytestmark = pytest.mark.django_db

URL = "/famille/planning/imprimer/"
SEPTEMBER = [date(2026, 9, 1) + timedelta(days=offset) for offset in range(30)]


def sheet(client: Client, query: str = "?mois=2026-09") -> tuple[list[str], tuple[float, float]]:
    """The text of each page, and the size of the first."""
    answer = client.get(URL + query)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    pages = PdfReader(io.BytesIO(answer.content)).pages
    texts = [re.sub(r"\s+", " ", page.extract_text()) for page in pages]
    return texts, (float(pages[0].mediabox.width), float(pages[0].mediabox.height))


@pytest.fixture
def scene(db: None, frozen: object) -> Scene:
    """Five children, two activities each, every school day of September."""
    made = Scene()
    meal = make_unit()
    evening = make_unit("Accueil du soir")
    for name in ("Hugo", "Léna", "Noé", "Jade", "Tom"):
        child = made.child(name)
        for unit in (meal, evening):
            made.enrol(child, unit)
            made.book(child, unit, [day for day in SEPTEMBER if day.isoweekday() in SCHOOL_WEEK])
    return made


@pytest.mark.exigence("C3")
def test_a_full_month_of_five_children_is_one_landscape_page(scene: Scene, client: Client) -> None:
    client.force_login(scene.user)
    pages, (width, height) = sheet(client)
    assert len(pages) == 1
    assert width > height
    assert pages[0].count("Hugo cantine et accueil du soir") == pages[0].count("Tom cantine et accueil du soir") == 17
    assert "Planning de septembre 2026" in pages[0]


def test_another_family_prints_its_own(scene: Scene, client: Client) -> None:
    other = Scene(user=UserFactory(username="autre"))
    client.force_login(other.user)
    ((text,), _size) = sheet(client)
    assert "Hugo" not in text
    ((text,), _size) = sheet(client, "?mois=illisible")
    assert "septembre 2026" in text


@pytest.mark.exigence("C3", "B30")
def test_a_bus_is_printed_with_its_stop(db: None, frozen: object, client: Client) -> None:
    home = rider()
    line = bus_line(home.unit)
    choose_stops(
        family=home.family,
        enrolment=enrolment_of(home),
        line=line.pk,
        wanted=Wanted(stop(line, "marche").pk, stop(line, "vignes").pk),
        by=home.parent,
        at=NOW,
    )
    book(home, [date(2026, 10, 7)])
    client.force_login(home.parent)
    ((text,), _size) = sheet(client, "?mois=2026-10")
    assert "Hugo bus mercredi (aller : Place du Marché à 11 h 35, retour : Cité des Vignes à 17 h 40)" in text
