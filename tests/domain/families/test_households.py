"""Who may do what in a household, and separated parents."""

from datetime import UTC, date, datetime

import pytest

from portal.domain.audit.models import AuditEntry
from portal.domain.families.access import NotAllowed, Right, children_with, may
from portal.domain.families.enums import AdultRole
from portal.domain.families.households import (
    HouseholdRefused,
    add_adult,
    add_child,
    link_child,
    set_household_rights,
    set_member_rights,
    share_contact,
    unlink_child,
)
from portal.domain.families.models import ChildLink, Family, FamilyMember
from tests.domain.changes.factories import Household, agent, separate
from tests.domain.families.factories import FamilyFactory
from tests.harness.races import run_together, successes

AT = datetime(2026, 9, 8, 10, tzinfo=UTC)
NONE: dict[str, bool] = {}
LOOK = {"can_see": True, "is_notified": True}

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Household:
    return Household()


def member(home: Household, who: str = "father") -> FamilyMember:
    return FamilyMember.objects.get(adult=getattr(home, who))


def give(home: Household, rights: dict[str, bool], *, to: str = "father", by=None):
    return set_member_rights(
        family=home.family, member=member(home, to).pk, rights=rights, by=by or home.claire, at=AT
    )


@pytest.mark.exigence("D8")
def test_the_holder_says_what_the_others_may_do(home: Household) -> None:
    give(home, LOOK | {"can_pay": True})
    assert may(user=home.samir, family=home.family, right=Right.PAY)
    assert not may(user=home.samir, family=home.family, right=Right.EDIT)
    assert AuditEntry.objects.get(verb="set_member_rights").after["can_edit"] is False


def test_without_sight_no_other_right_stays(home: Household) -> None:
    changed = give(home, {"can_pay": True, "can_edit": True})
    assert (changed.can_see, changed.can_pay, changed.can_edit) == (False, False, False)


def test_nobody_else_decides_and_nobody_decides_for_themselves(home: Household) -> None:
    with pytest.raises(NotAllowed):
        give(home, LOOK, to="mother", by=home.samir)
    with pytest.raises(NotAllowed):
        give(home, LOOK, to="mother", by=home.claire)
    with pytest.raises(NotAllowed):
        give(home, LOOK, by=Household(family=FamilyFactory(number="9001")).claire)


def test_a_member_of_another_family_does_not_exist(home: Household) -> None:
    other = Household(family=FamilyFactory(number="9001"))
    with pytest.raises(FamilyMember.DoesNotExist):
        set_member_rights(family=home.family, member=member(other).pk, rights=NONE, by=home.claire, at=AT)


def test_the_last_adult_who_may_edit_keeps_that_right(home: Household) -> None:
    FamilyMember.objects.filter(adult=home.father).update(can_edit=False)
    with pytest.raises(HouseholdRefused, match="au moins"):
        give(home, LOOK, to="mother", by=agent())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_leave_one_editor(transactional_db: None) -> None:
    home, who = Household(), agent()
    results = run_together(
        lambda: give(home, LOOK, to="mother", by=who), lambda: give(home, LOOK, to="father", by=who)
    )
    assert len(successes(results)) == 1
    assert FamilyMember.objects.filter(family=home.family, can_edit=True).count() == 1


def test_a_households_rights_over_a_child_are_an_agents(home: Household) -> None:
    for who in (home.claire, agent("view_family")):
        with pytest.raises(NotAllowed):
            set_household_rights(family=home.family, child=home.child, rights=LOOK, by=who, at=AT)
    set_household_rights(family=home.family, child=home.child, rights=LOOK, by=agent(), at=AT)
    assert not children_with(user=home.claire, family=home.family, right=Right.BOOK).exists()
    assert children_with(user=home.claire, family=home.family, right=Right.SEE).exists()


def test_a_household_shows_or_hides_itself(home: Household) -> None:
    assert share_contact(family=home.family, shared=True, by=home.samir, at=AT)
    assert not share_contact(family=home.family, shared=True, by=home.samir, at=AT)
    assert Family.objects.get(pk=home.family.pk).shares_contact
    with pytest.raises(NotAllowed):
        share_contact(family=home.family, shared=False, by=separate(home).claire, at=AT)


def test_a_child_joins_and_leaves_a_household(home: Household) -> None:
    elsewhere, who = FamilyFactory(number="9002"), agent()
    link = link_child(family=elsewhere, child=home.child, by=who, at=AT)
    assert link_child(family=elsewhere, child=home.child, by=who, at=AT) == link
    unlink_child(family=elsewhere, child=home.child, by=who, at=AT)
    with pytest.raises(HouseholdRefused, match="autre foyer"):
        unlink_child(family=home.family, child=home.child, by=who, at=AT)
    with pytest.raises(ChildLink.DoesNotExist):
        unlink_child(family=elsewhere, child=home.child, by=who, at=AT)
    for verb in (link_child, unlink_child):
        with pytest.raises(NotAllowed):
            verb(family=home.family, child=home.child, by=home.claire, at=AT)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_child_taken_out_of_both_households_at_once_keeps_one(transactional_db: None) -> None:
    home, who = Household(), agent()
    elsewhere = FamilyFactory(number="9002")
    link_child(family=elsewhere, child=home.child, by=who, at=AT)
    run_together(
        lambda: unlink_child(family=elsewhere, child=home.child, by=who, at=AT),
        lambda: unlink_child(family=home.family, child=home.child, by=who, at=AT),
    )
    assert ChildLink.objects.filter(child=home.child).count() == 1


@pytest.mark.exigence("D13")
def test_an_agent_adds_people(home: Household) -> None:
    who = agent()
    added = add_adult(family=home.family, first_name="Jeanne", last_name="Morand", by=who, at=AT)
    assert (added.role, added.can_edit) == (AdultRole.RELATIVE, False)
    with pytest.raises(HouseholdRefused):
        add_adult(family=home.family, first_name="X", last_name="Y", role=AdultRole.HOLDER, by=who, at=AT)
    names = {"first_name": "Noé", "last_name": "Vuillet", "birth_date": date(2023, 3, 13)}
    link = add_child(family=home.family, **names, by=who, at=AT)
    assert link.order == 1
    with pytest.raises(HouseholdRefused):
        add_child(family=home.family, **names, by=who, at=AT)
    for verb, values in ((add_child, names), (add_adult, {"first_name": "X", "last_name": "Y"})):
        with pytest.raises(NotAllowed):
            verb(family=home.family, **values, by=home.claire, at=AT)
