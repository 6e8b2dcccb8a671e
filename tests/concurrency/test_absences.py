"""Declaring twice at once, withdrawing while an agent decides, cancelling while a parent declares."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.domain.absences import services
from portal.domain.absences.deciding import accept_absence
from portal.domain.absences.enums import AbsenceState, Outcome
from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.absences.pricing import price_effects
from portal.domain.absences.services import AbsenceDecided, AbsenceRefused, AlreadyDeclared, withdraw_absence
from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.models import Booking
from portal.domain.bookings.services import change_draft, confirm_basket
from tests.domain.absences.conftest import AT, FRIDAY, THURSDAY, WEEK
from tests.domain.absences.factories import ReasonFactory, RuleFactory, certificate, decider
from tests.domain.absences.test_services import declare
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import Household, book, household, priced_unit
from tests.domain.bookings.invariants import check_places
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.exigence("B4")]


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


def town() -> Household:
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
    home = household(priced_unit(pools=[PlacePoolFactory(capacity=4)]), parents=2)
    book(home, WEEK)
    RuleFactory(type=home.unit.activity.type)
    return home


def test_both_parents_declare_the_same_days_at_once(transactional_db: None) -> None:
    home, reason = town(), ReasonFactory()

    results = run_together(
        *[lambda by=by: declare(home, reason, by=by) for by in (home.parent, home.others[0], home.parent)]
    )

    assert len(successes(results)) == 1
    assert sum(isinstance(result, AlreadyDeclared) for result in results) == 2
    assert AbsenceDay.objects.in_force().count() == 4


def test_without_the_locks_the_same_days_are_found_twice(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race exists: it then ends on the unique constraint, in an error."""
    home, reason = town(), ReasonFactory()
    monkeypatch.setattr(services, "lock_in_use", lambda _family: None)
    monkeypatch.setattr(services, "lock_children", lambda _child: None)
    failed = 0
    for _ in range(6):
        Absence.objects.all().delete()
        results = run_together(*[lambda: declare(home, reason)] * 5)
        failed += sum(isinstance(result, Exception) and not isinstance(result, AlreadyDeclared) for result in results)
        if failed:
            break
    assert failed


def test_a_parent_withdraws_while_an_agent_accepts(transactional_db: None) -> None:
    home, reason, agent = town(), ReasonFactory(), decider()
    for rank in range(4):
        absence = declare(home, reason, uploads=[certificate(shade=rank)])
        withdrawn, accepted = run_together(
            lambda absence=absence: withdraw_absence(absence=absence, by=home.parent, at=AT),
            lambda absence=absence: accept_absence(absence=absence.pk, version=1, by=agent, at=AT),
        )
        absence.refresh_from_db()
        effects = price_effects(Booking.objects.all())
        if isinstance(accepted, AbsenceDecided):
            assert (withdrawn.state, effects) == (AbsenceState.WITHDRAWN, {})
            continue
        assert isinstance(withdrawn, AbsenceRefused)
        assert (absence.state, len(effects)) == (AbsenceState.ACCEPTED, 4)
        break
    check_places()


def test_a_day_cancelled_while_it_is_declared_or_accepted(transactional_db: None) -> None:
    """Cancelled first, the day is left out; declared first, it is void once decided; no place is given back twice."""
    home, reason, agent = town(), ReasonFactory(school=True), decider()
    before = AT - timedelta(days=6)  # the other parent's page: the deadline was still open
    draft = change_draft(family=home.family, add=[], remove=home.codes([FRIDAY]), by=home.parent, at=before)

    declared, _receipt = run_together(
        lambda: declare(home, reason, [THURSDAY, FRIDAY]),
        lambda: confirm_basket(family=home.family, key=draft.draft.key, by=home.others[0], at=before),
    )
    assert isinstance(declared, Absence)
    results = run_together(
        *[lambda: accept_absence(absence=declared.pk, version=declared.version, by=agent, at=AT)] * 3
    )

    assert len(successes(results)) == 1
    outcomes = {row.booking.day: row.outcome for row in AbsenceDay.objects.select_related("booking")}
    assert outcomes[THURSDAY] == Outcome.FREE
    assert outcomes.get(FRIDAY, Outcome.VOID) == Outcome.VOID
    check_places()
