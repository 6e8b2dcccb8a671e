"""The public home: who the town is, how to enter, what closes next."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from cms_pages.deadlines import PublicDeadline, next_deadlines
from cms_pages.models import HomePage
from portal.domain.activities.enums import ServiceDays
from portal.domain.activities.models import Activity
from tests.cms_pages.conftest import NOW
from tests.communes.small import ProfileFolder
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, UnitFactory

NBSP = "\u00a0"


def page(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.exigence("V12", "A2")
def test_a_visitor_can_read_and_enter(town: ProfileFolder, client: Client) -> None:
    html = page(client)

    assert "<h1>Bienvenue</h1>" in html
    assert 'action="/compte/connexion/"' in html
    assert 'autocomplete="current-password"' in html
    assert "<title>Accueil – Portail famille d’Essai</title>" in html


def test_somebody_signed_in_is_shown_the_way_to_their_space(town: ProfileFolder, client: Client) -> None:
    client.force_login(UserFactory(first_name="Claire", last_name="Vuillet"))
    html = page(client)

    assert "Vous êtes connecté avec le compte de Claire Vuillet." in html
    assert 'href="/famille/"' in html
    assert 'type="password"' not in html


def test_the_next_deadline_is_the_one_of_the_planning(town: ProfileFolder, client: Client) -> None:
    html = page(client)

    assert '<time class="day" datetime="2026-09-10T23:59+02:00">jeu. <b>10</b> sept.</time>' in html
    assert f"jusqu’à 23{NBSP}h{NBSP}59, pour la semaine du 14 au 18{NBSP}septembre" in html


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 9, 10, 21, 59, 59, tzinfo=UTC), "pour la semaine du 14 au 18\u00a0septembre"),
        (datetime(2026, 9, 10, 22, tzinfo=UTC), "pour la semaine du 21 au 25\u00a0septembre"),
        # The week before the holidays that end on 1 November closes before they begin.
        (datetime(2026, 10, 10, 8, tzinfo=UTC), "pour la semaine du 2 au 6\u00a0novembre"),
    ],
)
def test_a_deadline_leaves_with_its_last_second(town: ProfileFolder, at: datetime, shown: str) -> None:
    assert [deadline.detail for deadline in next_deadlines(at=at)] == [shown]


def test_activities_that_close_together_are_one_line(town: ProfileFolder) -> None:
    for short_name, extra in (("Périscolaire", {}), ("Étude", {"editable_by_families": False})):
        UnitFactory(activity=ActivityFactory(short_name=short_name, order=20, **extra))
    UnitFactory(activity=ActivityFactory(short_name="Vacances", service_days=ServiceDays.HOLIDAYS))

    assert [(deadline.title, deadline.detail) for deadline in next_deadlines(at=NOW)] == [
        ("Cantine · Périscolaire", f"pour la semaine du 14 au 18{NBSP}septembre"),
        ("Vacances", f"pour la semaine du 19 au 23{NBSP}octobre"),
    ]


def test_no_activity_no_block(town: ProfileFolder, client: Client) -> None:
    Activity.objects.update(shown_on_planning=False)

    assert "Prochaines échéances" not in page(client)


def test_activities_without_limit_say_nothing(town: ProfileFolder) -> None:
    Activity.objects.update(booking_deadline={"kind": "always"})

    assert next_deadlines(at=NOW) == []


def test_a_day_alone_is_named(town: ProfileFolder) -> None:
    Activity.objects.update(booking_deadline={"kind": "days_before", "days": 1})

    assert next_deadlines(at=NOW) == [
        PublicDeadline(
            title="Cantine",
            instant=next_deadlines(at=NOW)[0].instant,
            detail=f"pour le 10{NBSP}septembre",
        )
    ]


def test_the_deadlines_cost_a_constant_number_of_queries(town: ProfileFolder, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2) as alone:
        next_deadlines(at=NOW)
    for rank in range(5):
        UnitFactory(activity=ActivityFactory(order=rank), weekdays=[1, 3])
    with django_assert_num_queries(len(alone.captured_queries)):
        next_deadlines(at=NOW)


def test_the_home_page_costs_few_queries(
    town: ProfileFolder, client: Client, django_assert_max_num_queries: Any
) -> None:
    page(client)
    with django_assert_max_num_queries(16):
        page(client)


def test_the_latest_news_are_on_the_home_page(town: ProfileFolder, client: Client) -> None:
    html = page(client)

    assert 'href="/actualites/ouverture/">Ouverture</a>' in html
    assert 'href="/actualites/"' in html


@pytest.mark.exigence("V13")
def test_the_sections_are_those_of_the_agents(town: ProfileFolder, client: Client) -> None:
    home = HomePage.objects.get()
    link = {"label": "Lire", "page": None, "document": None, "door": "", "url": "https://www.exemple.example/"}
    home.sections = [
        {
            "type": "tiles",
            "value": {"title": "Écoles", "tiles": [{"icon": "heart", "title": "Crèche", "text": "", "links": [link]}]},
        },
        {
            "type": "side_by_side",
            "value": {
                "documents": {"title": "Nos documents", "entries": [{"link": link, "note": "PDF"}]},
                "card": {"icon": "info", "title": "À savoir ?", "text": "Deux mots.", "links": []},
            },
        },
        {"type": "card", "value": {"icon": "info", "title": "Seule", "text": "Un mot.", "links": [link]}},
        {"type": "heading", "value": "Et aussi"},
        {"type": "paragraph", "value": "<p>Du texte.</p>"},
    ]
    home.save_revision().publish()
    html = page(client)

    for piece in ("Écoles", "Crèche", "Nos documents", "À savoir\u202f?", "Seule", "<h2>Et aussi</h2>", "Du texte."):
        assert piece in html
    assert html.count('href="https://www.exemple.example/"') == 3


def test_the_menu_leads_to_the_pages_of_the_town(town: ProfileFolder, client: Client) -> None:
    html = page(client)

    assert 'href="/actualites/"' in html
    assert 'href="/infos-pratiques/"' in html
    assert 'aria-current="page"' in html


def test_past_activities_are_forgotten(town: ProfileFolder) -> None:
    with time_machine.travel(datetime(2027, 7, 14, tzinfo=UTC)):
        assert next_deadlines(at=datetime(2027, 7, 14, 8, tzinfo=UTC)) == []
