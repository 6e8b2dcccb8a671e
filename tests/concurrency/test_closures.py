"""A day closes while families book it: without the calendar's lock a booking survives there, with it none."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.activities.models import Closure
from portal.domain.activities.services import seed_calendar
from portal.domain.bookings import confirm as confirm_module
from portal.domain.bookings import deciding, enrol
from portal.domain.bookings.models import Basket, Booking, Receipt
from portal.domain.bookings.services import (
    NothingToConfirm,
    accept_enrolment,
    cancel_enrolment,
    change_draft,
    confirm_basket,
    enrol_and_book,
)
from portal.domain.closures import services as closing
from portal.domain.closures.models import DeclaredClosure
from portal.domain.closures.services import PlanChanged, declare_closure, plan_closure
from portal.domain.kernel.refusals import Rule
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import Household, book, household, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places
from tests.domain.closures.conftest import AT, closer, wanted
from tests.harness.races import Meeting, run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.exigence("C5")]

LATER = AT + timedelta(minutes=5)


@pytest.fixture
def canteen(transactional_db: None) -> Any:
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
    return priced_unit(pools=[PlacePoolFactory(capacity=40)])


#: Seconds: longer than anything takes where no lock stands between the two, short where one keeps the other waiting.
FREE, KEPT_WAITING = 30.0, 0.5


def stop_before(monkeypatch: pytest.MonkeyPatch, module: Any, step: str, *, at_most: float) -> Meeting:
    """Whoever comes to this step pauses there until the other has acted."""
    meeting, real = Meeting(), getattr(module, step)

    def paused(*args: Any, **kwargs: Any) -> Any:
        meeting.pause(at_most=at_most)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, step, paused)
    return meeting


def stop_after(monkeypatch: pytest.MonkeyPatch, module: Any, step: str, *, at_most: float) -> Meeting:
    """The same, once the step is done: what was read is what will be written."""
    meeting, real = Meeting(), getattr(module, step)

    def paused(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        meeting.pause(at_most=at_most)
        return found

    monkeypatch.setattr(module, step, paused)
    return meeting


def close(agent: User) -> Any:
    """As an agent who reads again whenever something changed."""
    for _ in range(8):
        plan = plan_closure(wanted=wanted(MONDAY), by=agent, at=LATER)
        try:
            return declare_closure(wanted=wanted(MONDAY), expected=plan.digest, by=agent, at=LATER)
        except PlanChanged:
            continue
    return None


def drafted(canteen: Any) -> tuple[Household, str]:
    home = household(canteen)
    change_draft(family=home.family, add=home.codes([MONDAY, TUESDAY]), remove=[], by=home.parent, at=AT)
    return home, str(Basket.objects.values_list("key", flat=True).get(family=home.family))


def survivors() -> int:
    return Booking.objects.booked().filter(day=MONDAY).count()


def choose_and_validate(home: Household) -> Any:
    change_draft(family=home.family, add=home.codes([MONDAY, TUESDAY]), remove=[], by=home.parent, at=AT)
    key = str(Basket.objects.values_list("key", flat=True).get(family=home.family))
    return confirm_basket(family=home.family, key=key, by=home.parent, at=LATER)


def test_without_the_lock_a_booking_survives_on_a_closed_day(canteen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race exists: chosen and validated between the last reading of the plan and its commit."""
    home, agent = household(canteen), closer()
    monkeypatch.setattr(confirm_module, "share_calendar", lambda: None)
    told = stop_before(monkeypatch, closing, "_tell", at_most=FREE)

    closed, receipt = run_together(lambda: close(agent), lambda: told.meanwhile(lambda: choose_and_validate(home)))

    assert (closed.bookings, receipt.lines.count()) == (0, 2)
    assert survivors() == 1


def test_with_the_lock_the_family_waits_and_the_day_falls_out(canteen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home, agent = household(canteen), closer()
    told = stop_before(monkeypatch, closing, "_tell", at_most=KEPT_WAITING)

    closed, receipt = run_together(lambda: close(agent), lambda: told.meanwhile(lambda: choose_and_validate(home)))

    assert (closed.bookings, receipt.lines.count()) == (0, 1)
    assert [each["rule"] for each in receipt.left_out] == [Rule.CLOSED_DAY]
    assert survivors() == 0
    check_places()


def test_without_the_lock_a_year_booked_by_an_enrolment_keeps_the_closed_day(
    canteen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else stands in the way: the family had neither booking nor draft when the plan was read."""
    home, agent = _enrolling(canteen), closer()
    read = stop_after(monkeypatch, enrol, "_week_context", at_most=FREE)
    monkeypatch.setattr(enrol, "share_calendar", lambda: None)

    _enrolled, closed = run_together(lambda: _enrol(home), lambda: read.meanwhile(lambda: close(agent)))

    assert isinstance(closed, DeclaredClosure)
    assert survivors() == 1


def test_with_the_lock_an_enrolment_leaves_no_day_behind(canteen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home, agent = _enrolling(canteen), closer()
    read = stop_after(monkeypatch, enrol, "_week_context", at_most=KEPT_WAITING)

    enrolled, closed = run_together(lambda: _enrol(home), lambda: read.meanwhile(lambda: close(agent)))

    assert not isinstance(enrolled, BaseException), enrolled
    assert isinstance(closed, DeclaredClosure)
    assert (survivors(), closed.bookings) == (0, 1)
    assert Booking.objects.booked().count() > 30
    check_places()


def test_with_the_lock_an_acceptance_by_an_agent_leaves_no_day_behind(
    canteen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, agent = _enrolling(canteen, ValidationMode.AGENT), closer()
    decider = closer("autre")
    decider.user_permissions.add(Permission.objects.get(codename="decide_enrolment"))
    decider = User.objects.get(pk=decider.pk)
    request = _enrol(home).enrolment
    read = stop_after(monkeypatch, enrol, "_week_context", at_most=KEPT_WAITING)

    accepted, closed = run_together(
        lambda: accept_enrolment(enrolment=request.pk, by=decider, at=LATER),
        lambda: read.meanwhile(lambda: close(agent)),
    )

    assert not isinstance(accepted, BaseException), accepted
    assert isinstance(closed, DeclaredClosure)
    assert survivors() == 0
    check_places()


def test_without_the_lock_an_acceptance_by_an_agent_keeps_the_closed_day(
    canteen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, agent = _enrolling(canteen, ValidationMode.AGENT), closer()
    decider = closer("autre")
    decider.user_permissions.add(Permission.objects.get(codename="decide_enrolment"))
    decider = User.objects.get(pk=decider.pk)
    request = _enrol(home).enrolment
    read = stop_after(monkeypatch, enrol, "_week_context", at_most=FREE)
    monkeypatch.setattr(deciding, "share_calendar", lambda: None)

    run_together(
        lambda: accept_enrolment(enrolment=request.pk, by=decider, at=LATER),
        lambda: read.meanwhile(lambda: close(agent)),
    )

    assert survivors() == 1


def test_with_the_lock_families_who_validate_lose_the_day_or_are_told(
    canteen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, agent = [drafted(canteen) for _ in range(3)], closer()
    written = stop_before(monkeypatch, confirm_module, "_write_bookings", at_most=KEPT_WAITING)

    results = run_together(
        *[
            lambda home=home, key=key: confirm_basket(family=home.family, key=key, by=home.parent, at=LATER)
            for home, key in made
        ],
        lambda: written.meanwhile(lambda: close(agent)),
    )

    assert isinstance(results[-1], DeclaredClosure)
    assert all(isinstance(result, Receipt | NothingToConfirm) for result in results[:-1]), results
    assert survivors() == 0
    assert Booking.objects.booked().filter(day=TUESDAY).count() == 3
    check_places()
    check_drafts()
    check_numbers("2026-09")


def test_two_agents_close_the_same_day_once(canteen: Any) -> None:
    home = household(canteen)
    book(home, [MONDAY])
    one, other = closer("une"), closer("autre")
    plan = plan_closure(wanted=wanted(MONDAY), by=one, at=LATER)

    results = run_together(
        *[
            lambda by=by: declare_closure(wanted=wanted(MONDAY), expected=plan.digest, by=by, at=LATER)
            for by in (one, other, one)
        ]
    )

    assert len(successes(results)) == 1
    assert sum(isinstance(result, PlanChanged) for result in results) == 2
    assert Closure.objects.count() == 1
    check_places()


def test_an_enrolment_removed_while_its_days_close_gives_places_back_once(canteen: Any) -> None:
    for _ in range(3):
        Closure.objects.all().delete()
        home = household(canteen)
        book(home, [MONDAY, TUESDAY])
        agent = closer(f"agent{home.family.pk}")
        removed, closed = run_together(
            lambda home=home: cancel_enrolment(enrolment=home.child.enrolments.get(), by=home.parent, at=LATER),
            lambda agent=agent: close(agent),
        )
        assert not isinstance(removed, BaseException), removed
        assert isinstance(closed, DeclaredClosure), closed
        assert survivors() == 0
    check_places()


def _enrolling(canteen: Any, validation: str = ValidationMode.AUTOMATIC) -> Household:
    canteen.activity.enrolment_mode = EnrolmentMode.PATTERN
    canteen.activity.validation_mode = validation
    canteen.activity.save()
    return household(canteen, enrolled=False)


def _enrol(home: Household) -> Any:
    return enrol_and_book(
        family=home.family,
        child=home.child,
        activity=home.unit.activity,
        starts_on=MONDAY,
        pattern={home.unit.pk: frozenset({1})},
        by=home.parent,
        at=AT,
    )
