"""Yearly updates follow for the years that the kept dossier has not begun; a certification goes with its update."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.dossier.enums import YearlyState
from portal.domain.dossier.models import Certification, YearlyUpdate
from portal.domain.kernel.french import plural
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following


def _years(kept: int) -> list[int]:
    """The school years about which the kept dossier said something itself."""
    updates = YearlyUpdate.objects.filter(family=kept).values_list("school_year", flat=True)
    certified = Certification.objects.filter(family=kept).values_list("school_year", flat=True)
    return sorted({*updates, *certified})


def _plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    years = _years(kept)
    lines = []
    for update in YearlyUpdate.objects.filter(family=duplicate).order_by("school_year"):
        words = f"actualisation {SchoolYear(update.school_year).label}, {update.get_state_display()}"
        if update.state == YearlyState.SENT:
            lines.append(Line(words, Fate.BLOCKS, "répondez-y d’abord, dans « Demandes »"))
        elif update.school_year in years:
            lines.append(Line(words, Fate.STAYS, "le dossier gardé a la sienne pour cette année"))
        else:
            lines.append(Line(words, Fate.MOVES))
    certified = Certification.objects.filter(family=duplicate)
    staying = certified.filter(school_year__in=years).count()
    moving = certified.count() - staying
    names = ("certification", "certifications")
    if moving:
        lines.append(Line(plural(moving, *names), Fate.MOVES))
    if staying:
        lines.append(Line(plural(staying, *names), Fate.STAYS, "elles certifient ce que disait l’autre dossier"))
    return lines


def _follow(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    years = _years(kept)
    for model in (YearlyUpdate, Certification):
        rows: QuerySet[Any] = model._base_manager.filter(~Q(school_year__in=years), family=duplicate)
        rows.update(family=kept)


def connect() -> None:
    """Register."""
    register_following(
        Following(
            "dossier",
            Subject.FAMILY,
            ("dossier.YearlyUpdate.family", "dossier.Certification.family"),
            _plan,
            _follow,
            may_stay=True,
            order=75,
        )
    )
