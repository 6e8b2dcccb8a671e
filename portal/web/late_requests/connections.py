"""Where requests to the service meet the rest of the family's door."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.families.models import Family
from portal.domain.late_requests.models import LateRequest
from portal.domain.late_requests.notifications import title_for_reader
from portal.domain.late_requests.queries import awaiting_family
from portal.domain.procedures.models import Procedure
from portal.web.home.tasks import HomeTask, register_home_tasks
from portal.web.procedures.links import ProcedureLink, register_procedure_link


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_procedure_link("late_requests.laterequest", procedure_link)
    register_home_tasks(home_tasks)


def procedure_link(procedure: Procedure) -> ProcedureLink | None:
    """The page of the request that a démarche follows."""
    found = LateRequest.objects.filter(pk=procedure.subject_key).first()
    if found is None:
        return None
    return ProcedureLink(
        reverse("late_requests:detail", args=[found.key]), _("Voir la demande"), _("Répondre au service")
    )


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """What the service asks about a request; one query."""
    return [
        HomeTask(
            label=_("Répondre au service\u00a0: %(request)s") % {"request": title_for_reader(row)},
            url=reverse("late_requests:detail", args=[row.key]),
            icon="mail",
            kind="wait",
        )
        for row in awaiting_family(user=request.user, family=family)
    ]
