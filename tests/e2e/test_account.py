"""A parent creates an account, opens it, leaves and comes back: guide 003, part B, in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory
from tests.harness.browser import nothing_scrolls_sideways
from tests.web.accounts.journeys import CONTACT, known_family, links

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any) -> Family:
    """The dossier 4127, the terms in force, and mails whose links lead to this server."""
    settings.PORTAL_BASE_URL = live_server.url
    TermsVersionFactory.create(number=1, body="## Article 1\n\nLe portail sert à réserver les services de la commune.")
    return known_family()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def fill_parent(page: Page, *, email: str = CONTACT) -> None:
    page.get_by_label("Prénom").fill("Claire")
    page.get_by_label("Nom *", exact=True).fill("Vuillet")
    page.get_by_label("Adresse mail du compte").fill(email)
    page.get_by_label("Téléphone").fill("06 39 98 12 34")
    page.get_by_label("Mot de passe *", exact=True).fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)


def fill_dossier(page: Page, *, name: str = "Vuillet") -> None:
    page.get_by_label("Numéro de dossier").fill("4127")
    page.get_by_label("Nom du responsable").fill(name)
    page.get_by_label("Adresse mail donnée à la mairie").fill(CONTACT)


@pytest.mark.exigence(
    "A6", "A7", "A8", "A10", "A11", "A12", "A13", "A14", "A17", "A18", "A19", "A30", "L1", "L6", "L9"
)
def test_a_parent_creates_an_account_opens_it_leaves_and_comes_back(visitor: Page) -> None:
    page = visitor
    page.goto("/compte/connexion/")
    page.get_by_role("main").get_by_role("link", name="Créer mon compte").first.click()

    # 1. Nothing is lost by a mistake, and it is said where it is.
    expect(page.locator("[aria-current=step]")).to_have_text("Vos informations")
    fill_parent(page, email="claire.vuillet@")
    press(page, "Continuer")
    expect(page).to_have_title("Erreur\u00a0: Vos informations, étape 1 sur 4 – Portail famille de votre commune")
    expect(page.locator("#erreurs")).to_contain_text("Une réponse est à revoir")
    expect(page.get_by_label("Prénom")).to_have_value("Claire")
    expect(page.get_by_label("Adresse mail du compte")).to_have_attribute("aria-invalid", "true")
    nothing_scrolls_sideways(page)
    page.get_by_label("Adresse mail du compte").fill(CONTACT)
    press(page, "Continuer")

    # 2. Three facts, one neutral refusal.
    expect(page.locator("[aria-current=step]")).to_have_text("Votre dossier")
    page.get_by_text("Où le trouver").click()
    expect(page.get_by_role("img", name="En haut à droite de la facture")).to_be_visible()
    fill_dossier(page, name="Durand")
    press(page, "Continuer")
    expect(page.locator("#erreurs")).to_contain_text("ne sont celles d’aucun dossier")
    expect(page.get_by_label("Numéro de dossier")).to_have_value("4127")
    nothing_scrolls_sideways(page)
    fill_dossier(page, name="VUILLET")
    press(page, "Continuer")

    # 3. The terms, which block until they are ticked.
    expect(page.get_by_role("heading", name="Article 1")).to_be_visible()
    press(page, "Accepter et continuer")
    expect(page.locator("#erreurs")).to_contain_text("Cochez «\u00a0J’ai lu\u00a0» pour continuer.")
    page.get_by_label("J’ai lu").check()
    press(page, "Accepter et continuer")

    # 4. One last look; one step back and again here.
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier vos informations")
    expect(page.get_by_role("main")).to_contain_text("Claire Vuillet")
    page.get_by_role("link", name="Modifier vos informations").click()
    expect(page.get_by_label("Prénom")).to_have_value("Claire")
    page.get_by_label("Prénom").fill("Clara")
    press(page, "Continuer")
    expect(page.get_by_role("main")).to_contain_text("Clara Vuillet")
    page.get_by_role("link", name="Modifier vos informations").click()
    page.get_by_label("Prénom").fill("Claire")
    press(page, "Continuer")
    nothing_scrolls_sideways(page)
    press(page, "Valider et créer mon compte")

    expect(page.get_by_role("heading", level=1)).to_have_text("Un mail vous a été envoyé")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Un mail vous a été envoyé")

    # The right password does not enter before the link, and says why.
    page.goto("/compte/connexion/")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill(CONTACT)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    press(page, "Me connecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre compte n’est pas encore activé")

    # The mail, as the demo shows it.
    page.goto("/demo/courriels/")
    page.get_by_role("link", name="Activez votre compte").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Activez votre compte")).to_be_visible()
    frame.get_by_role("link", name="Activer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activer mon compte")
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    press(page, "Activer mon compte")
    expect(page.get_by_text("Votre compte est actif")).to_be_visible()
    page.get_by_role("link", name="Entrer dans mon espace").click()
    expect(page.locator(".account")).to_contain_text("n°\u00a04127")
    nothing_scrolls_sideways(page)

    # Out, and in again.
    page.get_by_role("button", name="Déconnexion").click()
    page.wait_for_url("/")
    page.goto("/famille/demarches/")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill("claire")
    page.get_by_label("Mot de passe", exact=True).fill("ce n’est pas le bon")
    press(page, "Me connecter")
    expect(page.locator("#erreurs")).to_contain_text("n’est pas le bon")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    press(page, "Me connecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes démarches")


@pytest.mark.exigence("A13", "L9")
def test_the_form_is_filled_with_the_keyboard_alone(open_page: Any) -> None:
    page: Page = open_page(width=1280)

    def type_in_order(*answers: str) -> None:
        """From the first field on: Tab goes to the next one, in the order of the page."""
        for position, answer in enumerate(answers):
            if position:
                page.keyboard.press("Tab")
            page.keyboard.type(answer)

    page.goto("/compte/inscription/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.get_by_label("Prénom").focus()
    type_in_order("Claire", "Vuillet", CONTACT, "", "", PASSWORD, PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rattacher votre dossier")

    page.get_by_label("Numéro de dossier").focus()
    page.keyboard.press("Enter")
    # The summary takes the focus; its first link leads to the first field.
    expect(page.locator("#erreurs")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Numéro de dossier")).to_be_focused()
    page.keyboard.type("4127")
    page.keyboard.press("Tab")  # « Où le trouver ? »
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    if not page.get_by_label("Nom du responsable").evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")  # the telephone of the service, in the disclosure
    type_in_order("Vuillet", CONTACT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lire les conditions")

    page.get_by_label("J’ai lu").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier vos informations")
    page.get_by_role("button", name="Valider et créer mon compte").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Un mail vous a été envoyé")
    page.goto(links("activation")[-1])
    page.get_by_label("Votre mot de passe").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Votre compte est actif")).to_be_visible()
    assert User.objects.get(username="claire").is_active
