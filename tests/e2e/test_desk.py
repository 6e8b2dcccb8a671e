"""A morning at the agents' desk, in a real browser: the queue narrowed, a paper read and refused, the family told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.accounts.queries import latest_terms
from portal.domain.accounts.services import accept_terms
from portal.domain.desk.models import RequestAssignment, RequestNote
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper
from portal.domain.papers.services import add_files, send_paper
from tests.backoffice.desk import make_agent
from tests.domain.accounts.factories import PASSWORD, UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory
from tests.domain.quotients.factories import QuotientFactory
from tests.harness.browser import PageFactory, nothing_scrolls_sideways
from tests.harness.towns import load_town
from tests.web.quotient.scene import photo

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("B50", "T10")]

STARTED = timezone.now()
REASON = "La date de fin n’est pas visible, photographiez toute la page."


@pytest.fixture
def parent(live_server: LiveServer, settings: Any, tmp_path: Path) -> User:
    """Claire sent a proof of address nine days ago; others wait too."""
    settings.PORTAL_BASE_URL = live_server.url
    settings.PRIVATE_ROOT = tmp_path / "private"
    load_town("les-rousses", at=STARTED)
    user: User = UserFactory(username="claire", first_name="Claire", last_name="Vuillet")
    family = FamilyFactory(number="4127", name="Vuillet")
    MemberFactory(family=family, adult=AdultFactory(user=user))
    terms = latest_terms(at=timezone.now())
    assert terms is not None
    accept_terms(version=terms, by=user, at=timezone.now())
    kind = PaperTypeFactory()
    at = STARTED - timedelta(days=9)
    ready = add_files(family=family, type=kind, child=None, uploads=[photo()], by=user, at=at)
    send_paper(paper=ready, version=ready.version, note="", by=user, at=at)
    PaperFactory(family=FamilyFactory(number="4128", name="Morel"), type=kind, sent_at=STARTED - timedelta(days=8))
    QuotientFactory(family=FamilyFactory(number="4129", name="Petit"), sent_at=STARTED - timedelta(days=20))
    make_agent(Role.MANAGEMENT, username="nadia", first_name="Nadia", last_name="Perrin")
    return user


def sign_in(page: Page, username: str, towards: str) -> None:
    page.goto(f"/compte/connexion/?next={towards}")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill(username)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Mot de passe").press("Enter")
    page.wait_for_url(f"**{towards}")


def press(page: Page, key: str) -> None:
    """Once the page is whole: shortcuts come after what can be read."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def test_an_agent_narrows_the_queue_and_refuses_a_paper_whose_family_reads_why(
    parent: User, visitor: Page, open_page: PageFactory, width: int, javascript: bool
) -> None:
    page = visitor
    sign_in(page, "nadia", "/gestion/demandes/")
    expect(page.get_by_role("heading", level=1)).to_have_text("3 demandes à traiter")
    nothing_scrolls_sideways(page)

    page.get_by_text("Filtrer la file").click()
    page.get_by_label("Nature").select_option("papers")
    page.get_by_label("Attend depuis").select_option("7")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("2 demandes répondent aux filtres")).to_be_visible()
    expect(page.get_by_role("link", name="Petit, n° 4129")).to_have_count(0)
    nothing_scrolls_sideways(page)

    page.get_by_role("link", name="Vuillet, n° 4127").click()
    expect(page.get_by_role("heading", level=2, name="Justificatif de domicile")).to_be_visible()
    expect(page.get_by_role("img", name="page 1")).to_be_visible()
    expect(page.get_by_role("img", name="page 1")).not_to_have_js_property("naturalWidth", 0)
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Je m’en occupe").click()
    expect(page.get_by_text("Vous vous en occupez depuis")).to_be_visible()
    page.get_by_text("Refuser ou redemander").click()
    page.get_by_label("Texte envoyé à la famille").fill("à moitié écrit")
    page.get_by_label("Note interne").fill("Rappeler après 17 h")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.get_by_text("Rappeler après 17 h")).to_be_visible()
    expect(page.get_by_label("Texte envoyé à la famille")).to_have_value("à moitié écrit")
    page.get_by_label("Texte envoyé à la famille").fill("")

    page.get_by_role("button", name="Refuser et prévenir la famille").click()
    expect(page.get_by_role("alert").filter(has_text="Choisissez un motif")).to_be_visible()
    expect(page.locator("#motif-erreur")).to_be_visible()
    page.get_by_label("Texte envoyé à la famille").fill("x" * 20)
    page.get_by_label("Valable jusqu’au").fill("")
    nothing_scrolls_sideways(page)
    page.get_by_label("Valable jusqu’au").fill("2020-01-01")
    page.get_by_role("button", name="Accepter cette pièce").click()
    expect(page.get_by_role("alert").filter(has_text="Complétez")).to_be_visible()
    expect(page.get_by_label("Texte envoyé à la famille")).to_have_value("x" * 20)
    expect(page.get_by_label("Valable jusqu’au")).to_have_value("2020-01-01")
    assert Paper.objects.get(family__number="4127").state == PaperState.SENT

    page.get_by_label("Texte envoyé à la famille").fill(REASON)
    page.get_by_role("button", name="Refuser et prévenir la famille").click()
    # The next one of what was asked for opens by itself.
    expect(page.get_by_text("Famille Morel, dossier n° 4128")).to_be_visible()
    assert "nature=papers" in page.url
    assert Paper.objects.get(family__number="4127").state == PaperState.REFUSED
    assert (RequestAssignment.objects.count(), RequestNote.objects.count()) == (0, 1)

    family = open_page(width=width, javascript=javascript)
    sign_in(family, "claire", reverse("papers:family_paper", kwargs={"code": "domicile"}))
    expect(family.get_by_role("main")).to_contain_text(REASON)
    expect(family.locator("body")).not_to_contain_text("Rappeler après 17 h")
    nothing_scrolls_sideways(family)


def test_keys_are_shortcuts_until_they_are_cut_and_never_while_writing(parent: User, open_page: PageFactory) -> None:
    page = open_page()
    sign_in(page, "nadia", "/gestion/demandes/")
    page.get_by_role("link", name="Petit, n° 4129").click()
    page.get_by_role("heading", level=2, name="Quotient familial").click()
    press(page, "j")
    expect(page.get_by_text("Famille Vuillet, dossier n° 4127")).to_be_visible()
    press(page, "k")
    expect(page.get_by_text("Famille Petit, dossier n° 4129")).to_be_visible()
    press(page, "j")
    expect(page.get_by_text("Famille Vuillet, dossier n° 4127")).to_be_visible()
    press(page, "r")
    expect(page.get_by_label("Texte envoyé à la famille")).to_be_visible()
    page.get_by_label("Texte envoyé à la famille").focus()
    page.keyboard.type("jakr")
    expect(page.get_by_label("Texte envoyé à la famille")).to_have_value("jakr")
    assert Paper.objects.get(family__number="4127").state == PaperState.SENT
    page.get_by_role("heading", level=2, name="Justificatif de domicile").click()
    press(page, "n")
    expect(page.get_by_label("Note interne")).to_be_focused()
    page.get_by_role("heading", level=2, name="Justificatif de domicile").click()
    press(page, "a")
    expect(page.get_by_role("button", name="Accepter cette pièce")).to_be_focused()
    assert Paper.objects.get(family__number="4127").state == PaperState.SENT
    press(page, "a")
    expect(page.get_by_text("Famille Morel, dossier n° 4128")).to_be_visible()
    assert Paper.objects.get(family__number="4127").state == PaperState.ACCEPTED

    page.locator("summary", has_text="Raccourcis clavier").click()
    page.get_by_role("link", name="Couper les raccourcis").click()
    page.get_by_label("Raccourcis clavier d’une seule touche").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Petit, n° 4129").click()
    page.get_by_role("heading", level=2, name="Quotient familial").click()
    press(page, "j")
    expect(page.get_by_text("Famille Petit, dossier n° 4129")).to_be_visible()
    expect(page.get_by_text("Couper les raccourcis")).to_have_count(0)
