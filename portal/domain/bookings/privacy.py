"""Bookings and receipts are personal, and evidence: kept ten years, without names once a dossier is erased."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.expiry import erase_draft, give_back
from portal.domain.bookings.models import Basket, Booking, Receipt, ReceiptLine
from portal.domain.families.privacy import own_children, visible_children, visible_family
from portal.domain.kernel.clock import paris_date
from portal.domain.privacy.declaring import TO_CONFIRM, delete_rows, deleting, erasure_of, in_years, reached
from portal.domain.privacy.registry import Erasure, Fate, PersonalData, Planned, Retention, register

EVIDENCE_YEARS = 10
EVIDENCE_DAYS = EVIDENCE_YEARS * 365 + 3
_BASIS = f"pièces comptables ; {TO_CONFIRM}"


def _bookings(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    children = visible_children(family, user)
    found = Booking.objects.filter(family=family, child__in=children).select_related("child", "unit__activity")
    for booking in found.order_by("day", "pk"):
        yield {
            "jour": booking.day.isoformat(),
            "enfant": booking.child.first_name,
            "activité": f"{booking.unit.activity.name}, {booking.unit.name}",
            "état": booking.get_state_display(),
            "prix": str(booking.unit_price),
            "réservé le": booking.booked_at.isoformat(),
        }


def _receipts(key: int, user: User) -> Iterator[Mapping[str, Any]]:
    family = visible_family(key, user)
    if family is None:
        return
    children = set(visible_children(key, user).values_list("pk", flat=True))
    for receipt in Receipt.objects.filter(family=family).prefetch_related("lines").order_by("at", "pk"):
        yield {
            "reçu": receipt.number,
            "le": receipt.at.isoformat(),
            "total": str(receipt.total),
            "lignes": [
                f"{line.day:%d/%m/%Y} {line.child_name}, {line.label}, {line.get_wish_display()}, {line.amount}"
                for line in receipt.lines.all()
                if line.child_id in children
            ],
        }


def _plan(family: int, at: datetime) -> list[Planned]:
    today = paris_date(at)
    until = in_years(at, EVIDENCE_YEARS)
    booked = Booking.objects.filter(family=family)
    coming = booked.filter(day__gte=today, state=BookingState.BOOKED).count()
    return [
        Planned(
            "réservations à venir", coming, Fate.BLOCKS, "annulez-les d’abord, ou attendez qu’elles soient passées"
        ),
        Planned("brouillon de réservation", Basket.objects.filter(family=family).count(), Fate.ERASED),
        Planned("réservations, sans nom", booked.count(), Fate.KEPT, "pièces comptables : 10 ans", until),
        Planned(
            "reçus, sans nom",
            Receipt.objects.filter(family=family).count(),
            Fate.KEPT,
            "pièces comptables : 10 ans",
            until,
        ),
    ]


def _forget(family: int, _by: User, _at: datetime) -> None:
    """Receipts keep their number, days and amounts; first names, mail addresses and what was left out go."""
    for basket in Basket.objects.select_for_update(of=("self",), no_key=True).filter(family=family):
        give_back([basket.pk])
        erase_draft(basket)
    ReceiptLine.objects.filter(receipt__family=family, child__in=own_children(family)).update(child_name="Enfant")
    Receipt.objects.filter(family=family).update(sent_to="", left_out=[])


def _erase_receipts(keys: list[int], _by: User, _at: datetime) -> int:
    ReceiptLine.objects.filter(receipt__in=keys).delete()
    return delete_rows(Receipt, keys)


def connect() -> None:
    """Register."""
    register(
        PersonalData("bookings", "Les réservations", _bookings, order=70),
        PersonalData("receipts", "Les reçus", _receipts, order=75),
        Erasure("bookings", _plan, _forget, order=70),
        erasure_of("receipts", order=75),
        Retention(
            "bookings",
            "Réservations",
            f"à partir du jour réservé ; {_BASIS}",
            EVIDENCE_DAYS,
            reached(
                Booking.objects.select_related("unit__activity", "family"),
                "day",
                label=lambda row: f"réservation, {row.unit.activity.name}",
                family=attrgetter("family.number"),
            ),
            deleting(Booking),
        ),
        Retention(
            "receipts",
            "Reçus",
            f"à partir de la validation ; {_BASIS}",
            EVIDENCE_DAYS,
            reached(
                Receipt.objects.select_related("family"),
                "at",
                label=lambda row: f"reçu n° {row.number}",
                family=attrgetter("family.number"),
            ),
            _erase_receipts,
        ),
    )
