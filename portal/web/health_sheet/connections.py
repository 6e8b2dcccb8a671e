"""What this area tells the rest of the door: the rubric « Santé » of a child."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.families.models import Child
from portal.domain.health.access import acts_for, children_of
from portal.domain.health.enums import DocumentKind, Section
from portal.domain.health.queries import care_of
from portal.domain.health.rules import SheetState
from portal.web import clock
from portal.web.dossier.sections import Rubric, register_child_rubric
from portal.web.family import FamilyRequest
from portal.web.health_sheet.presenting import badge_of, plan_words, vaccines_words, words_for


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_child_rubric("health", _rubric, order=40)


def _rubric(request: FamilyRequest, child: Child) -> Rubric | None:
    """Nothing for a relative. An agent in the family's name gets the card without its facts: opening is noted."""
    if not children_of(user=request.user, family=request.family).filter(pk=child.pk).exists():
        return None
    care = care_of(child=child, at=clock.now(request))
    url = reverse("health_sheet:detail", args=(child.pk,))
    word, kind = badge_of(care.state)
    facts: list[tuple[str, str]] = []
    if not acts_for(user=request.user, family=request.family):
        for section in (Section.DOCTOR, Section.ALLERGIES):
            if section.value in care.asked:
                facts += words_for(care.begun, section)[:1]
        facts.insert(1, (_("Vaccins"), vaccines_words(care)))
        facts.append((_("PAI"), plan_words(care.document(DocumentKind.CARE_PLAN))))
    note = _("Lue seulement par les personnes qui accueillent %(name)s. Chaque lecture est notée.") % {
        "name": child.first_name
    }
    label = _("Ouvrir") if care.state == SheetState.COMPLETE else _("Remplir")
    return Rubric(
        title=_("Santé"),
        edit_url=url,
        edit_label=label,
        facts=tuple(facts),
        badge=word,
        badge_kind=kind,
        note=note,
    )
