"""Quotients follow where they leave one answer per day; a day that the kept dossier answers keeps that answer."""

from datetime import datetime

from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.kernel.french import full_date, plural
from portal.domain.merging.registry import (
    Fate,
    Following,
    Line,
    Subject,
    register_following,
    register_rows,
)
from portal.domain.quotients.models import Quotient


def _overlapping(kept: int, duplicate: int) -> list[Quotient]:
    """Those of the duplicate that hold on a day for which the kept dossier has a quotient."""
    days = Q(pk__in=[])
    for first, last in Quotient.objects.accepted().filter(family=kept).values_list("valid_from", "valid_until"):
        days |= Q(valid_from__lte=last, valid_until__gte=first)
    return list(Quotient.objects.accepted().filter(days, family=duplicate).order_by("valid_from", "pk"))


def _plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    lines = []
    if (
        Quotient.objects.open().filter(family=kept).exists()
        and Quotient.objects.open().filter(family=duplicate).exists()
    ):
        lines.append(Line("deux quotients attendent une réponse", Fate.BLOCKS, "répondez d’abord à l’un des deux"))
    staying = _overlapping(kept, duplicate)
    moving = Quotient.objects.filter(family=duplicate).exclude(pk__in=[row.pk for row in staying]).count()
    if moving:
        lines.append(Line(plural(moving, "quotient familial", "quotients familiaux"), Fate.MOVES))
    for row in staying:
        if row.valid_from and row.valid_until:
            what = f"quotient valable du {full_date(row.valid_from)} au {full_date(row.valid_until)}"
            why = "le dossier gardé a le sien sur ces jours ; s’il finit plus tôt, enregistrez la suite"
            lines.append(Line(what, Fate.STAYS, why))
    return lines


def _follow(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    staying = [row.pk for row in _overlapping(kept, duplicate)]
    Quotient.objects.filter(family=duplicate).exclude(pk__in=staying).update(family=kept)


def connect() -> None:
    """Register."""
    register_following(
        Following("quotients", Subject.FAMILY, ("quotients.Quotient.family",), _plan, _follow, may_stay=True, order=60)
    )
    register_rows(
        "quotients.QuotientFetch.family",
        Subject.FAMILY,
        ("interrogation de l’API Particulier", "interrogations de l’API Particulier"),
        order=61,
    )
