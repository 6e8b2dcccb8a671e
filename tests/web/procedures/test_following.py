"""One démarche: its steps, what to do, its acknowledgement; filters; the list costs the same however long."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from portal.domain.families.models import ChildLink
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import move_procedure, open_procedure
from portal.web.procedures import links
from portal.web.procedures.connections import last_procedures
from portal.web.procedures.links import ProcedureLink, SideBox, register_procedure_link, register_side_box
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import NOW, Scene

URL = "/famille/demarches/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(links, "_resolvers", {})
    monkeypatch.setattr(links, "_boxes", {})
    scene = Scene()
    client.force_login(scene.user)
    return scene


def ask(scene: Scene, title: str = "Changement d’adresse", **options: object) -> Procedure:
    values = {
        "family": scene.family,
        "kind": ProcedureKind.CHANGE,
        "title": title,
        "state": ProcedureState.RECEIVED,
        "by": scene.user,
        "at": NOW,
        "acknowledge": False,
    }
    return open_procedure(**{**values, **options})  # type: ignore[arg-type]  # the defaults above are of the right types


@pytest.mark.exigence("T3", "T7")
def test_each_step_is_told_with_the_words_of_the_service(client: Client, scene: Scene) -> None:
    procedure = ask(scene)
    agent = UserFactory(username="gestion", agent=True)
    move_procedure(
        procedure=procedure, state=ProcedureState.REFUSED, by=agent, at=NOW + timedelta(hours=3), note="Illisible."
    )
    page = client.get(f"{URL}{procedure.pk}/").content.decode()
    assert page.index("Illisible.") < page.rindex("En cours")
    assert procedure.number in page


def test_what_waits_for_the_family_comes_first_with_its_action(client: Client, scene: Scene) -> None:
    asked = ask(scene, "Assurance", about=scene.family)
    move_procedure(procedure=asked, state=ProcedureState.YOUR_TURN, by=scene.user, at=NOW)
    ask(scene, "Plus récente", at=NOW + timedelta(days=3))
    register_procedure_link(
        "families.family", lambda _procedure: ProcedureLink("/famille/", "Voir", action="Envoyer une autre copie")
    )
    page = client.get(URL).content.decode()
    assert page.index("Assurance") < page.index("Plus récente")
    assert "Envoyer une autre copie" in page
    assert "Envoyer une autre copie" in client.get(f"{URL}{asked.pk}/").content.decode()


def test_the_acknowledgement_is_a_pdf_of_the_family_alone(client: Client, scene: Scene) -> None:
    procedure = ask(scene)
    answer = client.get(f"{URL}{procedure.pk}/accuse/")
    assert answer.content.startswith(b"%PDF")
    assert "no-store" in answer["Cache-Control"]
    client.force_login(Scene(user=UserFactory(username="paul")).user)
    assert client.get(f"{URL}{procedure.pk}/accuse/").status_code == 404
    assert client.get(f"{URL}{procedure.pk}/").status_code == 404


def test_what_was_recorded_at_once_has_no_acknowledgement(client: Client, scene: Scene) -> None:
    assert client.get(f"{URL}{ask(scene, state=ProcedureState.RECORDED).pk}/accuse/").status_code == 404


def test_a_child_out_of_sight_hides_its_demarches(client: Client, scene: Scene) -> None:
    procedure = ask(scene, "Pour Hugo", child=scene.child("Hugo"))
    ChildLink.objects.update(can_see=False, can_edit=False, can_book=False, can_pay=False)
    assert client.get(f"{URL}{procedure.pk}/").status_code == 404
    assert "Pour Hugo" not in client.get(URL).content.decode()


def test_the_list_is_narrowed_by_kind_and_child(client: Client, scene: Scene) -> None:
    hugo = scene.child("Hugo")
    ask(scene, "Pour Hugo", child=hugo)
    ask(scene, "Quotient de tous", kind=ProcedureKind.QUOTIENT)
    assert "Quotient de tous" not in client.get(f"{URL}?enfant={hugo.pk}").content.decode()
    assert "Pour Hugo" not in client.get(f"{URL}?nature=quotient").content.decode()
    assert "Pour Hugo" in client.get(f"{URL}?nature=inconnue&enfant=0").content.decode()


def test_two_hundred_demarches_cost_what_twenty_one_do(client: Client, scene: Scene) -> None:
    child = scene.child("Hugo")
    counts = []
    for number in (21, 179):
        for each in range(number):
            ask(scene, f"Démarche {each}", child=child)
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_box_stands_beside_the_list_only_when_it_has_something_to_say(client: Client, scene: Scene) -> None:
    register_side_box("invoices", lambda _request, _family: None)
    assert "<aside" not in client.get(URL).content.decode()
    register_side_box("invoices", lambda _request, _family: SideBox("Factures en attente", "Aucune facture à payer."))
    assert "Aucune facture à payer." in client.get(URL).content.decode()


@pytest.mark.exigence("T9")
def test_the_dossier_shows_where_the_last_requests_are(client: Client, scene: Scene) -> None:
    for number in range(4):
        ask(scene, f"Démarche {number}", at=NOW + timedelta(minutes=number))
    request = RequestFactory().get("/famille/dossier/")
    request.user, request.family = scene.user, scene.family
    rubric = last_procedures(request)
    assert [each.title for each in rubric.context["procedures"]] == ["Démarche 3", "Démarche 2", "Démarche 1"]
    assert "en cours" in render_to_string(rubric.template, rubric.context)
