"""What the town says of itself: legal facts, networks, a colour with which everything can be read."""

import itertools
from typing import Any
from unittest.mock import patch

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.models import Site

from cms_pages.models import ContentPage, SiteIdentitySettings
from cms_pages.town.models import LegalSettings, SocialLink, validate_siret
from portal.backoffice.roles import Role
from portal.web.design import colour
from tests.backoffice.desk import make_agent
from tests.cms_pages.conftest import town

__all__ = ["town"]

pytestmark = pytest.mark.django_db


def save_legal() -> LegalSettings:
    saved = LegalSettings(
        site=Site.objects.get(),
        publisher="Commune d’Essai",
        siret="73282932000074",
        director="Mme Claire Exemple, maire",
        host="Hébergeur Exemple\n1, rue des Serveurs",
    )
    saved.full_clean()
    saved.save()
    SocialLink.objects.create(owner=saved, name="Facebook", url="https://reseau.example/essai")
    return saved


@pytest.mark.usefixtures("town")
def test_legal_facts_and_networks_are_on_the_pages_without_a_query_more() -> None:
    Client().get("/aide/")
    with CaptureQueriesContext(connection) as before:
        Client().get("/aide/")
    save_legal()
    footer = BeautifulSoup(Client().get("/aide/").content, "html.parser").footer
    assert footer is not None
    assert [link["href"] for link in footer.select("a") if link.string == "Facebook"] == [
        "https://reseau.example/essai"
    ]
    with CaptureQueriesContext(connection) as after:
        Client().get("/aide/")
    assert len(after) == len(before)
    legal = Client().get("/mentions-legales/").content.decode()
    for said in ("Commune d’Essai", "732 829 320 00074", "Mme Claire Exemple, maire", "Hébergeur Exemple"):
        assert said in legal


@pytest.mark.parametrize("value", ["7328293200007", "73282932000075", "abc", "732 829 320 00075"])
def test_a_siret_with_a_typing_mistake_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        validate_siret(value)


@pytest.mark.usefixtures("town")
def test_a_network_is_an_address_of_the_web() -> None:
    saved = save_legal()
    for url in ("javascript:alert(1)", "http://reseau.example/", "data:text/html,x"):
        with pytest.raises(ValidationError):
            SocialLink(owner=saved, name="x", url=url).full_clean()


# -- the colour ---------------------------------------------------------------------------


def test_whatever_the_colour_everything_can_be_read() -> None:
    for channels in itertools.product(range(0, 256, 17), repeat=3):
        value = "#" + "".join(f"{channel:02x}" for channel in channels)
        assert colour.unreadable(value) == []


@pytest.mark.usefixtures("town")
def test_a_colour_with_which_something_could_not_be_read_is_refused_with_what_to_do() -> None:
    """The scale prevents it today; the check at save is there for the day when somebody changes the scale."""
    saved = SiteIdentitySettings.objects.get()
    rules: dict[str, Any] = colour._RULES | {"ink": (0.9, False, 0.1)}
    with patch.object(colour, "_RULES", rules), pytest.raises(ValidationError) as refused:
        saved.full_clean()
    (first, *_) = refused.value.message_dict["brand"]
    assert first.startswith("Avec cette couleur, on lirait mal les boutons")
    assert "il en faut 4,5" in first
    assert first.endswith("Choisissez-la plus foncée ou plus vive.")


@pytest.mark.usefixtures("town")
def test_the_settings_show_the_colour_and_its_contrasts() -> None:
    client = Client()
    client.force_login(make_agent(Role.COMMUNICATION))
    page = client.get("/gestion/settings/cms_pages/siteidentitysettings/", follow=True).content.decode()
    assert "les boutons, en blanc sur la couleur" in page
    assert "illisible" not in page


# -- images -------------------------------------------------------------------------------


def test_an_image_is_added_with_its_description() -> None:
    form = get_image_form(get_image_model())({"title": "Cantine"}, {})
    assert not form.is_valid()
    assert form.errors["description"] == [
        "Décrivez l’image en une phrase : sans elle, les personnes aveugles ne savent pas ce que montre la page."
    ]


# -- the desk -----------------------------------------------------------------------------


@pytest.mark.usefixtures("town")
def test_an_editor_finds_drafts_on_the_first_page_and_the_service_does_not() -> None:
    page = ContentPage.objects.get(slug="reglement")
    page.title = "Règlement de la rentrée"
    page.save_revision()
    seen = {}
    for role in (Role.COMMUNICATION, Role.VALIDATION, Role.MANAGEMENT):
        client = Client()
        client.force_login(make_agent(role))
        seen[role] = client.get("/gestion/").content.decode()
    for role in (Role.COMMUNICATION, Role.VALIDATION):
        assert "En cours d’écriture" in seen[role]
        assert "Règlement de la rentrée" in seen[role]
    assert "En cours d’écriture" not in seen[Role.MANAGEMENT]
