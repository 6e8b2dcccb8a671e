"""What this area tells the rest of the door: the rubric of a child."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.consents.queries import Sheet, load_sheets
from portal.domain.families.models import Child
from portal.web import clock
from portal.web.dossier.sections import Rubric, register_child_rubric
from portal.web.family import FamilyRequest


def authorisations(request: FamilyRequest, child: Child) -> Rubric | None:
    """« Autorisations » on a child's page."""
    [sheet] = load_sheets(children=[child], at=clock.now(request), user=request.user)
    if not sheet.asked:
        return None
    return Rubric(
        title=_("Autorisations"),
        edit_url=reverse("consents:child", args=[child.pk]),
        edit_label=_("les autorisations"),
        template="consents/_rubric.html",
        context={"sheet": sheet},
        badge=_missing(sheet),
        badge_kind="wait" if sheet.missing else "",
    )


def _missing(sheet: Sheet) -> str:
    return _("réponse attendue") if sheet.missing else ""


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_child_rubric("consents", authorisations, order=30)
