"""Agents edit the pages and the identity of the town in the administration, in French."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.models import Site
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms_pages.blocks import LinkBlock
from cms_pages.models import ContentPage, HomePage, SiteIdentitySettings
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder

LINK = {"label": "Lire", "page": None, "document": None, "door": "", "url": ""}


def test_the_home_page_opens_in_the_editor(editor: Client) -> None:
    html = page(editor, reverse("wagtailadmin_pages:edit", args=[HomePage.objects.get().pk]))

    for label in ("Titre de bienvenue", "Présentation", "Boutons", "Sections"):
        assert label in html


def test_the_home_page_is_published_from_the_editor(editor: Client) -> None:
    home = HomePage.objects.get()
    response = editor.post(
        reverse("wagtailadmin_pages:edit", args=[home.pk]),
        nested_form_data(
            {
                "title": "Accueil",
                "slug": home.slug,
                "hero_title": "Bonjour",
                "lead": "Tout est là.",
                "actions": streamfield([]),
                "sections": streamfield([("heading", "Et aussi")]),
                "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
                "action-publish": "action-publish",
            }
        ),
    )

    assert response.status_code == 302, response.content.decode()[:2000]
    html = page(editor)
    assert "<h1>Bonjour</h1>" in html
    assert "<h2>Et aussi</h2>" in html


def test_a_page_is_published_from_the_editor(editor: Client) -> None:
    found = ContentPage.objects.get(slug="aide")
    response = editor.post(
        reverse("wagtailadmin_pages:edit", args=[found.pk]),
        nested_form_data(
            {
                "title": "Besoin d’aide ?",
                "slug": "aide",
                "lead": "Écrivez-nous.",
                "role": "help",
                "body": streamfield(
                    [
                        ("heading", "Par mail"),
                        ("paragraph", rich_text("<p>À toute heure.</p>")),
                        ("question", {"question": "Et le soir ?", "answer": rich_text("<p>Aussi.</p>")}),
                        ("notice", {"kind": "wait", "title": "Fermé en août", "text": "Du 1er au 15."}),
                    ]
                ),
                "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
                "action-publish": "action-publish",
            }
        ),
    )

    assert response.status_code == 302, response.content.decode()[:2000]
    html = page(editor, "/aide/")
    for piece in ("Besoin d’aide\u202f?", "<h2>Par mail</h2>", "À toute heure.", "Et le soir\u202f?", "Fermé en août"):
        assert piece in html


def test_a_preview_is_shown(editor: Client) -> None:
    found = ContentPage.objects.get(slug="aide")

    html = page(editor, reverse("wagtailadmin_pages:view_draft", args=[found.pk]))
    assert "<h1>Aide</h1>" in html


def test_the_identity_opens_with_its_colours(editor: Client) -> None:
    html = page(editor, identity_address())

    assert "Identité de la commune" in html
    assert "Votre couleur #1f6173" in html


def test_a_colour_that_is_not_one_is_refused_and_kept_on_screen(editor: Client) -> None:
    response = editor.post(identity_address(), identity(brand="bleu"))

    assert response.status_code == 200
    html = response.content.decode()
    assert "Écrivez la couleur en hexadécimal" in html
    assert 'value="bleu"' in html
    assert SiteIdentitySettings.objects.get().brand == "#1f6173"


def test_a_colour_that_will_be_darkened_is_accepted_with_a_warning(editor: Client) -> None:
    response = editor.post(identity_address(), identity(brand="#ffd24a"), follow=True)

    html = response.content.decode()
    assert SiteIdentitySettings.objects.get().brand == "#ffd24a"
    assert "trop claire pour du texte" in html


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({}, "Choisissez où mène le lien"),
        ({"door": "account_login", "url": "https://exemple.example/"}, "Un lien mène à un seul endroit"),
    ],
)
def test_a_link_leads_to_one_place(target: dict[str, str], reason: str) -> None:
    block = LinkBlock()

    with pytest.raises(StructBlockValidationError) as refused:
        block.clean(block.to_python(LINK | target))
    errors = refused.value.block_errors
    assert isinstance(errors, dict)
    assert all(isinstance(error, ValidationError) and reason in str(error) for error in errors.values())


def test_a_link_to_a_page_taken_down_is_not_drawn(town: ProfileFolder, client: Client) -> None:
    assert 'href="/aide/"' in page(client).split('class="actions"', 1)[1].split("</div>", 1)[0]
    ContentPage.objects.get(slug="aide").unpublish()

    assert "L’aide" not in page(client)


def identity_address() -> str:
    site = Site.objects.get(is_default_site=True)
    return reverse("wagtailsettings:edit", args=["cms_pages", "siteidentitysettings", site.pk])


def identity(**values: str) -> dict[str, str]:
    """The form of the identity, filled."""
    return {
        "name": "Essai",
        "name_with_article": "d’Essai",
        "product": "Portail famille",
        "brand": "#1f6173",
        "logo": "",
        "contact_name": "",
        "hours": "",
        "phone": "",
        "email": "",
        "town_hall": "",
        "address": "",
        "accessibility": "non conforme",
        **values,
    }
