"""Where absences meet the rest of the family's door."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.models import Absence
from portal.domain.families.models import Family
from portal.domain.procedures.models import Procedure
from portal.web.absences.views import title_of
from portal.web.home.tasks import HomeTask, register_home_tasks
from portal.web.procedures.links import ProcedureLink, register_procedure_link


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_procedure_link("absences.absence", procedure_link)
    register_home_tasks(home_tasks)


def procedure_link(procedure: Procedure) -> ProcedureLink | None:
    """The page of the declaration that a démarche follows."""
    absence = Absence.objects.filter(pk=procedure.subject_key).first()
    if absence is None:
        return None
    url = reverse("absences:detail", args=[absence.key])
    return ProcedureLink(url, _("Voir l’absence"), _("Envoyer le justificatif"))


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """The certificates that the family still has to send; one query."""
    waiting = (AbsenceState.EXPECTED, AbsenceState.ASKED)
    rows = Absence.objects.visible_to(request.user).filter(family=family, state__in=waiting).select_related("child")
    return [
        HomeTask(
            label=_("Envoyer un justificatif\u00a0: %(absence)s") % {"absence": title_of(row)},
            url=reverse("absences:detail", args=[row.key]),
            icon="clip",
            kind="wait",
            note=_("jusqu’au %(day)s") % {"day": language.words().full_date(row.certificate_due)}
            if row.certificate_due
            else "",
        )
        for row in rows.order_by("certificate_due", "pk")
    ]
