"""Proposing, agreeing, contesting: two households, one arrangement in force."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.domain.custody.enums import CustodyState, Halves, Pattern
from portal.domain.custody.models import Custody
from portal.domain.custody.privacy import PART, RETENTION
from portal.domain.custody.queries import custody_of, household_on, households_on
from portal.domain.custody.services import (
    AlreadyDecided,
    CustodyRefused,
    Plan,
    add_exception,
    agree_to_custody,
    contest_custody,
    may_read_judgement,
    propose_custody,
    remove_exception,
    set_custody,
    withdraw_custody,
)
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Child, ChildLink
from portal.domain.files.models import StoredFile
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory
from tests.domain.health.factories import upload
from tests.harness.races import LONGEST_RACE
from tests.web.planning.scene import NOW, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B3", "C7")]

FRIDAY = date(2026, 9, 4)
PLAN = Plan(pattern=Pattern.WEEKS, reference=FRIDAY)


@pytest.fixture
def mother() -> Scene:
    return Scene()


@pytest.fixture
def father() -> Scene:
    return Scene(family=FamilyFactory(name="Perret"), user=UserFactory(username="samir"))


@pytest.fixture
def child(mother: Scene, father: Scene) -> Child:
    found = mother.child("Zoé")
    ChildLinkFactory(family=father.family, child=found)
    return found


def proposed(mother: Scene, child: Child, plan: Plan = PLAN, **options: object) -> Custody:
    return propose_custody(family=mother.family, child=child, plan=plan, by=mother.user, at=NOW, **options)  # type: ignore[arg-type]  # a judgement


def test_a_proposal_changes_nothing_before_the_answer(mother: Scene, father: Scene, child: Child) -> None:
    custody = proposed(mother, child)
    assert household_on(child, FRIDAY) is None
    assert father.user.notices.get().title == "Garde de Zoé : une organisation vous est proposée"
    agree_to_custody(family=father.family, custody=custody, by=father.user, at=NOW)
    assert household_on(child, FRIDAY) == mother.family
    assert household_on(child, FRIDAY + timedelta(days=7)) == father.family


def test_only_the_other_household_answers_and_once(mother: Scene, father: Scene, child: Child) -> None:
    custody = proposed(mother, child)
    with pytest.raises(NotAllowed):
        agree_to_custody(family=mother.family, custody=custody, by=mother.user, at=NOW)
    agree_to_custody(family=father.family, custody=custody, by=father.user, at=NOW)
    with pytest.raises(AlreadyDecided):
        contest_custody(family=father.family, custody=custody, words="", by=father.user, at=NOW)


def test_a_contested_proposal_is_settled_by_the_service(mother: Scene, father: Scene, child: Child) -> None:
    custody = proposed(mother, child)
    contest_custody(family=father.family, custody=custody, words="Non", by=father.user, at=NOW)
    assert custody_of(child) is None
    agent = UserFactory(username="gestion", agent=True)
    with pytest.raises(NotAllowed):
        set_custody(custody_id=custody.pk, by=agent, at=NOW)
    agent.user_permissions.add(Permission.objects.get(codename="change_custody"))
    agent = type(agent).objects.get(pk=agent.pk)
    assert set_custody(custody_id=custody.pk, by=agent, at=NOW).state == CustodyState.SET
    with pytest.raises(AlreadyDecided):
        set_custody(custody_id=custody.pk, by=agent, at=NOW)


def test_a_new_arrangement_ends_the_former_one(mother: Scene, father: Scene, child: Child) -> None:
    first = proposed(mother, child)
    agree_to_custody(family=father.family, custody=first, by=father.user, at=NOW)
    second = proposed(mother, child, Plan(pattern=Pattern.NONE, reference=FRIDAY, halves=Halves.EVEN_FIRST))
    agree_to_custody(family=father.family, custody=second, by=father.user, at=NOW)
    first.refresh_from_db()
    assert first.state == CustodyState.ENDED
    assert custody_of(child) == second


def test_each_waits_for_the_other_s_answer(mother: Scene, father: Scene, child: Child) -> None:
    custody = proposed(mother, child)
    with pytest.raises(CustodyRefused, match="répondez-lui"):
        propose_custody(family=father.family, child=child, plan=PLAN, by=father.user, at=NOW)
    withdraw_custody(family=mother.family, custody=custody, by=mother.user, at=NOW)
    assert (
        propose_custody(family=father.family, child=child, plan=PLAN, by=father.user, at=NOW).household_a
        == father.family
    )


def test_a_child_of_one_household_has_no_custody(mother: Scene) -> None:
    with pytest.raises(CustodyRefused, match="qu’un foyer"):
        proposed(mother, mother.child("Hugo"))
    child = Child.objects.get(first_name="Hugo")
    assert household_on(child, FRIDAY) == mother.family


def test_days_agreed_otherwise_and_taken_back(mother: Scene, father: Scene, child: Child) -> None:
    custody = proposed(mother, child)
    agree_to_custody(family=father.family, custody=custody, by=father.user, at=NOW)
    for _twice in range(2):
        noted = add_exception(
            family=father.family, child=child, starts_on=FRIDAY, ends_on=FRIDAY, mine=True, by=father.user, at=NOW
        )
    assert custody.exceptions.count() == 1
    assert household_on(child, FRIDAY) == father.family
    remove_exception(family=mother.family, exception=noted, by=mother.user, at=NOW)
    assert household_on(child, FRIDAY) == mother.family


def test_the_judgement_is_read_by_its_household_unless_shared(mother: Scene, father: Scene, child: Child) -> None:
    custody = proposed(mother, child, judgement=upload("jugement.pdf"))
    assert may_read_judgement(custody=custody, family=mother.family)
    assert not may_read_judgement(custody=custody, family=father.family)
    custody.judgement_shared = True
    assert may_read_judgement(custody=custody, family=father.family)


def test_a_year_of_days_costs_a_constant_number_of_queries(mother: Scene, father: Scene, child: Child) -> None:
    agree_to_custody(family=father.family, custody=proposed(mother, child), by=father.user, at=NOW)
    with CaptureQueriesContext(connection) as queries:
        found = households_on(child, [FRIDAY + timedelta(days=number) for number in range(365)])
    assert len(found) == 365
    assert len(queries) <= 4


def test_an_ended_arrangement_is_forgotten_with_its_document_a_year_later(
    mother: Scene, father: Scene, child: Child
) -> None:
    custody = proposed(mother, child, judgement=upload("jugement.pdf"))
    assert "jugement.pdf" in str(list(PART.collect(mother.family.pk, mother.user)))
    assert "jugement.pdf" not in str(list(PART.collect(father.family.pk, father.user)))
    withdraw_custody(family=mother.family, custody=custody, by=mother.user, at=NOW)
    assert RETENTION.find(NOW.date() - timedelta(days=1), 10) == []
    assert [each.key for each in RETENTION.find(NOW.date(), 10)] == [custody.pk]
    assert RETENTION.erase([custody.pk], mother.user, NOW) == 1
    assert not StoredFile.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_right_is_asked_again_once_the_child_is_locked(
    transactional_db: None, mother: Scene, child: Child
) -> None:
    """An agent takes the household's right away while the proposal waits for the child."""

    def propose() -> object:
        try:
            return proposed(mother, child)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            Child.objects.select_for_update(no_key=True).get(pk=child.pk)
            answer = pool.submit(propose)
            wait_for_a_lock()
            ChildLink.objects.filter(family=mother.family, child=child).update(can_edit=False)
        with pytest.raises(NotAllowed):
            answer.result(timeout=LONGEST_RACE)
    assert not Custody.objects.exists()


def wait_for_a_lock() -> None:
    """Until somebody waits for a lock. `pg_locks`: `pg_stat_activity` does not move within a transaction."""
    for _each in range(LONGEST_RACE * 20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
