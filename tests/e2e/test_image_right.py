"""Guide 002, « Activer le droit à l’image », on a computer and on a phone, in a real browser.

From the child’s authorisations: answer every use, for the other children too, read who said what, change one’s mind.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.consents.enums import ImageUse
from portal.domain.consents.models import Consent
from portal.domain.consents.queries import image_right
from portal.domain.families.models import Child
from portal.domain.kernel.clock import PARIS
from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 9, 9, 10, 0, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any) -> Iterator[list[Child]]:
    """Les Rousses and its sample families, without any answer yet."""
    settings.PORTAL_BASE_URL = live_server.url
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW, families=4)
        Consent.objects.all().delete()
        yield list(Child.objects.filter(links__family__number="4127").order_by("links__order"))


def answer(page: Page, question: str, words: str) -> None:
    page.get_by_role("group", name=question).get_by_label(words).check()


@pytest.mark.exigence("D11", "D17", "D18")
def test_a_parent_gives_the_right_to_images_for_every_child_and_takes_one_back(
    visitor: Page, town: list[Child]
) -> None:
    page = visitor
    page.goto("/compte/connexion/")
    page.get_by_label("Nom d’utilisateur").fill("parent")
    page.get_by_label("Mot de passe").first.fill("parent-demo-2026")
    page.get_by_role("main").get_by_role("button", name="Me connecter").click()
    expect(page).to_have_url(re.compile("/famille/$"))

    page.goto("/famille/dossier/autorisations/")
    page.get_by_role("link", name="Autorisations de Hugo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Autorisations de Hugo")
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    nothing_scrolls_sideways(page)

    # Nothing answered: each question says so, and nothing is granted.
    page.get_by_role("button", name="Enregistrer mes réponses").click()
    expect(page).to_have_title("Erreur\u00a0: Autorisations de Hugo – Portail famille des Rousses")
    expect(page.get_by_role("alert")).to_contain_text("répondez oui ou non")
    assert not Consent.objects.exists()

    for group in page.get_by_role("group").filter(has=page.get_by_label("oui, j’autorise")).all():
        group.get_by_label("oui, j’autorise").check()
    answer(page, "réseaux sociaux", "non, je refuse")
    for child in town[1:]:
        page.get_by_role("group", name="Les mêmes réponses pour").get_by_label(child.first_name).check()
    page.get_by_role("button", name="Enregistrer mes réponses").click()
    expect(page.locator("#messages")).to_contain_text("C’est enregistré pour Hugo")
    assert all(image_right(children=town, use=ImageUse.WEBSITE).values())
    assert not any(image_right(children=town, use=ImageUse.SOCIAL).values())

    # A change of mind, for this child only.
    answer(page, "Site et publications", "non, je refuse")
    page.get_by_role("button", name="Enregistrer mes réponses").click()
    expect(page.locator("#messages")).to_contain_text("C’est enregistré pour Hugo.")
    assert list(image_right(children=town, use=ImageUse.WEBSITE).values()) == [False, True, True]
    page.get_by_text("Toutes les réponses données").click()
    expect(page.locator(".timeline")).to_contain_text("retiré par Claire")
    nothing_scrolls_sideways(page)

    # The receipt is among the démarches.
    page.goto("/famille/demarches/")
    expect(page.get_by_role("main")).to_contain_text("Autorisations de Hugo")
