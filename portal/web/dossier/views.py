"""The family's dossier on one page, and one page per person."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.domain import language
from portal.domain.changes.enums import OPEN_STATES
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.queries import compare
from portal.domain.changes.services import ChangeDecided, withdraw_change
from portal.domain.families.access import Right, children_with
from portal.domain.families.households import may_manage_rights
from portal.domain.families.queries import load_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import age_on
from portal.web import clock
from portal.web.dossier.cards import adult_cards
from portal.web.dossier.completeness import Completeness, completeness_of
from portal.web.dossier.people import find_child, find_member, shared
from portal.web.dossier.sections import WIDE, child_cards, family_cards
from portal.web.family import FamilyRequest, family_required


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What is missing, the people, the rubrics of the family, its documents."""
    around = shared(request)
    complete = completeness_of(family=request.family, user=request.user, at=clock.now(request))
    members = request.family.members.select_related("adult__photo").order_by("role", "pk")
    cards = family_cards(request)
    return render(
        request,
        "dossier/index.html",
        {
            "family": request.family,
            "year": around.year.label,
            "complete": complete,
            "members": list(members),
            "children": _children(request, complete),
            "cards": [card for card in cards if not _wide(card.code, wide=card.rubric.wide)],
            "wide_cards": [card for card in cards if _wide(card.code, wide=card.rubric.wide)],
            "may_edit": around.may_edit,
        },
    )


@never_cache
@require_safe
@family_required
def adult(request: FamilyRequest, adult_id: int) -> HttpResponse:
    """One adult: rubrics with their pencils, and what this person may do in the dossier."""
    member = find_member(request, adult_id)
    return render(
        request,
        "dossier/adult.html",
        {
            "member": member,
            "adult": member.adult,
            "cards": adult_cards(request, member.adult),
            "may_edit": shared(request).may_edit,
            "may_manage": may_manage_rights(user=request.user, family=request.family)
            and member.adult.user_id != request.user.pk,
            "is_me": member.adult.user_id == request.user.pk,
        },
    )


@never_cache
@require_safe
@family_required
def child(request: FamilyRequest, child_id: int) -> HttpResponse:
    """One child: what is missing first, then the rubrics."""
    found = find_child(request, child_id)
    around = shared(request)
    complete = completeness_of(family=request.family, user=request.user, at=clock.now(request))
    schooling = around.schooling(found)
    cards = child_cards(request, found)
    return render(
        request,
        "dossier/child.html",
        {
            "child": found,
            "age": age_on(found.birth_date, around.today),
            "schooling": schooling,
            "missing": complete.of_child(found.pk),
            "complete": complete,
            "cards": [card for card in cards if not card.rubric.aside],
            "aside_cards": [card for card in cards if card.rubric.aside],
            "may_edit": found.pk in around.editable_children,
        },
    )


@never_cache
@require_safe
@family_required
def change(request: FamilyRequest, change_id: int) -> HttpResponse:
    """A change asked for: before, after, and where it is."""
    found = _change(request, change_id)
    return render(
        request,
        "dossier/change.html",
        {
            "change": found,
            "lines": compare(found),
            "ours": found.family_id == request.family.pk,
            "asked_on": language.words().full_date(paris_date(found.asked_at)),
            "open": found.state in OPEN_STATES,
            "may_edit": shared(request).may_edit,
        },
    )


@require_POST
@family_required
def withdraw(request: FamilyRequest, change_id: int) -> HttpResponse:
    """The family takes its request back."""
    found = _change(request, change_id)
    try:
        withdraw_change(request=found, by=request.user, at=timezone.now())
    except ChangeDecided:
        messages.warning(request, _("Le service vient de répondre à cette demande\u00a0: elle ne se retire plus."))
        return redirect("dossier:change", found.pk)
    messages.success(request, _("Votre demande est retirée, rien ne change dans votre dossier."))
    return redirect("dossier:index")


def _change(request: FamilyRequest, change_id: int) -> ChangeRequest:
    visible = ChangeRequest.objects.visible_to(request.user).select_related("family", "adult", "child").distinct()
    return get_object_or_404(visible, pk=change_id)


def _children(request: FamilyRequest, complete: Completeness) -> list[dict[str, Any]]:
    around = shared(request)
    found = list(children_with(user=request.user, family=request.family, right=Right.SEE).select_related("photo"))
    schoolings = load_schoolings(children=[each.pk for each in found], school_year=around.year.start)
    return [
        {
            "child": each,
            "age": age_on(each.birth_date, around.today),
            "level": schoolings[each.pk].level if each.pk in schoolings else "",
            "missing": complete.of_child(each.pk),
        }
        for each in found
    ]


def _wide(code: str, *, wide: bool) -> bool:
    return wide or code in WIDE
