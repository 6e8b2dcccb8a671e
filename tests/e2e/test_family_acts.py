"""An agent makes two dossiers one, then puts the family away, on a computer and on a phone, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal.backoffice.roles import Role
from portal.domain.families.models import Adult, Child, Family
from tests.backoffice.desk import make_agent
from tests.domain.accounts.factories import PASSWORD, UserFactory
from tests.domain.families.factories import ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.families.parents import vuillet
from tests.harness.browser import DESKTOP, PHONE, PageFactory, nothing_scrolls_sideways

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("B54", "B55")]

#: Where pictures go when somebody wants to look at them.


@pytest.fixture
def twice(transactional_db: None) -> Family:
    """The dossier 4127, and 5123 which is the same household written down again."""
    vuillet()
    family = FamilyFactory.create(number="5123", name="Vuillet", contact_email="claire.pro@famille.example")
    MemberFactory.create(family=family, adult__first_name="Claire", adult__last_name="Vuillet")
    ChildLinkFactory.create(family=family, child=ChildFactory(first_name="Hugo"))
    return family


def stands(page: Page, title: str = "") -> None:
    """The page that was asked for is there, and fits."""
    if title:
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state("networkidle")
    nothing_scrolls_sideways(page)


def sign_in(page: Page, username: str) -> None:
    page.goto("/compte/connexion/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_two_dossiers_become_one_then_are_put_away(open_page: PageFactory, twice: Family, width: int) -> None:
    agent = make_agent(Role.MANAGEMENT, username="nadia")
    parent = UserFactory.create(username="claire")
    Adult.objects.filter(memberships__family__number="4127", first_name="Claire").update(user=parent)
    page = open_page(width=width)
    sign_in(page, agent.username)

    page.goto("/gestion/familles/4127/")
    page.get_by_text("Vie du dossier").click()
    stands(page, "Famille Vuillet, dossier n° 4127")
    page.get_by_role("link", name="Réunir un doublon").click()
    page.get_by_label("Numéro de l’autre dossier").fill("5123")
    page.get_by_role("button", name="Regarder ce dossier aussi").click()
    stands(page, "Réunir un doublon")
    page.get_by_role("link", name="Réunir les deux dossiers").click()
    stands(page, "Réunir deux dossiers")
    page.get_by_role("button", name="Réunir", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Cochez que vous avez relu")
    page.get_by_label(re.compile("J’ai relu")).check()
    page.get_by_role("button", name="Réunir", exact=True).click()
    expect(page.get_by_text("Anciens numéros, réunis ici")).to_contain_text("5123")
    stands(page)

    page.get_by_text("Vie du dossier").click()
    page.get_by_role("link", name="Réunir un doublon").click()
    page.get_by_role("link", name="Réunir les deux fiches de Hugo Vuillet").click()
    stands(page, "Réunir deux fiches d’enfant")
    page.get_by_label(re.compile("J’ai relu")).check()
    page.get_by_role("button", name="Réunir", exact=True).click()
    assert Child.objects.filter(links__family__number="4127").count() == 1

    page.get_by_text("Vie du dossier").click()
    page.get_by_role("link", name="Archiver le dossier").click()
    page.get_by_label("Motif, gardé au journal").fill("Déménagement")
    page.get_by_role("button", name="Archiver ce dossier").click()
    expect(page.get_by_label("Motif, gardé au journal")).to_have_value("Déménagement")
    stands(page, "Archiver le dossier")
    page.get_by_label("Je confirme").check()
    page.get_by_role("button", name="Archiver ce dossier").click()
    expect(page.get_by_text("Dossier archivé le")).to_be_visible()
    stands(page)
    page.goto("/gestion/familles/chercher/?q=5123")
    stands(page, "Chercher une famille")

    family = open_page(width=width)
    sign_in(family, parent.username)
    family.goto("/famille/")
    expect(family.get_by_role("heading", level=1)).to_have_text("Votre dossier famille est archivé")
    stands(family)


def test_an_act_is_done_without_script(open_page: PageFactory, twice: Family) -> None:
    agent = make_agent(Role.MANAGEMENT, username="nadia")
    page = open_page(width=DESKTOP, javascript=False)
    sign_in(page, agent.username)
    page.goto("/gestion/familles/4127/")
    page.get_by_text("Composition du foyer").click()
    page.get_by_role("link", name="Ajouter un adulte").click()
    page.get_by_label("Prénom").fill("Odette")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_label("Prénom")).to_have_value("Odette")
    page.get_by_label(re.compile("^Nom")).fill("Vuillet")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("rowheader", name="Odette Vuillet").first).to_be_visible()
