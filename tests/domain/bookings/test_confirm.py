"""Validating: every rule again, removals first, one receipt whatever happens."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.bookings.enums import BookingSource, BookingState, Wish
from portal.domain.bookings.models import Basket, BasketLine, Booking, DayPlaces, Receipt, ReceiptCounter
from portal.domain.bookings.queries import load_draft
from portal.domain.bookings.receipts import ALPHABET
from portal.domain.bookings.services import (
    DraftChanged,
    NothingToConfirm,
    change_draft,
    confirm_basket,
    discard_draft,
    release_lapsed_drafts,
)
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join, priced_unit
from tests.domain.tariffs.factories import TariffVersionFactory

LATER = AT + timedelta(minutes=5)
EXPIRED = AT + timedelta(minutes=20)

pytestmark = pytest.mark.django_db


def draft(home, add=(), remove=(), at=AT):
    return change_draft(family=home.family, add=[*add], remove=[*remove], by=home.parent, at=at).draft


def confirm(home, key="", *, at=LATER, by=None, **options):
    key = key or str(Basket.objects.get(family=home.family).key)
    return confirm_basket(family=home.family, key=key, by=by or home.parent, at=at, **options)


def counts(pool, day=MONDAY):
    row = DayPlaces.objects.filter(pool=pool, day=day).first()
    return (row.taken, row.held) if row else (0, 0)


@pytest.mark.exigence("P52", "P56", "P59", "P49")
def test_additions_become_bookings_at_the_price_of_the_draft(home, canteen, pool):
    key = draft(home, [home.code(MONDAY), home.code(TUESDAY, child=1)]).key
    TariffVersionFactory(tariff=canteen.tariff_link.tariff, valid_from=date(2026, 9, 10), unit_price=Decimal("4.45"))
    receipt = confirm(home, key)
    assert receipt.total == Decimal("8.60")
    booking = Booking.objects.get(day=MONDAY)
    assert (booking.child, booking.family, booking.state, booking.source) == (
        home.child,
        home.family,
        BookingState.BOOKED,
        BookingSource.BASKET,
    )
    assert (booking.unit_price, booking.booked_at, booking.booked_by) == (Decimal("4.30"), LATER, home.parent)
    assert booking.explanation[0].startswith("Tarif «\u00a0Repas enfant\u00a0»")
    assert (counts(pool), counts(pool, TUESDAY)) == ((1, 0), (1, 0))
    assert not BasketLine.objects.exists()


def test_the_receipt_keeps_copies_in_reading_order(home):
    book(home, [FRIDAY])
    draft(home, [home.code(TUESDAY, child=1), home.code(TUESDAY), home.code(MONDAY)], [home.code(FRIDAY)])
    receipt = confirm(home)
    assert [
        (line.wish, line.child_name, line.label, line.day, line.tariff_name, line.rate_label, line.amount)
        for line in receipt.lines.order_by("pk")
    ] == [
        (Wish.ADD, "Hugo", "Cantine", MONDAY, "Repas enfant", "à l’unité", Decimal("4.30")),
        (Wish.ADD, "Hugo", "Cantine", TUESDAY, "Repas enfant", "à l’unité", Decimal("4.30")),
        (Wish.ADD, "Léna", "Cantine", TUESDAY, "Repas enfant", "à l’unité", Decimal("4.30")),
        (Wish.REMOVE, "Hugo", "Cantine", FRIDAY, "Repas enfant", "à l’unité", Decimal("-4.30")),
    ]
    assert receipt.total == Decimal("8.60")
    assert Procedure.objects.get().title == "Planning\u00a0: 3\u00a0réservations et 1\u00a0annulation"


@pytest.mark.exigence("C10")
def test_the_code_of_a_receipt_cannot_be_mistaken_nor_guessed(home):
    draft(home, [home.code(MONDAY)])
    receipt = confirm(home)
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{2}}", receipt.code)
    assert not {"I", "L", "O", "U"} & set(ALPHABET)


@pytest.mark.exigence("P52", "C9")
def test_sent_twice_it_is_one_receipt(home, pool):
    key = draft(home, [home.code(MONDAY)]).key
    receipt = confirm(home, key)
    assert confirm(home, key, at=LATER + timedelta(minutes=1)) == receipt
    assert (Receipt.objects.count(), Booking.objects.count(), OutgoingMail.objects.count()) == (1, 1, 1)
    # Even when the family has begun another draft meanwhile.
    draft(home, [home.code(TUESDAY)], at=LATER)
    assert confirm(home, key) == receipt
    assert Basket.objects.count() == 1


def test_the_receipt_of_another_family_is_not_given(home, canteen):
    stranger = household(canteen)
    key = draft(stranger, [stranger.code(MONDAY)]).key
    confirm(stranger, key)
    with pytest.raises(NothingToConfirm):
        confirm(home, key)


@pytest.mark.exigence("C9")
def test_a_draft_that_moved_is_shown_again_before_it_is_validated(home):
    shown = draft(home, [home.code(MONDAY)])
    moved = draft(home, [home.code(TUESDAY)])
    with pytest.raises(DraftChanged):
        confirm(home, shown.key, version=shown.version)
    assert confirm(home, moved.key, version=moved.version).lines.count() == 2


@pytest.mark.parametrize("key", ["pas-une-clé", "6f2b7a52-0000-4000-8000-000000000000"])
def test_another_draft_than_the_one_shown(home, key):
    with pytest.raises(NothingToConfirm) as nothing:
        confirm(home, key)
    assert nothing.value.left_out == ()
    draft(home, [home.code(MONDAY)])
    with pytest.raises(DraftChanged):
        confirm(home, key)


def test_a_discarded_draft_cannot_be_validated(home):
    key = draft(home, [home.code(MONDAY)]).key
    discard_draft(family=home.family, by=home.parent, at=AT)
    with pytest.raises(NothingToConfirm):
        confirm(home, key)


@pytest.mark.exigence("P20", "C2")
def test_a_line_that_became_impossible_falls_out_with_its_reason(home, pool):
    draft(home, [home.code(MONDAY), home.code(NEXT_MONDAY)])
    friday = datetime(2026, 9, 11, 8, tzinfo=PARIS)
    receipt = confirm(home, at=friday)
    assert [line.day for line in receipt.lines.all()] == [NEXT_MONDAY]
    (left,) = receipt.left_out
    assert (left["day"], left["child"], left["label"], left["wish"], left["rule"]) == (
        "2026-09-14",
        "Hugo",
        "Cantine",
        "add",
        "deadline_passed",
    )
    assert left["reason"].startswith("Ce jour ne se modifie plus en ligne.")
    assert (receipt.total, counts(pool), counts(pool, NEXT_MONDAY)) == (Decimal("4.30"), (0, 0), (1, 0))
    mail = OutgoingMail.objects.get()
    assert "LAISSÉ DE CÔTÉ" in mail.text
    assert left["reason"] in mail.text
    assert left["reason"].split(".")[0] in mail.html


@pytest.mark.exigence("P20")
def test_when_nothing_is_possible_nothing_is_lost(home, pool):
    key = draft(home, [home.code(MONDAY)]).key
    friday = datetime(2026, 9, 11, 8, tzinfo=PARIS)
    with pytest.raises(NothingToConfirm) as nothing:
        confirm(home, key, at=friday)
    (left,) = nothing.value.left_out
    assert (left.day, left.refusal.rule) == (MONDAY, Rule.DEADLINE_PASSED)
    assert not Receipt.objects.exists()
    assert not ReceiptCounter.objects.exists()
    (line,) = load_draft(family=home.family, at=friday).lines
    assert line.refusal.rule is Rule.DEADLINE_PASSED
    assert counts(pool) == (0, 1)


@pytest.mark.exigence("P57")
def test_a_lapsed_draft_takes_its_places_again_by_itself(home, canteen, pool):
    draft(home, [home.code(MONDAY), home.code(TUESDAY)])
    release_lapsed_drafts(at=EXPIRED)
    for _ in range(2):
        book(household(canteen), [TUESDAY])
    receipt = confirm(home, at=EXPIRED)
    assert [line.day for line in receipt.lines.all()] == [MONDAY]
    assert [left["rule"] for left in receipt.left_out] == ["full"]
    assert (counts(pool), counts(pool, TUESDAY)) == ((1, 0), (2, 0))


def test_a_lapsed_draft_is_validated_at_the_prices_that_it_shows(home, canteen):
    draft(home, [home.code(MONDAY)])
    TariffVersionFactory(tariff=canteen.tariff_link.tariff, valid_from=date(2026, 9, 10), unit_price=Decimal("4.45"))
    receipt = confirm(home, at=EXPIRED)
    assert receipt.total == load_draft(family=home.family, at=EXPIRED).amount + Decimal("4.45")
    booking = Booking.objects.get()
    assert (booking.unit_price, booking.tariff_version.unit_price) == (Decimal("4.45"), Decimal("4.45"))
    assert receipt.lines.get().tariff_name == "Repas enfant"


def test_others_who_lapsed_give_way_before_a_line_falls_out(home, canteen, pool):
    draft(home, [home.code(MONDAY)])
    release_lapsed_drafts(at=EXPIRED)
    others = household(canteen, children=2)
    draft(others, [others.code(MONDAY), others.code(MONDAY, child=1)], at=EXPIRED)
    receipt = confirm(home, at=EXPIRED + timedelta(minutes=20))
    assert (receipt.left_out, counts(pool)) == ([], (1, 0))


@pytest.mark.exigence("P40")
def test_removals_come_first_so_that_a_place_can_move(home, canteen, pool):
    book(home, [MONDAY])
    book(household(canteen), [MONDAY])
    draft(home, [home.code(MONDAY, child=1)], [home.code(MONDAY)])
    receipt = confirm(home)
    assert (receipt.left_out, receipt.total, counts(pool)) == ([], Decimal(0), (2, 0))
    assert Booking.objects.booked().filter(day=MONDAY, child=home.children[1]).exists()


@pytest.mark.exigence("B3")
def test_the_other_household_may_have_booked_meanwhile(home, canteen, pool):
    other = household(canteen, enrolled=False)
    join(other.family, home.child)
    other.children[0] = home.child
    draft(home, [home.code(MONDAY), home.code(TUESDAY)])
    draft(other, [other.code(MONDAY)])
    confirm(other)
    receipt = confirm(home)
    assert [left["rule"] for left in receipt.left_out] == ["already_booked"]
    assert Booking.objects.get(day=MONDAY).family == other.family
    assert (counts(pool), counts(pool, TUESDAY)) == ((1, 0), (1, 0))


def test_a_booking_cancelled_and_made_again_meanwhile_is_not_taken_for_the_old_one(home):
    (old,) = book(home, [FRIDAY])
    draft(home, remove=[home.code(FRIDAY)])
    Booking.objects.filter(pk=old.pk).update(state=BookingState.CANCELLED, cancelled_at=AT, cancelled_by=home.parent)
    with pytest.raises(NothingToConfirm) as nothing:
        confirm(home)
    assert nothing.value.left_out[0].refusal.rule is Rule.NOT_BOOKED
    book(home, [FRIDAY])
    with pytest.raises(NothingToConfirm) as nothing:
        confirm(home)
    assert nothing.value.left_out[0].refusal.rule is Rule.CHANGED_MEANWHILE


def test_a_right_lost_meanwhile_stops_the_validation(home):
    draft(home, [home.code(MONDAY)])
    FamilyMember.objects.update(can_book=False)
    with pytest.raises(NothingToConfirm) as nothing:
        confirm(home)
    assert nothing.value.left_out[0].refusal.rule is Rule.NO_RIGHT


def test_a_cancelled_day_may_be_booked_again(home):
    book(home, [FRIDAY])
    draft(home, remove=[home.code(FRIDAY)])
    confirm(home)
    draft(home, [home.code(FRIDAY)])
    confirm(home)
    assert sorted(Booking.objects.filter(day=FRIDAY).values_list("state", flat=True)) == ["booked", "cancelled"]


@pytest.mark.parametrize(
    ("mail", "contact", "written"),
    [
        ("moi@famille.example", "dossier@famille.example", "moi@famille.example"),
        ("", "dossier@famille.example", "dossier@famille.example"),
        ("", "", ""),
    ],
)
def test_the_recap_goes_to_who_validates_else_to_the_dossier(home, mail, contact, written):
    home.parent.email, home.family.contact_email = mail, contact
    home.parent.save()
    home.family.save()
    draft(home, [home.code(MONDAY)])
    receipt = confirm(home)
    assert receipt.sent_to == written
    assert list(OutgoingMail.objects.values_list("recipient", flat=True)) == ([written] if written else [])


@pytest.mark.exigence("P60", "P63")
def test_the_mail_of_several_children(home):
    club = priced_unit(activity=home.unit.activity, code="club", name="Accueil", price="2.10")
    home.units.append(club)
    book(home, [FRIDAY])
    draft(home, [home.code(MONDAY), home.code(MONDAY, child=1, unit=1)], [home.code(FRIDAY)])
    receipt = confirm(home)
    mail = OutgoingMail.objects.get()
    nbsp = "\u00a0"
    assert f"lundi 14{nbsp}septembre 2026\n  Hugo, Cantine, repas\n  Réservation{nbsp}: 4,30{nbsp}€\n" in mail.text
    assert f"  Léna, Cantine, accueil\n  Réservation{nbsp}: 2,10{nbsp}€\n" in mail.text
    assert f"  Annulation{nbsp}: −4,30{nbsp}€\n" in mail.text
    assert f"En tout{nbsp}: +2,10{nbsp}€\nCe montant figurera sur la facture du mois." in mail.text
    assert "facture de" not in mail.text
    assert f"Reçu n°{nbsp}{receipt.number}\nCode de vérification {receipt.code}" in mail.text
    assert "2 réservations, 1 annulation, +2,10" in mail.html
    assert f"Vous pouvez encore changer les 2 premiers jours, à partir du lundi 14{nbsp}septembre 2026" in mail.text
    assert "\ue000" not in mail.subject + mail.text + mail.html
    assert "/famille/planning/" in mail.text


def test_a_mail_about_days_that_can_no_longer_change_promises_nothing(home, canteen):
    canteen.cancellation_deadline = {"kind": "never"}
    canteen.save()
    draft(home, [home.code(MONDAY)])
    confirm(home)
    assert "Vous pouvez encore" not in OutgoingMail.objects.get().text
