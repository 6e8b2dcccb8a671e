"""What an adult who leaves a household was to its children.

Parental authority does not end with a dossier: a guardian's link stays, with the way to call them, and only a
judgement says that they may not collect. What a judgement forbids stays too. The other links go.
"""

from datetime import datetime

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.contacts.models import Kinship
from portal.domain.families.departures import Departure, register_departure
from portal.domain.families.models import Adult, Child, ChildLink, Family


def connect() -> None:
    """Register."""
    register_departure("contacts", Departure(obstacles=_obstacles, follow=_follow, holds=_holds))


def _obstacles(family: Family, adult: Adult) -> list[str]:
    children = Child.objects.filter(
        links__family=family, kinships__adult=adult, kinships__is_guardian=True, kinships__may_not_collect=False
    )
    others = Kinship.objects.filter(is_guardian=True, adult__memberships__family=family).exclude(adult=adult)
    alone = children.exclude(pk__in=others.values("child")).order_by("links__order", "pk")
    return [
        f"Personne d’autre dans ce dossier n’exerce l’autorité parentale sur {child.first_name} :"
        " renseignez d’abord les liens de parenté."
        for child in alone
    ]


def _follow(family: Family, adult: Adult, _by: User, _at: datetime) -> None:
    links = Kinship.objects.filter(adult=adult, child__links__family=family, is_guardian=False, judgement="")
    links.exclude(child__in=_shared(adult)).delete()


def _shared(adult: Adult) -> "QuerySet[ChildLink, int]":
    """The children whom the adult still has in another household."""
    return ChildLink.objects.filter(family__members__adult=adult).values_list("child", flat=True)


def _holds(adult: Adult) -> bool:
    return Kinship.objects.filter(adult=adult, is_guardian=True).exists()
