"""Two workers on one evening: each person is told once."""

from datetime import datetime

import pytest
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.reminders.models import DeadlineReminder
from portal.domain.reminders.services import remind_deadlines
from tests.domain.bookings.factories import household, priced_unit
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

EVE = datetime(2026, 9, 9, 18, tzinfo=PARIS)


def race(families: int) -> list[object]:
    meal = priced_unit()
    for _ in range(families):
        household(meal)
    by = User.objects.system()
    return run_together(*[lambda: remind_deadlines(by=by, at=EVE)] * 3)


@pytest.mark.exigence("B16")
def test_several_workers_at_once_tell_everybody_once(transactional_db: None) -> None:
    results = race(4)
    assert successes(results) == results
    assert sum(results) == 4
    assert DeadlineReminder.objects.count() == Notice.objects.count() == OutgoingMail.objects.count() == 4


def test_without_the_lock_a_worker_falls_on_the_constraint(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race exists; the constraint is the last wall, and the mail goes with its row."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    failed = 0
    for _ in range(6):
        failed += 3 - len(successes(race(4)))
        if failed:
            break
    assert failed
    assert DeadlineReminder.objects.count() == Notice.objects.count() == OutgoingMail.objects.count()
