"""The family's home: what needs them now, until when, what happens tomorrow."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.domain.bookings.services import change_draft
from portal.domain.families.models import Adult
from portal.web.home.views import greeting
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import MemberFactory
from tests.web.planning.scene import NOW, Scene, code, make_unit

HOME = "/famille/"
TOMORROW = date(2026, 9, 10)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client) -> Scene:
    scene = Scene()
    client.force_login(scene.user)
    return scene


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def read(client: Client) -> str:
    response = client.get(HOME)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("at", "word"),
    [(time(4, 59), "Bonsoir"), (time(5), "Bonjour"), (time(17, 59), "Bonjour"), (time(18), "Bonsoir")],
)
def test_the_greeting_follows_the_clock_of_paris(at: time, word: str) -> None:
    assert greeting(at, "Claire") == f"{word} Claire"
    assert greeting(at, "") == word


@pytest.mark.exigence("L5", "L6")
def test_the_top_of_the_page_says_who_is_signed_in_and_how_to_leave(client: Client, scene: Scene) -> None:
    page = read(client)
    assert "mercredi 9\u00a0septembre 2026" in page
    assert "Bonsoir Claire" in page
    assert f"Vuillet · dossier n°&nbsp;{scene.family.number}" in page
    assert 'action="/compte/deconnexion/"' in page
    assert "Déconnexion" in page


def test_a_family_without_anything_gets_no_empty_promise(client: Client, scene: Scene) -> None:
    page = read(client)
    assert "Téléphone de Claire" in page, "the dossier says what it lacks"
    Adult.objects.update(phone="06 39 98 12 34")
    page = read(client)
    assert "Rien ne vous attend" in page
    assert "Aucun jour à réserver pour le moment" in page
    assert "Demain" not in page


@pytest.mark.exigence("P38")
def test_a_draft_waits_on_top_with_what_is_left(client: Client, scene: Scene, clock: Any) -> None:
    child, unit = scene.child(), make_unit()
    scene.enrol(child, unit)
    change_draft(family=scene.family, add=[code(child, unit, date(2026, 9, 14))], remove=[], by=scene.user, at=NOW)
    clock.shift(timedelta(minutes=2))
    page = read(client)
    assert "Valider votre brouillon de planning" in page
    assert "1\u00a0ajout, +4,30\u00a0€\u00a0: gardé jusqu’à 23\u00a0h" in page
    assert "encore 18\u00a0min" in page
    clock.shift(timedelta(minutes=30))
    assert "vos choix sont gardés, les places ne sont plus retenues" in read(client)


@pytest.mark.exigence("N3")
def test_the_next_deadline_and_tomorrow_are_said_in_words(client: Client, scene: Scene) -> None:
    child, unit = scene.child(), make_unit()
    scene.enrol(child, unit)
    scene.book(child, unit, [TOMORROW])
    scene.child("Léna", birth_date=date(2020, 5, 2), level="CP")
    page = read(client)
    assert ">demain</time>, jeudi 10\u00a0septembre à 23\u00a0h\u00a059" in page
    assert 'role="timer" aria-live="off" datetime="2026-09-10T23:59:00+02:00" data-deadline="2026-09-10T23:59' in page
    assert "Dernier moment pour réserver ou annuler" in page
    assert "Les jours se changent jusqu’au jeudi 23\u00a0h\u00a059 de la semaine précédente." in page
    assert "Cantine, pour les journées du 14 au 18\u00a0septembre" in page
    assert "Demain, jeudi 10\u00a0septembre" in page
    tomorrow = page.partition('id="demain"')[2].partition("</section>")[0]
    assert (
        tomorrow.index("Hugo") < tomorrow.index("Cantine") < tomorrow.index("Léna") < tomorrow.index("Rien de réservé")
    )
    assert "modifier=1" in page


@pytest.mark.exigence("N1", "N2", "N3", "N4", "N9")
def test_tiles_lead_only_to_pages_that_exist(client: Client, scene: Scene) -> None:
    tiles = read(client).partition('id="rubriques"')[2].partition("</main>")[0]
    addresses = [part.partition('"')[0] for part in tiles.split('<a href="')[1:]]
    assert addresses
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_another_family_is_never_seen(client: Client, scene: Scene) -> None:
    other = Scene(user=UserFactory.create(username="paul", first_name="Paul"))
    child, unit = other.child("Lina"), make_unit()
    other.enrol(child, unit)
    other.book(child, unit, [TOMORROW])
    page = read(client)
    assert "Lina" not in page
    assert other.family.number not in page


def test_an_account_without_dossier_is_told_who_can_help(client: Client) -> None:
    client.force_login(UserFactory.create(first_name="Nadia"))
    page = read(client)
    assert "Bonsoir Nadia" in page
    assert "pas encore rattaché à un dossier" in page


def test_a_person_who_may_not_see_the_dossier_sees_none_of_it(client: Client) -> None:
    user = UserFactory.create()
    MemberFactory.create(adult__user=user, relative=True, can_see=False)
    client.force_login(user)
    assert "pas encore rattaché" in read(client)


def test_the_home_is_for_those_who_are_signed_in(client: Client) -> None:
    assert client.get(HOME)["Location"] == "/compte/connexion/?next=/famille/"


def test_more_children_and_bookings_cost_no_more_queries(
    client: Client, scene: Scene, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    unit = make_unit()

    def add(name: str) -> None:
        child = scene.child(name)
        scene.enrol(child, unit)
        scene.book(child, unit, [date(2026, 9, day) for day in (10, 11, 14, 15, 17, 18)])

    add("Hugo")
    read(client)
    # What the family still has to give is read from every part of its dossier: a fixed cost.
    # During the campaign of the rentrée two say whether it is still to be prepared, one out of it; one looks for what
    # was asked of the service.
    with django_assert_max_num_queries(38) as queries:
        client.get(HOME)
    alone = len(queries)
    add("Léna")
    add("Noé")
    read(client)
    with django_assert_max_num_queries(alone):
        client.get(HOME)
