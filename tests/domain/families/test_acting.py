"""An agent in a family's space: only with permission and a reason, only that family, only while it is open."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.backoffice.roles import Role
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.services import record
from portal.domain.families.access import Right, children_with, find_family, may
from portal.domain.families.acting import (
    ActingRefused,
    close_expired_acting,
    current_acting,
    start_acting,
    stop_acting,
)
from portal.domain.families.models import ActingSession, Child, Family
from tests.backoffice.desk import make_agent
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("L11")]

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)


def test_opens_that_family_and_its_children_only() -> None:
    """A family without any account works too."""
    agent = make_agent(Role.MANAGEMENT)
    mine, other = ChildLinkFactory.create(), ChildLinkFactory.create()
    hidden = ChildLinkFactory.create(family=mine.family, can_see=False, can_edit=False, can_book=False, can_pay=False)

    start_acting(family=mine.family, reason="Au guichet", by=agent, at=NOON)

    assert find_family(user=agent, chosen=other.family_id) == mine.family
    assert list(Family.objects.visible_to(agent)) == [mine.family]
    assert list(Child.objects.visible_to(agent)) == [mine.child]
    assert all(may(user=agent, family=mine.family, right=right) for right in Right)
    assert not any(may(user=agent, family=other.family, right=right) for right in Right)
    assert hidden.child not in children_with(user=agent, family=mine.family, right=Right.SEE)


def test_closes_at_once() -> None:
    agent, link = make_agent(Role.MANAGEMENT), ChildLinkFactory.create()
    start_acting(family=link.family, reason="Au guichet", by=agent, at=NOON)

    assert stop_acting(by=agent, at=NOON) is not None
    assert stop_acting(by=agent, at=NOON) is None
    assert find_family(user=agent) is None
    assert not Family.objects.visible_to(agent).exists()
    assert not Child.objects.visible_to(agent).exists()
    assert not may(user=agent, family=link.family, right=Right.SEE)


def test_ends_by_itself_after_an_hour() -> None:
    agent = make_agent(Role.MANAGEMENT)
    start_acting(family=FamilyFactory.create(), reason="Au guichet", by=agent, at=NOON)

    assert close_expired_acting(at=NOON + timedelta(minutes=59)) == 0
    assert current_acting(user=agent, at=NOON + timedelta(minutes=59)) is not None
    assert current_acting(user=agent, at=NOON + timedelta(minutes=60)) is None
    assert ActingSession.objects.get().ended_at == NOON + timedelta(minutes=60)
    assert close_expired_acting(at=NOON + timedelta(hours=2)) == 0


def test_ends_when_the_role_is_withdrawn() -> None:
    agent = make_agent(Role.MANAGEMENT)
    start_acting(family=FamilyFactory.create(), reason="Au guichet", by=agent, at=NOON)
    agent.groups.clear()

    assert current_acting(user=type(agent).objects.get(pk=agent.pk), at=NOON) is None
    assert ActingSession.objects.get().ended_at == NOON


@pytest.mark.parametrize("role", [Role.COMMUNICATION, Role.VALIDATION, Role.ACTIVITIES, Role.ACCOUNTING])
def test_refuses_other_roles(role: Role) -> None:
    with pytest.raises(ActingRefused, match="rôle"):
        start_acting(family=FamilyFactory.create(), reason="Au guichet", by=make_agent(role), at=NOON)
    assert not ActingSession.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_refuses_without_a_reason_that_can_be_read(reason: str) -> None:
    with pytest.raises(ActingRefused):
        start_acting(family=FamilyFactory.create(), reason=reason, by=make_agent(Role.MANAGEMENT), at=NOON)


def test_refuses_an_archived_dossier() -> None:
    with pytest.raises(ActingRefused, match="archivé"):
        start_acting(
            family=FamilyFactory.create(archived_at=NOON), reason="x", by=make_agent(Role.MANAGEMENT), at=NOON
        )


def test_one_family_at_a_time_and_twice_the_same_is_once() -> None:
    agent, family = make_agent(Role.MANAGEMENT), FamilyFactory.create()
    first = start_acting(family=family, reason="Au guichet", by=agent, at=NOON)

    assert start_acting(family=family, reason="Au guichet", by=agent, at=NOON) == first
    with pytest.raises(ActingRefused, match="terminez"):
        start_acting(family=FamilyFactory.create(), reason="Au guichet", by=agent, at=NOON)


def test_the_journal_marks_what_is_written_meanwhile() -> None:
    agent, family = make_agent(Role.MANAGEMENT), FamilyFactory.create()
    start_acting(family=family, reason="Au guichet", by=agent, at=NOON)
    record(verb="change", target=family, by=agent, at=NOON, family_key=family.pk)
    stop_acting(by=agent, at=NOON)
    record(verb="change", target=family, by=agent, at=NOON, family_key=family.pk)

    lines = AuditEntry.objects.order_by("pk")
    assert [(line.verb, line.by, line.acting_family_key) for line in lines] == [
        ("start_acting", agent, family.pk),
        ("change", agent, family.pk),
        ("stop_acting", agent, None),
        ("change", agent, None),
    ]
