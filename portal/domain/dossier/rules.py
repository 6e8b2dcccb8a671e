"""What a list of requirements amounts to: pure rules, one answer for the dossier, the home and the gates.

Guides 000 and 002: an incomplete dossier says so, holds the enrolment requests back, or closes booking; what was
sent and not answered yet is no longer the family's fault.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.domain.families.requirements import Effect, Requirement, Standing

_STRENGTH: Mapping[Effect, int] = {Effect.INFORMS: 0, Effect.HOLDS: 1, Effect.BLOCKS: 2}

#: What is asked again comes before what was never given.
_URGENCY: Mapping[Standing, int] = {
    Standing.REFUSED: 0,
    Standing.EXPIRED: 1,
    Standing.MISSING: 2,
    Standing.SENT: 3,
    Standing.DONE: 4,
}


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is asked of a dossier, met or not, in the order of its sources."""

    requirements: tuple[Requirement, ...] = ()

    @property
    def total(self) -> int:
        return len(self.requirements)

    @property
    def done(self) -> int:
        """What the family has done: accepted or waiting for the service."""
        return sum(not each.waits_for_family for each in self.requirements)

    @property
    def missing(self) -> tuple[Requirement, ...]:
        """What waits for the family, refused and expired first."""
        waiting = [each for each in self.requirements if each.waits_for_family]
        return tuple(sorted(waiting, key=lambda each: (_URGENCY[each.standing], -_STRENGTH[each.effect])))

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def effect(self) -> Effect | None:
        """The strongest effect of what is missing; None when nothing is."""
        return strongest(self.missing)

    @property
    def sentence(self) -> str:
        """What it holds back, in one sentence; empty when nothing is."""
        return {
            Effect.HOLDS: _("Tant qu’elles manquent, vos demandes d’inscription attendent."),
            Effect.BLOCKS: _("Tant qu’elles manquent, les réservations sont fermées."),
        }.get(self.effect or Effect.INFORMS, "")

    def of_child(self, child_id: int) -> "Completeness":
        """What is asked for one child."""
        return Completeness(tuple(each for each in self.requirements if each.child_id == child_id))

    def concerning(self, child_id: int) -> "Completeness":
        """What stands between one child and its activities: its own, and the family's."""
        return Completeness(tuple(each for each in self.requirements if each.child_id in (None, child_id)))


def strongest(requirements: Iterable[Requirement]) -> Effect | None:
    """The strongest effect among what waits for the family."""
    effects = [each.effect for each in requirements if each.waits_for_family]
    return max(effects, key=_STRENGTH.__getitem__, default=None)


def held_back(requirements: Iterable[Requirement], *, at_least: Effect) -> list[Requirement]:
    """What waits for the family with this effect or a stronger one."""
    return [each for each in requirements if each.waits_for_family and _STRENGTH[each.effect] >= _STRENGTH[at_least]]
