"""Enrolments are personal: given as a file, forgotten after a refusal, without names once a dossier is erased."""

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.weeks import load_weeks
from portal.domain.families.privacy import visible_children
from portal.domain.kernel.french import weekday_names
from portal.domain.privacy.declaring import TO_CONFIRM, Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import Fate, PersonalData, Retention, register

REFUSED_DAYS = 365


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    children = visible_children(family, user)
    found = Enrolment.objects.filter(family=family, child__in=children).select_related("child", "activity")
    several = list(found.order_by("requested_at", "pk"))
    weeks = load_weeks(several)
    units = dict(Unit.objects.filter(activity__enrolments__in=several).values_list("pk", "name"))
    for enrolment in several:
        yield {
            "enfant": enrolment.child.first_name,
            "activité": enrolment.activity.name,
            "du": enrolment.starts_on.isoformat(),
            "au": enrolment.ends_on.isoformat(),
            "état": str(enrolment.get_state_display()),
            "demandée le": enrolment.requested_at.isoformat(),
            "semaines habituelles": [
                f"{week.starts_on:%d/%m/%Y} {units[unit]}, {weekday_names(sorted(weekdays))}"
                for week in weeks[enrolment.pk].weeks
                for unit, weekdays in week.pattern.items()
            ],
        }


def connect() -> None:
    """Register."""
    refused = Enrolment.objects.filter(
        state__in=[EnrolmentState.REFUSED, EnrolmentState.CANCELLED], bookings=None
    ).select_related("activity", "family")
    register(
        PersonalData("enrolments", "Les inscriptions", _collect, order=60),
        # They name a child by its key; the child loses its name.
        erasure_of(
            "enrolments",
            Held(
                "inscriptions, sans nom",
                lambda family: Enrolment.objects.filter(family=family),
                Fate.KEPT,
                "elles portent des réservations facturées",
                years=10,
            ),
            order=60,
        ),
        Retention(
            "enrolments",
            "Demandes d’inscription refusées ou annulées",
            f"à partir de la demande ; {TO_CONFIRM}",
            REFUSED_DAYS,
            reached(
                refused,
                "requested_at",
                label=lambda row: f"demande d’inscription, {row.activity.name}",
                family=attrgetter("family.number"),
            ),
            deleting(Enrolment),
        ),
    )
