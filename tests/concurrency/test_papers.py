"""Two agents on one paper, a parent who replaces it meanwhile, two households of one child."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.domain.papers import services
from portal.domain.papers.deciding import accept_paper, refuse_paper
from portal.domain.papers.enums import OPEN_STATES, PaperState
from portal.domain.papers.models import Paper
from portal.domain.papers.services import PaperDecided, PaperRefused, add_files, send_paper, withdraw_paper
from portal.domain.procedures.models import Procedure
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, decider, parent_of, photo
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


@pytest.mark.exigence("T10")
def test_two_agents_at_once_give_one_answer(transactional_db: None) -> None:
    waiting = PaperFactory()
    one, other = decider("une"), decider("autre")

    results = run_together(
        *[lambda: accept_paper(paper=waiting.pk, version=1, by=one, at=AT)] * 3,
        *[lambda: refuse_paper(paper=waiting.pk, version=1, reason="Illisible.", by=other, at=AT)] * 3,
    )

    assert len(successes(results)) == 1
    assert sum(isinstance(result, PaperDecided) for result in results) == 5


def test_a_parent_replaces_while_an_agent_decides(transactional_db: None) -> None:
    """Either the answer came first and stands, or the paper was withdrawn and the agent is told."""
    agent = decider()
    for rank in range(4):
        family = FamilyFactory(number=str(6000 + rank))
        parent = parent_of(family)
        paper = PaperFactory(family=family)
        withdrawn, answered = run_together(
            lambda paper=paper, parent=parent: withdraw_paper(paper=paper, by=parent, at=AT),
            lambda paper=paper: accept_paper(paper=paper.pk, version=1, by=agent, at=AT),
        )
        paper.refresh_from_db()
        if isinstance(answered, PaperDecided):
            assert (withdrawn, paper.state) == (None, PaperState.WITHDRAWN)
        else:
            assert isinstance(withdrawn, PaperRefused)
            assert paper.state == PaperState.ACCEPTED


def test_two_households_prepare_one_paper_of_their_child(transactional_db: None) -> None:
    homes = [FamilyFactory(number=str(7000 + rank)) for rank in range(2)]
    parents = [parent_of(home) for home in homes]
    hugo, kind = child_of(*homes), PaperTypeFactory(insurance=True)

    def add(rank: int) -> Paper:
        return add_files(
            family=homes[rank % 2],
            type=kind,
            child=hugo,
            uploads=[photo(shade=60 * rank)],
            by=parents[rank % 2],
            at=AT,
        )

    results = run_together(*[lambda rank=rank: add(rank) for rank in range(4)])
    assert successes(results) == results
    paper = Paper.objects.get(state__in=OPEN_STATES)
    assert paper.files.count() == 4
    sent = run_together(
        *[
            lambda rank=rank: send_paper(paper=paper, version=paper.version, by=parents[rank % 2], at=AT)
            for rank in range(6)
        ]
    )
    assert successes(sent) == sent
    assert Procedure.objects.count() == 1


def test_without_the_lock_two_answers_would_pass(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race exists: what the locks are for."""
    agent = decider()

    def unlocked(key: int) -> Paper:
        return Paper.objects.select_related("type", "family", "child").get(pk=key)

    monkeypatch.setattr("portal.domain.papers.deciding.lock_paper", unlocked)
    assert services.lock_paper is not unlocked
    most = 0
    for rank in range(8):
        waiting = PaperFactory(family=FamilyFactory(number=str(8000 + rank)))
        results = run_together(
            *[lambda key=waiting.pk: refuse_paper(paper=key, version=1, reason="x", by=agent, at=AT)] * 6
        )
        most = max(most, len(successes(results)))
        if most > 1:
            break
    assert most > 1
