"""Maintenance: announced on every page, then in force, then over, by itself; agents always come in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from cms_pages.town.models import MaintenanceSettings
from portal.backoffice.roles import Role
from tests.backoffice.desk import make_agent
from tests.cms_pages.conftest import town
from tests.domain.accounts.factories import UserFactory

__all__ = ["town"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]

#: Friday 11 September 2026, from 20 h to 22 h 30 in Paris.
STARTS, ENDS = datetime(2026, 9, 11, 18, tzinfo=UTC), datetime(2026, 9, 11, 20, 30, tzinfo=UTC)


def plan(**values: Any) -> MaintenanceSettings:
    saved, _ = MaintenanceSettings.objects.update_or_create(site=Site.objects.get(), defaults=values)
    saved.full_clean()
    return saved


def at(instant: datetime, url: str = "/", client: Client | None = None) -> HttpResponse:
    with time_machine.travel(instant, tick=False):
        return (client or Client()).get(url)


def text(answer: HttpResponse, within: str) -> str:
    found = BeautifulSoup(answer.content, "html.parser").select_one(within)
    return found.get_text(" ", strip=True) if found else ""


@pytest.mark.exigence("L8")
def test_a_closing_is_announced_on_every_page_from_the_hours_before() -> None:
    plan(starts_at=STARTS, ends_at=ENDS, announce_hours=48, words="Le service de paiement change.")

    assert text(at(STARTS - timedelta(hours=49)), ".page-notices") == ""
    for url in ("/", "/aide/", "/actualites/", "/compte/connexion/"):
        said = text(at(STARTS - timedelta(hours=47), url), ".page-notices")
        assert "Maintenance prévue" in said
        assert "vendredi 11\u00a0septembre de 20\u00a0h à 22\u00a0h\u00a030" in said
        assert "Le service de paiement change." in said


@pytest.mark.exigence("L8")
@pytest.mark.exigence("L7")
def test_the_portal_closes_and_opens_again_by_itself() -> None:
    plan(starts_at=STARTS, ends_at=ENDS)

    assert at(STARTS - timedelta(seconds=1)).status_code == 200
    for url in ("/", "/famille/", "/nulle-part/"):
        closed = at(STARTS, url)
        assert closed.status_code == 503
        assert closed["Retry-After"] == str(150 * 60)
        assert "jusqu’à 22\u00a0h\u00a030" in text(closed, "main")
    assert at(ENDS - timedelta(seconds=10))["Retry-After"] == "60"
    assert at(ENDS).status_code == 200
    assert text(at(ENDS), ".page-notices") == ""


@pytest.mark.exigence("L7")
def test_without_a_planned_closing_the_portal_is_open_at_every_hour_of_the_night() -> None:
    for hour in range(24):
        assert at(datetime(2026, 9, 8, hour, tzinfo=UTC)).status_code == 200


def test_a_closing_of_several_days_says_both() -> None:
    plan(starts_at=STARTS, ends_at=ENDS + timedelta(days=1))
    said = text(at(STARTS - timedelta(hours=1)), ".page-notices")
    assert "du vendredi 11\u00a0septembre à 20\u00a0h au samedi 12\u00a0septembre à 22\u00a0h\u00a030" in said
    assert "samedi 12\u00a0septembre, 22\u00a0h\u00a030" in text(at(STARTS), "main")


def test_the_switch_closes_at_once_even_kept_pages(settings: Any) -> None:
    settings.PAGE_CACHE = True
    Client().get("/")
    assert Client().get("/")["X-Page-Cache"] == "hit"
    plan(closed_now=True, words="Nous réparons une panne.")
    closed = Client().get("/")
    assert closed.status_code == 503
    assert closed["Retry-After"] == "900"
    assert closed["Cache-Control"] == "no-store"
    assert "Nous réparons une panne." in text(closed, "main")
    plan(closed_now=False)
    assert Client().get("/").status_code == 200


def test_health_the_theme_and_the_way_in_stay_open() -> None:
    plan(closed_now=True)
    for url in ("/sante/live/", "/theme.css", "/compte/connexion/"):
        assert Client().get(url).status_code == 200


@pytest.fixture
def agent() -> Client:
    client = Client()
    client.force_login(make_agent(Role.MANAGEMENT))
    return client


def test_agents_enter_and_families_do_not(agent: Client) -> None:
    plan(closed_now=True)
    assert agent.get("/gestion/").status_code == 200
    assert agent.get("/").status_code == 200
    parent = Client()
    parent.force_login(UserFactory())
    for url in ("/", "/famille/", "/famille/planning/"):
        assert parent.get(url, follow=True).status_code == 503
    assert parent.post("/famille/planning/", {"jour": "x"}, follow=True).status_code == 503


def test_the_setting_of_the_server_comes_first_and_lets_no_agent_in(agent: Client, settings: Any) -> None:
    plan(starts_at=STARTS, ends_at=ENDS)
    settings.PORTAL_MAINTENANCE = "18\u00a0h"
    with CaptureQueriesContext(connection) as queries:
        closed = agent.get("/")
    assert closed.status_code == 503
    assert "18\u00a0h" in text(closed, "main")
    assert len(queries) == 0


def test_knowing_whether_it_is_open_costs_no_query() -> None:
    plan(starts_at=STARTS, ends_at=ENDS)
    Client().get("/sante/live/")
    with CaptureQueriesContext(connection) as queries:
        Client().get("/theme.css")
        assert at(STARTS).status_code == 503
    assert [query["sql"] for query in queries if "maintenance" in query["sql"]] == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"starts_at": STARTS}, "ends_at"),
        ({"ends_at": ENDS}, "starts_at"),
        ({"starts_at": ENDS, "ends_at": STARTS}, "ends_at"),
        ({"announce_hours": 0}, "announce_hours"),
        ({"announce_hours": 10_000}, "announce_hours"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_on_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MaintenanceSettings(site=Site.objects.get(), **values).full_clean()
    assert field in refused.value.message_dict


def test_the_database_refuses_a_window_without_end() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MaintenanceSettings.objects.create(site=Site.objects.get(), starts_at=STARTS)


def test_an_agent_announces_a_closing_from_the_administration(agent: Client) -> None:
    page = agent.get("/gestion/settings/town/maintenancesettings/", follow=True)
    assert page.status_code == 200
    form = {
        "starts_at": "11/09/2026 20:00",
        "ends_at": "11/09/2026 22:30",
        "announce_hours": "24",
        "words": "",
    }
    answer = agent.post(page.redirect_chain[-1][0], form, follow=True)
    assert "Saisissez" not in answer.content.decode()
    saved = MaintenanceSettings.objects.get()
    assert (saved.starts_at, saved.ends_at, saved.announce_hours) == (STARTS, ENDS, 24)


@pytest.mark.parametrize("role", [Role.COMMUNICATION, Role.VALIDATION, Role.ACCOUNTING, Role.ACTIVITIES])
def test_only_management_closes_the_portal(role: Role) -> None:
    client = Client()
    client.force_login(make_agent(role))
    assert client.get("/gestion/settings/town/maintenancesettings/1/").status_code in (302, 403, 404)
