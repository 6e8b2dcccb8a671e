"""What happens by itself, and what is forgotten."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.domain.audit.models import AuditEntry
from portal.domain.files.models import StoredFile
from portal.domain.notices.models import Notice
from portal.domain.papers.ending import erase_stale_drafts, expire_papers, remind_ending
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper, PaperType
from portal.domain.papers.services import add_files, send_paper
from portal.domain.privacy.registry import erasures, personal_data, retentions
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, decider, parent_of, photo

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)
END = date(2027, 8, 31)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


@pytest.mark.exigence("D6")
def test_a_paper_is_over_the_day_after_its_last_and_told_once() -> None:
    family = FamilyFactory()
    parent_of(family)
    paper = PaperFactory(family=family, accepted=True)
    assert expire_papers(on(END)) == 0
    assert expire_papers(on(END + timedelta(days=1))) == 1
    assert expire_papers(on(END + timedelta(days=2))) == 0
    paper.refresh_from_db()
    assert paper.state == PaperState.EXPIRED
    assert Notice.objects.filter(title__startswith="Pièce périmée").count() == 1


@pytest.mark.exigence("D6")
def test_thirty_then_seven_days_before_once_each_to_both_households() -> None:
    family, other = FamilyFactory(), FamilyFactory(number="9001")
    parent_of(family)
    parent_of(other)
    PaperFactory(type=PaperTypeFactory(insurance=True), family=family, child=child_of(family, other), accepted=True)
    told = [remind_ending(on(END - timedelta(days=left))) for left in (31, 30, 29, 8, 7, 6, 0)]
    assert told == [0, 1, 0, 0, 1, 0, 0]
    assert Notice.objects.filter(family=family).count() == Notice.objects.filter(family=other).count() == 2


def test_nobody_is_told_who_already_sent_the_next_or_is_not_asked_any_more() -> None:
    family = FamilyFactory()
    parent_of(family)
    before = PaperFactory(family=family, accepted=True)
    PaperFactory(family=family)
    assert remind_ending(on(END - timedelta(days=7))) == 0
    Paper.objects.exclude(pk=before.pk).delete()
    PaperType.objects.update(is_offered=False)
    assert remind_ending(on(END - timedelta(days=7))) == 0
    assert expire_papers(on(END + timedelta(days=1))) == 1
    assert not Notice.objects.exists()


@pytest.mark.exigence("D6")
def test_what_was_never_sent_is_forgotten_after_a_day(settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    family = FamilyFactory()
    parent = parent_of(family)
    add_files(family=family, type=PaperTypeFactory(), child=None, uploads=[photo()], by=parent, at=AT)
    waiting = PaperFactory(family=family, type=PaperTypeFactory(lodging=True))
    assert erase_stale_drafts(AT + timedelta(hours=23, minutes=59)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_stale_drafts(AT + timedelta(hours=24)) == 1
    assert list(Paper.objects.all()) == [waiting]
    assert [path for path in Path(settings.PRIVATE_ROOT).rglob("*") if path.is_file()] == []


def _part(parts: Any) -> Any:
    return next(part for part in parts if part.code == "papers")


def test_my_data_tells_what_this_person_may_see() -> None:
    family = FamilyFactory()
    parent = parent_of(family)
    paper = add_files(family=family, type=PaperTypeFactory(), child=None, uploads=[photo()], by=parent, at=AT)
    send_paper(paper=paper, version=paper.version, by=parent, at=AT)
    PaperFactory(family=FamilyFactory(number="9001"))
    (row,) = _part(personal_data()).collect(family.pk, parent)
    assert (row["pièce"], row["état"], row["fichiers"]) == ("Justificatif de domicile", "transmise", ["piece.jpg"])
    assert list(_part(personal_data()).collect(family.pk, parent_of(FamilyFactory(number="9002")))) == []


def test_what_ended_is_listed_then_forgotten_and_what_holds_is_not() -> None:
    agent, family = decider(), FamilyFactory()
    parent = parent_of(family)
    gone = add_files(family=family, type=PaperTypeFactory(), child=None, uploads=[photo()], by=parent, at=AT)
    Paper.objects.update(state=PaperState.REFUSED, reason="Non.", sent_at=AT, decided_at=AT)
    kept = PaperFactory(family=family, accepted=True)
    retention = _part(retentions())
    assert retention.find(date(2026, 9, 8), 10) == []
    (found,) = retention.find(date(2026, 9, 9), 10)
    assert (found.key, found.since, found.family) == (gone.pk, date(2026, 9, 9), family.number)
    assert retention.erase([gone.pk, kept.pk], agent, AT) == 1
    assert list(Paper.objects.all()) == [kept]
    assert not StoredFile.objects.exists()
    assert AuditEntry.objects.filter(verb="erase_paper").count() == 1


def test_a_family_that_leaves_keeps_the_paper_of_the_other_households_child() -> None:
    family, other = FamilyFactory(), FamilyFactory(number="9001")
    kind = PaperTypeFactory(insurance=True)
    own = PaperFactory(type=kind, family=family, child=child_of(family), accepted=True)
    shared = PaperFactory(type=kind, family=family, child=child_of(family, other), accepted=True)
    PaperFactory(family=family)
    erasure = _part(erasures())
    assert [(line.count, line.fate.value) for line in erasure.plan(family.pk, AT)] == [(2, "erased"), (1, "kept")]
    erasure.execute(family.pk, decider(), AT)
    shared.refresh_from_db()
    assert shared.family == other
    assert not Paper.objects.filter(pk=own.pk).exists()
    assert Paper.objects.count() == 1
