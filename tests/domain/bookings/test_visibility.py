"""A receipt or a booking is reached through the signed-in person's families, or not at all."""

import pytest

from portal.domain.bookings.models import Booking, Receipt
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.families.models import FamilyMember
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import household, join

pytestmark = pytest.mark.django_db


def test_only_the_family_sees_its_receipts_and_bookings(home, canteen):
    draft = change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT).draft
    confirm_basket(family=home.family, key=draft.key, by=home.parent, at=AT)
    stranger = household(canteen)
    for model in (Receipt, Booking):
        assert model.objects.visible_to(home.parent).count() == 1
        assert not model.objects.visible_to(stranger.parent).exists()
    # The other household of the child sees the day, not the receipt.
    join(stranger.family, home.child)
    assert Booking.objects.visible_to(stranger.parent).count() == 1
    assert not Receipt.objects.visible_to(stranger.parent).exists()
    FamilyMember.objects.update(can_see=False, can_book=False, can_edit=False, can_pay=False)
    assert not Receipt.objects.visible_to(home.parent).exists()
