"""Links that lead nowhere are found, and looking for them never leads inside our own network."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from cms_pages.models import ContentPage
from cms_pages.town.links import broken_links
from cms_pages.town.models import ExternalLink
from cms_pages.town.tasks import check_links
from portal.backoffice.roles import Role
from tests.backoffice.desk import make_agent
from tests.cms_pages.conftest import town
from tests.cms_pages_town.test_outside import Answers, server

__all__ = ["server", "town"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]

REPORT = "/gestion/reports/liens-rompus/"


def write(html: str, slug: str = "reglement") -> ContentPage:
    page: ContentPage = ContentPage.objects.get(slug=slug)
    page.body = [("paragraph", html)]
    page.save_revision().publish()
    return page


def help_page() -> ContentPage:
    found: ContentPage = ContentPage.objects.get(slug="aide")
    return found


def test_a_link_to_a_page_taken_down_is_found() -> None:
    write(f'<p><a linktype="page" id="{help_page().pk}">aide</a></p>')
    assert [link for link in broken_links() if link.page.slug == "reglement"] == []
    help_page().unpublish()
    (found,) = [link for link in broken_links() if link.page.slug == "reglement"]
    assert (found.where, found.target, found.problem) == ("contenu", "Aide", "La page n’est pas en ligne.")


def test_a_link_to_a_page_deleted_is_found() -> None:
    write(f'<p><a linktype="page" id="{help_page().pk}">aide</a></p>')
    Page.objects.get(slug="aide").delete()
    (found,) = [link for link in broken_links() if link.page.slug == "reglement"]
    assert found.problem == "La page n’existe plus."


def test_a_page_that_is_not_on_line_is_not_blamed() -> None:
    page = write(f'<p><a linktype="page" id="{help_page().pk}">aide</a></p>')
    help_page().unpublish()
    page.unpublish()
    assert [link for link in broken_links() if link.page.slug == "reglement"] == []


def test_the_report_costs_the_same_for_one_link_and_for_ten() -> None:
    write(f'<p><a linktype="page" id="{help_page().pk}">aide</a></p>')
    help_page().unpublish()
    broken_links()
    with CaptureQueriesContext(connection) as few:
        broken_links()
    for slug in ("infos-pratiques", "mentions-legales", "plan-du-site"):
        write(f'<p><a linktype="page" id="{help_page().pk}">aide</a></p>', slug)
    with CaptureQueriesContext(connection) as many:
        assert len(broken_links()) > 3
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.COMMUNICATION, 200), (Role.VALIDATION, 200), (Role.MANAGEMENT, 302), (Role.ACCOUNTING, 302)],
)
def test_the_report_is_for_whoever_writes_pages(role: Role, status: int) -> None:
    write(f'<p><a linktype="page" id="{help_page().pk}">aide</a></p>')
    help_page().unpublish()
    client = Client()
    client.force_login(make_agent(role))
    answer = client.get(REPORT)
    assert answer.status_code == status
    if status == 200:
        assert "La page n’est pas en ligne." in answer.content.decode()
        assert "Liens rompus" in client.get("/gestion/").content.decode()


# -- other sites --------------------------------------------------------------------------


def test_the_task_does_nothing_unless_the_town_asks() -> None:
    write('<p><a href="http://exemple.example/404">ailleurs</a></p>')
    assert check_links() == 0
    assert not ExternalLink.objects.exists()


def test_the_task_finds_the_links_and_the_report_shows_them(server: str, settings: Any) -> None:
    settings.CHECK_EXTERNAL_LINKS = True
    page = write(f'<p><a href="{server}/404">ailleurs</a> <a href="{server}/200">là</a></p>')
    assert check_links() >= 2
    assert ExternalLink.objects.get(url=f"{server}/404").pages == [page.pk]
    (found,) = [link for link in broken_links() if link.target == f"{server}/404"]
    assert found.page.pk == page.pk
    asked = len(Answers.asked)
    check_links()
    assert len(Answers.asked) == asked
    write("<p>Plus rien.</p>")
    check_links()
    assert not ExternalLink.objects.filter(url__startswith=server).exists()
