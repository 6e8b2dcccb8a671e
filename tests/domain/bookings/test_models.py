"""The walls of the database: each named constraint, with its French words where a family may meet them."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from portal.domain.bookings.enums import BookingState, Wish
from portal.domain.bookings.models import BasketLine, Booking, DayPlaces, Receipt, ReceiptLine
from portal.domain.bookings.services import change_draft, confirm_basket
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import BookingFactory, DayPlacesFactory, book

pytestmark = pytest.mark.django_db


def refuses(name):
    """The database refuses, and names the constraint."""
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.exigence("B1", "P40")
@pytest.mark.parametrize(("taken", "held"), [(3, 0), (0, 3), (2, 1), (1, 2)])
def test_a_day_is_never_overbooked_whoever_writes(pool, taken, held):
    row = DayPlacesFactory(pool=pool, taken=1, held=1)
    with refuses("day_places_never_overbooked"), transaction.atomic():
        DayPlaces.objects.filter(pk=row.pk).update(taken=taken, held=held)
    row.taken, row.held = taken, held
    with pytest.raises(ValidationError, match="Il n’y a plus de place ce jour-là."):
        row.full_clean()


@pytest.mark.parametrize("column", ["taken", "held"])
def test_counts_never_go_below_zero(pool, column):
    row = DayPlacesFactory(pool=pool)
    with pytest.raises(IntegrityError), transaction.atomic():
        DayPlaces.objects.filter(pk=row.pk).update(**{column: F(column) - 1})


def test_a_capacity_cannot_sink_below_what_is_gone(pool):
    row = DayPlacesFactory(pool=pool, taken=2)
    with refuses("day_places_never_overbooked"), transaction.atomic():
        DayPlaces.objects.filter(pk=row.pk).update(capacity=1)


def test_an_unlimited_day_takes_everybody(pool):
    row = DayPlacesFactory(pool=pool, capacity=None)
    assert DayPlaces.objects.filter(pk=row.pk).update(taken=10_000) == 1


def test_one_row_for_a_pool_and_a_day(pool):
    DayPlacesFactory(pool=pool)
    with refuses("day_places_once"), transaction.atomic():
        DayPlacesFactory(pool=pool)


def test_one_live_booking_for_a_child_a_unit_and_a_day(home):
    (booking,) = book(home, [MONDAY])
    values = {"child": booking.child, "unit": booking.unit, "day": MONDAY, "enrolment": booking.enrolment}
    with refuses("booking_one_live_per_child_unit_day"), transaction.atomic():
        BookingFactory(**values)
    BookingFactory(**values, cancelled=True)
    BookingFactory(**values, cancelled=True)


def test_a_cancelled_booking_has_a_date_and_a_live_one_has_none(home):
    (booking,) = book(home, [MONDAY])
    for values in ({"state": BookingState.CANCELLED}, {"cancelled_at": AT}):
        with refuses("booking_cancelled_has_a_date"), transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(**values)


def test_a_line_of_a_draft_is_a_coherent_wish(home):
    (booking,) = book(home, [MONDAY])
    change_draft(family=home.family, add=[home.code(TUESDAY)], remove=[home.code(MONDAY)], by=home.parent, at=AT)
    adding, removing = BasketLine.objects.filter(wish=Wish.ADD), BasketLine.objects.filter(wish=Wish.REMOVE)
    for lines, values in (
        (adding, {"booking": booking}),
        (removing, {"booking": None}),
        (removing, {"holding": True}),
    ):
        with refuses("basket_line_shape"), transaction.atomic():
            lines.update(**values)
    with refuses("basket_line_once"), transaction.atomic():
        adding.update(day=MONDAY)


def test_a_receipt_is_unique_by_number_code_and_draft(home):
    for day in (MONDAY, TUESDAY):
        draft = change_draft(family=home.family, add=[home.code(day)], remove=[], by=home.parent, at=AT).draft
        confirm_basket(family=home.family, key=draft.key, by=home.parent, at=AT)
    first, second = Receipt.objects.order_by("pk")
    for column in ("number", "code", "basket_key"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Receipt.objects.filter(pk=second.pk).update(**{column: getattr(first, column)})
    with refuses("receipt_line_once"), transaction.atomic():
        line = ReceiptLine.objects.get(receipt=first)
        line.pk = None
        line.save()


def test_what_they_are_called(home):
    (booking,) = book(home, [date(2026, 9, 14)])
    draft = change_draft(family=home.family, add=[home.code(TUESDAY)], remove=[], by=home.parent, at=AT).draft
    line = BasketLine.objects.get()
    assert str(line.basket) == f"brouillon de {home.family}"
    assert "réservation Hugo Vuillet" in str(line)
    assert str(booking).startswith("Hugo Vuillet, Cantine, Repas")
    receipt = confirm_basket(family=home.family, key=draft.key, by=home.parent, at=AT)
    assert str(receipt) == "2026-09-00001"
