"""What is addressed to some is nowhere in public, and nothing to another family."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.models import Page

from cms_pages.audiences import Audience
from cms_pages.search import search_everywhere
from news.models import NewsAttachment, NewsIndexPage, NewsPage, NewsReading
from portal.backoffice.roles import Role, load_roles
from portal.domain.accounts.models import User
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household
from tests.news.conftest import NOW
from tests.news.factories import make_item

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("V2", "B23")]

ADDRESS = "/actualites/secret-cantine/"


@pytest.fixture
def secret(news: NewsIndexPage, canteen: Any) -> NewsPage:
    return make_item(news, "secret-cantine", activities=[canteen.activity], title="Zibeline au réfectoire")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_visitor_is_asked_to_sign_in_and_comes_back(secret: NewsPage, client: Client) -> None:
    response = client.get(ADDRESS)

    assert response.status_code == 302
    assert response.headers["Location"] == f"/compte/connexion/?next={ADDRESS}"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_family_reads_it_and_no_cache_keeps_it(secret: NewsPage, home: Household) -> None:
    response = signed_in(home.parent).get(ADDRESS)

    assert response.status_code == 200
    assert "Zibeline" in response.content.decode()
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"


def test_to_another_family_it_does_not_exist(secret: NewsPage, neighbours: Household) -> None:
    for user in (neighbours.parent, UserFactory()):
        assert signed_in(user).get(ADDRESS).status_code == 404


def test_an_agent_sees_it_if_their_role_changes_pages(secret: NewsPage) -> None:
    groups = load_roles()
    editor, clerk = UserFactory(agent=True), UserFactory(agent=True)
    editor.groups.add(groups[Role.COMMUNICATION])
    clerk.groups.add(groups[Role.ACCOUNTING])

    assert signed_in(editor).get(ADDRESS).status_code == 200
    assert signed_in(clerk).get(ADDRESS).status_code == 404


def test_nothing_public_says_a_word_of_it(
    secret: NewsPage, news: NewsIndexPage, home: Household, client: Client
) -> None:
    make_item(news, "pour-tous")
    make_item(news, "familles", audience=Audience.FAMILIES, title="Zibeline pour tous")
    for address in ("/actualites/", "/actualites/flux/", "/actualites/flux/atom/", "/actualites/pour-tous/"):
        for asker in (client, signed_in(home.parent)):
            html = asker.get(address).content.decode()
            # The family's own pages may show it; these are the same for everybody.
            assert "ibeline" not in html, address
            assert "secret-cantine" not in html, address
    assert secret.get_sitemap_urls() == []
    assert len(NewsPage.objects.get(slug="pour-tous").get_sitemap_urls()) == 1


def test_the_search_finds_it_for_its_family_only(
    secret: NewsPage, home: Household, neighbours: Household, client: Client
) -> None:
    def found(user: Any) -> list[str]:
        hits = search_everywhere("zibeline", user=user, on=NOW.date())
        return [hit.title for source in hits.values() for hit in source]

    assert found(home.parent) == ["Zibeline au réfectoire"]
    assert found(neighbours.parent) == []
    assert found(client.get("/actualites/").wsgi_request.user) == []


def test_once_over_it_is_gone_for_everybody_at_that_second(
    news: NewsIndexPage, home: Household, client: Client
) -> None:
    over = make_item(news, "fini", expire_at=NOW + timedelta(minutes=5))
    closed = make_item(news, "fini-familles", audience=Audience.FAMILIES, expire_at=NOW + timedelta(minutes=5))
    assert client.get("/actualites/fini/").status_code == 200
    # The clock passes, the task has not come yet: both are still live.
    NewsPage.objects.filter(pk__in=[over.pk, closed.pk]).update(expire_at=NOW)

    for address in ("/actualites/fini/", "/actualites/fini-familles/"):
        assert client.get(address).status_code == 404
        assert signed_in(home.parent).get(address).status_code == 404
    assert "fini" not in client.get("/actualites/").content.decode()
    assert "fini" not in signed_in(home.parent).get("/famille/actualites/").content.decode()


def test_a_draft_is_for_nobody(news: NewsIndexPage, home: Household) -> None:
    make_item(news, "brouillon", audience=Audience.FAMILIES, live=False)

    assert signed_in(home.parent).get("/actualites/brouillon/").status_code == 404
    assert Client().get("/actualites/brouillon/").status_code == 404


# -- files --------------------------------------------------------------------------------


@pytest.fixture
def disk(settings: Any, tmp_path: Path) -> None:
    """Files on a disk, as they are served."""
    settings.MEDIA_ROOT = tmp_path
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = settings.STORAGES | {"default": default}


def attach(page: NewsPage) -> Any:
    document = get_document_model().objects.create(title="Programme", file=ContentFile(b"%PDF-1.4", "programme.pdf"))
    NewsAttachment.objects.create(page=page, document=document)
    Page.objects.get(pk=page.pk).specific.save()
    return document


@pytest.mark.usefixtures("disk")
def test_a_file_of_something_for_some_is_not_for_whoever_guesses_its_address(
    secret: NewsPage, home: Household, neighbours: Household, client: Client
) -> None:
    document = attach(secret)

    visitor = client.get(document.url)
    assert visitor.status_code == 302
    assert visitor.headers["Location"].startswith("/compte/connexion/?next=")
    assert signed_in(neighbours.parent).get(document.url).status_code == 404
    mine = signed_in(home.parent).get(document.url)
    assert mine.status_code == 200
    assert mine.getvalue() == b"%PDF-1.4"
    assert mine.headers["Cache-Control"] == "private, no-store"
    assert "Programme (PDF, 8" in signed_in(home.parent).get(ADDRESS).content.decode()


@pytest.mark.usefixtures("disk")
def test_a_file_that_a_public_item_gives_too_is_public(secret: NewsPage, news: NewsIndexPage, client: Client) -> None:
    document = attach(secret)
    public = make_item(news, "pour-tous")
    NewsAttachment.objects.create(page=public, document=document)
    NewsPage.objects.get(pk=public.pk).save()

    assert client.get(document.url).getvalue() == b"%PDF-1.4"


def test_a_file_of_a_draft_waits_for_it(news: NewsIndexPage, client: Client) -> None:
    document = attach(make_item(news, "brouillon", live=False))

    assert client.get(document.url).status_code == 404


# -- reading ------------------------------------------------------------------------------


def test_opening_it_is_reading_it_looking_at_its_head_is_not(secret: NewsPage, home: Household) -> None:
    client = signed_in(home.parent)
    client.head(ADDRESS)
    client.get(ADDRESS, headers={"Sec-Purpose": "prefetch"})
    assert not NewsReading.objects.exists()

    client.get(ADDRESS)
    client.get(ADDRESS)
    assert NewsReading.objects.get().user == home.parent


# -- pictures -----------------------------------------------------------------------------


def test_the_agent_who_addresses_an_item_to_some_reads_that_pictures_are_public(news: NewsIndexPage) -> None:
    editor = UserFactory(agent=True)
    editor.groups.add(load_roles()[Role.COMMUNICATION])

    screen = signed_in(editor).get(reverse("wagtailadmin_pages:add", args=["news", "newspage", news.pk]))

    assert "Les images ne sont jamais réservées" in screen.content.decode()
