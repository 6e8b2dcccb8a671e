"""Reading what agents said of requests."""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_

from django.db.models import Count, Q

from portal.domain.accounts.models import User
from portal.domain.desk.models import DeskPreference, RequestAssignment, RequestNote

Named = tuple[str, int]


def load_assignments(requests: Mapping[str, Collection[int]]) -> dict[Named, RequestAssignment]:
    """Who takes care of these requests (keys by kind), in one query."""
    if not (asked := _among(requests)):
        return {}
    rows = RequestAssignment.objects.filter(asked).select_related("agent")
    return {(row.source, row.item): row for row in rows}


def count_notes(requests: Mapping[str, Collection[int]]) -> dict[Named, int]:
    """How many notes each of these requests has, in one query; those without are not there."""
    if not (asked := _among(requests)):
        return {}
    rows = RequestNote.objects.filter(asked).values("source", "item").annotate(notes=Count("pk")).order_by()
    return {(row["source"], row["item"]): row["notes"] for row in rows}


def list_notes(*, source: str, item: int) -> list[RequestNote]:
    """The notes of a request, the first written first."""
    return list(RequestNote.objects.filter(source=source, item=item).select_related("by").order_by("at", "pk"))


def preference_of(agent: User) -> DeskPreference:
    """What this agent wants, saved or not."""
    return DeskPreference.objects.filter(agent=agent).first() or DeskPreference(agent=agent)


def wishing_digest() -> list[DeskPreference]:
    """The agents who want the daily mail and can receive it."""
    rows = DeskPreference.objects.filter(digest=True, agent__is_active=True, agent__is_staff=True)
    return list(rows.exclude(agent__email="").select_related("agent").order_by("pk"))


def _among(requests: Mapping[str, Collection[int]]) -> Q | None:
    parts = [Q(source=source, item__in=list(items)) for source, items in requests.items() if items]
    return reduce(or_, parts) if parts else None
