"""The first look of a new account at the dossier that the town holds (guide 004), until it is done or put away."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.dossier.queries import find_checklist
from portal.domain.dossier.rules import Completeness
from portal.domain.families.models import Child
from portal.web.home.requirements import named_address


@dataclass(frozen=True, slots=True)
class Line:
    """Something to check: by a tick, or by itself once nothing of it is missing."""

    code: str
    label: str
    url: str
    done: bool


def first_look(request: HttpRequest, children: list[Child], whole: Completeness) -> list[Line]:
    """What this account has to look at; nothing once it is all done or was put away."""
    user = request.user
    if not isinstance(user, User):
        return []
    checklist = find_checklist(user=user)
    if checklist is not None and checklist.closed_at is not None:
        return []
    seen = set(checklist.seen) if checklist is not None else set()
    dossier = named_address("dossier:index")
    lines = [Line("coordinates", _("Vérifier vos coordonnées"), dossier, "coordinates" in seen)]
    for child in children:
        code = f"child-{child.pk}"
        url = named_address("dossier:child", child.pk) or dossier
        lines.append(Line(code, _("Vérifier la fiche de %(child)s") % {"child": child.first_name}, url, code in seen))
    for code, label, name, asked in (
        ("contacts", _("Vérifier les personnes à prévenir"), "contacts:index", "contact"),
        ("quotient", _("Déclarer votre quotient familial"), "quotient:index", "quotient"),
        ("papers", _("Envoyer les pièces demandées"), "papers:index", "paper"),
    ):
        own = [each for each in whole.requirements if each.code.startswith(asked)]
        url = named_address(name)
        met = bool(own) and not any(each.waits_for_family for each in own)
        if url or own:
            lines.append(Line(code, label, url or dossier, code in seen or met))
    return lines if any(not line.done for line in lines) else []
