"""The queue of papers, as the desk asks it, and the part of a family's file."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.backoffice.desk.areas.papers import PapersQueue, file_section
from portal.backoffice.desk.registry import AlreadyDecided
from portal.backoffice.desk.sources import key_of
from portal.domain.papers.enums import PaperState, Validity
from portal.domain.papers.models import Paper
from portal.domain.papers.services import add_files, send_paper, withdraw_paper
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, decider, parent_of, photo

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)
QUEUE = PapersQueue()


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def sent() -> Paper:
    """Hugo's insurance, with its file."""
    family = FamilyFactory()
    parent, hugo = parent_of(family), child_of(family)
    ready = add_files(
        family=family, type=PaperTypeFactory(insurance=True), child=hugo, uploads=[photo()], by=parent, at=AT
    )
    return send_paper(paper=ready, version=ready.version, note="Recto seul.", by=parent, at=AT)


@pytest.mark.exigence("T10")
def test_an_agent_sees_what_waits_the_oldest_first_in_one_query(sent: Paper) -> None:
    agent = decider()
    old = PaperFactory(family=FamilyFactory(number="9001"))
    for number in range(9002, 9006):
        PaperFactory(family=FamilyFactory(number=str(number)), sent_at=AT)
    assert QUEUE.count(agent) == 6
    with CaptureQueriesContext(connection) as asked:
        lines = QUEUE.waiting(agent, limit=10)
    assert len(asked) == 1
    assert lines[0].key == key_of(old)
    (line,) = [line for line in lines if line.key == key_of(sent)]
    assert (line.title, line.child_name, line.family_number) == ("Assurance scolaire", "Hugo", sent.family.number)


def test_without_the_permission_nothing_exists(sent: Paper) -> None:
    agent = UserFactory(username="animation", agent=True)
    assert (QUEUE.count(agent), QUEUE.waiting(agent, limit=10)) == (0, [])
    assert QUEUE.panel(agent, key_of(sent), at=AT) is None
    assert file_section(agent, sent.family, AT) is None


def test_the_panel_shows_the_files_and_what_to_compare(sent: Paper) -> None:
    before = PaperFactory(
        type=sent.type, family=sent.family, child=sent.child, refused=True, reason="La date de fin n’est pas lisible."
    )
    panel = QUEUE.panel(decider(), key_of(sent), at=AT)
    assert panel is not None
    facts = dict(panel.facts)
    assert panel.title == "Assurance scolaire de Hugo"
    assert [each.name for each in panel.files] == ["piece.jpg"]
    assert "12\u00a0mars 2018" in facts["Enfant"]
    assert before.reason in facts["Refus précédent"]
    assert facts["Mot de la famille"] == "Recto seul."
    assert facts["Pièce en cours"] == "aucune"
    assert "inscription" in facts["Débloque"]
    assert panel.reasons[0] == "La date de fin n’est pas lisible."
    assert "La pièce est illisible." in panel.reasons
    assert panel.form is not None
    assert panel.form.initial["valid_until"] == date(2027, 8, 31)


def test_a_yes_takes_the_day_of_the_form(sent: Paper) -> None:
    agent = decider()
    panel = QUEUE.panel(agent, key_of(sent), data={"valid_until": "2027-06-30"}, at=AT)
    assert panel is not None
    assert panel.form is not None
    assert panel.form.is_valid()
    QUEUE.accept(key_of(sent), cleaned=panel.form.cleaned_data, by=agent, at=AT)
    sent.refresh_from_db()
    assert (sent.state, sent.valid_until) == (PaperState.ACCEPTED, date(2027, 6, 30))
    assert QUEUE.panel(agent, key_of(sent), at=AT) is None


def test_a_past_day_is_a_mistake_of_the_form(sent: Paper) -> None:
    with pytest.raises(forms.ValidationError, match="passée"):
        QUEUE.accept(key_of(sent), cleaned={"valid_until": date(2020, 1, 1)}, by=decider(), at=AT)


def test_a_written_date_is_required_and_a_paper_without_end_asks_none() -> None:
    agent = decider()
    written = PaperFactory(type=PaperTypeFactory(lodging=True))
    panel = QUEUE.panel(agent, key_of(written), data={}, at=AT)
    assert panel is not None
    assert panel.form is not None
    assert "valid_until" in panel.form.errors
    forever = PaperFactory(
        type=PaperTypeFactory(code="acte", validity=Validity.FOREVER), family=FamilyFactory(number="9001")
    )
    panel = QUEUE.panel(agent, key_of(forever), at=AT)
    assert panel is not None
    assert panel.form is None


@pytest.mark.exigence("T10")
def test_a_second_answer_is_told_who_gave_the_first(sent: Paper) -> None:
    agent = decider()
    QUEUE.refuse(key_of(sent), reason="La pièce est illisible.", by=agent, at=AT)
    key = key_of(sent)
    for answer in (
        lambda: QUEUE.accept(key, cleaned={}, by=agent, at=AT),
        lambda: QUEUE.refuse(key, reason="Non.", by=agent, at=AT),
        lambda: QUEUE.ask_again(key, message="Le verso ?", by=agent, at=AT),
    ):
        with pytest.raises(AlreadyDecided, match="refusée"):
            answer()


def test_a_paper_completed_since_is_another_line(sent: Paper) -> None:
    agent, old = decider(), key_of(sent)
    QUEUE.ask_again(old, message="Le verso ?", by=agent, at=AT)
    sent.refresh_from_db()
    back = send_paper(paper=sent, version=sent.version, by=sent.sent_by, at=AT)
    assert QUEUE.panel(agent, old, at=AT) is None
    with pytest.raises(AlreadyDecided, match="a changé"):
        QUEUE.refuse(old, reason="Illisible.", by=agent, at=AT)
    withdraw_paper(paper=back, by=sent.sent_by, at=AT)
    with pytest.raises(AlreadyDecided, match="la famille"):
        QUEUE.refuse(key_of(back), reason="Illisible.", by=agent, at=AT)


def test_the_file_of_the_family_tells_its_papers(sent: Paper) -> None:
    PaperFactory(family=sent.family, accepted=True)
    section = file_section(decider(), sent.family, AT)
    assert section is not None
    facts = dict(section.facts)
    assert facts["Justificatif de domicile"] == "acceptée, valable jusqu’au 31\u00a0août 2027"
    assert facts["Assurance scolaire de Hugo"].startswith("transmise le")
