"""Where each paper stands, for whom, and in how many queries."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.families.models import Family
from portal.domain.families.requirements import Asked, Effect, Standing
from portal.domain.papers import branches
from portal.domain.papers.enums import PaperScope, PaperState
from portal.domain.papers.models import Paper, PaperType
from portal.domain.papers.queries import AskedLine, asked_papers, find_paper, list_papers, waiting_papers
from portal.domain.papers.requirements import requirements
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory
from tests.domain.families.factories import FamilyFactory, SchoolingFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of, decider, parent_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)


@pytest.fixture
def family() -> Family:
    return FamilyFactory()


def ask(family: Family, *children: Any, activities: Any = None, **options: Any) -> list[AskedLine]:
    return asked_papers(family=family, children=children, activities=activities or {}, at=AT, **options)


def one(family: Family) -> tuple[str, str, Paper | None]:
    (line,) = ask(family)
    return line.standing.value, line.note, line.paper


@pytest.mark.exigence("D6")
def test_a_paper_goes_from_missing_to_done(family: Family) -> None:
    kind = PaperTypeFactory(help="De moins de trois mois.")
    assert one(family) == ("missing", "De moins de trois mois.", None)
    paper = PaperFactory(type=kind, family=family, draft=True)
    assert one(family)[0] == "missing"
    assert one(family)[2] == paper
    Paper.objects.update(state=PaperState.SENT, sent_at=AT)
    assert one(family)[0] == "sent"
    Paper.objects.update(state=PaperState.ASKED, reason="Le verso ?", decided_at=AT)
    assert one(family)[:2] == ("refused", "Le verso ?")
    Paper.objects.update(state=PaperState.ACCEPTED, valid_until=date(2026, 9, 9))
    assert one(family)[:2] == ("done", "Valable jusqu’au 9\u00a0septembre 2026.")
    Paper.objects.update(valid_until=date(2026, 9, 8))
    assert one(family)[:2] == ("expired", "Périmée depuis le 8\u00a0septembre 2026.")
    Paper.objects.update(state=PaperState.EXPIRED)
    assert one(family)[0] == "expired"


def test_what_was_accepted_holds_whatever_came_after(family: Family) -> None:
    PaperFactory(family=family, accepted=True)
    later = datetime(2026, 9, 5, tzinfo=UTC)
    moving = PaperFactory(family=family, prepared_at=later)
    assert one(family)[0] == "done"
    assert one(family)[2] == moving
    Paper.objects.filter(pk=moving.pk).update(state=PaperState.REFUSED, reason="Non.", decided_at=AT)
    assert one(family)[0] == "done"
    Paper.objects.exclude(pk=moving.pk).update(state=PaperState.REPLACED)
    assert one(family)[:2] == ("refused", "Non.")


def test_the_other_household_sees_the_paper_of_the_child(family: Family) -> None:
    other = FamilyFactory(number="9001")
    hugo = child_of(family, other)
    paper = PaperFactory(type=PaperTypeFactory(insurance=True), family=family, child=hugo, accepted=True)
    mine = PaperFactory(family=family)
    (line,) = [each for each in ask(other, hugo) if each.child]
    assert (line.standing, line.paper, line.title) == (Standing.DONE, paper, "Assurance scolaire de Hugo")
    marc, stranger = parent_of(other), parent_of(FamilyFactory(number="9002"))
    assert list_papers(user=marc, family=other) == [paper]
    assert find_paper(user=marc, key=paper.key) == paper
    assert find_paper(user=marc, key=mine.key) is None
    assert find_paper(user=stranger, key=paper.key) is None
    assert list_papers(user=stranger, family=family) == []
    assert not list_papers(user=UserFactory(), family=family)


def test_a_new_version_of_the_text_is_asked_again(family: Family) -> None:
    kind = PaperTypeFactory(rules=True)
    PaperFactory(type=kind, family=family, accepted=True, valid_until=None, text_version="2026")
    assert one(family)[0] == "done"
    PaperType.objects.update(text_version="2027")
    standing, note, _paper = one(family)
    assert (standing, "changé" in note) == ("missing", True)


def test_activities_levels_and_branches_decide(family: Family) -> None:
    hugo, lena = child_of(family), child_of(family, first_name="Léna", birth_date=date(2021, 5, 4))
    SchoolingFactory(child=lena, level="CP")
    canteen = ActivityFactory(code="restaurant-2026")
    PaperTypeFactory(code="a", scope=PaperScope.CHILD, activities=["restaurant"])
    PaperTypeFactory(code="b", scope=PaperScope.CHILD, activities=[canteen.type.code], order=1)
    PaperTypeFactory(code="c", scope=PaperScope.CHILD, levels=["CP"], order=2)
    PaperTypeFactory(code="d", branches=["renewal"], order=3)
    activities = {hugo.pk: frozenset({canteen.pk})}

    def codes(**options: Any) -> list[tuple[str, str]]:
        lines = ask(family, hugo, lena, activities=activities, **options)
        return [(line.type.code, line.child.first_name if line.child else "") for line in lines]

    assert codes() == [("a", "Hugo"), ("b", "Hugo"), ("c", "Léna")]
    assert codes(only_activity=canteen.pk) == [("a", "Hugo"), ("a", "Léna"), ("b", "Hugo"), ("b", "Léna")]
    known = list(branches._source)
    try:
        branches.register_branch_source(lambda _family, year: "renewal" if year == 2026 else "")
        assert codes()[-1] == ("d", "")
    finally:
        branches._source[:] = known


def test_requirements_leave_out_what_is_optional_and_was_not_sent(family: Family) -> None:
    hugo = child_of(family)
    PaperTypeFactory(insurance=True)
    lodging = PaperTypeFactory(lodging=True, effect=Effect.BLOCKS.value)
    asked = Asked(family=family, children=[hugo], activities={}, at=AT)
    (insurance,) = requirements(asked)
    assert (insurance.code, insurance.label, insurance.effect) == (
        "papers.assurance",
        "Assurance scolaire de Hugo",
        Effect.HOLDS,
    )
    assert (insurance.url_name, dict(insurance.params)) == (
        "papers:child_paper",
        {"code": "assurance", "child_id": hugo.pk},
    )
    PaperFactory(type=lodging, family=family, refused=True)
    refused = list(requirements(asked))[-1]
    assert (refused.code, refused.standing, refused.effect) == ("papers.hebergement", Standing.REFUSED, Effect.INFORMS)
    assert refused.url_name == "papers:family_paper"


def count(family: Family, children: list[Any], activities: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        lines = ask(family, *children, activities=activities)
        assert all(line.title and (line.paper is None or list(line.paper.files.all()) == []) for line in lines)
    return len(asked)


def test_the_number_of_queries_does_not_grow(family: Family) -> None:
    children = [child_of(family, first_name=f"Enfant {rank}") for rank in range(5)]
    activity = ActivityFactory()
    activities = {child.pk: frozenset({activity.pk}) for child in children}
    first = PaperTypeFactory(insurance=True)
    PaperFactory(type=first, family=family, child=children[0])
    few = count(family, children[:1], {children[0].pk: activities[children[0].pk]})
    for rank in range(7):
        kind = PaperTypeFactory(code=f"t{rank}", scope=PaperScope.CHILD if rank % 2 else PaperScope.FAMILY)
        for child in children if rank % 2 else [None]:
            PaperFactory(type=kind, family=family, child=child)
    assert count(family, children, activities) == few <= 7


def test_only_those_who_decide_have_a_queue(family: Family) -> None:
    paper = PaperFactory(family=family)
    PaperFactory(family=FamilyFactory(number="9001"), accepted=True)
    assert list(waiting_papers(decider())) == [paper]
    assert not waiting_papers(UserFactory(agent=True)).exists()
