"""Layout, theme, error pages, maintenance: what a browser receives."""

import logging
import re
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from portal.web.context import site_context
from portal.web.design.pdf import render_pdf
from portal.web.design.theme import fingerprint, stylesheet
from portal.web.identity import (
    FamilyHeader,
    HeaderNotice,
    SiteIdentity,
    current_identity,
    default_identity,
    register_family_header_provider,
    register_identity_provider,
    safe_identity,
)
from portal.web.menu import MenuEntry, menu_links

ERRORS = {"400": 400, "403": 403, "403_csrf": 403, "404": 404, "500": 500, "503": 503}


class SignedIn:
    is_authenticated = True

    def get_full_name(self):
        return "Claire Vuillet"

    def get_username(self):
        return "claire"


def page(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def render_as(user, template="layout/family.html", path="/famille/planning/", **context) -> BeautifulSoup:
    request = RequestFactory().get(path)
    request.user = user
    return BeautifulSoup(render_to_string(template, {"user": user, **context}, request), "html.parser")


# -- theme ------------------------------------------------------------------------------------------------------


def test_theme_is_kept_a_year_under_its_fingerprint_and_five_minutes_otherwise(client):
    address = page(client.get("/demo/composants/")).select_one("link[href^='/theme.css']")["href"]
    assert address == f"/theme.css?v={fingerprint('#1f6173')}"
    named = client.get(address)
    assert named["Content-Type"].startswith("text/css")
    assert "immutable" in named["Cache-Control"]
    assert client.get("/theme.css")["Cache-Control"] == "public, max-age=300"
    assert client.get("/theme.css?v=ancien")["Cache-Control"] == "public, max-age=300"


def test_theme_follows_the_commune_s_colour(client):
    register_identity_provider(lambda request: SiteIdentity(brand="#e4572e"))
    assert b"--brand:#e4572e" in client.get("/theme.css").content


@pytest.mark.parametrize("brand", ["", "rouge", "#fff;}body{display:none}"])
def test_a_broken_colour_never_breaks_the_style_sheet(brand):
    assert stylesheet(brand) == stylesheet("#1f6173")


def test_the_fingerprint_changes_with_the_colour():
    assert fingerprint("#1f6173") != fingerprint("#1f6174")


# -- identity and menu ------------------------------------------------------------------------------------------


def test_identity_comes_from_the_settings_until_somebody_knows_better():
    assert default_identity().title == "Portail famille des Rousses"
    assert current_identity().phone_href == "tel:+33199001234"
    register_identity_provider(lambda request: None)
    assert current_identity().name == "Les Rousses"
    register_identity_provider(lambda request: SiteIdentity(name="Colomars"))
    assert current_identity().name == "Colomars"


def test_a_name_that_does_not_exist_in_the_settings_is_refused(settings):
    settings.PORTAL_IDENTITY = {"nom": "Les Rousses"}
    with pytest.raises(TypeError):
        default_identity()


def test_a_broken_page_shows_the_last_identity_known_without_asking_for_it():
    calls = []

    def provider(request):
        calls.append(request)
        return SiteIdentity(name="Colomars")

    register_identity_provider(provider)
    assert safe_identity().name == "Les Rousses"
    current_identity()
    assert safe_identity().name == "Colomars"
    assert len(calls) == 1


def test_context_asks_nobody_before_it_is_read():
    def provider(request):
        raise AssertionError("asked too early")

    register_identity_provider(provider)
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert set(site_context(request)) == {
        "site_identity",
        "family_header",
        "menu_public",
        "menu_private",
        "page_notices",
    }


def test_the_menu_never_shows_a_dead_link():
    request = RequestFactory().get("/famille/planning/")
    request.user = SignedIn()
    private = menu_links("private", request)
    assert [link.url for link in private] == ["/famille/", "/famille/planning/"]
    assert [link.current for link in private] == [False, True]
    assert [link.url for link in menu_links("public", request)] == ["/famille/"]


def test_the_home_entry_is_lit_on_its_own_page_only():
    request = RequestFactory().get("/famille/")
    request.user = SignedIn()
    assert [link.current for link in menu_links("private", request)] == [True, False]


def test_an_entry_may_compute_its_address():
    assert MenuEntry("x", "X", "info", 1, url=lambda request: "/x/").resolve(None) == "/x/"
    assert MenuEntry("x", "X", "info", 1, url_name="nowhere:at-all").resolve(None) is None


# -- layout -----------------------------------------------------------------------------------------------------


def test_a_visitor_is_offered_to_sign_in_and_no_dead_link(client):
    shown = page(client.get("/demo/composants/"))
    assert shown.html["lang"] == "fr"
    assert shown.title.string == "Composants – Portail famille des Rousses"
    assert shown.select_one("a.skip")["href"] == "#contenu"
    assert shown.select_one("main#contenu")["tabindex"] == "-1"
    assert shown.select_one(".account a").get_text(strip=True) == "Me connecter"
    assert "Créer mon compte" not in shown.header.get_text()
    assert "Accessibilité\u00a0: non conforme" in shown.footer.get_text()
    assert "Mairie des Rousses" in shown.footer.get_text()


def test_a_family_sees_its_name_its_number_and_a_form_to_leave():
    register_family_header_provider(
        lambda request: FamilyHeader(
            "Vuillet",
            "4127",
            unread_messages=3,
            unread_notifications=1,
            notifications_url="/n/",
            notifications=(HeaderNotice(1, "Pièce acceptée", datetime(2026, 9, 9, 8, tzinfo=UTC)),),
        )
    )
    shown = render_as(SignedIn())
    account = shown.select_one(".account")
    assert "Famille Vuillet · dossier n°\u00a04127" in account.get_text()
    for action in ("/compte/deconnexion/", "/famille/notifications/1/"):
        assert account.select_one(f"form[method=post][action='{action}'] [name=csrfmiddlewaretoken]"), action
    assert "1 nouvelle" in account.select_one(".bell").get_text(" ", strip=True)
    assert shown.select_one(".menu-button .count").get_text() == "3 messages non lus"


def test_an_agent_without_family_sees_their_own_name():
    assert "Claire Vuillet" in render_as(SignedIn()).select_one(".account").get_text()


def test_the_title_says_when_the_form_has_errors():
    class Form:
        errors = {"dossier": ["?"]}

    assert render_as(SignedIn(), form=Form()).title.string.startswith("Erreur\u00a0: ")


@pytest.mark.django_db  # redirects are looked up before a 404 is given
def test_no_inline_script_style_or_handler_anywhere(client):
    for address in ["/demo/composants/", *(f"/demo/composants/erreurs/{code}/" for code in ERRORS)]:
        source = client.get(address).content.decode()
        assert " style=" not in source
        assert "<style" not in source
        assert not re.search(r"<script(?![^>]* src=)", source)
        assert not re.search(r"<[^>]* on[a-z]+=", source)


def test_htmx_may_neither_evaluate_nor_write_styles_nor_call_away(client):
    config = page(client.get("/demo/composants/")).select_one("meta[name=htmx-config]")["content"]
    assert '"allowEval": false' in config
    assert '"includeIndicatorStyles": false' in config
    assert '"selfRequestsOnly": true' in config


def test_the_living_page_has_unique_ids_and_ties_that_lead_somewhere(client):
    shown = page(client.get("/demo/composants/"))
    blank, sent = shown.select("form.stack")[:2]
    assert blank != sent
    ids = [tag["id"] for tag in shown.find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))
    ties = {name for tag in shown.find_all(attrs={"aria-labelledby": True}) for name in tag["aria-labelledby"].split()}
    assert ties <= set(ids)


# -- errors -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db  # redirects are looked up before a 404 is given
@pytest.mark.parametrize(("code", "status"), ERRORS.items())
def test_every_error_page_says_what_was_kept_and_where_to_go(client, code, status):
    response = client.get(f"/demo/composants/erreurs/{code}/")
    shown = page(response)
    assert response.status_code == status
    assert shown.h1
    assert "gardé" in shown.main.get_text() or "intacts" in shown.main.get_text()
    assert shown.main.select_one("a.button")
    assert "Les Rousses" in shown.header.get_text()


@pytest.mark.django_db  # redirects are looked up before a 404 is given
def test_an_address_that_does_not_exist(client):
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert "Rien n’est perdu\u00a0: votre dossier" in page(response).main.get_text()


def test_a_refusal_and_a_suspicious_request(client):
    assert client.get("/essai/refus/").status_code == 403
    assert client.get("/essai/suspect/").status_code == 400


def test_a_wrong_host_is_answered_without_reading_the_request(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]

    def provider(request):
        return SiteIdentity(name=request.get_host())

    register_identity_provider(provider)
    response = client.get("/demo/composants/", headers={"host": "mauvais.example"})
    assert response.status_code == 400
    assert "Les Rousses" in response.content.decode()


def test_a_breakdown_gives_a_reference_that_the_log_holds(client, caplog):
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="portal.web.design.errors"):
        response = client.get("/essai/panne/")
    assert response.status_code == 500
    reference = page(response).main.strong.string
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}", reference)
    assert any(reference in record.getMessage() for record in caplog.records)


def test_a_breakdown_asks_no_provider(client):
    def provider(request):
        raise ConnectionError("base arrêtée")

    register_identity_provider(provider)
    client.raise_request_exception = False
    response = client.get("/essai/panne/")
    assert response.status_code == 500
    assert "Les Rousses" in response.content.decode()


def test_a_breakdown_of_the_breakdown_still_answers(client, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr("portal.web.design.errors.loader.get_template", fail)
    client.raise_request_exception = False
    response = client.get("/essai/panne/")
    assert response.status_code == 500
    assert "Revenir à l’accueil" in response.content.decode()


def test_the_template_500_stands_without_any_context():
    assert "Un problème de notre côté" in render_to_string("500.html")


def test_a_late_form_is_refused_with_the_way_to_send_it_again():
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/sante/", {"x": "1"})
    assert response.status_code == 403
    assert "resté ouvert trop longtemps" in response.content.decode()


# -- maintenance ------------------------------------------------------------------------------------------------


def test_maintenance_closes_the_families_pages_and_says_until_when(client, settings):
    settings.PORTAL_MAINTENANCE = "18\u00a0h"
    response = client.get("/demo/composants/")
    assert response.status_code == 503
    assert response["Retry-After"] == "900"
    assert "18\u00a0h" in page(response).main.get_text()


def test_maintenance_leaves_health_checks_the_theme_and_the_way_in(client, settings):
    settings.PORTAL_MAINTENANCE = True
    assert client.get("/sante/").status_code == 200
    assert client.get("/theme.css").status_code == 200
    assert client.get("/compte/connexion/").status_code == 200
    assert client.get("/famille/").status_code == 503


# -- mail and paper ---------------------------------------------------------------------------------------------


def test_a_mail_is_readable_without_images_scripts_or_styles_on_its_words():
    shown = BeautifulSoup(render_to_string("layout/mail.html"), "html.parser")
    assert shown.select_one(".who").get_text(" ", strip=True) == "Les Rousses Portail famille"
    assert not shown.find_all(["img", "script"])
    assert not shown.find_all(style=True)
    assert "01 99 00 12 34" in shown.get_text()


def test_the_plain_twin_of_a_mail_is_plain():
    text = render_to_string("layout/mail.txt")
    assert text.startswith("Les Rousses, Portail famille")
    assert "<" not in text


def test_a_document_on_paper_is_a_pdf():
    assert render_pdf("layout/pdf.html", {}).startswith(b"%PDF-")
