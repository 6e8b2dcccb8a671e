"""What families do with papers: prepare, send, withdraw, accept a text; and what is refused."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.domain.audit.models import AuditEntry
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Family
from portal.domain.files.models import StoredFile
from portal.domain.files.refusal import FileRefused
from portal.domain.papers import services
from portal.domain.papers.deciding import ask_paper_again
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper, PaperType
from portal.domain.papers.services import (
    CHANGED,
    PaperRefused,
    add_files,
    agree_to_rules,
    remove_file,
    send_paper,
    withdraw_paper,
)
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, decider, parent_of, photo

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)


@pytest.fixture
def family() -> Family:
    return FamilyFactory()


@pytest.fixture
def parent(family: Family) -> Any:
    return parent_of(family)


def prepare(family: Family, by: Any, *, kind: PaperType | None = None, child: Any = None, shade: int = 255) -> Paper:
    return add_files(
        family=family, type=kind or PaperTypeFactory(), child=child, uploads=[photo(shade=shade)], by=by, at=AT
    )


@pytest.mark.exigence("D6", "D34")
def test_a_paper_is_prepared_looked_at_then_sent(family: Family, parent: Any) -> None:
    paper = prepare(family, parent)
    assert (paper.state, paper.files.count(), Procedure.objects.count()) == (PaperState.DRAFT, 1, 0)
    again = prepare(family, parent, shade=10)
    assert (again.pk, again.files.count()) == (paper.pk, 2)
    sent = send_paper(paper=again, version=again.version, note="  Recto\net verso ", by=parent, at=AT)
    assert (sent.state, sent.sent_at, sent.note) == (PaperState.SENT, AT, "Recto et verso")
    procedure = Procedure.objects.get()
    assert (procedure.title, procedure.state) == ("Justificatif de domicile", ProcedureState.RECEIVED)


def test_the_same_page_sent_twice_changes_nothing_more(family: Family, parent: Any) -> None:
    paper = prepare(family, parent)
    prepare(family, parent)
    assert paper.files.count() == 1
    assert StoredFile.objects.count() == 1
    shown = Paper.objects.get().version
    for _twice in range(2):
        send_paper(paper=paper, version=shown, by=parent, at=AT)
    assert Procedure.objects.count() == 1
    assert AuditEntry.objects.filter(verb="send_paper").count() == 1


def test_the_content_of_a_duplicate_leaves_the_disk(
    family: Family, parent: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        prepare(family, parent)
        prepare(family, parent)
    assert len(on_disk(settings)) == 1


def on_disk(settings: Any) -> list[Path]:
    return [path for path in Path(settings.PRIVATE_ROOT).rglob("*") if path.is_file()]


def test_nothing_is_sent_without_a_file_or_when_the_other_parent_changed_it(family: Family, parent: Any) -> None:
    paper = prepare(family, parent)
    with pytest.raises(PaperRefused, match="changé") as refused:
        send_paper(paper=paper, version=paper.version - 1, by=parent, at=AT)
    assert (refused.value.field, refused.value.reason) == ("version", str(CHANGED))
    emptied = remove_file(paper=paper, file=paper.files.get(), by=parent, at=AT)
    with pytest.raises(PaperRefused) as empty:
        send_paper(paper=paper, version=emptied.version, by=parent, at=AT)
    assert empty.value.field == "files"
    assert Paper.objects.get().state == PaperState.DRAFT


def test_too_many_files_are_refused_and_nothing_stays_on_the_disk(family: Family, parent: Any, settings: Any) -> None:
    settings.FAMILY_MAX_UPLOADS = 2
    kind = PaperTypeFactory()
    with pytest.raises(PaperRefused, match="2 fichiers"):
        add_files(
            family=family, type=kind, child=None, uploads=[photo(shade=each) for each in (0, 1, 2)], by=parent, at=AT
        )
    assert on_disk(settings) == []
    prepare(family, parent, shade=1)
    with pytest.raises(FileRefused, match="2 fichiers"):
        add_files(
            family=family, type=kind, child=None, uploads=[photo(shade=each) for each in (120, 250)], by=parent, at=AT
        )
    assert len(on_disk(settings)) == 1
    with pytest.raises(PaperRefused, match="au moins un"):
        add_files(family=family, type=kind, child=None, uploads=[], by=parent, at=AT)


def test_a_bad_file_takes_the_good_ones_with_it(family: Family, parent: Any, settings: Any) -> None:
    bad = SimpleUploadedFile("piece.pdf", b"MZ not a pdf")
    with pytest.raises(FileRefused):
        add_files(family=family, type=PaperTypeFactory(), child=None, uploads=[photo(), bad], by=parent, at=AT)
    assert on_disk(settings) == []
    assert not Paper.objects.exists()


def test_what_is_sent_does_not_change_until_it_is_withdrawn(family: Family, parent: Any, settings: Any) -> None:
    paper = send_paper(paper=(ready := prepare(family, parent)), version=ready.version, by=parent, at=AT)
    with pytest.raises(PaperRefused, match="déjà transmise"):
        prepare(family, parent, shade=3)
    with pytest.raises(PaperRefused, match="déjà transmise"):
        remove_file(paper=paper, file=paper.files.get(), by=parent, at=AT)
    for _twice in range(2):
        withdraw_paper(paper=paper, by=parent, at=AT)
    paper.refresh_from_db()
    assert (paper.state, paper.files.count()) == (PaperState.WITHDRAWN, 0)
    assert Procedure.objects.get().state == ProcedureState.CANCELLED
    assert prepare(family, parent).pk != paper.pk


def test_a_withdrawn_draft_leaves_nothing(family: Family, parent: Any) -> None:
    paper = prepare(family, parent)
    withdraw_paper(paper=paper, by=parent, at=AT)
    withdraw_paper(paper=Paper(pk=paper.pk, family=family), by=parent, at=AT)
    assert not Paper.objects.exists()
    assert not StoredFile.objects.exists()


def test_an_answer_is_not_withdrawn(family: Family, parent: Any) -> None:
    with pytest.raises(PaperRefused, match="déjà répondu"):
        withdraw_paper(paper=PaperFactory(family=family, accepted=True), by=parent, at=AT)


@pytest.mark.exigence("D6", "T10")
def test_a_paper_to_complete_keeps_its_files_and_its_demarche(family: Family, parent: Any) -> None:
    ready = prepare(family, parent)
    sent = send_paper(paper=ready, version=ready.version, by=parent, at=AT)
    ask_paper_again(paper=sent.pk, version=sent.version, message="Il manque le verso.", by=decider(), at=AT)
    more = prepare(family, parent, shade=4)
    assert (more.pk, more.state, more.files.count()) == (sent.pk, PaperState.ASKED, 2)
    back = send_paper(paper=more, version=more.version, by=parent, at=AT + timedelta(hours=1))
    assert (back.state, back.reason) == (PaperState.SENT, "")
    assert Procedure.objects.get().state == ProcedureState.RECEIVED


def test_what_was_accepted_holds_until_the_next_one_is_accepted(family: Family, parent: Any) -> None:
    before = PaperFactory(family=family, accepted=True)
    ready = prepare(family, parent)
    send_paper(paper=ready, version=ready.version, by=parent, at=AT)
    before.refresh_from_db()
    assert before.state == PaperState.ACCEPTED


# -- who ------------------------------------------------------------------------------------


def test_somebody_else_touches_nothing(family: Family, parent: Any) -> None:
    paper = prepare(family, parent)
    stranger = parent_of(FamilyFactory(number="9001"))
    relative = parent_of(family, relative=True)
    for who in (stranger, relative):
        with pytest.raises(NotAllowed):
            prepare(family, who)
        with pytest.raises(NotAllowed):
            send_paper(paper=paper, version=paper.version, by=who, at=AT)
        with pytest.raises(NotAllowed):
            remove_file(paper=paper, file=paper.files.get(), by=who, at=AT)
        with pytest.raises(NotAllowed):
            withdraw_paper(paper=paper, by=who, at=AT)
        with pytest.raises(NotAllowed):
            agree_to_rules(family=family, type=PaperTypeFactory(rules=True), child=None, version="2026", by=who, at=AT)


def test_a_foreign_child_is_refused(family: Family, parent: Any) -> None:
    foreign = child_of(FamilyFactory(number="9001"))
    with pytest.raises(NotAllowed):
        prepare(family, parent, kind=PaperTypeFactory(insurance=True), child=foreign)
    with pytest.raises(NotAllowed):
        withdraw_paper(
            paper=PaperFactory(family=family, child=foreign, type=PaperTypeFactory(insurance=True)), by=parent, at=AT
        )
    assert not StoredFile.objects.exists()


def test_the_other_household_goes_on_with_the_paper_of_a_shared_child(family: Family, parent: Any) -> None:
    other = FamilyFactory(number="9001")
    hugo, kind = child_of(family, other), PaperTypeFactory(insurance=True)
    paper = prepare(family, parent, kind=kind, child=hugo)
    marc = parent_of(other)
    same = prepare(other, marc, kind=kind, child=hugo, shade=7)
    assert (same.pk, same.files.count()) == (paper.pk, 2)
    assert send_paper(paper=same, version=same.version, by=marc, at=AT).sent_by == marc
    assert Paper.objects.visible_to(marc).get() == paper


def test_what_the_town_no_longer_asks_is_not_sent(family: Family, parent: Any) -> None:
    child = child_of(family)
    kind = PaperTypeFactory()
    with pytest.raises(PaperRefused, match="plus demandée"):
        prepare(family, parent, kind=kind, child=child)
    with pytest.raises(PaperRefused, match="plus demandée"):
        prepare(family, parent, kind=PaperTypeFactory(rules=True))
    paper = prepare(family, parent, kind=kind)
    PaperType.objects.update(is_offered=False)
    with pytest.raises(PaperRefused, match="plus demandée"):
        send_paper(paper=paper, version=paper.version, by=parent, at=AT)


# -- a text to accept -----------------------------------------------------------------------


@pytest.mark.exigence("D26")
def test_the_rules_are_accepted_in_their_version_once(family: Family, parent: Any) -> None:
    kind = PaperTypeFactory(rules=True)
    paper = agree_to_rules(family=family, type=kind, child=None, version="2026", by=parent, at=AT)
    again = agree_to_rules(family=family, type=kind, child=None, version="2026", by=parent, at=AT)
    assert again == paper
    assert (paper.state, paper.text_version, paper.sent_by, paper.sent_at) == (PaperState.ACCEPTED, "2026", parent, AT)
    assert Procedure.objects.get().state == ProcedureState.RECORDED


def test_a_new_version_is_asked_again_and_the_old_one_no_longer_accepted(family: Family, parent: Any) -> None:
    kind = PaperTypeFactory(rules=True)
    first = agree_to_rules(family=family, type=kind, child=None, version="2026", by=parent, at=AT)
    PaperType.objects.update(text_version="2027")
    with pytest.raises(PaperRefused, match="changé") as refused:
        agree_to_rules(family=family, type=kind, child=None, version="2026", by=parent, at=AT)
    assert refused.value.field == "version"
    second = agree_to_rules(family=family, type=kind, child=None, version="2027", by=parent, at=AT)
    first.refresh_from_db()
    assert (first.state, second.state) == (PaperState.REPLACED, PaperState.ACCEPTED)


def test_the_journal_says_nothing_of_the_files(family: Family, parent: Any) -> None:
    ready = prepare(family, parent)
    send_paper(paper=ready, version=ready.version, note="mon RIB", by=parent, at=AT)
    written = json.dumps([[each.before, each.after] for each in AuditEntry.objects.all()])
    assert "piece" not in written.replace("papers", "")
    assert "RIB" not in written


def test_a_failure_after_the_files_leaves_no_content(family: Family, parent: Any, settings: Any) -> None:
    with patch.object(services.PaperFile.objects, "create", side_effect=RuntimeError), pytest.raises(RuntimeError):
        prepare(family, parent)
    assert on_disk(settings) == []


def test_until_when_it_holds_by_default() -> None:
    day = date(2026, 9, 9)
    assert services.last_day_of(PaperTypeFactory(), day) == date(2027, 8, 31)
    assert services.last_day_of(PaperTypeFactory(code="m", validity="months", valid_months=3), day) == date(
        2026, 12, 9
    )
    assert services.last_day_of(PaperTypeFactory(rules=True), day) is None
