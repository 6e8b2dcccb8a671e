"""Where the rentrée meets the rest of the family's door."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.families.access import Right, may
from portal.domain.families.models import Family
from portal.domain.procedures.models import Procedure
from portal.domain.rentree.models import RentreeRecap
from portal.domain.rentree.queries import rentree_to_prepare
from portal.web import clock
from portal.web.home.tasks import HomeTask, register_home_tasks
from portal.web.procedures.links import ProcedureLink, register_procedure_link


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_procedure_link("rentree.rentreerecap", procedure_link)
    register_home_tasks(home_tasks)


def procedure_link(procedure: Procedure) -> ProcedureLink | None:
    """The recap of the validation that a démarche tells of, and its paper."""
    recap = RentreeRecap.objects.filter(pk=procedure.subject_key).first()
    if recap is None:
        return None
    return ProcedureLink(
        reverse("rentree:recap", args=[recap.number]),
        _("Voir le récapitulatif"),
        "",
        document=reverse("rentree:document", args=[recap.number]),
        document_label=_("Récapitulatif de rentrée (PDF)"),
    )


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """« Préparer la rentrée », during the campaign and until nothing waits: one query out of it, two in it."""
    year = rentree_to_prepare(family=family, at=clock.now(request))
    user = request.user
    if year is None or not user.is_authenticated:
        return []
    if not may(user=user, family=family, right=Right.BOOK):
        return []
    return [
        HomeTask(
            label=_("Préparer la rentrée %(year)s") % {"year": year.label},
            url=reverse("rentree:index"),
            icon="pencil",
            note=_("tous vos enfants sur une page, l’an dernier déjà coché"),
        )
    ]
