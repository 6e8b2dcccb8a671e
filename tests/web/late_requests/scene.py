"""A request to the service, for the tests that go through every address."""

from datetime import datetime, time

from portal.domain.activities.models import Activity
from portal.domain.bookings.enums import Wish
from portal.domain.kernel.clock import PARIS
from portal.domain.late_requests.enums import Ground, RequestState
from portal.domain.late_requests.models import LateDay, LateRequest, LateRule
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, Town


def rules(town: Town, *, full: bool = False) -> None:
    """The town takes requests after the deadline, for every activity of the first family."""
    for activity in Activity.objects.filter(units__in=[town.canteen, town.evening]).distinct():
        LateRule.objects.get_or_create(activity=activity, defaults={"for_capacity": full})


def asked(town: Town, state: RequestState = RequestState.SENT) -> LateRequest:
    """The evening of the closed day, which is booked, is asked to be cancelled.

    Written as rows: what a verb adds elsewhere (démarche, notice) would look like a change to who watches the dossier.
    """
    found = LateRequest.objects.filter(family=town.family).first()
    if found is not None:
        return found
    rules(town)
    request = LateRequest.objects.create(
        family=town.family,
        child=town.enrolled,
        activity=town.evening.activity,
        wish=Wish.REMOVE,
        reason="Réunion déplacée",
        state=state,
        asked_at=NOW,
        asked_by=town.owner,
        sent_at=NOW,
    )
    LateDay.objects.create(
        request=request,
        child=town.enrolled,
        unit=town.evening,
        day=CLOSED_DAY,
        wish=Wish.REMOVE,
        ground=Ground.DEADLINE,
        is_late=True,
        passed_at=NOW,
        price="1.20",
        closes_at=datetime.combine(CLOSED_DAY, time(16, 30), tzinfo=PARIS),
    )
    return request
