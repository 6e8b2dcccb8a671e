"""Where the bus meets the rest of the family's door."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.domain.families.models import Family
from portal.domain.transport.queries import stops_to_choose
from portal.web import clock
from portal.web.home.tasks import HomeTask, register_home_tasks
from portal.web.transport.views import usual_url


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_home_tasks(home_tasks)


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """The children whose stop the family still has to choose; one query when the town has no bus for them."""
    return [
        HomeTask(
            label=_("Choisir l’arrêt de bus\u00a0: %(child)s") % {"child": each.enrolment.child.first_name},
            url=usual_url(each),
            icon="bus",
            kind="wait",
            note=each.line.name,
        )
        for each in stops_to_choose(user=request.user, family=family, at=clock.now(request))
    ]
