"""What this area tells the rest of the door: rubrics of the dossier, tasks of the home, notices."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.procedures.models import Procedure
from portal.web.dossier import cards
from portal.web.dossier.sections import register_child_rubric, register_family_rubric
from portal.web.procedures.links import ProcedureLink, register_procedure_link


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_family_rubric("address", cards.address, order=10)
    register_family_rubric("household", cards.composition, order=11)
    register_child_rubric("identity", cards.child_identity, order=10)
    register_child_rubric("school", cards.child_school, order=11)
    register_child_rubric("other_household", cards.child_other_household, order=80)
    register_child_rubric("enrolments", cards.child_enrolments, order=90)
    register_procedure_link("changes.changerequest", procedure_link)


def procedure_link(procedure: Procedure) -> ProcedureLink:
    """The page of the change that a démarche follows."""
    return ProcedureLink(reverse("dossier:change", args=[procedure.subject_key]), _("Voir cette demande"))
