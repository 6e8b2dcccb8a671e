"""« Agenda »: the page of the address, and the calendar that it answers."""

import re
from datetime import datetime

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar

from portal.domain.feeds.models import CalendarFeed
from portal.domain.feeds.queries import secret_address
from portal.domain.feeds.services import Contents, open_feed
from portal.domain.kernel.clock import PARIS
from portal.web.feeds import views
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household

pytestmark = pytest.mark.django_db

URL = "/famille/agenda/"
FORM = {"names": "first_name", "holds": ["with_deadlines"]}


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def parent(home, client):
    client.force_login(home.parent)
    return client


@pytest.fixture
def path(home):
    feed = open_feed(family=home.family, contents=Contents(), by=home.parent, at=AT)
    return f"/agenda/{secret_address(feed)}.ics"


def read(client, url=URL):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.exigence("B19")
def test_the_page_says_what_it_holds_and_makes_the_address(parent, home):
    page = read(parent)
    assert "Toute personne qui a l’adresse" in page
    assert "Jamais d’information de santé" in page
    assert "webcal:" not in page
    assert parent.post(URL, FORM).status_code == 302
    page = read(parent)
    (address,) = re.findall(r'value="(https?://[^"]+\.ics)"', page)
    assert f'href="webcal://{address.partition("://")[2]}"' in page
    assert read(parent) == page or address in read(parent)
    for words in ("Google", "Apple", "Outlook"):
        assert words in page
    assert '<script src="http' not in page
    feed = CalendarFeed.objects.get()
    assert (feed.with_deadlines, feed.with_alarms, feed.with_closures, feed.with_prices) == (True, False, False, False)


@pytest.mark.exigence("B19")
def test_the_calendar_is_read_without_session_nor_cookie(home, path):
    book(home, [MONDAY, TUESDAY])
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, max-age=900"
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    calendar = Calendar.from_ical(answer.content)
    assert [str(event["summary"]) for event in calendar.walk("VEVENT")][:2] == ["Hugo\u00a0: cantine"] * 2
    assert str(calendar["x-wr-calname"]) == f"Activités des enfants ({home.family.name})"
    assert CalendarFeed.objects.get().last_read_on == AT.date()


@pytest.mark.exigence("B19")
def test_what_did_not_change_is_not_sent_again(home, path):
    etag = Client().get(path)["ETag"]
    again = Client().get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, max-age=900"
    book(home, [MONDAY])
    changed = Client().get(path, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag
    assert Client().head(path).content == b""


@pytest.mark.exigence("B19")
def test_revoked_renewed_or_never_given_it_does_not_exist(parent, home, path):
    assert Client().get(f"/agenda/{'x' * 43}.ics").status_code == 404
    assert Client().get("/agenda/.ics").status_code == 404
    assert parent.post(f"{URL}renouveler/").status_code == 302
    assert Client().get(path).status_code == 404
    renewed = f"/agenda/{secret_address(CalendarFeed.objects.get())}.ics"
    assert Client().get(renewed).status_code == 200
    parent.post(f"{URL}revoquer/")
    assert Client().get(renewed).status_code == 404
    assert "Créer mon adresse" in read(parent)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(home, path, method):
    assert getattr(Client(), method)(path).status_code == 405


def test_choices_are_kept(parent, home, path):
    assert parent.post(f"{URL}contenu/", {"names": "initial", "holds": ["with_prices"]}).status_code == 302
    feed = CalendarFeed.objects.get()
    assert (feed.names, feed.with_prices, feed.with_deadlines) == ("initial", True, False)
    assert parent.post(f"{URL}contenu/", {"names": "?"}).status_code == 422
    assert str(Calendar.from_ical(Client().get(path).content)["x-wr-calname"]) == "Activités des enfants"


@pytest.mark.exigence("B19", "B3")
def test_another_family_and_the_other_parent_have_their_own(canteen, home, path, client):
    other = household(canteen)
    client.force_login(other.parent)
    assert path not in read(client)
    for button in ("contenu", "renouveler", "revoquer"):
        assert client.post(f"{URL}{button}/", FORM).status_code == 302
    assert Client().get(path).status_code == 200
    assert CalendarFeed.objects.get().user == home.parent


def test_an_account_without_family_has_none(client):
    client.force_login(UserFactory())
    assert client.post(URL, FORM).status_code == 403
    assert not CalendarFeed.objects.exists()


def test_who_asks_too_often_waits(home, path, monkeypatch):
    monkeypatch.setattr(views, "READINGS", views.Limit("agenda", 2, 3600))
    monkeypatch.setattr(views, "UNKNOWN", views.Limit("agenda-inconnu", 1, 3600))
    assert [Client().get(path).status_code for _ in range(3)] == [200, 200, 429]
    answers = [Client().get(f"/agenda/{each * 43}.ics") for each in "xy"]
    assert [answer.status_code for answer in answers] == [404, 429]
    assert answers[1]["Retry-After"] == "3600"


def test_as_many_queries_whatever_it_holds(home, path, django_assert_max_num_queries):
    book(home, [MONDAY, TUESDAY])
    with django_assert_max_num_queries(14):
        assert Client().get(path).status_code == 200


def test_a_year_later_the_address_still_answers(home, path):
    with time_machine.travel(datetime(2027, 8, 1, 9, tzinfo=PARIS), tick=False):
        assert Client().get(path).status_code == 200
