"""What limits an agent: who says it, what it ties to a place, that an agent at work loses what left the scope."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.activities.models import Structure
from portal.domain.audit.models import AuditEntry
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families import scope
from portal.domain.families.access import find_family
from portal.domain.families.acting import ActingRefused, current_acting, start_acting
from portal.domain.families.models import ActingSession, Adult, Child, ChildLink, Family
from portal.domain.health.access import children_of
from portal.domain.scope.models import AgentLimit
from portal.domain.scope.rules import first_end_that_counts
from portal.domain.scope.services import LimitRefused, limit_agent
from tests.backoffice.desk import make_agent
from tests.backoffice.halves import limit
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, StructureFactory
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.families.factories import ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B43")]

NOON = datetime(2026, 9, 15, 10, tzinfo=UTC)
TODAY = NOON.date()


def fresh(agent: User) -> User:
    """As the next request reads the account."""
    return User.objects.get(pk=agent.pk)


def enrolled_at(place: Structure, **values: object) -> ChildLink:
    """A family whose only child is enrolled in an activity of this place."""
    link: ChildLink = ChildLinkFactory()
    EnrolmentFactory(child=link.child, family=link.family, activity=ActivityFactory(structure=place), **values)
    return link


def test_an_enrolment_ties_until_the_end_of_the_school_year_that_follows_its_own() -> None:
    assert first_end_that_counts(date(2026, 9, 15)) == date(2025, 8, 1)
    assert first_end_that_counts(date(2027, 7, 31)) == date(2025, 8, 1)
    assert first_end_that_counts(date(2027, 8, 1)) == date(2026, 8, 1)


def test_what_an_agent_sees_is_what_a_person_would_count() -> None:
    """Every state, end and place, children of two households, brothers and sisters, limits to none, one and two."""
    places = [StructureFactory() for _ in range(3)]
    activities = [ActivityFactory(structure=place) for place in places]
    ends = [date(2025, 7, 31), date(2025, 8, 1), date(2026, 9, 14), date(2027, 7, 2)]
    draw, families = random.Random(43), [FamilyFactory() for _ in range(30)]
    adults = {family.pk: MemberFactory(family=family).adult.pk for family in families}
    homes: dict[int, set[int]] = {}
    known: dict[int, list[tuple[int, str, date]]] = {}
    rows = []
    for state, end, place in product(EnrolmentState.values, ends, range(3)):
        child = ChildFactory()
        homes[child.pk] = {family.pk for family in draw.sample(families, draw.choice([0, 1, 1, 2]))}
        for key in homes[child.pk]:
            ChildLink.objects.create(family_id=key, child=child)
        known[child.pk] = [(place, state, end)]
        if draw.random() < 0.2 and state == EnrolmentState.CANCELLED:
            known[child.pk].append((draw.randrange(3), EnrolmentState.ACCEPTED.value, end))
        rows += [(child, *each) for each in known[child.pk]]
    by = UserFactory()
    Enrolment.objects.bulk_create(
        Enrolment(
            child=child,
            family=families[0],
            activity=activities[place],
            state=state,
            starts_on=date(2024, 9, 2),
            ends_on=end,
            requested_at=NOON,
            requested_by=by,
        )
        for child, place, state, end in rows
    )
    for chosen in ((), (0,), (1,), (0, 2)):
        agent = UserFactory(agent=True)
        limit(agent, [places[each] for each in chosen])
        tied = {
            key
            for key, enrolments in known.items()
            if not chosen
            or any(
                place in chosen and state in {"requested", "accepted"} and end >= date(2025, 8, 1)
                for place, state, end in enrolments
            )
        }
        homes_of_tied = {home for key in tied for home in homes[key]} if chosen else {each.pk for each in families}
        assert set(Child.objects.for_agent(agent, on=TODAY).values_list("pk", flat=True)) == tied
        assert set(Family.objects.for_agent(agent, on=TODAY).values_list("pk", flat=True)) == homes_of_tied
        seen = Adult.objects.filter(scope.of_adults(agent, "pk", on=TODAY))
        assert set(seen.values_list("pk", flat=True)) == {adults[key] for key in homes_of_tied}
    assert 0 < len(tied) < len(known)


def test_the_limits_are_looked_for_once_and_never_for_who_has_none() -> None:
    agent, boss, parent = UserFactory(agent=True), make_agent(), UserFactory()
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            list(Family.objects.for_agent(agent, on=TODAY))
            list(Family.objects.for_agent(boss, on=TODAY))
            assert not Family.objects.for_agent(parent, on=TODAY).exists()
    assert sum("scope_agentlimit" in each["sql"] for each in asked) == 1
    assert not any("EXISTS" in each["sql"] for each in asked)


def test_limits_an_agent_and_says_so_in_the_journal() -> None:
    boss, agent, here, there = make_agent(), make_agent(Role.MANAGEMENT), StructureFactory(), StructureFactory()

    assert limit_agent(agent=agent, structures=[here, there], by=boss, at=NOON)
    assert not limit_agent(agent=agent, structures=[there, here], by=boss, at=NOON)
    assert limit_agent(agent=agent, structures=[there], by=boss, at=NOON)
    assert [limit.structure for limit in AgentLimit.objects.filter(agent=agent)] == [there]
    assert limit_agent(agent=agent, structures=[], by=boss, at=NOON)
    assert not AgentLimit.objects.exists()

    entries = AuditEntry.objects.filter(verb="limit_agent").order_by("pk")
    names = {place: f"{place.name} (n°\u00a0{place.pk})" for place in (here, there)}
    assert [(entry.before["structures"], entry.after["structures"]) for entry in entries] == [
        ([], [names[here], names[there]]),
        ([names[here], names[there]], [names[there]]),
        ([names[there]], []),
    ]


def test_refuses_oneself_superusers_parents_and_places_that_are_gone() -> None:
    boss, agent, place, gone = make_agent(), make_agent(Role.MANAGEMENT), StructureFactory(), StructureFactory()
    Structure.objects.filter(pk=gone.pk).delete()
    gone.pk = gone.pk or 10**6
    for whom, places in (
        (boss, [place]),
        (make_agent(), [place]),
        (UserFactory(), [place]),
        (UserFactory(agent=True, is_active=False), [place]),
        (agent, [place, gone]),
    ):
        with pytest.raises(LimitRefused):
            limit_agent(agent=whom, structures=places, by=boss, at=NOON)
    for by in (agent, UserFactory(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            limit_agent(agent=make_agent(Role.ACTIVITIES), structures=[place], by=by, at=NOON)
    assert not AgentLimit.objects.exists()
    assert not AuditEntry.objects.filter(verb="limit_agent").exists()


def test_whoever_is_limited_limits_nobody_even_with_the_permission() -> None:
    agent, other, place = make_agent(Role.MANAGEMENT), make_agent(Role.ACTIVITIES), StructureFactory()
    agent.user_permissions.add(Permission.objects.get(codename="limit_agent"))
    assert limit_agent(agent=other, structures=[place], by=fresh(agent), at=NOON)
    limit(agent, [place])
    with pytest.raises(PermissionDenied):
        limit_agent(agent=other, structures=[], by=fresh(agent), at=NOON)


def test_a_place_to_which_somebody_is_limited_is_not_deleted() -> None:
    """Without its row the agent would see the whole town."""
    agent, place = make_agent(Role.MANAGEMENT), StructureFactory()
    limit(agent, [place])
    with pytest.raises(ProtectedError):
        place.delete()
    with pytest.raises(IntegrityError, match="agent_limit_once"), transaction.atomic():
        limit(agent, [place])


def test_an_agent_enters_no_space_beyond_the_limits() -> None:
    agent, here, there = make_agent(Role.MANAGEMENT), StructureFactory(), StructureFactory()
    mine, foreign = enrolled_at(here), enrolled_at(there)
    limit(agent, [here])
    with pytest.raises(ActingRefused):
        start_acting(family=foreign.family, reason="Au guichet", by=agent, at=NOON)
    assert start_acting(family=mine.family, reason="Au guichet", by=agent, at=NOON).family == mine.family


def test_an_agent_at_work_is_out_as_soon_as_the_limit_is_said() -> None:
    agent, here, there = make_agent(Role.MANAGEMENT), StructureFactory(), StructureFactory()
    mine = enrolled_at(here)
    start_acting(family=mine.family, reason="Au guichet", by=agent, at=NOON)

    limit_agent(agent=agent, structures=[here, there], by=make_agent(), at=NOON)
    assert current_acting(user=fresh(agent), at=NOON) is not None
    limit_agent(agent=agent, structures=[there], by=make_agent(), at=NOON)

    assert ActingSession.objects.get().ended_at == NOON
    assert find_family(user=fresh(agent)) is None
    assert AuditEntry.objects.filter(verb="stop_acting", family_key=mine.family_id).count() == 1


def test_an_agent_at_work_is_out_when_the_family_leaves_the_scope() -> None:
    agent, here = make_agent(Role.MANAGEMENT), StructureFactory()
    mine = enrolled_at(here)
    limit(agent, [here])
    start_acting(family=mine.family, reason="Au guichet", by=agent, at=NOON)
    Enrolment.objects.update(state=EnrolmentState.CANCELLED)

    assert current_acting(user=fresh(agent), at=NOON + timedelta(minutes=1)) is None
    assert ActingSession.objects.get().ended_at == NOON + timedelta(minutes=1)


def test_health_in_a_family_space_is_that_of_the_children_of_the_place() -> None:
    agent, here = make_agent(Role.MANAGEMENT), StructureFactory()
    mine = enrolled_at(here)
    sibling = ChildLinkFactory(family=mine.family).child
    start_acting(family=mine.family, reason="Au guichet", by=agent, at=NOON)
    assert set(children_of(user=fresh(agent), family=mine.family)) == {mine.child, sibling}
    limit(agent, [here])
    assert set(children_of(user=fresh(agent), family=mine.family)) == {mine.child}


def test_nothing_is_shown_before_somebody_says_what_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "_scope", [])
    with pytest.raises(scope.NoScopeError):
        Family.objects.for_agent(UserFactory(agent=True), on=TODAY)
