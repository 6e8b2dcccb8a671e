"""The doors that somebody who leaves a household could come back by, or had opened to others."""

from datetime import datetime

from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.departures import Departure, register_departure
from portal.domain.families.models import Adult, Family
from portal.domain.joining.models import Invitation


def connect() -> None:
    """Register."""
    register_departure("joining", Departure(follow=_close_links))


def _close_links(family: Family, adult: Adult, by: User, at: datetime) -> None:
    theirs = Q(adult=adult)
    if adult.email:
        theirs |= Q(email__iexact=adult.email)
    if adult.user is not None:
        theirs |= Q(invited_by=adult.user) | Q(email__iexact=adult.user.email)
    for invitation in Invitation.objects.open().filter(theirs, family=family).order_by("pk"):
        invitation.cancelled_at = at
        invitation.save(update_fields=["cancelled_at"])
        record(verb="cancel_invitation", target=invitation, by=by, at=at, family_key=family.pk)
