"""Two parents who choose a first stop at the same instant: one after the other, one choice in force."""

from datetime import datetime
from threading import Barrier

import pytest
from django.db import IntegrityError

from portal.domain.activities.services import seed_calendar
from portal.domain.transport import services
from portal.domain.transport.models import BusLine, StopChoice
from portal.domain.transport.rules import Wanted
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household
from tests.domain.transport.conftest import AT
from tests.domain.transport.factories import bus_line, enrolment_of, rider, stop
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.exigence("B30")]


def town() -> tuple[Household, BusLine]:
    seed_calendar(zone="C", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
    home = rider(parents=2)
    return home, bus_line(home.unit)


def race(home: Household, line: BusLine, at: datetime = AT) -> list[object]:
    enrolment = enrolment_of(home)
    keys = [stop(line, code).pk for code in ("marche", "vignes")]
    return run_together(
        *[
            lambda by=by, key=key: services.choose_stops(
                family=home.family, enrolment=enrolment, line=line.pk, wanted=Wanted(key), by=by, at=at
            )
            for by, key in zip((home.parent, home.others[0]), keys, strict=True)
        ]
    )


def test_without_the_lock_two_first_choices_meet_on_the_constraint(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race exists: it then ends in an error, never in two first choices."""
    home, line = town()
    both = Barrier(2, timeout=20)
    monkeypatch.setattr(services, "_lock", lambda *_args, **_options: None)
    real = services._columns

    def write_together(*args, **options):
        both.wait()
        return real(*args, **options)

    monkeypatch.setattr(services, "_columns", write_together)
    results = race(home, line)
    assert len(successes(results)) == 1
    assert sum(isinstance(each, IntegrityError) for each in results) == 1


def test_two_parents_choose_at_once_and_the_last_word_counts_later(transactional_db: None) -> None:
    home, line = town()
    results = race(home, line)
    assert len(successes(results)) == 2
    first, second = StopChoice.objects.order_by("since")
    assert first.since == enrolment_of(home).starts_on < second.since
    assert {first.outward.code, second.outward.code} == {"marche", "vignes"}
