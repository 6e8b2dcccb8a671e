"""Notes and assignments go with the dossier, and notes after a while."""

from datetime import date, datetime

from portal.domain.accounts.models import User
from portal.domain.desk.models import RequestAssignment, RequestNote
from portal.domain.kernel.clock import end_of_day, paris_date
from portal.domain.privacy.registry import (
    Erasure,
    Expired,
    Fate,
    Planned,
    Retention,
    register_erasure,
    register_retention,
)

NOTE_DAYS = 365


def connect() -> None:
    """Register how notes are forgotten. They are no part of « mes données » : docs/registre-des-traitements.md."""
    register_erasure(Erasure(code="desk", plan=_plan, execute=_forget, order=85))
    register_retention(
        Retention(
            code="desk_notes",
            title="Notes internes sur les demandes",
            basis="un an après avoir été écrites : elles n’aident qu’à répondre à la demande",
            days=NOTE_DAYS,
            find=_find,
            erase=_erase,
            automatic=True,
        )
    )


def _plan(family: int, at: datetime) -> list[Planned]:
    count = RequestNote.objects.filter(family=family).count()
    return [Planned("notes internes sur ses demandes", count, Fate.ERASED)]


def _forget(family: int, by: User, at: datetime) -> None:
    RequestNote.objects.filter(family=family).delete()
    RequestAssignment.objects.filter(family=family).delete()


def _find(before: date, limit: int) -> list[Expired]:
    rows = RequestNote.objects.filter(at__lt=end_of_day(before)).select_related("family").order_by("at", "pk")
    return [
        Expired(
            key=row.pk,
            label=f"Note n° {row.pk}",
            family=row.family.number if row.family else "",
            since=paris_date(row.at),
        )
        for row in rows[:limit]
    ]


def _erase(keys: list[int], by: User, at: datetime) -> int:
    deleted, _by_model = RequestNote.objects.filter(pk__in=keys).delete()
    return deleted
