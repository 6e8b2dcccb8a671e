"""Pages to read, what their role adds, and who the town says it is."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Page

from cms_pages.models import ContentPage, HomePage, SiteIdentitySettings
from cms_pages.site_facts import page_address
from portal.domain.accounts.models import TermsVersion
from portal.web.identity import current_identity
from tests.cms_pages.conftest import NOW
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder


def test_every_page_of_the_site_answers(town: ProfileFolder, client: Client) -> None:
    pages = Page.objects.filter(depth__gt=1).live()
    assert pages.count() == 11

    for each in pages:
        html = page(client, each.url)
        assert "<h1>" in html, each.url


def test_a_page_says_where_it_stands(town: ProfileFolder, client: Client) -> None:
    html = page(client, "/aide/")

    assert '<li><a href="/">Accueil</a></li><li aria-current="page">Aide</li>' in html
    assert 'href="#contenu">Haut de page</a>' in html


def test_a_link_of_a_text_leads_to_its_page(town: ProfileFolder, client: Client) -> None:
    assert 'Voir le <a href="/reglement/">règlement</a>' in page(client, "/aide/")


def test_the_terms_shown_are_those_in_force(town: ProfileFolder, client: Client) -> None:
    TermsVersion.objects.create(
        number=2, title="Conditions", body="## Article 1\n\nTout neuf.", published_at=NOW.replace(day=7)
    )
    TermsVersion.objects.create(number=3, title="Conditions", body="Pas encore.", published_at=NOW.replace(month=10))
    html = page(client, "/conditions-generales/")

    assert "Tout neuf." in html
    assert "Version 2, en vigueur depuis le 7\u00a0septembre 2026." in html
    assert "Pas encore." not in html


def test_terms_not_published_yet_are_said_so(town: ProfileFolder, client: Client) -> None:
    TermsVersion.objects.all().delete()

    assert "Aucun texte n’est encore publié." in page(client, "/conditions-generales/")


def test_the_information_page_gives_services_and_places(town: ProfileFolder, client: Client) -> None:
    html = page(client, "/infos-pratiques/")

    assert "Service Enfance" in html
    assert 'href="mailto:enfance@essai.example"' in html
    assert "Restaurant scolaire" in html


def test_the_site_map_lists_public_pages_only(town: ProfileFolder, client: Client) -> None:
    ContentPage.objects.get(slug="reglement").unpublish()
    html = page(client, "/plan-du-site/").split("<article", 1)[1]

    assert '<a href="/aide/">Aide</a>' in html
    assert '<a href="/actualites/">Actualités</a><ul><li><a href="/actualites/ouverture/">' in html
    assert "/reglement/" not in html
    assert 'href="/compte/connexion/"' in html


def test_accessibility_is_not_conform_until_somebody_says_otherwise(town: ProfileFolder, client: Client) -> None:
    html = page(client, "/accessibilite/")

    assert "<strong>Accessibilité\u00a0: non conforme</strong>" in html
    assert '<a href="/accessibilite/">Accessibilité\u00a0: non conforme</a>' in page(client)


def test_the_footer_leads_to_the_legal_pages_in_order(town: ProfileFolder, client: Client) -> None:
    footer = page(client).split('class="site-foot"', 1)[1]
    found = [footer.index(f'href="/{slug}/"') for slug in (
        "aide", "donnees-personnelles", "conditions-generales", "mentions-legales", "plan-du-site", "accessibilite",
    )]  # fmt: skip

    assert found == sorted(found)


def test_a_legal_page_taken_down_leaves_the_footer(town: ProfileFolder, client: Client) -> None:
    page(client)
    ContentPage.objects.get(role="legal").unpublish()

    assert "/mentions-legales/" not in page(client)


def test_two_pages_cannot_have_one_role(town: ProfileFolder) -> None:
    double = ContentPage(title="Autre aide", slug="autre", role="help")

    with pytest.raises(ValidationError, match="Une autre page a déjà ce rôle"):
        HomePage.objects.get().page_ptr.add_child(instance=double)


def test_the_copy_of_a_page_is_an_ordinary_page(town: ProfileFolder) -> None:
    copy = ContentPage.objects.get(role="terms").copy(
        to=Page.objects.get(pk=HomePage.objects.get().pk), update_attrs={"slug": "copie"}
    )

    assert copy.role == ""


def test_the_identity_of_the_town_is_on_every_page(town: ProfileFolder, client: Client) -> None:
    settings = SiteIdentitySettings.objects.get()
    settings.public_computer = True
    settings.address = "1, place de l’Exemple\n39220 Essai"
    settings.save()
    html = page(client)

    assert '<span class="commune">Essai</span>' in html
    assert "Mairie d’Essai" in html
    assert "1, place de l’Exemple<br>39220 Essai" in html
    assert 'href="tel:+33199001234"' in html
    assert "Un ordinateur est à votre disposition" in html


def test_a_change_of_identity_is_seen_at_once(town: ProfileFolder, client: Client) -> None:
    before = page(client)
    settings = SiteIdentitySettings.objects.get()
    settings.brand = "#7a3b1f"
    settings.save()
    after = page(client)

    def theme(html: str) -> str:
        return html.split('href="/theme.css', 1)[1].split('"', 1)[0]

    assert theme(before) != theme(after)
    assert "--brand:#7a3b1f" in client.get("/theme.css").content.decode()


def test_the_identity_costs_no_query_once_read(town: ProfileFolder, django_assert_num_queries: Any) -> None:
    current_identity()
    with django_assert_num_queries(0):
        assert current_identity().name == "Essai"
        assert page_address("news") == "/actualites/"


def test_without_settings_the_identity_is_the_portals_own(db: None) -> None:
    assert current_identity().name == "Votre commune"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("brand", "bleu", "Écrivez la couleur en hexadécimal, par exemple #1f6173."),
        ("phone", "12", "Écrivez le numéro par paires, par exemple 01 99 00 12 34."),
    ],
)
def test_an_identity_that_makes_no_sense_is_refused(town: ProfileFolder, field: str, value: str, message: str) -> None:
    settings = SiteIdentitySettings.objects.get()
    setattr(settings, field, value)

    with pytest.raises(ValidationError) as refused:
        settings.full_clean()
    assert refused.value.message_dict == {field: [message]}


def test_the_colour_has_one_way_of_being_written(town: ProfileFolder) -> None:
    settings = SiteIdentitySettings.objects.get()
    settings.brand = "#1F6173"
    settings.full_clean()

    assert settings.brand == "#1f6173"
