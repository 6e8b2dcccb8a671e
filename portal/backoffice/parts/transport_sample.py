"""The stops of the sample town's children: nearly all have one, a few families have still to choose."""

from portal.backoffice.sample.fillers import Filling
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES
from portal.domain.enrolments.models import Enrolment
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.models import LineUnit, StopChoice
from portal.domain.transport.queries import lines_by_key

#: One enrolment in so many waits for its stop.
_WAITING = 12
_BATCH = 2000


def fill(filling: Filling) -> None:
    """A stop each way for the children of the bus, written by batches; nothing in a town without line."""
    served: dict[int, set[int]] = {}
    for line, activity in LineUnit.objects.values_list("line", "unit__activity"):
        served.setdefault(activity, set()).add(line)
    lines = lines_by_key(line for found in served.values() for line in found)
    if not lines:
        return
    rows = Enrolment.objects.filter(activity__in=served, state__in=LIVE_ENROLMENT_STATES, stopchoices=None)
    choices = []
    for enrolment in rows.order_by("pk").iterator():
        for key in sorted(served[enrolment.activity_id]):
            if filling.draw.randrange(_WAITING) == 0:
                continue
            stops = {
                way: filling.draw.choice(offered).pk if offered else None
                for way in Way
                for offered in [lines[key].offered(way, from_day=enrolment.starts_on)]
            }
            choices.append(
                StopChoice(
                    enrolment=enrolment,
                    line_id=key,
                    outward_id=stops[Way.OUTWARD],
                    homeward_id=stops[Way.HOMEWARD],
                    release=Release.COLLECTED,
                    since=enrolment.starts_on,
                    at=enrolment.requested_at,
                    by_id=enrolment.requested_by_id,
                )
            )
    StopChoice.objects.bulk_create(choices, batch_size=_BATCH)
