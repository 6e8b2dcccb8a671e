"""Where a démarche leads: areas say the page of what it is about.

By label of the object (`register_procedure_link("papers.paper", …)`); a démarche without object leads by its nature
and its reference.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from portal.domain.families.models import Family
from portal.domain.procedures.enums import ProcedureKind
from portal.domain.procedures.models import Procedure


@dataclass(frozen=True, slots=True)
class ProcedureLink:
    """A page with the words of its link (“Voir la pièce”); `action` when the démarche waits for the family; a document
    to take away, when there is one.
    """

    url: str
    label: str
    action: str = ""
    document: str = ""
    document_label: str = ""


#: Answers None when there is nothing (more) to see. It is given the démarche, whose `subject_key` names the object.
LinkResolver = Callable[[Procedure], ProcedureLink | None]


@dataclass(frozen=True, slots=True)
class SideBox:
    """A card beside the list of démarches: invoices to pay, once there are invoices."""

    title: str
    text: str
    url: str = ""
    label: str = ""


SideBoxSource = Callable[[HttpRequest, Family], SideBox | None]

_resolvers: dict[str, LinkResolver] = {}
_boxes: dict[str, SideBoxSource] = {}


def register_procedure_link(label: str, resolver: LinkResolver) -> None:
    """Say where démarches about objects of this label lead; the same label again replaces it."""
    _resolvers[label] = resolver


def register_side_box(code: str, source: SideBoxSource) -> None:
    """Add a card beside the démarches; the same code again replaces it."""
    _boxes[code] = source


def side_boxes(request: HttpRequest, family: Family) -> list[SideBox]:
    """The cards that have something to say."""
    return [box for source in _boxes.values() if (box := source(request, family)) is not None]


def link_of(procedure: Procedure) -> ProcedureLink | None:
    """The page of what the démarche is about, None when there is none."""
    resolver = _resolvers.get(procedure.subject)
    if resolver is not None:
        return resolver(procedure)
    return _by_nature(procedure)


def _by_nature(procedure: Procedure) -> ProcedureLink | None:
    """A view that takes the reference of the démarche."""
    pages = {
        ProcedureKind.BOOKING: ("basket:receipt", _("Voir le reçu")),
        ProcedureKind.ENROLMENT: ("enrolments:detail", _("Voir l’inscription")),
        ProcedureKind.FORM: ("surveys:answer", _("Voir la réponse")),
    }
    name, label = pages.get(ProcedureKind(procedure.kind), ("", ""))
    if not name or not procedure.reference:
        return None
    try:
        return ProcedureLink(reverse(name, args=[procedure.reference]), label)
    except NoReverseMatch:
        return None
