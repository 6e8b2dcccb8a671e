"""A parent declares a quotient with a photograph, an agent accepts it, the parent reads it."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.accounts.queries import latest_terms
from portal.domain.accounts.services import accept_terms
from portal.domain.families.models import Family
from portal.domain.quotients.deciding import accept_quotient
from portal.domain.quotients.models import Quotient
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.domain.quotients.factories import checker
from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town
from tests.web.quotient.scene import photo

pytestmark = pytest.mark.e2e

STARTED = timezone.now()
PASSWORD = "un mot de passe bien long"


@pytest.fixture
def parent(live_server: LiveServer, settings: Any, tmp_path: Path) -> User:
    settings.PORTAL_BASE_URL = live_server.url
    settings.PRIVATE_ROOT = tmp_path / "private"
    load_town("les-rousses", at=STARTED)
    user = UserFactory(username="claire", first_name="Claire", last_name="Vuillet")
    user.set_password(PASSWORD)
    user.save()
    MemberFactory(family=FamilyFactory(), adult=AdultFactory(user=user))
    terms = latest_terms(at=timezone.now())
    assert terms is not None
    accept_terms(version=terms, by=user, at=timezone.now())
    return user


@pytest.mark.exigence("D4", "D5")
def test_a_quotient_from_the_kitchen_table_to_the_tariff(parent: User, visitor: Page, tmp_path: Path) -> None:
    page = visitor
    page.goto("/compte/connexion/?next=/famille/dossier/quotient-familial/")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill("claire")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Mot de passe").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Quotient familial")
    expect(page.get_by_text("Le tarif le plus élevé s’applique")).to_be_visible()
    nothing_scrolls_sideways(page)

    page.get_by_role("link", name="Quotient familial de la Caf").click()
    page.get_by_role("button", name="Envoyer au service").click()
    expect(page.locator("#erreurs")).to_be_visible()
    page.get_by_label("Votre quotient familial").fill("842,50")
    picture = tmp_path / "attestation.jpg"
    picture.write_bytes(photo().read())
    overleaf = tmp_path / "verso.jpg"
    overleaf.write_bytes(photo("verso.jpg", "black").read())
    page.get_by_label("Justificatif").set_input_files([picture, overleaf])
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Envoyer au service").click()
    expect(page.get_by_text("à vérifier par le service").first).to_be_visible()

    quotient = Quotient.objects.get(family=Family.objects.get())
    assert quotient.proofs.count() == 2
    accept_quotient(quotient=quotient.pk, by=checker(), at=timezone.now())

    page.reload()
    expect(page.locator(".price").first).to_have_text("842,50")
    expect(page.get_by_text("vérifié par le service").first).to_be_visible()
    nothing_scrolls_sideways(page)
