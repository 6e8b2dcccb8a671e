"""The follow-up of guide 004 and the yearly update of guide 002, in a real browser on the town of Les Rousses."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.dossier.models import Certification
from portal.domain.families import requirements
from portal.domain.kernel.clock import PARIS
from portal.domain.procedures.models import Procedure
from tests.e2e.households import sign_in_as
from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 9, 8, 19, 0, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any) -> Iterator[None]:
    """Les Rousses and its sample families."""
    settings.PORTAL_BASE_URL = live_server.url
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW, families=4)
        yield


@pytest.mark.exigence("N7", "T3", "D7", "D22", "T7")
def test_a_parent_is_told_then_follows_the_demarche(visitor: Page) -> None:
    page = visitor
    sign_in_as(page, "parent")
    bell = page.locator("summary.bell")
    bell.focus()
    page.keyboard.press("Enter")
    nothing_scrolls_sideways(page)
    page.locator(".bell-list").get_by_role("button", name="À vous de jouer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Assurance scolaire")
    expect(page.get_by_role("main")).to_contain_text("La copie n’est pas lisible.")
    expect(page.locator("summary.bell")).to_contain_text("1")
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="Toutes mes démarches").click()
    expect(page.locator(".timeline h3", has_text="Assurance scolaire").first).to_be_visible()
    page.get_by_role("link", name="Terminées").click()
    expect(page.locator(".timeline")).to_contain_text("Quotient familial")
    expect(page.locator(".timeline")).not_to_contain_text("Changement d’adresse")
    nothing_scrolls_sideways(page)


@pytest.mark.exigence("D32", "D33", "A27", "A28")
def test_a_parent_renews_the_dossier(visitor: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is missing in this dossier: what stops the sending is another test's.
    monkeypatch.setattr(requirements, "_sources", {})
    page = visitor
    sign_in_as(page, "parent")
    page.get_by_label("Vérifier vos coordonnées").check()
    page.get_by_role("button", name="C’est vérifié").click()
    expect(page.get_by_label("Vérifier vos coordonnées")).to_be_checked()
    page.get_by_role("link", name="Actualiser votre dossier").click()
    page.get_by_label("Renouvellement sans changement d’école").check()
    page.get_by_role("button", name="Continuer").click()
    for exact in page.get_by_label("C’est exact").all():
        exact.check()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Certifier et envoyer au service").click()
    expect(page.get_by_role("alert")).to_contain_text("Cochez la case")
    page.get_by_label("Je certifie exactes").check()
    page.get_by_role("button", name="Certifier et envoyer au service").click()
    expect(page.get_by_role("main")).to_contain_text("Votre actualisation est envoyée")
    assert Certification.objects.count() == 1
    page.get_by_role("link", name="Suivre cette démarche").click()
    expect(page.get_by_role("main")).to_contain_text(Procedure.objects.get(kind="yearly").number)
    nothing_scrolls_sideways(page)
