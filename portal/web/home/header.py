"""Who is signed in, as the top of every page says it: “Famille Vuillet · dossier n° 4127”."""

from django.http import HttpRequest

from portal.web.family import resolve_family
from portal.web.identity import FamilyHeader


def family_header(request: HttpRequest) -> FamilyHeader | None:
    """The name and number of the family in whose name the person works; None without family."""
    family = resolve_family(request)
    return FamilyHeader(family_name=family.name, dossier_number=family.number) if family is not None else None
