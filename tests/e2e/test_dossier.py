"""The dossier of guide 000 in a real browser: open a person, press a pencil, change, be answered, read it."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.services import accept_change
from portal.domain.notices.models import Notice
from tests.domain.accounts.factories import PASSWORD
from tests.domain.changes.factories import AT, Household, agent
from tests.harness.browser import DESKTOP, PHONE, PageFactory, let_in, nothing_scrolls_sideways

pytestmark = pytest.mark.e2e

Opener = Callable[..., Page]


@pytest.fixture
def home(live_server: LiveServer) -> Iterator[Household]:
    with time_machine.travel(AT, tick=True):
        yield Household()


@pytest.fixture
def opened(open_page: PageFactory, live_server: LiveServer, home: Household) -> Opener:
    """A page signed in as Claire."""

    def signed_in(**options: object) -> Page:
        page = open_page(**options)
        return let_in(page, home.claire, live_server.url)

    return signed_in


@pytest.mark.exigence("D1", "D2", "D9", "D19", "D20", "N8")
@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)])
def test_a_parent_changes_a_phone_then_an_address(
    opened: Opener, home: Household, width: int, javascript: bool
) -> None:
    page = opened(width=width, javascript=javascript)
    page.goto("/famille/dossier/")
    expect(page.get_by_role("heading", name="Il reste")).to_be_visible()
    nothing_scrolls_sideways(page)

    # 1. A person, a pencil, a mistake, then the number: it counts at once.
    page.get_by_role("link", name="Claire Vuillet").click()
    page.get_by_role("link", name="Modifier les coordonnées de Claire").click()
    phone = page.get_by_label("Téléphone mobile")
    expect(phone).to_have_value("06 39 98 45 10")
    expect(phone).to_be_focused()
    phone.fill("12")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#erreurs")).to_contain_text("dix chiffres")
    expect(phone).to_have_value("12")
    phone.fill("0639984599")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    expect(page.get_by_text("06 39 98 45 99")).to_be_visible()
    if javascript:
        expect(page.get_by_role("link", name="Modifier les coordonnées de Claire")).to_be_focused()

    # 2. An address: it waits.
    page.goto("/famille/dossier/")
    page.get_by_role("link", name="Modifier l’adresse").click()
    page.get_by_label("Numéro et rue").fill("3, chemin des Essais")
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("changement en cours de validation")).to_be_visible()
    expect(page.get_by_text("12, rue de l’Exemple")).to_be_visible()
    nothing_scrolls_sideways(page)

    # 3. The service says yes: the dossier is new, and it was said.
    accept_change(request=ChangeRequest.objects.get(), by=agent(), at=AT)
    page.goto("/famille/dossier/")
    expect(page.get_by_text("3, chemin des Essais")).to_be_visible()
    expect(page.get_by_text("changement en cours")).to_have_count(0)
    assert Notice.objects.filter(user=home.claire, title="Changement d’adresse\u00a0: c’est fait").exists()
    page.goto("/famille/demarches/")
    expect(page.get_by_role("main").get_by_role("link", name="Changement d’adresse", exact=True)).to_be_visible()
