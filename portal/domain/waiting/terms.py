"""Which rule holds for a unit, and its sentences for families."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain.waiting.enums import Criterion
from portal.domain.waiting.models import ListRule


class Served(Protocol):
    """A unit, as `bookings` reads it."""

    @property
    def pk(self) -> int: ...
    @property
    def activity_id(self) -> int: ...
    @property
    def pools(self) -> Mapping[int, int | None]: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the line of a unit. `exchange_hours` is None where places are not exchanged."""

    offer_hours: int
    priorities: tuple[str, ...]
    siblings_together: bool
    exchange_hours: int | None = None


def terms_of(units: Iterable[Served]) -> dict[int, Terms]:
    """The terms of the units that have a line, by key; one query.

    The rule of a pool holds before that of the activity; closed, it closes the line. With several pools, the first by
    key that has a rule. A unit without pool is never full: it has no line.
    """
    units = list(units)
    pools = {pool for unit in units for pool in unit.pools}
    activities = {unit.activity_id for unit in units}
    of_pool: dict[int, ListRule] = {}
    of_activity: dict[int, ListRule] = {}
    for rule in ListRule.objects.filter(Q(pool__in=pools) | Q(activity__in=activities)):
        if rule.pool_id is not None:
            of_pool[rule.pool_id] = rule
        elif rule.activity_id is not None:
            of_activity[rule.activity_id] = rule
    found: dict[int, Terms] = {}
    for unit in units:
        own = of_activity.get(unit.activity_id)
        held: ListRule | None = next((of_pool[pool] for pool in sorted(unit.pools) if pool in of_pool), own)
        if held is None or not held.is_open or not unit.pools:
            continue
        found[unit.pk] = Terms(
            offer_hours=held.offer_hours,
            priorities=tuple(held.priorities),
            siblings_together=held.siblings_together,
            exchange_hours=own.exchange_hours if own is not None and own.exchange_open else None,
        )
    return found


def sentences_of_rule(rule: ListRule) -> list[str]:
    """The same of a rule by itself, as agents check it."""
    exchange = rule.exchange_hours if rule.exchange_open else None
    return sentences(Terms(rule.offer_hours, tuple(rule.priorities), rule.siblings_together, exchange))


def sentences(terms: Terms) -> list[str]:
    """How the line works, for families, in the language of the page: the order, the offer, what happens next."""
    said = [
        order_sentence(terms.priorities),
        ngettext(
            "Quand une place se libère, nous vous écrivons. Elle vous est gardée %(count)s\u00a0heure au plus, "
            "et jamais après l’heure limite de réservation du jour.",
            "Quand une place se libère, nous vous écrivons. Elle vous est gardée %(count)s\u00a0heures au plus, "
            "et jamais après l’heure limite de réservation du jour.",
            terms.offer_hours,
        )
        % {"count": terms.offer_hours},
        _("Rien n’est réservé ni facturé sans votre accord. Sans réponse, la place va à la famille suivante."),
    ]
    if terms.exchange_hours is not None:
        said.append(
            ngettext(
                "Après le délai d’annulation, une famille peut proposer sa place jusqu’à %(count)s\u00a0heure avant "
                "le début\u00a0: elle est proposée dans le même ordre.",
                "Après le délai d’annulation, une famille peut proposer sa place jusqu’à %(count)s\u00a0heures avant "
                "le début\u00a0: elle est proposée dans le même ordre.",
                terms.exchange_hours,
            )
            % {"count": terms.exchange_hours}
        )
    return said


def order_sentence(priorities: Collection[str]) -> str:
    """What orders the line, in words."""
    if not priorities:
        return _("L’ordre est celui des demandes\u00a0: premier arrivé, premier servi.")
    said = _(", puis ").join(str(Criterion(criterion).label) for criterion in priorities)
    return _("Passent d’abord\u00a0: %(priorities)s. Ensuite, l’ordre des demandes.") % {"priorities": said}
