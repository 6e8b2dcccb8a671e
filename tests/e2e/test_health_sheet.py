"""The sheet of a new entrant filled in a real browser: on a phone without scripts, on a computer by keyboard."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.families.models import Child
from portal.domain.health.models import HealthSheet, VaccineBooklet
from tests.harness.browser import DESKTOP, PHONE, PageFactory, let_in, nothing_scrolls_sideways
from tests.web.planning.scene import NOW, Scene

pytestmark = pytest.mark.e2e

Opener = Callable[..., Page]


@pytest.fixture
def scene(live_server: LiveServer) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene()


@pytest.fixture
def child(scene: Scene) -> Child:
    return scene.child("Noé")


@pytest.fixture
def opened(open_page: PageFactory, live_server: LiveServer, scene: Scene) -> Opener:
    """A signed-in page, in French, whose clock is that of the server."""

    def signed_in(**options: object) -> Page:
        page = open_page(**options)
        page.context.clock.install(time=NOW)
        return let_in(page, scene.user, live_server.url)

    return signed_in


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


@pytest.mark.exigence("D10", "D15", "D16")
@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_a_parent_fills_the_sheet_of_a_new_entrant(
    opened: Opener, scene: Scene, child: Child, width: int, javascript: bool
) -> None:
    page = opened(width=width, javascript=javascript)
    page.goto(f"/famille/dossier/sante/{child.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Santé de Noé")
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="Remplir la fiche").click()

    # A mistake keeps what was typed and is said where it is.
    page.get_by_label("Nom du médecin").fill("Dr Bouvet")
    page.get_by_label("Téléphone du médecin").fill("01 99")
    press(page, "Enregistrer et continuer")
    expect(page.locator("#erreurs")).to_contain_text("dix chiffres")
    expect(page.get_by_label("Nom du médecin")).to_have_value("Dr Bouvet")
    page.get_by_label("Téléphone du médecin").fill("01 99 00 31 20")
    press(page, "Enregistrer et finir plus tard")

    # Nothing is lost: the page continues where it stopped.
    expect(page.get_by_role("main")).to_contain_text("Fiche commencée")
    page.get_by_role("link", name="Continuer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Allergies")
    page.get_by_label("Non").check()
    press(page, "Enregistrer et continuer")
    page.get_by_label("Sans porc").check()
    press(page, "Enregistrer et continuer")
    page.get_by_label("Oui").check()
    page.get_by_label("lunettes").check()
    nothing_scrolls_sideways(page)
    press(page, "Enregistrer et continuer")
    page.get_by_label("Non").focus()
    page.keyboard.press("Space")
    press(page, "Enregistrer et continuer")

    # Read again, certify.
    expect(page.get_by_role("heading", level=1)).to_have_text("Relire et certifier")
    page.get_by_label("Je certifie").check()
    press(page, "Certifier la fiche")
    expect(page.get_by_role("main")).to_contain_text("à jour")
    sheet = HealthSheet.objects.get()
    assert sheet.certified_by == scene.user
    assert sheet.answers.needs == ("glasses",)

    # The vaccines: one line of dates for several of them.
    page.get_by_role("link", name="Modifier les vaccins").click()
    page.get_by_label("DTP").fill("12/05/2017, 14/07/2017")
    press(page, "Enregistrer les vaccins")
    expect(page.get_by_role("row", name="Tétanos")).to_contain_text("12/05/2017, 14/07/2017")
    nothing_scrolls_sideways(page)
    assert VaccineBooklet.objects.get().provisional_from is None
