"""What happens by itself: a day comes and nobody answered. One transaction each: a failure stops no other request."""

from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Family
from portal.domain.late_requests import notifications
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.late_requests.services import close, lock_request, move, write_down
from portal.domain.procedures.enums import ProcedureState


def lapse_requests(at: datetime) -> int:
    """Close the days that have begun at `at` without an answer, and the requests that have no other; gives how many
    requests were touched. Running twice changes nothing.
    """
    due = LateRequest.objects.filter(days__state=DayState.OPEN, days__closes_at__lte=at).distinct()
    by = User.objects.system()
    return sum(_lapse(key, by=by, at=at) for key in list(due.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _lapse(key: int, *, by: User, at: datetime) -> int:
    seen = LateRequest.objects.get(pk=key)
    Family.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.family_id)
    lock_children([seen.child_id])
    found = lock_request(key)
    rows = LateDay.objects.filter(request=found, state=DayState.OPEN)
    gone = list(rows.filter(closes_at__lte=at).order_by("day", "pk"))
    if not found.is_open or not gone:
        return 0
    rows.filter(pk__in=[row.pk for row in gone]).update(state=DayState.LAPSED)
    if rows.exists():
        found.version += 1
        found.save(update_fields=["version"])
    else:
        close(found, RequestState.LAPSED, by=by, at=at)
        move(found, ProcedureState.CANCELLED, by=by, at=at, note="Le jour est arrivé sans réponse du service.")
    write_down("lapse_late_request", found, by=by, at=at, days=[row.day.isoformat() for row in gone])
    notifications.tell_lapsed(found, gone, at=at)
    return 1
