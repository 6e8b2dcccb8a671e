"""Which days a change of rule moves, and the change."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import InvalidDeadline
from portal.domain.activities.services import seed_calendar
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.services import change_draft
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.setup.ruling import Move, RuleChanged, Which, change_rule, plan_rule
from tests.backoffice.halves import limit
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import StructureFactory, UnitFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY
from tests.domain.bookings.factories import book, household, priced_unit

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C4")]

THURSDAY_RULE = {"kind": "weekday_before", "weekday": 4}
TUESDAY_RULE = {"kind": "weekday_before", "weekday": 2}
ONE_DAY = {"kind": "days_before", "days": 1}


@pytest.fixture
def canteen(db: None) -> Any:
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
    return priced_unit()


@pytest.fixture
def agent(db: None) -> User:
    made = UserFactory(agent=True)
    made.user_permissions.set(Permission.objects.filter(codename__in=["change_activity", "change_unit"]))
    return User.objects.get(pk=made.pk)


def test_a_stricter_rule_closes_days_and_counts_who_is_concerned(canteen: Any) -> None:
    """Wednesday 9 at 21 h 30: under Tuesday of the week before, the week of the 14th is over."""
    one, other = household(canteen, children=2), household(canteen)
    book(one, [MONDAY, FRIDAY])
    book(one, [MONDAY], child=1)
    book(other, [NEXT_MONDAY])

    impact = plan_rule(owner=canteen.activity, which=Which.BOOK, data=TUESDAY_RULE, at=AT)

    closed = [day for day in impact.days if day.move is Move.CLOSES]
    assert [day.day.day for day in closed] == [14, 15, 17, 18]
    assert [(day.booked, day.families) for day in closed] == [(2, 1), (0, 0), (0, 0), (1, 1)]
    assert impact.count(Move.SOONER) == len(impact.days) - 4 - impact.count(Move.OTHERWISE)
    assert impact.booked == 4
    assert impact.families == 2
    assert len(impact.days) == impact.served


def test_a_laxer_rule_opens_days_again(canteen: Any) -> None:
    impact = plan_rule(owner=canteen.activity, which=Which.CANCEL, data=ONE_DAY, at=AT)
    assert impact.count(Move.CLOSES, Move.SOONER) == 0
    assert [day.day.day for day in impact.days if day.move is Move.OPENS] == [10, 11]
    assert impact.count(Move.LATER) > 100


def test_the_same_rule_moves_nothing(canteen: Any) -> None:
    impact = plan_rule(owner=canteen.activity, which=Which.BOOK, data=THURSDAY_RULE | {"weeks": 1}, at=AT)
    assert (impact.days, impact.served > 100) == ((), True)


def test_a_unit_with_its_own_rule_does_not_follow_its_activity(canteen: Any) -> None:
    UnitFactory(activity=canteen.activity, code="bus", name="Bus", booking_deadline=ONE_DAY)
    alone = plan_rule(owner=canteen.activity, which=Which.BOOK, data=TUESDAY_RULE, at=AT)
    assert {day.unit for day in alone.days} == {"Repas"}
    back = plan_rule(owner=canteen.activity.units.get(code="bus"), which=Which.BOOK, data=None, at=AT)
    assert {day.unit for day in back.days} == {"Bus"}


def test_a_removal_counts_enrolments(canteen: Any) -> None:
    household(canteen, children=2)
    household(canteen)
    impact = plan_rule(owner=canteen.activity, which=Which.REMOVE, data={"kind": "days_before", "days": 8}, at=AT)
    assert (impact.served, impact.booked, impact.families, len(impact.days)) == (1, 3, 2, 1)


def test_the_queries_do_not_depend_on_the_days_nor_on_the_families(canteen: Any) -> None:
    def measured() -> int:
        with CaptureQueriesContext(connection) as captured:
            plan_rule(owner=canteen.activity, which=Which.BOOK, data=TUESDAY_RULE, at=AT)
        return len(captured)

    before = measured()
    for _ in range(5):
        book(household(canteen), [MONDAY, FRIDAY, NEXT_MONDAY])
    assert measured() == before <= 3


def test_a_change_counts_at_once_and_is_in_the_journal(canteen: Any, agent: User) -> None:
    home = household(canteen)
    changed = change_rule(
        owner=canteen.activity, which=Which.BOOK, data=TUESDAY_RULE, expected=THURSDAY_RULE, by=agent, at=AT
    )
    assert changed
    refused = change_draft(family=home.family, add=home.codes([MONDAY]), remove=[], by=home.parent, at=AT)
    assert [each.refusal.rule for each in refused.left_out] == [Rule.DEADLINE_PASSED]
    entry = AuditEntry.objects.get(verb="change_rule")
    assert (entry.before, entry.after) == ({"booking_deadline": THURSDAY_RULE}, {"booking_deadline": TUESDAY_RULE})
    assert not change_rule(
        owner=canteen.activity, which=Which.BOOK, data=TUESDAY_RULE, expected=TUESDAY_RULE, by=agent, at=AT
    )
    assert AuditEntry.objects.filter(verb="change_rule").count() == 1


def test_a_rule_changed_meanwhile_or_impossible_is_refused(canteen: Any, agent: User) -> None:
    common: dict[str, Any] = {"owner": canteen.activity, "which": Which.BOOK, "by": agent, "at": AT}
    with pytest.raises(RuleChanged):
        change_rule(data=TUESDAY_RULE, expected=ONE_DAY, **common)
    with pytest.raises(InvalidDeadline):
        change_rule(data={"kind": "jeudi"}, expected=THURSDAY_RULE, **common)
    canteen.activity.refresh_from_db()
    assert canteen.activity.booking_deadline == THURSDAY_RULE


def test_who_may_not_set_up_the_place_changes_nothing(canteen: Any, agent: User) -> None:
    common: dict[str, Any] = {"owner": canteen, "which": Which.BOOK, "data": ONE_DAY, "expected": None, "at": AT}
    with pytest.raises(PermissionDenied):
        change_rule(by=UserFactory(agent=True), **common)
    limit(agent, [StructureFactory()])
    with pytest.raises(PermissionDenied):
        change_rule(by=User.objects.get(pk=agent.pk), **common)


def test_an_activity_that_is_over_moves_nothing(canteen: Any) -> None:
    late = datetime(2027, 8, 2, 9, tzinfo=PARIS) + timedelta(days=1)
    assert plan_rule(owner=canteen.activity, which=Which.BOOK, data=TUESDAY_RULE, at=late).served == 0
