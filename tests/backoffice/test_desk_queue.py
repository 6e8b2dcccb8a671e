"""The queue of every kind at once: narrowed, paged, shared between agents, answered by keyboard or without script."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.backoffice.desk.listing import PER_PAGE, Desk
from portal.backoffice.desk.registry import Age, Taken, Wanted
from portal.backoffice.desk.sources import key_of
from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.desk.models import NOTE_LENGTH, DeskPreference, RequestAssignment, RequestNote
from portal.domain.desk.services import release_request, take_request, write_note
from portal.domain.families.models import Family
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper
from portal.domain.papers.services import add_files, send_paper
from portal.domain.privacy.erasure import plan_erasure
from portal.domain.privacy.registry import retentions
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.quotients.models import Quotient
from tests.backoffice.desk import make_agent, sign_in, words
from tests.domain.families.factories import FamilyFactory, SchoolFactory, SchoolingFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, parent_of, photo
from tests.domain.quotients.factories import QuotientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B50")]

NOW = datetime(2026, 9, 15, 10, tzinfo=UTC)
QUEUE = "/gestion/demandes/"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.PRIVATE_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


def family(number: int, name: str = "Vuillet") -> Family:
    found: Family = FamilyFactory(number=str(number), name=name)
    return found


def paper(number: int, days: int, **values: Any) -> Paper:
    """A proof of address that waits since so many days."""
    home = values.pop("family", None) or family(number)
    found: Paper = PaperFactory(family=home, sent_at=NOW - timedelta(days=days), **values)
    return found


def quotient(number: int, days: int) -> Quotient:
    found: Quotient = QuotientFactory(family=family(number), sent_at=NOW - timedelta(days=days))
    return found


def numbers(agent: User, **asked: Any) -> list[str]:
    return [line.family_number for line in Desk(agent, Wanted(at=NOW, **asked)).page(1).lines]


def address(row: Paper, query: str = "") -> str:
    return f"{QUEUE}papers/{key_of(row)}/{query}"


def test_kinds_are_mixed_the_oldest_first() -> None:
    paper(5001, 2), quotient(5002, 9), paper(5003, 20), quotient(5004, 1)
    agent = make_agent(Role.MANAGEMENT)
    assert numbers(agent) == ["5003", "5002", "5001", "5004"]
    assert numbers(agent, kind="quotients") == ["5002", "5004"]
    assert numbers(make_agent(Role.COMMUNICATION)) == []


def test_is_narrowed_by_age_by_lateness_and_by_what_is_written() -> None:
    paper(5001, 0), paper(5002, 3), paper(5003, 7)
    late = paper(5004, 30)
    agent = make_agent(Role.MANAGEMENT)
    assert numbers(agent, age=Age.TODAY) == ["5001"]
    assert numbers(agent, age=Age.THREE_DAYS) == ["5004", "5003", "5002"]
    assert numbers(agent, age=Age.WEEK) == ["5004", "5003"]
    assert numbers(agent, age=Age.FORTNIGHT) == ["5004"]
    for row, day in ((late, date(2026, 9, 14)), (Paper.objects.get(family__number="5003"), date(2026, 9, 15))):
        Procedure.objects.create(
            family=row.family, kind=ProcedureKind.DOCUMENT, title="x", state=ProcedureState.RECEIVED, opened_at=NOW,
            subject="papers.paper", subject_key=str(row.pk), answer_by=day,
        )  # fmt: skip
    assert numbers(agent, late=True) == ["5004"]
    Family.objects.filter(number="5002").update(name="Étienne-Noël")
    assert numbers(agent, text="etienne noel") == ["5002"]
    assert numbers(agent, text="5003") == ["5003"]
    assert numbers(agent, text="personne") == []


def test_is_narrowed_by_the_school_of_the_child() -> None:
    home = family(5001)
    hugo = child_of(home)
    school = SchoolFactory(code="bourg", name="École du Bourg")
    SchoolingFactory(child=hugo, school=school, school_year=2026)
    paper(5001, 2, family=home, child=hugo, type=PaperTypeFactory(insurance=True))
    paper(5002, 3)
    agent = make_agent(Role.MANAGEMENT)
    assert numbers(agent, school=school.pk) == ["5001"]
    assert numbers(agent, school=SchoolFactory(code="autre").pk) == []


def test_filters_stay_in_the_address_from_one_request_to_the_next(client: Client) -> None:
    first, other, second = paper(5001, 9), quotient(5002, 8), paper(5003, 7)
    agent = sign_in(client, Role.MANAGEMENT)
    page = client.get(QUEUE, {"nature": "papers", "age": "3", "texte": "vuillet"})
    assert "2 demandes répondent aux filtres" in words(page)
    assert f'href="{address(first)}?nature=papers&amp;age=3&amp;texte=vuillet#demande"' in page.content.decode()
    assert f"quotients/{other.pk}/" not in page.content.decode()
    answer = client.post(address(first, "?nature=papers&age=3"), {"decision": "refuser", "texte": "Illisible."})
    assert answer["Location"] == f"{address(second)}?nature=papers&age=3#demande"
    answer = client.post(address(second, "?nature=papers&age=3"), {"decision": "refuser", "texte": "Illisible."})
    assert answer["Location"] == f"{QUEUE}?nature=papers&age=3"
    assert agent.pk


@pytest.mark.parametrize(
    "query",
    [
        "nature=x&ecole=x&age=x&suivi=x&retard=x&page=x",
        "page=999999",
        "page=-1",
        "page=99",
        "texte=%00%27%22",
        "ecole=99999999999999999999",
        "texte=%25_%3A%2A%26%7C%21",
        "age=jour&suivi=moi&retard=1",
    ],
)
def test_an_address_typed_by_hand_is_answered(client: Client, query: str) -> None:
    row = paper(5001, 2)
    sign_in(client, Role.MANAGEMENT)
    assert client.get(f"{QUEUE}?{query}").status_code == 200
    assert client.get(address(row, f"?{query}")).status_code == 200


@pytest.mark.parametrize("at", [None, "first", "last"])
def test_three_and_sixty_requests_cost_the_same(client: Client, at: str | None) -> None:
    rows = [paper(5001, 90), paper(5002, 1)]
    quotient(5003, 80)
    sign_in(client, Role.MANAGEMENT)
    path = QUEUE if at is None else address(rows[at == "last"])
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for number in range(29):
        paper(6000 + number, 70 - number), quotient(7000 + number, 70 - number)
    with CaptureQueriesContext(connection) as many:
        page = client.get(path)
    assert "61 demandes à traiter" in words(page)
    assert len(many) <= len(few)
    assert len(many) <= 45, [each["sql"][:120] for each in many]


def test_pages_follow_each_other_without_loss() -> None:
    for number in range(30):
        paper(5000 + number, 5), quotient(6000 + number, 5)  # all at the same instant: kinds and keys settle the order
    desk = Desk(make_agent(Role.MANAGEMENT), Wanted(at=NOW))
    pages = [desk.page(number) for number in (1, 2, 3, 4)]
    keys = [(line.source, line.key) for page in pages[:3] for line in page.lines]
    assert [len(page.lines) for page in pages] == [PER_PAGE, PER_PAGE, 10, 10]
    assert len(set(keys)) == 60
    assert (pages[0].previous, pages[0].next, pages[2].previous, pages[2].next) == (None, 2, 2, None)
    for rank, (code, key) in enumerate(keys):
        before, after = desk.neighbours(code, key)
        assert before == (keys[rank - 1] if rank else None)
        assert after == (keys[rank + 1] if rank + 1 < len(keys) else None)
        assert desk.page_of(code, key).number == rank // PER_PAGE + 1


def test_taking_care_is_seen_by_colleagues_and_stops_nobody(client: Client) -> None:
    row, free = paper(5001, 5), paper(5002, 4)
    nadia = make_agent(Role.MANAGEMENT, first_name="Nadia", last_name="Perrin")
    client.force_login(nadia)
    answer = client.post(address(row, "?age=3"), {"decision": "prendre"})
    assert answer["Location"] == f"{address(row)}?age=3#demande"
    assert "Suivie par vous" in words(client.get(QUEUE))
    entry = AuditEntry.objects.get(verb="take_request")
    assert (entry.by, entry.family_key, entry.after["agent"]) == (nadia, row.family_id, "Nadia Perrin")

    paul = sign_in(client, Role.MANAGEMENT)
    page = client.get(address(row))
    assert "Nadia Perrin s’en occupe" in words(page)
    assert numbers(paul, taken=Taken.NOBODY) == ["5002"]
    assert (numbers(paul, taken=Taken.ME), numbers(nadia, taken=Taken.ME)) == ([], ["5001"])
    client.post(address(row), {"decision": "laisser"})  # not his to leave
    assert RequestAssignment.objects.get().agent == nadia
    client.post(address(row), {"decision": "refuser", "texte": "Illisible."})
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (PaperState.REFUSED, paul)
    assert not RequestAssignment.objects.exists()  # it is answered: nobody takes care of it any more
    assert free.pk


def test_a_colleague_takes_over_and_lets_go(client: Client) -> None:
    row = paper(5001, 5)
    nadia, paul = make_agent(Role.MANAGEMENT), make_agent(Role.MANAGEMENT)
    take_request(source="papers", item=row.pk, family=row.family, by=nadia, at=NOW)
    take_request(source="papers", item=row.pk, family=row.family, by=nadia, at=NOW)
    client.force_login(paul)
    client.post(address(row), {"decision": "prendre"})
    assert RequestAssignment.objects.get().agent == paul
    assert [each.before for each in AuditEntry.objects.filter(verb="take_request").order_by("pk")] == [
        {},
        {"agent": str(nadia)},
    ]
    client.post(address(row), {"decision": "laisser"})
    assert not RequestAssignment.objects.exists()
    assert not release_request(source="papers", item=row.pk, by=paul, at=NOW)
    assert AuditEntry.objects.filter(verb="release_request", by=paul).count() == 1


def test_a_note_stays_between_agents(client: Client) -> None:
    home = family(5001)
    parent = parent_of(home)
    row = paper(5001, 5, family=home)
    sign_in(client, Role.MANAGEMENT)
    client.post(address(row), {"decision": "noter", "note": "Rappeler Mme Perrin <b>mardi</b>"})
    assert "Rappeler Mme Perrin &lt;b&gt;mardi" in client.get(address(row)).content.decode()
    assert "1 note" in words(client.get(QUEUE))
    assert "Rappeler" not in str(list(AuditEntry.objects.values_list("before", "after")))
    client.post(address(row), {"decision": "refuser", "texte": "Illisible."})
    client.force_login(parent)
    for page in ("/famille/", "/famille/demarches/", "/famille/dossier/", "/famille/dossier/pieces/domicile/"):
        answer = client.get(page, follow=True)
        assert answer.status_code in {200, 404}, page
        assert "Rappeler" not in answer.content.decode(), page
    assert client.get(address(row)).status_code in {302, 403, 404}


def test_a_note_stays_with_the_paper_that_the_family_changes() -> None:
    row = paper(5001, 5)
    agent = make_agent(Role.MANAGEMENT)
    write_note(source="papers", item=row.pk, family=row.family, text="Vu", by=agent, at=NOW)
    Paper.objects.filter(pk=row.pk).update(version=2)
    desk = Desk(agent, Wanted(at=NOW))
    (line,) = desk.page(1).lines
    assert desk.said_of(line) == (None, 1)


@pytest.mark.parametrize(("text", "error"), [(" \n", "Écrivez la note"), ("x" * (NOTE_LENGTH + 1), "500 caractères")])
def test_an_invalid_note_is_said_beside_its_field(client: Client, text: str, error: str) -> None:
    row = paper(5001, 5)
    sign_in(client, Role.MANAGEMENT)
    answer = client.post(address(row), {"decision": "noter", "note": text})
    assert (answer.status_code, RequestNote.objects.count()) == (422, 0)
    assert f'id="note-erreur">Erreur\u00a0: {error}' in answer.content.decode().replace(
        "\u202f", " "
    ) or error in words(answer)
    assert 'aria-describedby="note-erreur"' in answer.content.decode()


def test_only_its_author_takes_a_note_away(client: Client) -> None:
    row = paper(5001, 5)
    note = write_note(
        source="papers", item=row.pk, family=row.family, text="Vu", by=make_agent(Role.MANAGEMENT), at=NOW
    )
    sign_in(client, Role.MANAGEMENT)
    for forged in (str(note.pk), "x", "", "9" * 30):
        assert client.post(address(row), {"decision": f"retirer-{forged}"}).status_code == 302
    assert RequestNote.objects.get() == note
    client.force_login(note.by)
    client.post(address(row), {"decision": f"retirer-{note.pk}"})
    assert not RequestNote.objects.exists()


def test_notes_go_with_the_dossier_and_after_a_year() -> None:
    row = paper(5001, 5)
    agent = make_agent(Role.MANAGEMENT)
    write_note(source="papers", item=row.pk, family=row.family, text="Vu", by=agent, at=NOW - timedelta(days=400))
    assert ("notes internes sur ses demandes", 1) in [
        (line.label, line.count) for line in plan_erasure(family=row.family_id, at=NOW).gone
    ]
    kind = next(each for each in retentions() if each.code == "desk_notes")
    found = kind.find(date(2025, 12, 1), 10)
    assert [each.family for each in found] == ["5001"]
    assert kind.erase([each.key for each in found], agent, NOW) == 1
    assert kind.find(date(2026, 12, 1), 10) == []


@pytest.mark.parametrize("role", [Role.COMMUNICATION, Role.VALIDATION, Role.ACCOUNTING, Role.ACTIVITIES])
def test_who_may_not_decide_may_not_say_anything_either(client: Client, role: Role) -> None:
    row = paper(5001, 5)
    sign_in(client, role)
    for decision in ("prendre", "laisser", "noter", "retirer", "refuser"):
        client.post(address(row), {"decision": decision, "note": "x", "texte": "x"})
    row.refresh_from_db()
    assert row.state == PaperState.SENT
    assert not RequestAssignment.objects.exists()
    assert not RequestNote.objects.exists()


def test_a_refusal_without_reason_keeps_what_was_typed(client: Client) -> None:
    row = paper(5001, 5)
    sign_in(client, Role.MANAGEMENT)
    answer = client.post(
        address(row), {"decision": "redemander", "texte": " ", "valid_until": "2027-03-01", "motif": "inventé"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Écrivez ce que la famille doit envoyer." in page
    assert 'id="texte-erreur"' in page
    assert 'aria-describedby="texte-erreur"' in page
    assert 'value="2027-03-01"' in page
    assert "<title>Erreur" in page.replace("\n", "")
    answer = client.post(address(row), {"decision": "refuser", "valid_until": "pas une date"})
    assert (answer.status_code, 'aria-describedby="motif-erreur"' in answer.content.decode()) == (422, True)
    assert "Donnez une date" not in answer.content.decode()
    assert client.post(address(row), {"decision": "refuser", "texte": "\x00 "}).status_code == 422
    answer = client.post(address(row), {"decision": "refuser", "texte": "Trop " * 60})
    assert (answer.status_code, answer.content.decode().count("Trop Trop")) == (422, 30)
    row.refresh_from_db()
    assert row.state == PaperState.SENT


def test_an_invalid_acceptance_keeps_what_was_typed(client: Client) -> None:
    row = paper(5001, 5)
    sign_in(client, Role.MANAGEMENT)
    for wrong in ("pas une date", "2020-01-01"):
        answer = client.post(address(row), {"decision": "accepter", "valid_until": wrong, "texte": "Déjà écrit"})
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert "Déjà écrit" in page
        assert 'aria-invalid="true"' in page
        assert wrong in page
    row.refresh_from_db()
    assert row.state == PaperState.SENT


def test_the_document_is_shown_beside_the_decision(client: Client) -> None:
    home = family(5001)
    parent = parent_of(home)
    ready = add_files(family=home, type=PaperTypeFactory(), child=None, uploads=[photo()], by=parent, at=NOW)
    row = send_paper(paper=ready, version=ready.version, note="", by=parent, at=NOW)
    agent = sign_in(client, Role.MANAGEMENT)
    stored = row.files.get().file
    picture = f"{QUEUE}papers/{key_of(row)}/fichiers/{stored.key}/page-1.png"
    page = client.get(address(row)).content.decode()
    assert f'<img src="{picture}" alt="piece.jpg, page 1"' in page
    assert f'href="{QUEUE}papers/{key_of(row)}/fichiers/{stored.key}/"' in page
    shown = client.get(picture)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert "no-store" in shown["Cache-Control"]
    assert client.get(picture.replace("page-1", "page-2")).status_code == 404
    assert client.get(picture.replace(str(stored.key), "3f8f2a0e-0000-4000-8000-000000000000")).status_code == 404
    sign_in(client, Role.ACTIVITIES)
    assert client.get(picture).status_code == 404
    client.force_login(parent)
    assert client.get(picture).status_code in {302, 403, 404}
    assert agent.pk


def test_shortcuts_are_listed_and_can_be_cut(client: Client) -> None:
    row = paper(5001, 5)
    agent = sign_in(client, Role.MANAGEMENT)
    page = client.get(address(row)).content.decode()
    assert "js/desk-keys" in page
    assert "<kbd>J</kbd>" in page
    client.post(f"{QUEUE}preferences/", {"resume": "on"})
    preference = DeskPreference.objects.get(agent=agent)
    assert (preference.shortcuts, preference.digest) == (False, True)
    page = client.get(address(row)).content.decode()
    assert "js/desk-keys" not in page
    assert "<kbd>J</kbd>" not in page
    assert AuditEntry.objects.filter(verb="set_desk_preferences", by=agent).count() == 1
    client.force_login(make_agent(Role.COMMUNICATION))
    assert client.get(f"{QUEUE}preferences/").status_code == 302
