"""Two households of one child, two formulas that exclude each other, one instant: without the lock, then with it."""

import time
from datetime import timedelta
from threading import Event

import pytest
from django.db import IntegrityError, connection

from portal.domain.activities.models import UnitRelation
from portal.domain.bookings import confirm as confirm_module
from portal.domain.bookings import relating
from portal.domain.bookings.models import Basket, Booking
from portal.domain.bookings.relating import RelationsRefused, set_unit_relations
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket
from portal.domain.kernel.refusals import Rule
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import UnitRelationFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import household, join, priced_unit
from tests.harness.races import run_together, successes

LATER = AT + timedelta(minutes=5)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def formulas(transactional_db):
    return [priced_unit(code=code, activity__short_name=code) for code in ("avec", "sans")]


@pytest.fixture
def homes(formulas):
    """Two households of one child, each with one formula in its draft."""
    one, other = household(*formulas), household(*formulas)
    join(other.family, one.child)
    other.children[0] = one.child
    for unit, home in enumerate((one, other)):
        change_draft(family=home.family, add=[home.code(MONDAY, unit=unit)], remove=[], by=home.parent, at=AT)
    return one, other


@pytest.fixture
def slow_writing(monkeypatch):
    """Everybody has read and decided when the first one writes."""
    write = confirm_module._write_bookings

    def slowly(*args, **kwargs):
        time.sleep(0.2)
        write(*args, **kwargs)

    monkeypatch.setattr(confirm_module, "_write_bookings", slowly)


def confirm(home):
    key = str(Basket.objects.values_list("key", flat=True).get(family=home.family))
    return confirm_basket(family=home.family, key=key, by=home.parent, at=LATER)


def at_once(homes):
    return run_together(*[lambda home=home: confirm(home) for home in homes])


def exclusive(formulas):
    UnitRelationFactory(unit=formulas[0], other=formulas[1], exclusive=True)


def booked():
    return Booking.objects.booked().filter(day=MONDAY).count()


def test_without_lock_nor_wall_a_child_has_both_formulas(homes, formulas, slow_writing, monkeypatch):
    exclusive(formulas)
    monkeypatch.setattr(confirm_module, "lock_children", lambda lines: None)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_booking DISABLE TRIGGER booking_one_of_exclusives_on_insert")
    try:
        at_once(homes)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE bookings_booking ENABLE TRIGGER booking_one_of_exclusives_on_insert")
    assert booked() == 2


def test_without_the_lock_the_wall_of_the_database_is_left(homes, formulas, slow_writing, monkeypatch):
    exclusive(formulas)
    monkeypatch.setattr(confirm_module, "lock_children", lambda lines: None)
    results = at_once(homes)
    (broken,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(broken, IntegrityError)  # a family would see an error page
    assert "excludes another one" in str(broken)
    assert booked() == 1


@pytest.mark.exigence("P34")
def test_with_the_lock_the_second_household_is_told(homes, formulas, slow_writing):
    exclusive(formulas)
    results = at_once(homes)
    (told,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(told, NothingToConfirm)
    assert [each.refusal.rule for each in told.left_out] == [Rule.EXCLUSIVE]
    assert booked() == 1


@pytest.fixture
def tie_while_a_family_validates(formulas, monkeypatch):
    """An agent sets apart two units while a family, which has read and decided, is about to write both."""
    home, agent = household(*formulas), UserFactory()
    change_draft(
        family=home.family, add=[home.code(MONDAY), home.code(MONDAY, unit=1)], remove=[], by=home.parent, at=AT
    )
    decided, tied = Event(), Event()
    write = confirm_module._write_bookings

    def wait_for_the_agent(*args, **kwargs):
        decided.set()
        tied.wait(timeout=1)
        write(*args, **kwargs)

    def tie():
        decided.wait(timeout=20)
        try:
            return set_unit_relations(
                unit=formulas[0], together=[], excludes=[formulas[1].pk], needs=[], by=agent, at=LATER
            )
        finally:
            tied.set()

    monkeypatch.setattr(confirm_module, "_write_bookings", wait_for_the_agent)
    return lambda: run_together(lambda: confirm(home), tie)


def test_without_its_lock_an_agent_breaks_the_validation_of_a_family(tie_while_a_family_validates, monkeypatch):
    monkeypatch.setattr(relating, "_lock", lambda: None)
    confirmed, tied = tie_while_a_family_validates()
    assert isinstance(confirmed, IntegrityError)
    assert tied == 1


def test_with_its_lock_the_agent_waits_and_reads_what_was_booked(tie_while_a_family_validates):
    confirmed, tied = tie_while_a_family_validates()
    assert successes([confirmed])
    assert isinstance(tied, RelationsRefused)
    assert booked() == 2
    assert not UnitRelation.objects.exists()
