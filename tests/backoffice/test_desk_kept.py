"""What an agent typed survives the buttons of colleagues; a settled request has nobody who takes care of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.backoffice.desk.listing import Desk
from portal.backoffice.desk.registry import Taken, Wanted
from portal.backoffice.desk.sources import key_of
from portal.backoffice.roles import Role
from portal.domain.audit.models import AuditEntry
from portal.domain.desk.models import RequestAssignment, RequestNote
from portal.domain.desk.services import take_request, write_note
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper
from portal.domain.papers.services import add_files, send_paper, withdraw_paper
from tests.backoffice.desk import make_agent, sign_in
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, parent_of, photo

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B50")]

NOW = datetime(2026, 9, 15, 10, tzinfo=UTC)
TYPED = {"texte": "La page 2 manque.", "valid_until": "2027-03-01"}


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.PRIVATE_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


def waiting() -> Paper:
    row: Paper = PaperFactory(family=FamilyFactory(number="5001"), sent_at=NOW - timedelta(days=5))
    return row


def address(row: Paper) -> str:
    return f"/gestion/demandes/papers/{key_of(row)}/"


def test_every_field_and_button_of_the_panel_belongs_to_the_form_of_the_answer(client: Client) -> None:
    row = waiting()
    agent = sign_in(client, Role.MANAGEMENT)
    write_note(source="papers", item=row.pk, family=row.family, text="Vu", by=agent, at=NOW)
    page = client.get(address(row)).content.decode()
    panel = page[page.index('class="desk-panel"') :]
    inside = panel[panel.index('id="reponse"') : panel.index("</form>")]
    controls = re.findall(r"<(?:button|textarea|input|select)\b[^>]*>", panel.replace(inside, ""))
    assert len([each for each in controls if 'form="reponse"' in each]) == len(controls) == 4
    assert panel.count("<form") == 1


@pytest.mark.parametrize("button", ["prendre", "laisser", "noter"])
def test_what_was_typed_survives_the_buttons_of_colleagues(client: Client, button: str) -> None:
    row = waiting()
    agent = sign_in(client, Role.MANAGEMENT)
    if button == "laisser":
        take_request(source="papers", item=row.pk, family=row.family, by=agent, at=NOW)

    answer = client.post(address(row), {**TYPED, "decision": button, "note": "Rappeler mardi"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "La page 2 manque.</textarea>" in page
    assert 'value="2027-03-01"' in page
    assert "<details open" in page
    assert RequestAssignment.objects.filter(agent=agent).exists() == (button == "prendre")
    # A note that was added is not proposed again; one that was not is still there.
    assert ("Rappeler mardi</textarea>" in page) == (button != "noter")
    assert RequestNote.objects.count() == (button == "noter")
    row.refresh_from_db()
    assert row.state == PaperState.SENT


def test_a_note_sent_twice_is_written_once_and_taken_away_without_losing_the_refusal(client: Client) -> None:
    row = waiting()
    sign_in(client, Role.MANAGEMENT)
    for _time in range(2):
        client.post(address(row), {**TYPED, "decision": "noter", "note": "Rappeler mardi"})
    note = RequestNote.objects.get()
    page = client.post(address(row), {**TYPED, "decision": f"retirer-{note.pk}"})
    assert "La page 2 manque.</textarea>" in page.content.decode()
    assert not RequestNote.objects.exists()


@pytest.mark.parametrize(("decision", "kept"), [("accepter", False), ("refuser", False), ("redemander", True)])
def test_an_answer_ends_the_care_and_keeps_the_notes(client: Client, decision: str, kept: bool) -> None:
    row = waiting()
    nadia = make_agent(Role.MANAGEMENT)
    take_request(source="papers", item=row.pk, family=row.family, by=nadia, at=NOW)
    write_note(source="papers", item=row.pk, family=row.family, text="Vu", by=nadia, at=NOW)
    sign_in(client, Role.MANAGEMENT)

    assert client.post(address(row), {**TYPED, "decision": decision}).status_code == 302

    assert RequestAssignment.objects.exists() == kept
    assert RequestNote.objects.count() == 1
    assert AuditEntry.objects.filter(verb="settle_request").count() == (not kept)
    assert Desk(nadia, Wanted(at=NOW, taken=Taken.ME)).page(1).total == 0


def test_a_request_that_the_family_withdraws_has_nobody_to_take_care_of_it() -> None:
    home = FamilyFactory(number="5001")
    parent = parent_of(home)
    ready = add_files(family=home, type=PaperTypeFactory(), child=None, uploads=[photo()], by=parent, at=NOW)
    row = send_paper(paper=ready, version=ready.version, note="", by=parent, at=NOW)
    take_request(source="papers", item=row.pk, family=home, by=make_agent(Role.MANAGEMENT), at=NOW)
    withdraw_paper(paper=row, by=parent, at=NOW)
    assert not RequestAssignment.objects.exists()
    assert AuditEntry.objects.get(verb="settle_request").by == parent
