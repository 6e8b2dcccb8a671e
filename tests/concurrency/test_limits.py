"""Two households of one child, one day left, one instant: without the lock of the child, then with it."""

import time
from datetime import timedelta

import pytest

from portal.domain.activities.enums import LimitSpan
from portal.domain.bookings import confirm as confirm_module
from portal.domain.bookings.models import Basket, Booking
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import BookingLimitFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import household, join, priced_unit
from tests.harness.races import run_together

LATER = AT + timedelta(minutes=5)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def homes(transactional_db, monkeypatch):
    """Each household wishes for another day of a week in which one is allowed: the rule came after both drafts."""
    unit = priced_unit()
    one, other = household(unit), household(unit)
    join(other.family, one.child)
    other.children[0] = one.child
    for home, day in ((one, MONDAY), (other, TUESDAY)):
        change_draft(family=home.family, add=[home.code(day)], remove=[], by=home.parent, at=AT)
    BookingLimitFactory(activity=unit.activity, span=LimitSpan.WEEK, count=1)
    write = confirm_module._write_bookings

    def slowly(*args, **kwargs):
        """Everybody has read and decided when the first one writes."""
        time.sleep(0.2)
        write(*args, **kwargs)

    monkeypatch.setattr(confirm_module, "_write_bookings", slowly)
    return one, other


def at_once(homes):
    def confirm(home):
        key = str(Basket.objects.values_list("key", flat=True).get(family=home.family))
        return confirm_basket(family=home.family, key=key, by=home.parent, at=LATER)

    return run_together(*[lambda home=home: confirm(home) for home in homes])


def test_without_the_lock_two_households_pass_the_maximum_together(homes, monkeypatch):
    monkeypatch.setattr(confirm_module, "lock_children", lambda lines: None)
    at_once(homes)
    assert Booking.objects.booked().count() == 2


def test_with_the_lock_the_second_household_is_told(homes):
    (told,) = [result for result in at_once(homes) if isinstance(result, BaseException)]
    assert isinstance(told, NothingToConfirm)
    assert [each.refusal.rule for each in told.left_out] == [Rule.WEEK_LIMIT]
    assert Booking.objects.booked().count() == 1
