"""The rubrics that this area draws itself: address, household, identity and school, other household, enrolments."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.changes.enums import ChangeState, Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.queries import other_households, summary
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Adult, Child
from portal.domain.kernel.clock import paris_date
from portal.web.dossier import sections
from portal.web.dossier.people import shared
from portal.web.family import FamilyRequest


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change under way, as a card says it."""

    label: str
    words: str
    url: str
    answer: str
    incomplete: bool


def waiting(
    request: FamilyRequest, *rubrics: Rubric, adult: Adult | None = None, child: Child | None = None
) -> list[Waiting]:
    """The open changes of these rubrics, for that person; the family's own when nobody is named."""
    around = shared(request)
    return [
        _waiting(request, change)
        for change in around.changes
        if change.rubric in rubrics
        and change.adult_id == (adult.pk if adult else None)
        and change.child_id == (child.pk if child else None)
    ]


def _waiting(request: FamilyRequest, change: ChangeRequest) -> Waiting:
    day = language.words().day_month(paris_date(change.asked_at))
    incomplete = change.state == ChangeState.INCOMPLETE
    what = summary(change, schools=shared(request).schools)
    if change.family_id != request.family.pk:
        words = _("demandé le %(day)s par l’autre foyer\u00a0: %(what)s") % {"day": day, "what": what}
    else:
        words = _("demandé le %(day)s\u00a0: %(what)s") % {"day": day, "what": what}
    return Waiting(
        label=_("changement à compléter") if incomplete else _("changement en cours de validation"),
        words=words,
        url=reverse("dossier:change", args=[change.pk]),
        answer=change.answer if incomplete else "",
        incomplete=incomplete,
    )


def address(request: FamilyRequest) -> sections.Rubric:
    """Where the household lives."""
    family = request.family
    place = f"{family.postcode} {family.town}".strip()
    return sections.Rubric(
        title=_("Adresse"),
        edit_url=_edit(request, "dossier:edit_address"),
        edit_label=_("l’adresse"),
        template="dossier/_lines.html",
        context={
            "lines": [line for line in (family.street, family.address_extra, place) if line],
            "waiting": waiting(request, Rubric.ADDRESS),
        },
        swap=True,
    )


def composition(request: FamilyRequest) -> sections.Rubric:
    """Who lives there, and who pays the benefits."""
    family = request.family
    number = family.benefit_number
    return sections.Rubric(
        title=_("Foyer"),
        edit_url=_edit(request, "dossier:edit_household"),
        edit_label=_("la composition du foyer"),
        template="dossier/_facts.html",
        context={
            "facts": [
                (_("Votre foyer"), family.get_situation_display() or _("à indiquer")),
                (_("Régime"), family.get_regime_display() or _("à indiquer")),
                (_("Numéro CAF ou MSA"), number or _("à indiquer")),
            ],
            "waiting": waiting(request, Rubric.HOUSEHOLD, Rubric.NEW_CHILD, Rubric.NEW_ADULT),
        },
        swap=True,
    )


def child_identity(request: FamilyRequest, child: Child) -> sections.Rubric:
    """Names and birth."""
    return sections.Rubric(
        title=_("Identité"),
        edit_url=_edit_child(request, child, "identite"),
        edit_label=_("l’identité de %(name)s") % {"name": child.first_name},
        template="dossier/_facts.html",
        context={
            "facts": [
                (_("Nom"), child.last_name),
                (_("Prénom"), child.first_name),
                (_("Naissance"), language.words().full_date(child.birth_date)),
            ],
            "waiting": waiting(request, Rubric.CHILD_IDENTITY, child=child),
        },
        swap=True,
    )


def child_school(request: FamilyRequest, child: Child) -> sections.Rubric:
    """The school and level of the year."""
    around = shared(request)
    schooling = around.schooling(child)
    facts = [
        (_("École"), schooling.school.name if schooling else _("à indiquer")),
        (_("Niveau"), schooling.get_level_display() if schooling else _("à indiquer")),
    ]
    if schooling and schooling.class_name:
        facts.append((_("Classe"), schooling.class_name))
    return sections.Rubric(
        title=_("École en %(year)s") % {"year": around.year.label},
        edit_url=_edit_child(request, child, "ecole"),
        edit_label=_("l’école de %(name)s") % {"name": child.first_name},
        template="dossier/_facts.html",
        context={"facts": facts, "waiting": waiting(request, Rubric.SCHOOL, child=child)},
        swap=True,
    )


def child_other_household(request: FamilyRequest, child: Child) -> sections.Rubric | None:
    """The other household of a child: a first name, and what that household shows."""
    others = other_households(child=child.pk, family=request.family)
    if not others:
        return None
    return sections.Rubric(
        title=_("Son autre foyer"),
        template="dossier/_other_household.html",
        context={
            "others": others,
            "child": child,
            "shared": request.family.shares_contact,
            "may_edit": shared(request).may_edit,
        },
        aside=True,
    )


def child_enrolments(request: FamilyRequest, child: Child) -> sections.Rubric:
    """What the child is enrolled in this year."""
    enrolments = (
        Enrolment.objects.visible_to(request.user)
        .live()
        .filter(child=child, ends_on__gte=shared(request).today)
        .select_related("activity")
        .order_by("activity__type__order", "activity__order", "pk")
        .distinct()
    )
    context: dict[str, Any] = {"child": child, "enrolments": list(enrolments)}
    return sections.Rubric(
        title=_("Ses inscriptions"), template="dossier/_enrolments.html", context=context, aside=True
    )


def adult_cards(request: FamilyRequest, adult: Adult) -> list[sections.Card]:
    """The rubrics of an adult: who they are, how they are reached, what they do."""
    edit = shared(request).may_edit
    return [
        sections.Card(
            f"{slug}-{adult.pk}",
            sections.Rubric(
                title=title,
                edit_url=reverse("dossier:edit_adult", args=[adult.pk, slug]) if edit else "",
                edit_label=label % {"name": adult.first_name},
                template="dossier/_facts.html",
                context={"facts": facts, "waiting": waiting(request, rubric, adult=adult)},
                swap=True,
            ),
        )
        for slug, rubric, title, label, facts in (
            (
                "coordonnees",
                Rubric.COORDINATES,
                _("Coordonnées"),
                _("les coordonnées de %(name)s"),
                [
                    (_("Mobile"), adult.phone or _("à indiquer")),
                    (_("Autre téléphone"), adult.other_phone or _("non indiqué")),
                    (_("Travail"), adult.work_phone or _("non indiqué")),
                ],
            ),
            (
                "profession",
                Rubric.WORK,
                _("Profession"),
                _("la profession de %(name)s"),
                [
                    (_("Profession"), adult.profession or _("non indiquée")),
                    (_("Employeur"), adult.employer or _("non indiqué")),
                ],
            ),
            (
                "identite",
                Rubric.ADULT_IDENTITY,
                _("Identité"),
                _("l’identité de %(name)s"),
                [(_("Prénom"), adult.first_name), (_("Nom"), adult.last_name)],
            ),
        )
    ]


def _edit(request: FamilyRequest, name: str) -> str:
    return reverse(name) if shared(request).may_edit else ""


def _edit_child(request: FamilyRequest, child: Child, slug: str) -> str:
    return (
        reverse("dossier:edit_child", args=[child.pk, slug]) if child.pk in shared(request).editable_children else ""
    )
