"""Health follows the child. Two sheets of one year are never mixed: the kept child's stands, a human reads both."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.health.models import HealthDocument, HealthSheet, VaccineBooklet
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import full_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following, register_rows

_READ_AGAIN = "faites relire la sienne à la famille : celle du doublon ne sera plus lue"


def _plan_sheets(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = {sheet.school_year: sheet for sheet in HealthSheet.objects.filter(child=kept)}
    lines = []
    for sheet in HealthSheet.objects.filter(child=duplicate).order_by("school_year"):
        words = f"fiche sanitaire {SchoolYear(sheet.school_year).label}, {_standing(sheet)}"
        mine = there.get(sheet.school_year)
        if mine is None:
            lines.append(Line(words, Fate.MOVES))
        elif sheet.certified_at is None:
            lines.append(Line(words, Fate.STAYS, f"celle de l’enfant gardé reste, {_standing(mine)}"))
        elif mine.certified_at is None:
            why = "celle de l’enfant gardé n’est que commencée : gardez l’autre fiche, ou faites certifier celle-ci"
            lines.append(Line(words, Fate.BLOCKS, why))
        else:
            lines.append(Line(words, Fate.STAYS, f"celle de l’enfant gardé reste, {_standing(mine)}"))
            lines.append(Line(f"deux fiches sanitaires {SchoolYear(sheet.school_year).label}", Fate.LOOK, _READ_AGAIN))
    return lines


def _standing(sheet: HealthSheet) -> str:
    return f"certifiée le {full_date(paris_date(sheet.certified_at))}" if sheet.certified_at else "commencée"


def _move_sheets(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    years = list(HealthSheet.objects.filter(child=kept).values_list("school_year", flat=True))
    HealthSheet.objects.filter(child=duplicate).exclude(school_year__in=years).update(child=kept)


def _plan_booklet(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    if not VaccineBooklet.objects.filter(child=duplicate).exists():
        return []
    if not VaccineBooklet.objects.filter(child=kept).exists():
        return [Line("carnet de vaccination", Fate.MOVES)]
    return [
        Line("carnet de vaccination", Fate.STAYS, "celui de l’enfant gardé reste"),
        Line("deux carnets de vaccination", Fate.LOOK, "faites relire le sien à la famille"),
    ]


def _move_booklet(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    if not VaccineBooklet.objects.filter(child=kept).exists():
        VaccineBooklet.objects.filter(child=duplicate).update(child=kept)


def _same_kind(kept: int, duplicate: int) -> QuerySet[Any]:
    there = HealthDocument.objects.filter(child=kept, removed_at=None).values("kind")
    return HealthDocument.objects.filter(child=duplicate, removed_at=None, kind__in=there)


def connect() -> None:
    """Register."""
    child = Subject.CHILD
    words = ("document de santé", "documents de santé")
    register_following(
        Following("health.sheets", child, ("health.HealthSheet.child",), _plan_sheets, _move_sheets, True, 40)
    )
    register_following(
        Following("health.booklet", child, ("health.VaccineBooklet.child",), _plan_booklet, _move_booklet, True, 41)
    )
    register_rows(
        "health.HealthDocument.child",
        child,
        words,
        blocked=_same_kind,
        why_blocked="les deux fiches en ont un de même nature : retirez d’abord celui qui ne sert plus",
        order=42,
    )
    register_rows("health.HealthReading.child", child, ("lecture notée", "lectures notées"), order=43)
    register_rows("health.HealthDocument.family", Subject.FAMILY, words, order=42)
