"""What the quotient tells the rest of the door: its rubric in the dossier, its tasks on the home."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.families.access import Right, may
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.models import Procedure
from portal.domain.quotients.enums import QuotientState
from portal.domain.quotients.models import Quotient
from portal.domain.quotients.queries import offered_definitions, open_quotient, quotient_on
from portal.domain.quotients.rules import Status
from portal.web import clock
from portal.web.dossier.sections import Rubric, register_family_rubric
from portal.web.family import FamilyRequest
from portal.web.home.tasks import HomeTask, register_home_tasks
from portal.web.procedures.links import ProcedureLink, register_procedure_link


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_family_rubric("quotient", rubric, order=60)
    register_home_tasks(home_tasks)
    register_procedure_link("quotients.quotient", procedure_link)


def procedure_link(_procedure: Procedure) -> ProcedureLink:
    """The page of the quotient, where the declaration that a démarche follows is shown."""
    return ProcedureLink(
        reverse("quotient:index"), _("Voir mon quotient familial"), _("Mettre à jour mon quotient familial")
    )


def rubric(request: FamilyRequest) -> Rubric | None:
    """The value of the day, or that the highest tariff applies."""
    answer = quotient_on(request.family, paris_date(clock.now(request)))
    waiting = open_quotient(request.family)
    if answer.status is Status.UNKNOWN and waiting is None and not offered_definitions():
        return None
    current = (
        Quotient.objects.filter(pk=answer.period.key).first() if answer.value is not None and answer.period else None
    )
    badge, kind = _badge(answer.status, waiting)
    editable = may(user=request.user, family=request.family, right=Right.EDIT)
    return Rubric(
        title=_("Quotient familial"),
        edit_url=reverse("quotient:index") if editable else "",
        edit_label=_("Modifier le quotient familial"),
        template="quotient/_rubric.html",
        context={"current": current, "waiting": waiting, "answer": answer},
        badge=badge,
        badge_kind=kind,
    )


def _badge(status: Status, waiting: Quotient | None) -> tuple[str, str]:
    if waiting is not None and waiting.state == QuotientState.ASKED:
        return _("complément demandé"), "bad"
    if status is Status.KNOWN:
        return _("vérifié par le service"), "good"
    if waiting is not None:
        return _("à vérifier par le service"), "wait"
    return {
        Status.EXPIRED: (_("expiré"), "bad"),
        Status.REFUSED: (_("refusé"), "bad"),
        Status.UNKNOWN: (_("à fournir"), "wait"),
    }[status]


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """What the family has to do: a complement is asked, the last one was refused, or it has ended."""
    answer = quotient_on(family, paris_date(clock.now(request)))
    waiting = open_quotient(family) if answer.pending else None
    if waiting is not None:
        asked = waiting.state == QuotientState.ASKED
        return [_task(_("complément demandé"), _("Le service vous demande un complément."))] if asked else []
    highest = _("Le tarif le plus élevé s’applique.")
    if answer.status is Status.REFUSED:
        return [_task(_("refusé"), highest)]
    if answer.status is Status.EXPIRED:
        return [_task(_("expiré"), highest)]
    return []


def _task(badge: str, note: str) -> HomeTask:
    return HomeTask(
        label=_("Mettre à jour mon quotient familial"),
        url=reverse("quotient:index"),
        icon="euro",
        note=note,
        badge=badge,
        badge_kind="bad",
    )
