"""A custody is between two households: they are no duplicates of each other while it stands."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.custody.models import LIVE, WAITING, Custody
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following, register_rows

_WORDS = ("garde partagée", "gardes partagées")


def _between(kept: int, duplicate: int) -> QuerySet[Custody]:
    return Custody.objects.filter(
        Q(household_a=kept, household_b=duplicate) | Q(household_a=duplicate, household_b=kept)
    )


def _of(duplicate: int) -> QuerySet[Custody]:
    return Custody.objects.filter(Q(household_a=duplicate) | Q(household_b=duplicate))


def _plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    between = _between(kept, duplicate)
    standing = between.filter(state__in=[*LIVE, *WAITING]).count()
    ended = between.count() - standing
    moving = _of(duplicate).exclude(pk__in=between.values("pk")).count()
    why = "elle est entre ces deux dossiers : ce sont deux foyers. Terminez-la d’abord s’il n’y en a qu’un"
    return [
        *([Line(plural(standing, *_WORDS), Fate.BLOCKS, why)] if standing else []),
        *([Line(plural(ended, *_WORDS), Fate.STAYS, "elle est terminée : c’est de l’histoire")] if ended else []),
        *([Line(plural(moving, *_WORDS), Fate.MOVES)] if moving else []),
    ]


def _follow(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    between = list(_between(kept, duplicate).values_list("pk", flat=True))
    Custody.objects.filter(household_a=duplicate).exclude(pk__in=between).update(household_a=kept)
    Custody.objects.filter(household_b=duplicate).exclude(pk__in=between).update(household_b=kept)


def _both(kept: int, duplicate: int) -> QuerySet[Any]:
    """Of each child, one arrangement in force and one proposal at most."""
    clash = Q(pk__in=[])
    for states in (LIVE, WAITING):
        if Custody.objects.filter(child=kept, state__in=states).exists():
            clash |= Q(state__in=states)
    return Custody.objects.filter(clash, child=duplicate)


def connect() -> None:
    """Register."""
    register_following(
        Following(
            "custody.households",
            Subject.FAMILY,
            ("custody.Custody.household_a", "custody.Custody.household_b"),
            _plan,
            _follow,
            may_stay=True,
            order=50,
        )
    )
    register_rows(
        "custody.Custody.child",
        Subject.CHILD,
        _WORDS,
        blocked=_both,
        why_blocked="les deux fiches en ont une : terminez d’abord celle qui ne vaut plus",
        order=50,
    )
