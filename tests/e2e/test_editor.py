"""A day of the agent who writes the public pages, in a real browser: what is published is on line at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from documents.library.models import LibraryDocument
from documents.menus import queries
from documents.menus.models import MenuSite, MenuWeek
from documents.menus.weeks import WEEKS_FORWARD
from news.models import NewsIndexPage
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.clock import paris_date, to_paris
from tests.backoffice.desk import COMMUNICATION, make_agent
from tests.documents.library.files import pdf
from tests.domain.accounts.factories import PASSWORD
from tests.domain.bookings.factories import household, priced_unit
from tests.harness.browser import PageFactory
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

#: One instant for all the tests of this file: the town is loaded once.
STARTED = timezone.now()

TUESDAY = 2


@pytest.fixture(autouse=True)
def rousses(live_server: LiveServer, settings: Any) -> None:
    """The profile of Les Rousses, served."""
    settings.PORTAL_BASE_URL = live_server.url
    load_town("les-rousses", at=STARTED)


@pytest.fixture
def desk(rousses: None, open_page: PageFactory) -> Page:
    """The agent of communication, signed in by the common door, on the first page of the administration."""
    agent = make_agent(COMMUNICATION, username="communication", first_name="Côme")
    page = open_page()
    page.goto("/gestion/")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill(agent.username)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Me connecter").click()
    expect(page.get_by_role("heading", name="Bonjour Côme")).to_be_visible()
    return page


@pytest.fixture
def outside(open_page: PageFactory) -> Page:
    """Somebody without account, who has the home page already: it is kept for the next visitor."""
    page = open_page(javascript=False)
    page.goto("/")
    page.goto("/")
    return page


def begin_item(page: Page, title: str, excerpt: str) -> None:
    """Open a new item from the list of the news and write its first words."""
    page.goto(f"/gestion/pages/{NewsIndexPage.objects.get().pk}/")
    page.get_by_role("link", name="Ajouter une sous-page").first.click()
    page.get_by_role("textbox", name="Titre*").fill(title)
    page.get_by_role("textbox", name="Extrait*").fill(excerpt)


def publish(page: Page, title: str) -> None:
    page.get_by_role("button", name="Plus d'actions").click()
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(title)


def test_an_item_for_everybody_is_on_the_home_page_at_once(desk: Page, outside: Page) -> None:
    title = "Le goûter du marché de Noël"
    begin_item(desk, title, "Samedi, les enfants de l’accueil de loisirs vendent leurs gâteaux.")
    desk.get_by_role("button", name="Choisir rubrique d’actualité").click()
    desk.get_by_role("link", name="Vacances", exact=True).click()
    expect(desk.get_by_role("dialog")).to_have_count(0)
    publish(desk, title)

    outside.goto("/")
    outside.get_by_role("link", name=title, exact=True).click()
    expect(outside.get_by_role("heading", level=1)).to_have_text(title)
    expect(outside.get_by_role("main")).to_contain_text("Vacances")


@pytest.mark.exigence("V2")
def test_an_item_for_an_activity_is_nothing_to_a_visitor(desk: Page, outside: Page) -> None:
    title = "Restaurant scolaire\u00a0: un repas froid vendredi"
    begin_item(desk, title, "La cuisine est en travaux.")
    desk.get_by_label("Pour*").select_option("certaines familles")
    desk.get_by_role("checkbox", name="Restaurant scolaire").check()
    publish(desk, title)

    for path in ("/", "/actualites/", "/recherche/?q=repas+froid", "/actualites/flux/"):
        answer = outside.request.get(path)
        assert answer.status == 200
        assert "repas froid vendredi" not in answer.text()


def test_a_pinned_alert_is_seen_on_every_page(desk: Page, outside: Page) -> None:
    title = "La crèche ferme demain à midi"
    begin_item(desk, title, "L’eau est coupée dans la rue.")
    alert = desk.get_by_role("region", name="Alerte en haut des pages")
    alert.get_by_role("button", name="Afficher/masquer la section").click()
    begins = to_paris(timezone.now()) - timedelta(hours=1)
    alert.get_by_label("Alerte", exact=True).select_option(index=3)
    alert.get_by_label("Montrée du").fill(f"{begins:%d/%m/%Y %H:%M}")
    alert.get_by_label("Au", exact=True).fill(f"{begins + timedelta(days=2):%d/%m/%Y %H:%M}")
    # The calendar opens a moment after its field is filled and stays until somebody clicks elsewhere.
    calendar = desk.locator(".xdsoft_datetimepicker:visible")
    expect(calendar.last).to_be_visible()
    desk.locator("body").dispatch_event("mousedown")
    expect(calendar).to_have_count(0)
    publish(desk, title)

    for path in ("/", "/menus/", "/documents/", "/infos-pratiques/contacts/", "/compte/connexion/"):
        outside.goto(path)
        expect(outside.get_by_text(title).first).to_be_visible()


def week_to_write(site: MenuSite) -> Week:
    """The first week ahead that nobody wrote and whose Tuesday is served."""
    now = Week.of(paris_date(timezone.now()))
    for number in range(1, WEEKS_FORWARD + 1):
        week = now.shift(number)
        written = MenuWeek.objects.filter(site=site, monday=week.monday).exists()
        if not written and queries.openings_of(site, week.range).served([week.day(TUESDAY)]):
            return week
    raise AssertionError("no week to write")


def test_a_menu_is_written_in_the_grid_and_published(desk: Page, outside: Page) -> None:
    site = next(each for each in queries.sites() if each.code == "creche")
    week = week_to_write(site)
    public, private = (f"{root}menus/creche/{queries.week_code(week)}" for root in ("/", "/gestion/"))
    outside.goto(public)
    expect(outside.get_by_text("Purée de courge du jardin")).to_have_count(0)

    desk.goto(f"{private}/")
    desk.locator(f"#j{TUESDAY}-main-1-nom").fill("Purée de courge du jardin")
    desk.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(desk.get_by_text("C’est enregistré.")).to_be_visible()
    outside.goto(public)
    expect(outside.get_by_text("Purée de courge du jardin")).to_have_count(0)

    desk.get_by_role("button", name="Enregistrer et publier").click()
    expect(desk.get_by_text("Les menus sont en ligne.")).to_be_visible()
    outside.goto(public)
    expect(outside.get_by_text("Purée de courge du jardin")).to_be_visible()


def test_a_new_version_of_the_rules_leaves_the_former_one_readable(desk: Page, outside: Page) -> None:
    rules = LibraryDocument.objects.get(slug="reglement-interieur")
    former = outside.request.get(rules.latest_url)
    desk.goto("/gestion/")
    desk.get_by_role("button", name="Bibliothèque").click()
    desk.get_by_role("link", name="Documents à télécharger").click()
    desk.get_by_title("Publier une nouvelle version\u00a0: Règlement intérieur").first.click()
    new = pdf(mark=b"the second rules")
    desk.get_by_label("Fichier").set_input_files(
        [{"name": "reglement.pdf", "mimeType": "application/pdf", "buffer": new}]
    )
    desk.get_by_label("Ce qui change").fill("Le soir finit à 18 h 30.")
    desk.get_by_role("button", name="Publier cette version").click()
    expect(desk.get_by_text("C’est publié\u00a0: version 2")).to_be_visible()

    outside.goto(rules.page_url)
    expect(outside.get_by_role("main")).to_contain_text("Le soir finit à 18 h 30.")
    assert outside.request.get(rules.latest_url).body() == new
    assert outside.request.get(rules.versions.get(number=1).url).body() == former.body()
    assert former.body() != new


def test_the_agent_sees_no_family(desk: Page) -> None:
    home = household(priced_unit())
    expect(desk.get_by_role("button", name="Familles")).to_have_count(0)
    for path in (
        "/gestion/familles/dossiers/",
        f"/gestion/familles/dossiers/inspect/{home.family.pk}/",
        "/gestion/familles/enfants/",
        "/gestion/inscriptions/reservations/",
        "/gestion/courriels/",
        "/gestion/journal/",
    ):
        answer = desk.request.get(path, max_redirects=0)
        assert answer.status == 302, path
        assert answer.headers["location"] == "/gestion/"
        assert home.child.first_name not in answer.text()
