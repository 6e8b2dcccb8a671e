"""What the service answers, and what that does to the dossier."""

import itertools

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.changes.enums import ChangeState, FieldMode, Rubric
from portal.domain.changes.models import ChangeRequest, FieldPolicy
from portal.domain.changes.services import (
    ChangeConflict,
    ChangeDecided,
    ChangedMeanwhile,
    ChangeImpossible,
    accept_change,
    ask_change_again,
    correct_values,
    propose_person,
    refuse_change,
    submit_changes,
)
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Child, FamilyMember, Schooling
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from tests.domain.changes.factories import ADDRESS, AT, Household, agent, separate
from tests.harness.races import run_together, successes

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Household:
    return Household()


@pytest.mark.exigence("D2", "D22", "N8")
def test_a_yes_puts_the_value_in_the_dossier_and_both_parents_are_told(home: Household) -> None:
    request = home.ask_address()
    OutgoingMail.objects.all().delete()
    accept_change(request=request, by=agent(), at=AT)
    home.family.refresh_from_db()
    assert home.family.street == "3, chemin des Essais"
    assert Procedure.objects.get().state == ProcedureState.ACCEPTED
    assert {mail.recipient for mail in OutgoingMail.objects.all()} == {home.claire.email, home.samir.email}
    assert Notice.objects.filter(title__contains="c’est fait").count() == 2


def test_a_change_is_not_applied_over_a_newer_value(home: Household) -> None:
    first, second = home.ask_address(), home.ask_address("8, rue du Lac", by=home.samir)
    accept_change(request=second, by=agent(), at=AT)
    with pytest.raises(ChangeConflict) as conflict:
        accept_change(request=first, by=agent(), at=AT)
    assert conflict.value.fields == ("street",)
    home.family.refresh_from_db()
    first.refresh_from_db()
    assert home.family.street == "8, rue du Lac"
    assert first.state == ChangeState.PENDING


@pytest.mark.parametrize(("first", "second"), list(itertools.product(("accept", "refuse", "again"), repeat=2)))
def test_a_second_answer_changes_nothing(home: Household, first: str, second: str) -> None:
    request, who = home.ask_address(), agent()
    answers = {
        "accept": lambda: accept_change(request=request, by=who, at=AT),
        "refuse": lambda: refuse_change(request=request, reason="Illisible.", by=who, at=AT),
        "again": lambda: ask_change_again(request=request, message="Un justificatif ?", by=who, at=AT),
    }
    answers[first]()
    told = Notice.objects.count()
    with pytest.raises(ChangeDecided):
        answers[second]()
    assert Notice.objects.count() == told


def test_a_no_says_why_and_changes_nothing(home: Household) -> None:
    request = home.ask_address()
    with pytest.raises(ValueError, match="why"):
        refuse_change(request=request, reason="  ", by=agent(), at=AT)
    refuse_change(request=request, reason="Le justificatif ne correspond pas.", by=agent(), at=AT)
    home.family.refresh_from_db()
    assert home.family.street == "12, rue de l’Exemple"
    assert Notice.objects.filter(text="Le justificatif ne correspond pas.").count() == 2


def test_asked_again_the_family_answers_with_a_new_request(home: Household) -> None:
    request = home.ask_address()
    ask_change_again(request=request, message="Le numéro de la rue ?", by=agent(), at=AT)
    assert Procedure.objects.get().state == ProcedureState.YOUR_TURN
    again = home.ask_address("33, chemin des Essais")
    request.refresh_from_db()
    assert request.state == ChangeState.REPLACED
    accept_change(request=again, by=agent(), at=AT)


def test_only_who_may_answer_answers(home: Household) -> None:
    request = home.ask_address()
    for who in (home.claire, agent("view_family")):
        with pytest.raises(NotAllowed):
            accept_change(request=request, by=who, at=AT)


def test_a_yes_adds_the_child_and_a_twin_dossier_is_refused(home: Household) -> None:
    values = {"first_name": "Noé", "last_name": "Vuillet", "birth_date": "2023-03-13"}
    request = propose_person(subject=home.about(Rubric.NEW_CHILD), values=values, by=home.claire, at=AT)
    accept_change(request=request, by=agent(), at=AT)
    assert Child.objects.filter(links__family=home.family, first_name="Noé").count() == 1
    same = propose_person(subject=home.about(Rubric.NEW_CHILD), values=values, by=home.claire, at=AT)
    with pytest.raises(ChangeImpossible):
        accept_change(request=same, by=agent(), at=AT)
    adult = propose_person(
        subject=home.about(Rubric.NEW_ADULT),
        values={"first_name": "Jeanne", "last_name": "Morand", "phone": ""},
        by=home.claire,
        at=AT,
    )
    accept_change(request=adult, by=agent(), at=AT)
    member = FamilyMember.objects.get(adult__first_name="Jeanne")
    assert (member.can_see, member.can_edit, member.can_pay) == (True, False, False)


def test_a_school_changes_for_one_year_only(home: Household) -> None:
    Schooling.objects.create(child=home.child, school_year=2025, school=Schooling.objects.get().school, level="CE1")
    done = submit_changes(subject=home.about(Rubric.SCHOOL), values={"school": "village"}, by=home.claire, at=AT)
    assert done.request is not None
    accept_change(request=done.request, by=agent(), at=AT)
    years = dict(Schooling.objects.values_list("school_year", "school__code"))
    assert years == {2025: "centre", 2026: "village"}


def test_an_agent_puts_the_dossier_right_at_once(home: Household) -> None:
    request = home.ask_address()
    with pytest.raises(NotAllowed):
        correct_values(subject=home.about(Rubric.ADDRESS), values=ADDRESS, by=home.claire, at=AT)
    changed = correct_values(
        subject=home.about(Rubric.ADDRESS), values={"street": "1, place de l’Exemple"}, by=agent(), at=AT
    )
    assert changed == ("street",)
    with pytest.raises(ChangeConflict):
        accept_change(request=request, by=agent(), at=AT)


STREETS = ("1, rue A", "2, rue B", "3, rue C")
STEP = st.one_of(
    st.tuples(st.just("open"), st.sampled_from(["claire", "samir"]), st.just("")),
    st.tuples(st.just("send"), st.sampled_from(["claire", "samir"]), st.sampled_from(STREETS)),
    st.tuples(st.just("correct"), st.just("agent"), st.sampled_from(STREETS)),
    st.tuples(st.sampled_from(["accept", "refuse"]), st.just("agent"), st.sampled_from(["first", "last"])),
)


@pytest.mark.exigence("D1")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14), immediate=st.booleans())
def test_whatever_the_order_no_update_is_lost_nor_applied_over_a_newer_value(
    db: None, steps: list[tuple[str, str, str]], immediate: bool
) -> None:
    """Two parents and an agent; the street applies at once or waits. A value that enters knew the one it replaces."""
    with transaction.atomic():
        _play(steps, immediate=immediate)
        transaction.set_rollback(True)


def _play(steps: list[tuple[str, str, str]], *, immediate: bool) -> None:
    if immediate:
        FieldPolicy.objects.create(field="family.street", mode=FieldMode.IMMEDIATE)
    home, who = Household(), agent()
    subject = home.about(Rubric.ADDRESS)
    people = {"claire": home.claire, "samir": home.samir}
    current = home.family.street
    seen = dict.fromkeys(people, current)
    for verb, name, detail in steps:
        if verb == "open":
            seen[name] = current
        elif verb == "correct":
            correct_values(subject=subject, values={"street": detail}, by=who, at=AT)
            current = detail
        elif verb == "send":
            try:
                done = submit_changes(
                    subject=subject, values={"street": detail}, seen={"street": seen[name]}, by=people[name], at=AT
                )
            except ChangedMeanwhile:
                assert seen[name] != current, "refused only when somebody changed it meanwhile"
                assert detail != current
            else:
                if done.applied:
                    assert immediate
                    assert seen[name] == current, "never over a newer value"
                    current = detail
                elif done.request is not None:
                    assert done.request.old == {"street": current}
        else:
            pending = list(ChangeRequest.objects.pending().order_by("pk"))
            if not pending:
                continue
            request = pending[0 if detail == "first" else -1]
            if verb == "refuse":
                refuse_change(request=request, reason="non", by=who, at=AT)
            elif request.old["street"] == current:
                accept_change(request=request, by=who, at=AT)
                current = request.new["street"]
            else:
                with pytest.raises(ChangeConflict):
                    accept_change(request=request, by=who, at=AT)
        home.family.refresh_from_db()
        assert home.family.street == current
        mine = ChangeRequest.objects.open().values_list("asked_by", flat=True)
        assert len(mine) == len(set(mine)), "one open request per person"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_give_one_answer(transactional_db: None) -> None:
    home = Household()
    request, first, second = home.ask_address(), agent(), agent()
    results = run_together(
        lambda: accept_change(request=request, by=first, at=AT),
        lambda: refuse_change(request=request, reason="non", by=second, at=AT),
    )
    assert len(successes(results)) == 1
    assert any(isinstance(each, ChangeDecided) for each in results)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_yes_at_once_to_two_parents_apply_one(transactional_db: None) -> None:
    home = Household()
    one, other, who = home.ask_address(), home.ask_address("8, rue du Lac", by=home.samir), agent()
    results = run_together(
        lambda: accept_change(request=one, by=who, at=AT),
        lambda: accept_change(request=other, by=who, at=AT),
    )
    assert len(successes(results)) == 1
    assert any(isinstance(each, ChangeConflict) for each in results)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_request(transactional_db: None) -> None:
    home = Household()
    run_together(home.ask_address, home.ask_address)
    assert ChangeRequest.objects.open().count() == 1


def test_a_separated_household_is_told_of_the_answer_about_the_child(home: Household) -> None:
    other = separate(home)
    done = submit_changes(
        subject=home.about(Rubric.CHILD_IDENTITY), values={"first_name": "Ugo"}, by=home.claire, at=AT
    )
    assert done.request is not None
    accept_change(request=done.request, by=agent(), at=AT)
    assert Procedure.objects.get(family=other.family).state == ProcedureState.ACCEPTED
    assert Notice.objects.filter(user=other.claire, title__contains="c’est fait").exists()
