"""What this area tells the rest of the door: rubrics of the dossier."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.contacts.queries import load_around
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child
from portal.domain.kernel.clock import paris_date
from portal.web import clock
from portal.web.dossier.sections import Rubric, register_child_rubric, register_family_rubric
from portal.web.family import FamilyRequest


def authorised(request: FamilyRequest) -> Rubric:
    """« Personnes autorisées » of the family: each person once, with its last day."""
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    around = load_around(family=request.family, children=children, day=paris_date(clock.now(request)))
    people = {
        row.link.contact_id: row.link
        for each in around
        for row in each.links
        if row.link.may_collect and not row.is_over
    }
    return Rubric(
        title=_("Personnes autorisées"),
        edit_url=reverse("contacts:index"),
        edit_label=_("les personnes autorisées"),
        template="contacts/_family_rubric.html",
        context={"links": list(people.values())},
    )


def kin(request: FamilyRequest, child: Child) -> Rubric:
    """« Liens avec les contacts », beside a child's page."""
    [around] = load_around(family=request.family, children=[child], day=paris_date(clock.now(request)))
    return Rubric(
        title=_("Liens avec les contacts"),
        edit_url=reverse("contacts:index"),
        edit_label=_("les contacts"),
        template="contacts/_child_rubric.html",
        context={"around": around},
        badge="" if around.is_complete else _("lien à compléter"),
        badge_kind="" if around.is_complete else "wait",
        aside=True,
    )


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_family_rubric("contacts", authorised, order=20)
    register_child_rubric("contacts", kin, order=20)
