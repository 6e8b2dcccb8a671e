"""Reading declarations: those of a family, those that await an agent, who is absent on a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.models import Absence, AbsenceDay, AbsenceReason
from portal.domain.absences.services import PERMISSION
from portal.domain.accounts.models import User
from portal.domain.activities.models import Structure
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import BookingState
from portal.domain.families.models import Family
from portal.domain.families.scope import of_children
from portal.domain.kernel.calendar import DateRange
from portal.domain.scope.queries import is_limited, structures_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

#: Who may see who is absent, without a reason nor a certificate.
LIST_PERMISSION = "absences.list_absence"
#: Decisions that an agent may still take again from the file.
REOPEN_DAYS = 120


def offered_reasons() -> list[AbsenceReason]:
    """The town's list, in its order."""
    return list(AbsenceReason.objects.filter(is_offered=True).order_by("order", "pk"))


def list_absences(*, user: "User | AnonymousUser", family: Family) -> list[Absence]:
    """What this account may see of the family's declarations, the last first."""
    rows = Absence.objects.visible_to(user).filter(family=family).select_related("child", "reason")
    return list(rows.order_by("-declared_at", "-pk"))


def find_absence(*, user: "User | AnonymousUser", family: Family, key: UUID) -> Absence | None:
    """One of them; None for anybody else's."""
    rows = Absence.objects.visible_to(user).filter(family=family, key=key)
    return rows.select_related("child", "reason", "family", "decided_by").first()


def waiting_absences(agent: User) -> QuerySet[Absence]:
    """What awaits an answer; nothing without the permission. The door narrows it to the agent's places."""
    if not agent.has_perm(PERMISSION):
        return Absence.objects.none()
    return Absence.objects.waiting().select_related("family", "child", "reason")


def family_absences(agent: User, family: Family, *, limit: int, on: date) -> list[Absence]:
    """The last declarations about the children whom an agent who decides welcomes; nothing without the permission."""
    if not agent.has_perm(PERMISSION):
        return []
    rows = Absence.objects.filter(of_children(agent, "child", on=on), family=family)
    return list(rows.select_related("child", "reason").order_by("-declared_at", "-pk")[:limit])


def reopenable(family: Family, at: datetime) -> list[Absence]:
    """The decisions of the last months, which an agent may take again."""
    decided = Q(state__in=[AbsenceState.ACCEPTED, AbsenceState.REFUSED, AbsenceState.LAPSED])
    rows = Absence.objects.filter(decided, family=family, decided_at__gt=at - timedelta(days=REOPEN_DAYS))
    return list(rows.select_related("child").order_by("-decided_at", "-pk"))


def marks(*, family: Family, days: DateRange) -> dict[str, Absence]:
    """The declaration that covers each booked cell of the family's planning, by code of the cell; one query.

    Refused and lapsed ones say nothing on a planning: the day is booked and charged.
    """
    rows = AbsenceDay.objects.in_force().filter(
        absence__family=family,
        booking__day__range=(days.first, days.last),
        booking__state=BookingState.BOOKED,
        absence__state__in=[AbsenceState.EXPECTED, AbsenceState.SENT, AbsenceState.ASKED, AbsenceState.ACCEPTED],
    )
    return {
        CellKey(row.booking.child_id, row.booking.unit_id, row.booking.day).code: row.absence
        for row in rows.select_related("absence", "booking")
    }


@dataclass(frozen=True, slots=True)
class Absent:
    """A child who does not come: nothing of why."""

    day: date
    structure: str
    activity: str
    unit: str
    child: str
    decided: bool


def absent_on(agent: User, *, days: Collection[date], on: date, structure: int | None = None) -> Sequence[Absent]:
    """Who was declared absent on these days, by structure, activity and name; one query, nothing without permission.

    What is under way counts too: the child does not come. What was refused, lapsed or withdrawn does not.
    """
    if not agent.has_perm(LIST_PERMISSION):
        return []
    rows = AbsenceDay.objects.in_force().filter(
        booking__day__in=days,
        booking__state=BookingState.BOOKED,
        absence__state__in=[AbsenceState.EXPECTED, AbsenceState.SENT, AbsenceState.ASKED, AbsenceState.ACCEPTED],
    )
    if is_limited(agent):
        rows = rows.filter(
            of_children(agent, "absence__child", on=on), booking__unit__activity__structure__in=structures_of(agent)
        )
    if structure is not None:
        rows = rows.filter(booking__unit__activity__structure=structure)
    rows = rows.select_related("absence__child", "booking__unit__activity__structure")
    ordered = rows.order_by(
        "booking__day",
        "booking__unit__activity__structure__name",
        "booking__unit__activity__order",
        "booking__unit__activity__name",
        "booking__unit__order",
        "absence__child__last_name",
        "absence__child__first_name",
        "pk",
    )
    return [
        Absent(
            day=row.booking.day,
            structure=row.booking.unit.activity.structure.name,
            activity=row.booking.unit.activity.short_name,
            unit=row.booking.unit.name,
            child=f"{row.absence.child.last_name} {row.absence.child.first_name}",
            decided=row.absence.state == AbsenceState.ACCEPTED,
        )
        for row in ordered
    ]


def structures_with_bookings() -> QuerySet[Structure]:
    """The places of which a list may be asked."""
    return Structure.objects.filter(activities__isnull=False).distinct().order_by("name", "pk")
