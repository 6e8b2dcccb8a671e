"""The space of a family as an agent goes through it, and the portal at another date."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from html import unescape

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from portal.backoffice.roles import Role
from portal.domain.accounts.models import TermsAcceptance, User
from portal.domain.activities.models import Activity
from portal.domain.bookings.models import Basket, BasketLine
from portal.domain.bookings.rows import read_children
from portal.domain.families.acting import start_acting, stop_acting
from portal.domain.families.models import Family
from portal.domain.kernel.clock import PARIS
from tests.backoffice.desk import make_agent
from tests.domain.health.factories import filled_sheet
from tests.web.planning.scene import NOW
from tests.web.two_families import NAME, OPEN_DAY, Town, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield build()


@pytest.fixture
def client(town: Town) -> Client:
    client = Client()
    agent = make_agent(Role.MANAGEMENT)
    TermsAcceptance.objects.create(user=agent, version=town.terms, accepted_at=NOW)
    client.force_login(agent)
    return client


def agent_of(client: Client) -> User:
    """Who is signed in."""
    return User.objects.get(pk=client.session["_auth_user_id"])


@pytest.mark.exigence("L11", "B38")
def test_the_agent_sees_the_family_and_the_banner_then_neither(client: Client, town: Town) -> None:
    agent = agent_of(client)
    assert client.get("/famille/planning/").status_code == 403
    start_acting(family=town.family, reason="Au guichet", by=agent, at=NOW)

    page = client.get("/famille/").content.decode()
    assert "Vous agissez pour la famille" in page
    assert "Au guichet" in page
    assert client.get("/famille/planning/").status_code == 200

    assert client.post("/au-nom-de/terminer/")["Location"] == f"/gestion/familles/{town.family.number}/"
    gone = client.get("/famille/planning/")
    assert gone.status_code == 403
    assert NAME not in gone.content.decode()
    assert client.post("/au-nom-de/terminer/").status_code == 302


@pytest.mark.exigence("L11")
def test_the_hour_passed_the_next_page_is_closed(client: Client, town: Town) -> None:
    start_acting(family=town.family, reason="Au guichet", by=agent_of(client), at=NOW)
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert client.get("/famille/planning/").status_code == 403


def test_a_parent_cannot_stop_anything(town: Town) -> None:
    client = Client()
    client.force_login(town.owner)
    assert client.post("/au-nom-de/terminer/")["Location"] == "/"


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.exigence("C17")
def test_another_date_is_shown_and_nothing_is_written(client: Client, town: Town) -> None:
    agent = agent_of(client)
    start_acting(family=town.family, reason="Délais", by=agent, at=NOW, viewed_at=NOW + timedelta(days=30))
    before = counts()

    page = client.get("/famille/planning/")
    assert page.status_code == 200
    assert "Rien ne peut être changé ici" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    for address in ("/famille/", "/famille/panier/", "/famille/inscriptions/"):
        assert client.get(address).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)("/famille/planning/")
        assert answer.status_code == 409, method
        assert "Rien n’est enregistré" in answer.content.decode()
    assert counts() == before

    stop_acting(by=agent, at=NOW)
    assert client.get("/famille/planning/").status_code == 403


@pytest.mark.exigence("C17")
def test_a_deadline_open_on_the_19th_is_closed_on_the_21st(client: Client, town: Town) -> None:
    """« avant le 20 du mois précédent »: the 19th is the last day."""
    before_the_20th = {"kind": "day_of_month", "day": 20, "hour": "00:00", "inclusive": False}
    Activity.objects.filter(pk=town.canteen.activity_id).update(
        booking_deadline=before_the_20th, cancellation_deadline=before_the_20th
    )
    agent, day = agent_of(client), date(2026, 10, 15)
    shown = {}
    for seen in (19, 21):
        at = datetime(2026, 9, seen, 12, tzinfo=PARIS)
        start_acting(family=town.family, reason="Délais", by=agent, at=NOW, viewed_at=at)
        page = client.get(reverse("planning:why", args=[town.code(day)]))
        planning = client.get("/famille/planning/?mois=2026-10&modifier=1").content.decode()
        shown[seen] = (page.context["cell"].editable, page.context["cell"].refusal, page.content.decode())
        assert town.enrolled.first_name in planning
        stop_acting(by=agent, at=NOW)

    editable, refusal, page = shown[19]
    assert editable
    assert refusal is None
    assert "se modifie encore en ligne" in page
    editable, refusal, page = shown[21]
    assert not editable
    assert refusal is not None
    assert "ne se modifie plus en ligne" in page
    assert "20" in refusal.sentence


@pytest.mark.exigence("L11")
def test_an_agent_books_a_day_and_signs_it(client: Client, town: Town) -> None:
    agent = agent_of(client)
    Basket.objects.all().delete()
    start_acting(family=town.family, reason="Appel de la mère", by=agent, at=NOW)
    client.post("/famille/planning/", town.tick(OPEN_DAY) | {"suite": "verifier"})
    line = BasketLine.objects.get(basket__family=town.family)
    assert line.day == OPEN_DAY
    assert town.basket.changed_by == agent


def test_outside_the_session_the_children_are_out_of_reach(town: Town) -> None:
    """The raw reads of the planning follow the same door as `families.access`."""
    agent = make_agent(Role.MANAGEMENT)
    reach = partial(read_children, family=town.family.pk, user=agent.pk, school_year=2026)
    assert reach() == {}
    start_acting(family=Family.objects.get(number="333"), reason="Une autre", by=agent, at=NOW)
    assert reach() == {}
    stop_acting(by=agent, at=NOW)
    start_acting(family=town.family, reason="Celle-ci", by=agent, at=NOW)
    assert list(reach()) == [child.pk for child in town.children]
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert reach() == {}


PLANTED = "Zacharopoulos"


def pages_of(client: Client) -> dict[str, str]:
    """Every page of the family that links lead to, health included, with its text."""
    seen: dict[str, str] = {}
    waiting = ["/famille/", "/famille/dossier/"]
    while waiting:
        address = waiting.pop(0).partition("#")[0]
        if address in seen or len(seen) > 150 or not address.startswith("/famille/"):
            continue
        page = client.get(address, follow=True)
        text = page.content.decode() if "text" in page.get("Content-Type", "") else ""
        seen[address] = text
        waiting += [unescape(link) for link in re.findall(r'href="(/famille/[^"?]*)"', text)]
    return seen


@pytest.mark.exigence("L11")
def test_without_the_permission_no_word_of_health_is_found_on_any_page(client: Client, town: Town) -> None:
    child = town.enrolled
    said = {"doctor_name": f"Dr {PLANTED}", "doctor_phone": "01 99 00 31 20"}
    filled_sheet(town.family, child, by=town.owner, at=NOW, doctor=said)
    agent = make_agent(username="sans-sante", is_staff=True)
    User.objects.filter(pk=agent.pk).update(is_superuser=False)
    agent.user_permissions.add(Permission.objects.get(codename="act_for_family"))
    TermsAcceptance.objects.create(user=agent, version=town.terms, accepted_at=NOW)
    client.force_login(agent)
    start_acting(family=town.family, reason="Au guichet", by=User.objects.get(pk=agent.pk), at=NOW)

    pages = pages_of(client)
    assert f"/famille/dossier/enfants/{child.pk}/" in pages or len(pages) > 10
    assert [address for address, text in pages.items() if PLANTED in text] == []
    assert client.get(reverse("health_sheet:detail", args=[child.pk])).status_code == 403

    parent = Client()
    parent.force_login(town.owner)
    assert [address for address, text in pages_of(parent).items() if PLANTED in text]


def test_at_another_date_health_stays_closed_since_no_reading_can_be_noted(client: Client, town: Town) -> None:
    agent = agent_of(client)
    address = reverse("health_sheet:detail", args=[town.enrolled.pk])
    start_acting(family=town.family, reason="Au guichet", by=agent, at=NOW)
    assert client.get(address).status_code == 200
    stop_acting(by=agent, at=NOW)
    start_acting(family=town.family, reason="Délais", by=agent, at=NOW, viewed_at=NOW)
    assert client.get(address).status_code == 403
