"""What agents answer, once, to what they have seen; and what they record at the counter."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from portal.domain.families.models import Family
from portal.domain.notices.models import Notice
from portal.domain.papers.deciding import accept_paper, ask_paper_again, record_paper, refuse_paper
from portal.domain.papers.enums import Channel, PaperState, Validity
from portal.domain.papers.models import Paper, PaperFile
from portal.domain.papers.services import PaperDecided, PaperRefused, add_files, send_paper, withdraw_paper
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, decider, parent_of, photo

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)


@pytest.fixture
def agent() -> Any:
    return decider()


@pytest.fixture
def family() -> Family:
    return FamilyFactory()


@pytest.fixture
def parent(family: Family) -> Any:
    return parent_of(family)


@pytest.fixture
def sent(family: Family, parent: Any) -> Paper:
    paper = add_files(family=family, type=PaperTypeFactory(), child=None, uploads=[photo()], by=parent, at=AT)
    return send_paper(paper=paper, version=paper.version, by=parent, at=AT)


@pytest.mark.exigence("T10")
def test_accepted_it_holds_and_the_earlier_one_is_replaced(sent: Paper, agent: Any) -> None:
    before = PaperFactory(family=sent.family, accepted=True)
    paper = accept_paper(paper=sent.pk, version=sent.version, by=agent, at=AT)
    before.refresh_from_db()
    assert (paper.state, paper.valid_until, paper.decided_by) == (PaperState.ACCEPTED, date(2027, 8, 31), agent)
    assert before.state == PaperState.REPLACED
    assert Procedure.objects.get().state == ProcedureState.ACCEPTED
    assert "31\u00a0août 2027" in Notice.objects.get(title__startswith="Pièce acceptée").text


def test_refused_it_says_why_and_another_may_be_sent(sent: Paper, agent: Any, parent: Any) -> None:
    refuse_paper(paper=sent.pk, version=sent.version, reason=" Elle est\nillisible. ", by=agent, at=AT)
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == (PaperState.REFUSED, "Elle est illisible.")
    assert Procedure.objects.get().state == ProcedureState.REFUSED
    assert "illisible" in Notice.objects.get(title__startswith="Pièce refusée").text
    again = add_files(family=sent.family, type=sent.type, child=None, uploads=[photo(shade=4)], by=parent, at=AT)
    assert again.pk != sent.pk


def test_asked_again_it_is_the_familys_turn(sent: Paper, agent: Any) -> None:
    ask_paper_again(paper=sent.pk, version=sent.version, message="Il manque le verso.", by=agent, at=AT)
    assert Procedure.objects.get().state == ProcedureState.YOUR_TURN
    assert Notice.objects.filter(title__startswith="Pièce à compléter", text="Il manque le verso.").exists()


def test_a_second_answer_finds_the_first(sent: Paper, agent: Any) -> None:
    accept_paper(paper=sent.pk, version=sent.version, by=agent, at=AT)
    for answer in (
        lambda: accept_paper(paper=sent.pk, version=sent.version, by=agent, at=AT),
        lambda: refuse_paper(paper=sent.pk, version=sent.version, reason="Non", by=agent, at=AT),
        lambda: ask_paper_again(paper=sent.pk, version=sent.version, message="Quoi ?", by=agent, at=AT),
    ):
        with pytest.raises(PaperDecided) as decided:
            answer()
        assert decided.value.paper.decided_by == agent


def test_what_was_withdrawn_or_completed_since_is_not_answered(sent: Paper, agent: Any, parent: Any) -> None:
    shown = sent.version
    ask_paper_again(paper=sent.pk, version=shown, message="Le verso ?", by=agent, at=AT)
    more = add_files(family=sent.family, type=sent.type, child=None, uploads=[photo(shade=4)], by=parent, at=AT)
    back = send_paper(paper=more, version=more.version, by=parent, at=AT)
    with pytest.raises(PaperDecided):  # waits again, but is not what was on that screen
        refuse_paper(paper=sent.pk, version=shown, reason="Illisible.", by=agent, at=AT)
    withdraw_paper(paper=back, by=parent, at=AT)
    with pytest.raises(PaperDecided):
        accept_paper(paper=sent.pk, version=back.version, by=agent, at=AT)


def test_a_written_date_is_asked_and_a_past_one_refused(agent: Any) -> None:
    paper = PaperFactory(type=PaperTypeFactory(lodging=True))
    with pytest.raises(PaperRefused, match="date de fin") as refused:
        accept_paper(paper=paper.pk, version=paper.version, by=agent, at=AT)
    assert refused.value.field == "valid_until"
    with pytest.raises(PaperRefused, match="passée"):
        accept_paper(paper=paper.pk, version=paper.version, valid_until=date(2026, 9, 8), by=agent, at=AT)
    accepted = accept_paper(paper=paper.pk, version=paper.version, valid_until=date(2026, 9, 9), by=agent, at=AT)
    assert accepted.valid_until == date(2026, 9, 9)


def test_a_refusal_says_why(sent: Paper, agent: Any) -> None:
    with pytest.raises(PaperRefused, match="motif"):
        refuse_paper(paper=sent.pk, version=sent.version, reason="  ", by=agent, at=AT)


def test_without_the_permission_nothing_is_answered(sent: Paper) -> None:
    agent = UserFactory(username="animation", agent=True)
    with pytest.raises(PermissionDenied):
        accept_paper(paper=sent.pk, version=sent.version, by=agent, at=AT)
    with pytest.raises(PermissionDenied):
        refuse_paper(paper=sent.pk, version=sent.version, reason="Non", by=agent, at=AT)
    with pytest.raises(PermissionDenied):
        ask_paper_again(paper=sent.pk, version=sent.version, message="Quoi", by=agent, at=AT)
    with pytest.raises(PermissionDenied):
        record_paper(family=sent.family, type=sent.type, child=None, channel=Channel.POST, uploads=[], by=agent, at=AT)


@pytest.mark.exigence("D30")
@pytest.mark.parametrize("files", [0, 1])
def test_a_paper_of_the_counter_holds_at_once_and_answers_what_waited(sent: Paper, agent: Any, files: int) -> None:
    paper = record_paper(
        family=sent.family,
        type=sent.type,
        child=None,
        channel=Channel.COUNTER,
        uploads=[photo()] * files,
        by=agent,
        at=AT,
    )
    sent.refresh_from_db()
    assert (paper.state, paper.channel, paper.valid_until) == (PaperState.ACCEPTED, "counter", date(2027, 8, 31))
    assert PaperFile.objects.filter(paper=paper).count() == files
    assert sent.state == PaperState.REPLACED
    assert list(Procedure.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "recorded"]


def test_the_counter_takes_over_a_draft_and_knows_the_children(family: Family, parent: Any, agent: Any) -> None:
    hugo, kind = child_of(family), PaperTypeFactory(insurance=True)
    add_files(family=family, type=kind, child=hugo, uploads=[photo()], by=parent, at=AT)
    record_paper(family=family, type=kind, child=hugo, channel=Channel.MAIL, uploads=[], by=agent, at=AT)
    assert Paper.objects.get().state == PaperState.ACCEPTED
    foreign = child_of(FamilyFactory(number="9001"))
    with pytest.raises(PaperRefused, match="pas dans ce dossier"):
        record_paper(family=family, type=kind, child=foreign, channel=Channel.MAIL, uploads=[], by=agent, at=AT)


def test_a_paper_without_end_stays(agent: Any) -> None:
    paper = PaperFactory(type=PaperTypeFactory(code="acte", validity=Validity.FOREVER))
    assert accept_paper(paper=paper.pk, version=paper.version, by=agent, at=AT).valid_until is None
