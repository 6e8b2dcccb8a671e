"""What this area tells the rest of the door: the card « Adhésions » on the page of a child."""

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.families.models import Child
from portal.domain.kernel.clock import paris_date
from portal.domain.pricing.queries import Standing, standings_of_child
from portal.web import clock
from portal.web.dossier.sections import Rubric, register_child_rubric
from portal.web.family import FamilyRequest


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_child_rubric("memberships", _rubric, order=70)


def _rubric(request: FamilyRequest, child: Child) -> Rubric | None:
    """Nothing where the town has no membership."""
    found = standings_of_child(request.family, child, paris_date(clock.now(request)))
    if not found:
        return None
    return Rubric(title=_("Adhésions"), facts=tuple((each.kind.name, _told(each)) for each in found), aside=True)


def _told(standing: Standing) -> str:
    if standing.until is not None:
        return _("Adhésion valable jusqu’au %(day)s") % {"day": language.words().full_date(standing.until)}
    price = f" ({standing.kind.price_text})" if standing.kind.price_text else ""
    return _("Pas d’adhésion en cours (non adhérent). %(how)s") % {"how": f"{standing.kind.how_to}{price}"}
