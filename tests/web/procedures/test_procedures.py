"""The démarches of a family: all, under way, settled; twenty by page; never those of another."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import Scene

URL = "/famille/demarches/"
NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client) -> Scene:
    scene = Scene()
    client.force_login(scene.user)
    return scene


def open_one(
    scene: Scene,
    title: str,
    *,
    state: ProcedureState = ProcedureState.RECORDED,
    minutes: int = 0,
    kind: ProcedureKind = ProcedureKind.BOOKING,
    reference: str = "",
) -> None:
    open_procedure(
        family=scene.family,
        kind=kind,
        title=title,
        state=state,
        reference=reference,
        acknowledge=False,
        by=scene.user,
        at=NOON + timedelta(minutes=minutes),
    )


def read(client: Client, query: str = "") -> str:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_an_empty_list_says_what_will_come(client: Client, scene: Scene) -> None:
    assert "Aucune démarche pour le moment" in read(client)
    assert "Aucune démarche ici" in read(client, "?etat=en-cours")


@pytest.mark.exigence("T2")
def test_each_demarche_says_when_what_and_where_it_is(client: Client, scene: Scene) -> None:
    open_one(scene, "Inscription : Hugo, cantine", kind=ProcedureKind.ENROLMENT, state=ProcedureState.ACCEPTED)
    open_one(scene, "Planning : 3 ajouts", minutes=5, reference="2026-09-00318")
    page = read(client)
    assert page.index("Planning\u00a0: 3 ajouts") < page.index("Inscription\u00a0: Hugo")
    assert "lundi 7\u00a0septembre 2026 à 12\u00a0h\u00a005" in page
    assert 'href="/famille/panier/recu/2026-09-00318/"' in page
    assert "enregistrée" in page
    assert "acceptée" in page


def test_what_is_under_way_and_what_is_settled_are_told_apart(client: Client, scene: Scene) -> None:
    open_one(scene, "Attendue", state=ProcedureState.RECEIVED)
    for state in (ProcedureState.RECORDED, ProcedureState.REFUSED, ProcedureState.CANCELLED):
        open_one(scene, f"Finie {state.value}", state=state)
    assert "En cours (1)" in read(client)
    under_way, settled = read(client, "?etat=en-cours"), read(client, "?etat=terminees")
    assert "Attendue" in under_way
    assert "Finie" not in under_way
    assert settled.count("Finie") == 3
    assert "Attendue" not in settled


@pytest.mark.parametrize("query", ["?etat=nimporte", "?page=abc", "?page=-3", "?page=99999", "?etat=%00"])
def test_an_odd_address_is_no_error(client: Client, scene: Scene, query: str) -> None:
    open_one(scene, "Une démarche")
    assert "Une démarche" in read(client, query)


@pytest.mark.exigence("T5")
def test_a_long_list_has_pages(client: Client, scene: Scene) -> None:
    for number in range(25):
        open_one(scene, f"Démarche {number:02d}", minutes=number)
    first, second = read(client), read(client, "?page=2")
    assert first.count("<h3>") == 20
    assert second.count("<h3>") == 5
    assert "Démarche 24" in first
    assert "Démarche 00" in second
    assert 'aria-current="page"' in second
    open_one(scene, "Attendue", state=ProcedureState.RECEIVED)
    assert re.search(r"etat=terminees&amp;vu=\d+&amp;page=2", read(client, "?etat=terminees"))


def test_a_demarche_opened_meanwhile_moves_no_line_to_the_next_page(client: Client, scene: Scene) -> None:
    for number in range(25):
        open_one(scene, f"Démarche {number:02d}", minutes=number)
    link = re.search(r'href="(\?vu=\d+&amp;page=2)"', read(client))
    assert link
    open_one(scene, "Arrivée entre-temps", minutes=60)
    second = read(client, link[1].replace("&amp;", "&"))
    assert "Démarche 05" not in second
    assert "Démarche 04" in second


def test_another_family_is_never_seen(client: Client, scene: Scene) -> None:
    open_one(Scene(user=UserFactory.create(username="paul")), "Démarche des Durand")
    assert "Durand" not in read(client)


def test_the_list_is_for_those_who_have_a_family(client: Client) -> None:
    assert client.get(URL).status_code == 302
    client.force_login(UserFactory.create())
    assert client.get(URL).status_code == 403
