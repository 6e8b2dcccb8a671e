"""The ways in other than the self-made account: guides 000 and 004 (activation), in a real browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.backoffice.desk.areas.entries import FirstContacts
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.joining.invitations import invite_adult
from portal.domain.joining.models import FirstContact, Invitation
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory, UserFactory
from tests.domain.joining.factories import MARC, dossier, last_link
from tests.harness.browser import PageFactory, nothing_scrolls_sideways

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any) -> tuple[Family, User]:
    """The dossier 4127, where Marc has no account, and the terms in force."""
    settings.PORTAL_BASE_URL = live_server.url
    TermsVersionFactory.create(number=1, body="## Article 1\n\nLe portail sert à réserver les services de la commune.")
    family, marc, _owner = dossier()
    agent = UserFactory.create(agent=True, is_superuser=True)
    invite_adult(adult=marc, family=family, by=agent, at=timezone.now())
    return family, agent


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def choose_password(page: Page) -> None:
    page.get_by_label("Votre mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)


@pytest.mark.exigence("A3", "A16", "A23", "A25", "A26")
def test_the_service_invites_and_the_parent_opens_their_space(visitor: Page) -> None:
    page, link = visitor, f"/compte/invitation/{last_link()}/"

    # 1. The link of the mail: who one is, a password of one's own, the terms.
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre espace vous attend")
    expect(page.get_by_role("main")).to_contain_text(MARC)
    nothing_scrolls_sideways(page)
    choose_password(page)
    press(page, "Ouvrir mon espace")
    expect(page.locator("#erreurs")).to_contain_text("J’ai lu")
    expect(page).to_have_title("Erreur\u00a0: Ouvrir mon espace – Portail famille de votre commune")

    # 2. Passwords are asked again, the terms are ticked: welcome.
    choose_password(page)
    page.get_by_label("J’ai lu les conditions générales").check()
    press(page, "Ouvrir mon espace")
    expect(page.get_by_role("main")).to_contain_text("Votre compte est actif")
    expect(page.get_by_role("main")).to_contain_text("4127")
    page.get_by_role("link", name="Entrer dans mon espace").click()
    expect(page).to_have_url("/famille/")

    # 3. The link has served; later, one's own password opens.
    page.get_by_role("button", name="Déconnexion").click()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Cette invitation a déjà servi")
    page.get_by_role("main").get_by_role("link", name="Me connecter").click()
    page.get_by_role("main").get_by_label("Adresse mail ou nom d’utilisateur").fill(MARC)
    page.get_by_role("main").get_by_label("Mot de passe").fill(PASSWORD)
    press(page, "Me connecter")
    expect(page).to_have_url("/famille/")
    page.goto("/compte/")
    expect(page.get_by_role("main")).to_contain_text("4127")
    nothing_scrolls_sideways(page)


@pytest.mark.exigence("A4")
def test_a_household_presents_itself_and_is_invited(visitor: Page, town: tuple[Family, User]) -> None:
    page, (_family, agent) = visitor, town
    page.goto("/compte/premiere-demande/")
    page.get_by_label("Votre prénom").fill("Salomé")
    page.get_by_label("Votre nom").fill("Quentrec")
    page.get_by_label("Votre adresse mail").fill("salome@famille.example")
    page.get_by_label("Numéro et rue").fill("4 chemin des Essais")
    page.get_by_label("Code postal").fill("39220")
    page.get_by_label("Commune *", exact=True).fill("Les Rousses")
    page.get_by_label("Prénom *", exact=True).fill("Robin")
    press(page, "Ajouter un enfant")
    expect(page.get_by_role("heading", name="Enfant 2")).to_be_visible()
    expect(page.get_by_label("Prénom *", exact=True).first).to_have_value("Robin")
    expect(page.get_by_label("Votre prénom")).to_have_value("Salomé")
    for number, first_name in enumerate(("Robin", "Ondine")):
        page.get_by_label("Prénom *", exact=True).nth(number).fill(first_name)
        page.get_by_label("Nom *", exact=True).nth(number).fill("Quentrec")
        page.get_by_label("Date de naissance").nth(number).fill("2021-04-03")
    nothing_scrolls_sideways(page)
    press(page, "Envoyer ma demande")
    expect(page.get_by_role("heading", level=1)).to_have_text("Un mail vous a été envoyé")

    page.goto(f"/compte/premiere-demande/confirmer/{last_link('premiere-demande/confirmer')}/")
    press(page, "Envoyer ma demande")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre demande est arrivée")

    # The agent's queue: one click opens the dossier, the invitation leaves by itself.
    queue, contact = FirstContacts(), FirstContact.objects.get()
    assert [line.key for line in queue.waiting(agent, limit=10)] == [contact.pk]
    queue.accept(contact.pk, cleaned={"dossier": ""}, by=agent, at=timezone.now() + timedelta(minutes=1))
    assert Invitation.objects.filter(email="salome@famille.example").exists()

    page.goto(f"/compte/invitation/{last_link()}/")
    choose_password(page)
    page.get_by_label("J’ai lu les conditions générales").check()
    press(page, "Ouvrir mon espace")
    expect(page.get_by_role("main")).to_contain_text("Votre dossier n°\u00a04128 est ouvert")


def test_a_key_is_added_then_opens_the_second_step(open_page: PageFactory) -> None:
    page = open_page()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page)
    page.goto("/compte/deux-etapes/cles/ajouter/")
    page.get_by_role("main").get_by_label("Votre mot de passe").fill(PASSWORD)
    press(page, "Continuer")
    page.get_by_label("Nom de cette clé").fill("mon téléphone")
    press(page, "Ajouter cette clé")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    page.goto("/compte/deux-etapes/")
    expect(page.get_by_role("main")).to_contain_text("mon téléphone")

    page.get_by_role("button", name="Déconnexion").click()
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Encore une étape")
    press(page, "Utiliser ma clé")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Encore une étape")
    page.goto("/compte/")
    expect(page.get_by_role("main")).to_contain_text("activée")


def sign_in(page: Page) -> None:
    page.goto("/compte/connexion/")
    page.get_by_role("main").get_by_label("Adresse mail ou nom d’utilisateur").fill("claire@famille.example")
    page.get_by_role("main").get_by_label("Mot de passe").fill(PASSWORD)
    press(page, "Me connecter")
