"""Where the démarches of enrolments lead."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.procedures.models import Procedure
from portal.web.procedures.links import ProcedureLink, register_procedure_link


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_procedure_link("enrolments.enrolment", procedure_link)


def procedure_link(procedure: Procedure) -> ProcedureLink | None:
    """The page of the enrolment, and its confirmation on paper once it is accepted."""
    enrolment = Enrolment.objects.filter(pk=procedure.subject_key).first()
    if enrolment is None:
        return None
    accepted = enrolment.state == EnrolmentState.ACCEPTED
    return ProcedureLink(
        reverse("enrolments:detail", args=[enrolment.pk]),
        _("Voir l’inscription"),
        _("Répondre au service"),
        document=reverse("enrolments:confirmation", args=[enrolment.pk]) if accepted else "",
        document_label=_("Confirmation d’inscription (PDF)") if accepted else "",
    )
