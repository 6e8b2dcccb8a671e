"""Where a child gets on a bus tells where it lives: copied and erased with the dossier, forgotten after a year."""

from collections.abc import Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.families.models import Child
from portal.domain.privacy.declaring import TO_CONFIRM, Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import Expired, PersonalData, Retention, register
from portal.domain.transport.models import Boarding, StopChoice, StopException

#: Counted from the end of the enrolment: past the summer, nobody asks at which stop a child got off.
KEPT_DAYS = 365


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """The stops of the children whom this account may see."""
    children = Child.objects.visible_to(user).values("pk")
    related = ("enrolment__child", "enrolment__activity", "line", "outward", "homeward")
    for row in (
        StopChoice.objects.filter(enrolment__family=family, enrolment__child__in=children)
        .select_related(*related)
        .order_by("-since", "pk")
    ):
        yield {**_shared(row), "à partir du": row.since.isoformat()}
    for exception in (
        StopException.objects.filter(enrolment__family=family, enrolment__child__in=children)
        .select_related(*related)
        .order_by("-day", "pk")
    ):
        yield {**_shared(exception), "le": exception.day.isoformat()}


def _shared(row: Boarding) -> dict[str, Any]:
    return {
        "enfant": row.enrolment.child.first_name,
        "ligne": row.line.name,
        "aller": row.outward.name if row.outward else "",
        "retour": row.homeward.name if row.homeward else "",
        "au retour": str(row.get_release_display()) if row.homeward else "",
        "choisi le": row.at.isoformat(),
    }


def _over(before: date, limit: int) -> list[Expired]:
    """The choices of enrolments that ended that day or earlier, the oldest first."""
    rows = StopChoice.objects.filter(enrolment__ends_on__lte=before).select_related("enrolment__family")
    return [
        Expired(row.pk, "arrêt de bus", row.enrolment.family.number, row.enrolment.ends_on)
        for row in rows.order_by("enrolment__ends_on", "pk")[:limit]
    ]


def connect() -> None:
    """Register."""
    register(
        PersonalData("transport", "Les arrêts de bus", _collect, order=71),
        erasure_of(
            "transport",
            Held("arrêts de bus habituels", lambda family: StopChoice.objects.filter(enrolment__family=family)),
            Held("arrêts de bus d’un jour", lambda family: StopException.objects.filter(enrolment__family=family)),
            order=71,
        ),
        Retention(
            "bus_stops",
            "Arrêts de bus des enfants",
            f"à partir de la fin de l’inscription ; {TO_CONFIRM}",
            KEPT_DAYS,
            _over,
            deleting(StopChoice),
            automatic=True,
        ),
        Retention(
            "bus_stop_days",
            "Arrêts de bus d’un jour",
            f"à partir du jour ; {TO_CONFIRM}",
            KEPT_DAYS,
            reached(
                StopException.objects.select_related("enrolment__family"),
                "day",
                label=lambda _row: "arrêt d’un jour",
                family=attrgetter("enrolment.family.number"),
            ),
            deleting(StopException),
            automatic=True,
        ),
    )
