"""A request about somebody is answered before they leave the household."""

from portal.domain.changes.models import ChangeRequest
from portal.domain.families.departures import Departure, register_departure
from portal.domain.families.models import Adult, Family


def connect() -> None:
    """Register."""
    register_departure("changes", Departure(obstacles=_obstacles))


def _obstacles(family: Family, adult: Adult) -> list[str]:
    if not ChangeRequest.objects.open().filter(family=family, adult=adult).exists():
        return []
    return [f"Une demande qui concerne {adult.first_name} attend une réponse : répondez-y d’abord."]
