"""Bookings, drafts and receipts follow without a place moving: the same unit and day are taken by the same booking.

Nobody decides in a family's stead which of two bookings of one day it wants, nor while it is choosing its days: both
are settled first. What is left of drafts is old wishes, without places.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.activities.enums import RelationKind
from portal.domain.activities.models import UnitRelation
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.expiry import erase_draft, give_back, release
from portal.domain.bookings.models import Basket, BasketLine, Booking, ReceiptLine
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import instant, long_date, plural
from portal.domain.merging.registry import (
    Concerned,
    Fate,
    Following,
    Line,
    Subject,
    register_archived,
    register_first_lock,
    register_following,
    register_obstacle,
    register_rows,
)

_WORDS = ("réservation", "réservations")
#: Days named one by one on the plan.
_NAMED = 10


def lock_drafts(concerned: Concerned) -> None:
    """The drafts of these families, and those that name these children, by key."""
    list(
        _drafts(concerned.families, concerned.children)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
        .values_list("pk")
    )


def _drafts(families: Collection[int], children: Collection[int]) -> QuerySet[Basket]:
    naming = BasketLine.objects.filter(child__in=children).values("basket")
    return Basket.objects.filter(Q(family__in=families) | Q(pk__in=naming))


def _live(drafts: QuerySet[Basket], at: datetime) -> list[Line]:
    return [
        Line(
            f"le dossier n° {draft.family.number} est en train de choisir des jours",
            Fate.BLOCKS,
            f"ses places sont retenues jusqu’au {instant(draft.expires_at)} : attendez, ou aidez-le à valider",
        )
        for draft in drafts.filter(lapsed_at=None, expires_at__gt=at).select_related("family").order_by("pk")
    ]


# A household


def _plan_basket(kept: int, duplicate: int, at: datetime) -> list[Line]:
    lines = _live(_drafts([kept, duplicate], []), at)
    if not Basket.objects.filter(family=duplicate).exists():
        return lines
    if Basket.objects.filter(family=kept).exists():
        return [*lines, Line("brouillon de planning", Fate.THERE, "les choix du doublon, jamais validés, s’oublient")]
    return [*lines, Line("brouillon de planning, sans places", Fate.MOVES)]


def _follow_basket(kept: int, duplicate: int, _by: User, at: datetime) -> None:
    release(_drafts([kept, duplicate], []), at=at)
    theirs = Basket.objects.filter(family=duplicate).first()
    if theirs is None:
        return
    if Basket.objects.filter(family=kept).exists():
        erase_draft(theirs)
        return
    Basket.objects.filter(pk=theirs.pk).update(family=kept, version=F("version") + 1)
    _forget_granted(_drafts([kept], []))


def _forget_granted(drafts: QuerySet[Basket]) -> None:
    """A wish that the books now grant is no wish; a draft without wish is no draft."""
    booked = Booking.objects.booked().filter(child=OuterRef("child"), unit=OuterRef("unit"), day=OuterRef("day"))
    keys = list(drafts.values_list("pk", flat=True))
    BasketLine.objects.filter(Exists(booked), basket__in=keys, wish=Wish.ADD).delete()
    for draft in Basket.objects.filter(pk__in=keys, lines=None):
        erase_draft(draft)


# A child


def _plan_bookings(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    theirs = Booking.objects.filter(child=duplicate)
    twice = theirs.booked().filter(_same_cell(kept)).select_related("unit__activity").order_by("day", "unit")
    lines = [
        Line(
            f"{booking.unit.activity} le {long_date(booking.day)}, réservé sur les deux fiches",
            Fate.BLOCKS,
            "annulez d’abord l’une des deux réservations",
        )
        for booking in twice[:_NAMED]
    ]
    if (more := twice.count() - _NAMED) > 0:
        lines.append(
            Line(plural(more, "autre jour réservé deux fois", "autres jours réservés deux fois"), Fate.BLOCKS)
        )
    lines += [
        Line(
            f"{booking.unit.activity} le {long_date(booking.day)}, avec une unité qui l’exclut sur l’autre fiche",
            Fate.BLOCKS,
            "annulez d’abord l’une des deux réservations",
        )
        for booking in theirs.booked()
        .filter(_excluded(kept))
        .select_related("unit__activity")
        .order_by("day", "unit")[:_NAMED]
    ]
    moving = theirs.count() - twice.count()
    return [*lines, *([Line(plural(moving, *_WORDS), Fate.MOVES)] if moving else [])]


def _same_cell(kept: int) -> Exists:
    """That the kept child has a live booking of the same unit on the same day."""
    return Exists(Booking.objects.booked().filter(child=kept, unit=OuterRef("unit"), day=OuterRef("day")))


def _excluded(kept: int) -> Exists:
    """That the kept child has, the same day, a live booking of a unit that excludes this one."""
    return Exists(
        Booking.objects.booked()
        .filter(child=kept, day=OuterRef("day"))
        .filter(
            Exists(
                UnitRelation.objects.filter(
                    Q(unit=OuterRef("unit"), other=OuterRef(OuterRef("unit")))
                    | Q(other=OuterRef("unit"), unit=OuterRef(OuterRef("unit"))),
                    kind=RelationKind.EXCLUSIVE,
                )
            )
        )
    )


def _follow_bookings(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    """Each one joins the live enrolment of its activity, which enrolments have settled before (order)."""
    for enrolment in Enrolment.objects.live().filter(child=kept).order_by("pk"):
        Booking.objects.filter(child=duplicate, unit__activity=enrolment.activity_id).update(enrolment=enrolment)
    Booking.objects.filter(child=duplicate).update(child=kept)


def _plan_lines(kept: int, duplicate: int, at: datetime) -> list[Line]:
    lines = _live(_drafts([], [kept, duplicate]), at)
    old = BasketLine.objects.filter(child=duplicate).count()
    if old and not lines:
        words = plural(old, "choix jamais validé", "choix jamais validés")
        lines.append(Line(f"{words} du doublon", Fate.THERE, "sans places retenues, ils s’oublient"))
    return lines


def _follow_lines(kept: int, duplicate: int, _by: User, at: datetime) -> None:
    keys = list(_drafts([], [kept, duplicate]).values_list("pk", flat=True))
    drafts = Basket.objects.filter(pk__in=keys)
    release(drafts, at=at)
    BasketLine.objects.filter(child=duplicate).delete()
    drafts.update(version=F("version") + 1)
    _forget_granted(drafts)


def _line_there(kept: int, duplicate: int) -> QuerySet[Any]:
    """Lines of a receipt that names both records for one unit and day."""
    same = ReceiptLine.objects.filter(
        child=kept, receipt=OuterRef("receipt"), unit=OuterRef("unit"), day=OuterRef("day")
    )
    return ReceiptLine.objects.filter(Exists(same), child=duplicate)


# Archiving


def _obstacles(family: int, at: datetime) -> list[str]:
    coming = Booking.objects.booked().filter(family=family, day__gte=paris_date(at))
    found = []
    if count := coming.count():
        last = coming.order_by("-day").values_list("day", flat=True)[0]
        found.append(f"{plural(count, 'réservation à venir', 'réservations à venir')}, jusqu’au {long_date(last)}.")
    found += [f"{line.what.capitalize()} : {line.why}." for line in _live(_drafts([family], []), at)]
    return found


def _forget_draft(family: int, _by: User, _at: datetime) -> None:
    """Old wishes hold nothing any more, even before their row says so."""
    for draft in Basket.objects.filter(family=family):
        give_back([draft.pk])
        erase_draft(draft)


def connect() -> None:
    """Register."""
    register_first_lock(lock_drafts)
    register_following(
        Following(
            "bookings.basket", Subject.FAMILY, ("bookings.Basket.family",), _plan_basket, _follow_basket, order=95
        )
    )
    register_rows("bookings.Booking.family", Subject.FAMILY, _WORDS, order=90)
    register_rows("bookings.Receipt.family", Subject.FAMILY, ("reçu", "reçus"), order=91)
    register_following(
        Following("bookings", Subject.CHILD, ("bookings.Booking.child",), _plan_bookings, _follow_bookings, order=90)
    )
    register_following(
        Following(
            "bookings.lines", Subject.CHILD, ("bookings.BasketLine.child",), _plan_lines, _follow_lines, order=95
        )
    )
    register_rows(
        "bookings.ReceiptLine.child",
        Subject.CHILD,
        ("ligne de reçu", "lignes de reçu"),
        stays=_line_there,
        why_stays="un même reçu nomme les deux fiches pour un même jour : il ne change pas",
        order=91,
    )
    register_obstacle("bookings", _obstacles, order=10)
    register_archived(_forget_draft)
