"""What happens by itself: a certificate that does not come. One transaction each: a failure stops nobody else."""

from datetime import datetime

from django.db import transaction

from portal.domain.absences import notifications
from portal.domain.absences.enums import AbsenceState, Cause
from portal.domain.absences.models import Absence
from portal.domain.absences.pricing import days_of, whole_price
from portal.domain.absences.services import close, keep_effects, lock_absence, move, write_down
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureState

_WAITING = (AbsenceState.EXPECTED, AbsenceState.ASKED)


def lapse_absences(at: datetime) -> int:
    """Charge the days of the declarations whose certificate did not come in time; return how many declarations."""
    due = Absence.objects.filter(state__in=_WAITING, certificate_due__lt=paris_date(at))
    by = User.objects.system()
    return sum(
        _lapse(key, by=by, at=at) for key in list(due.order_by("certificate_due", "pk").values_list("pk", flat=True))
    )


@transaction.atomic
def _lapse(key: int, *, by: User, at: datetime) -> int:
    found = lock_absence(key)
    if found.state not in _WAITING or found.certificate_due is None or found.certificate_due >= paris_date(at):
        return 0
    days = days_of(found)
    keep_effects(found, days, whole_price(days, Cause.LAPSED), at=at)
    close(found, AbsenceState.LAPSED, by=by, at=at)
    move(found, ProcedureState.REFUSED, by=by, at=at, note="Le justificatif n’est pas arrivé dans le délai.")
    write_down("lapse_absence", found, by=by, at=at)
    notifications.tell_lapsed(found, at=at)
    return 1
