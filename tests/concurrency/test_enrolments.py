"""An answer, a removal and a validation at the same instant on one enrolment."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.bookings import confirm as confirm_module
from portal.domain.bookings import removal
from portal.domain.bookings.models import Basket, BasketLine, Booking, Receipt
from portal.domain.bookings.services import (
    NothingToConfirm,
    accept_enrolment,
    cancel_enrolment,
    change_draft,
    confirm_basket,
    enrol_and_book,
)
from portal.domain.enrolments import deciding
from portal.domain.enrolments.deciding import EnrolmentDecided, refuse_enrolment
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, NEXT_MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

LATER = AT + timedelta(minutes=5)


@pytest.fixture
def agents(transactional_db):
    found = []
    for name in ("une", "autre"):
        agent = UserFactory(username=name, agent=True)
        agent.user_permissions.add(Permission.objects.get(codename="decide_enrolment"))
        found.append(User.objects.get(pk=agent.pk))
    return found


@pytest.fixture
def canteen(transactional_db):
    return priced_unit(
        pools=[PlacePoolFactory(capacity=40)],
        activity__enrolment_mode=EnrolmentMode.PATTERN,
        activity__validation_mode=ValidationMode.AGENT,
    )


def requested(canteen):
    home = household(canteen, enrolled=False)
    outcome = enrol_and_book(
        family=home.family,
        child=home.child,
        activity=canteen.activity,
        starts_on=MONDAY,
        pattern={canteen.pk: frozenset({1})},
        by=home.parent,
        at=AT,
    )
    return home, outcome.enrolment


@pytest.mark.exigence("T10", "I37")
def test_two_agents_at_once_give_one_answer(canteen, agents):
    _home, request = requested(canteen)
    one, other = agents
    results = run_together(
        *[lambda: accept_enrolment(enrolment=request.pk, by=one, at=LATER)] * 2,
        *[lambda: refuse_enrolment(enrolment=request.pk, reason="Complet.", by=other, at=LATER)] * 2,
    )
    assert len(successes(results)) == 1
    assert sum(isinstance(result, EnrolmentDecided) for result in results) == 3
    request.refresh_from_db()
    assert Booking.objects.filter(enrolment=request).exists() == (request.state == EnrolmentState.ACCEPTED)
    check_places()


def test_without_the_locks_a_request_would_be_accepted_twice(canteen, agents, monkeypatch):
    """The race exists: what the locks are for."""

    def unlocked(key):
        rows = Enrolment.objects.select_related("child", "activity__service", "family", "requested_by", "decided_by")
        return rows.get(pk=key)

    monkeypatch.setattr(deciding, "lock_enrolment", unlocked)
    worst = 0
    for _ in range(6):
        _home, request = requested(canteen)
        results = run_together(*[lambda key=request.pk: accept_enrolment(enrolment=key, by=agents[0], at=LATER)] * 4)
        answered = sum(not isinstance(result, EnrolmentDecided) for result in results)
        worst = max(worst, answered)
        if worst > 1:
            break
    assert worst > 1


@pytest.mark.exigence("I50")
def test_a_removal_and_an_acceptance_never_leave_days_without_enrolment(canteen, agents):
    for _ in range(4):
        home, request = requested(canteen)
        removed, accepted = run_together(
            lambda home=home, request=request: cancel_enrolment(enrolment=request, by=home.parent, at=LATER),
            lambda request=request: accept_enrolment(enrolment=request.pk, by=agents[0], at=LATER),
        )
        request.refresh_from_db()
        assert request.state == EnrolmentState.CANCELLED, (removed, accepted)
        assert not isinstance(removed, BaseException), removed
        assert isinstance(accepted, EnrolmentDecided) or not isinstance(accepted, BaseException), accepted
        assert not Booking.objects.booked().filter(enrolment=request).exists()
    check_places()


@pytest.mark.exigence("I50")
def test_a_removal_and_a_validation_never_leave_days_without_enrolment(canteen):
    """Either the days were validated first and went with the enrolment, or they fell out with their reason."""
    for _ in range(4):
        home, key = _about_to_validate(canteen)
        results = run_together(
            lambda home=home: cancel_enrolment(enrolment=home.child.enrolments.get(), by=home.parent, at=LATER),
            lambda home=home, key=key: confirm_basket(family=home.family, key=key, by=home.parent, at=LATER),
        )
        assert not isinstance(results[0], BaseException), results[0]
        assert isinstance(results[1], Receipt | NothingToConfirm), results[1]
        assert not Booking.objects.booked().filter(family=home.family).exists()
        assert not BasketLine.objects.filter(basket__family=home.family).exists()
    check_places()
    check_drafts()
    check_numbers("2026-09")


def test_without_its_locks_a_removal_would_block_a_validation_or_leave_its_days_behind(canteen, monkeypatch):
    """The race exists: the validation has read a live enrolment, the removal reads no booking yet."""

    def slowly(*args, **kwargs):
        time.sleep(0.2)
        return reprice(*args, **kwargs)

    reprice = confirm_module.reprice
    monkeypatch.setattr(confirm_module, "reprice", slowly)
    monkeypatch.setattr(removal, "_lock", lambda enrolment: None)
    broken = False
    for _ in range(8):
        home, key = _about_to_validate(canteen)
        results = run_together(
            lambda home=home: cancel_enrolment(enrolment=home.child.enrolments.get(), by=home.parent, at=LATER),
            lambda home=home, key=key: confirm_basket(family=home.family, key=key, by=home.parent, at=LATER),
        )
        cancelled = not home.child.enrolments.filter(state=EnrolmentState.ACCEPTED).exists()
        blocked = any(isinstance(result, OperationalError) for result in results)
        broken = blocked or (cancelled and Booking.objects.booked().filter(family=home.family).exists())
        if broken:
            break
    assert broken


def test_removed_by_both_parents_at_once_it_is_removed_once(canteen):
    home = household(canteen, parents=2)
    book(home, [NEXT_MONDAY])
    enrolment = home.child.enrolments.get()
    results = run_together(
        *[lambda by=by: cancel_enrolment(enrolment=enrolment, by=by, at=LATER) for by in (home.parent, *home.others)]
    )
    assert successes(results) == results
    assert Receipt.objects.count() == 1
    check_places()


def _about_to_validate(canteen):
    home = household(canteen)
    change_draft(family=home.family, add=home.codes([NEXT_MONDAY]), remove=[], by=home.parent, at=AT)
    return home, str(Basket.objects.get(family=home.family).key)
