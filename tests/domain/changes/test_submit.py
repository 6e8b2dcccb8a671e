"""What a family sends: applied at once, or kept until the service says yes."""

from datetime import timedelta

import pytest

from portal.domain.audit.models import AuditEntry
from portal.domain.changes.enums import ChangeState, FieldMode, Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.policy import load_policy, set_policy
from portal.domain.changes.queries import open_changes, other_households
from portal.domain.changes.services import (
    ChangeDecided,
    ChangedMeanwhile,
    InvalidValues,
    propose_person,
    submit_changes,
    withdraw_change,
)
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Child, ChildLink, Family, FamilyMember, Schooling
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from tests.domain.changes.factories import ADDRESS, AT, Household, agent, separate
from tests.domain.families.factories import FamilyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Household:
    return Household()


@pytest.mark.exigence("D1", "D19")
def test_a_phone_counts_at_once_and_the_other_parent_reads_it_without_mail(home: Household) -> None:
    values = {"phone": "0639984599", "other_phone": "", "work_phone": ""}
    done = submit_changes(subject=home.about(Rubric.COORDINATES), values=values, by=home.claire, at=AT)
    home.mother.refresh_from_db()
    assert home.mother.phone == "06 39 98 45 99"
    assert (done.applied, done.request) == (("phone",), None)
    assert Procedure.objects.get().state == ProcedureState.RECORDED
    assert set(Notice.objects.values_list("user", flat=True)) == {home.claire.pk, home.samir.pk}
    assert not OutgoingMail.objects.exists()
    assert AuditEntry.objects.get(verb="change_dossier").before == {"phone": "06 39 98 45 10"}


@pytest.mark.exigence("D1", "D20")
def test_an_address_waits_with_its_old_and_new_value(home: Household) -> None:
    request = home.ask_address()
    home.family.refresh_from_db()
    assert home.family.street == "12, rue de l’Exemple"
    assert request.old == {"street": "12, rue de l’Exemple"}
    assert request.new == {"street": "3, chemin des Essais"}
    assert Procedure.objects.get().state == ProcedureState.RECEIVED
    assert OutgoingMail.objects.count() == 2, "both parents are told (rule 42)"
    assert all("Essais" not in mail.text for mail in OutgoingMail.objects.all())


def test_sent_twice_it_is_one_request(home: Household) -> None:
    first = home.ask_address()
    assert home.ask_address() == first
    assert ChangeRequest.objects.count() == 1
    assert Procedure.objects.count() == 1


def test_a_new_request_replaces_ones_own_and_not_the_other_parents(home: Household) -> None:
    samirs = home.ask_address("8, rue du Lac", by=home.samir)
    first = home.ask_address()
    second = home.ask_address("4, chemin des Essais")
    states = {each.pk: each.state for each in ChangeRequest.objects.all()}
    assert states == {
        samirs.pk: ChangeState.PENDING,
        first.pk: ChangeState.REPLACED,
        second.pk: ChangeState.PENDING,
    }


def test_asking_for_what_is_there_already_takes_ones_request_back(home: Household) -> None:
    home.ask_address()
    home.family.refresh_from_db()
    current = {name: getattr(home.family, name) for name in ADDRESS}
    done = submit_changes(subject=home.about(Rubric.ADDRESS), values=current, by=home.claire, at=AT)
    assert done.request is None
    assert not ChangeRequest.objects.open().exists()


def test_a_form_shown_before_somebody_elses_change_writes_nothing_over_it(home: Household) -> None:
    about = home.about(Rubric.COORDINATES)
    seen = {"phone": "06 39 98 45 10"}
    submit_changes(subject=about, values={"phone": "0639984511"}, seen=seen, by=home.samir, at=AT)
    with pytest.raises(ChangedMeanwhile) as late:
        submit_changes(subject=about, values={"phone": "0639984522"}, seen=seen, by=home.claire, at=AT)
    assert late.value.fields == ("phone",)
    assert late.value.current["phone"] == "06 39 98 45 11"
    home.mother.refresh_from_db()
    assert home.mother.phone == "06 39 98 45 11"


def test_what_cannot_be_kept_is_said_field_by_field(home: Household) -> None:
    with pytest.raises(InvalidValues) as refused:
        submit_changes(
            subject=home.about(Rubric.ADDRESS),
            values=ADDRESS | {"postcode": "3922", "street": " "},
            by=home.claire,
            at=AT,
        )
    assert set(refused.value.refusals) == {"postcode", "street"}
    assert "«\u00a0Code postal\u00a0»" in refused.value.refusals["postcode"]
    assert not ChangeRequest.objects.exists()


def test_who_may_only_look_sends_nothing(home: Household) -> None:
    FamilyMember.objects.filter(adult=home.father).update(can_edit=False)
    with pytest.raises(NotAllowed):
        home.ask_address(by=home.samir)


def test_another_family_sends_nothing(home: Household) -> None:
    stranger = Household(family=FamilyFactory(number="9001")).claire
    for rubric in (Rubric.ADDRESS, Rubric.WORK, Rubric.SCHOOL):
        with pytest.raises(NotAllowed):
            submit_changes(subject=home.about(rubric), values={}, by=stranger, at=AT)


def test_a_household_that_may_not_edit_a_child_sends_nothing_about_it(home: Household) -> None:
    ChildLink.objects.filter(child=home.child).update(can_edit=False)
    with pytest.raises(NotAllowed):
        submit_changes(subject=home.about(Rubric.SCHOOL), values={"level": "CM1"}, by=home.claire, at=AT)


@pytest.mark.exigence("D21")
def test_the_other_household_of_a_child_is_told_and_reads_no_address(home: Household) -> None:
    other = separate(home)
    done = submit_changes(
        subject=home.about(Rubric.SCHOOL), values={"school": "village", "level": "CE2"}, by=home.claire, at=AT
    )
    assert done.request in open_changes(family=other.family, user=other.claire)
    assert Procedure.objects.filter(family=other.family).exists()
    assert Notice.objects.filter(user=other.claire).exists()
    home.ask_address()
    assert not ChangeRequest.objects.visible_to(other.claire).filter(rubric=Rubric.ADDRESS).exists()
    (seen,) = other_households(child=home.child.pk, family=other.family)
    assert seen.address == ""
    assert seen.phones == ()
    Family.objects.filter(pk=home.family.pk).update(shares_contact=True)
    (shown,) = other_households(child=home.child.pk, family=other.family)
    assert "12, rue de l’Exemple" in shown.address


def test_a_child_without_school_this_year_gets_one_whole(home: Household) -> None:
    Schooling.objects.all().delete()
    modes = {"schooling.level": FieldMode.IMMEDIATE}
    set_policy(modes=modes, by=agent(), at=AT)
    with pytest.raises(InvalidValues):
        submit_changes(subject=home.about(Rubric.SCHOOL), values={"school": "inconnue"}, by=home.claire, at=AT)
    done = submit_changes(
        subject=home.about(Rubric.SCHOOL), values={"school": "village", "level": "CP"}, by=home.claire, at=AT
    )
    assert done.request is not None
    assert done.request.new == {"school": "village", "level": "CP"}


def test_the_town_decides_field_by_field(home: Household) -> None:
    modes = {"adult.phone": FieldMode.APPROVED, "family.street": FieldMode.IMMEDIATE}
    set_policy(modes=modes, by=agent(), at=AT)
    assert load_policy()["adult.phone"] == FieldMode.APPROVED
    assert load_policy()["adult.profession"] == FieldMode.IMMEDIATE
    done = submit_changes(subject=home.about(Rubric.ADDRESS), values=ADDRESS, by=home.claire, at=AT)
    assert done.applied == ("street",)
    with pytest.raises(KeyError):
        set_policy(modes={"adult.shoe_size": FieldMode.IMMEDIATE}, by=agent(), at=AT)


@pytest.mark.exigence("D13")
def test_a_child_is_proposed_once_and_exists_only_after_the_yes(home: Household) -> None:
    values = {"first_name": "Noé", "last_name": "Vuillet", "birth_date": "2023-03-13"}
    subject = home.about(Rubric.NEW_CHILD)
    first = propose_person(subject=subject, values=values, by=home.claire, at=AT)
    assert propose_person(subject=subject, values=values, by=home.samir, at=AT) == first
    twin = propose_person(subject=subject, values=values | {"first_name": "Léo"}, by=home.claire, at=AT)
    assert twin != first
    assert Child.objects.count() == 1


def test_the_family_takes_its_request_back(home: Household) -> None:
    request = home.ask_address()
    withdraw_change(request=request, by=home.samir, at=AT + timedelta(hours=1))
    withdraw_change(request=request, by=home.samir, at=AT + timedelta(hours=1))
    request.refresh_from_db()
    assert request.state == ChangeState.WITHDRAWN
    assert Procedure.objects.get().state == ProcedureState.CANCELLED
    replaced = home.ask_address()
    home.ask_address("4, chemin des Essais")
    with pytest.raises(ChangeDecided):
        withdraw_change(request=replaced, by=home.claire, at=AT)
