"""`/famille/dossier/actualisation/`: the dossier looked at again before a school year, in one page."""

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.domain.dossier.enums import FAMILY_STATES, Answer, Branch, YearlyState
from portal.domain.dossier.queries import completeness_of, current_window, find_update, last_certification
from portal.domain.dossier.services import YearlyRefused, certify_dossier, choose_branch, send_yearly_update
from portal.domain.enrolments.queries import enrolled_activities
from portal.domain.families.access import Right, children_with, may
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.procedures.services import find_procedure
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.home.requirements import todo
from portal.web.yearly.rubrics import Shown, shown_rubrics


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """The situation, each rubric with « exact » or « à corriger », what is missing, the certification: one form."""
    now = clock.now(request)
    window = current_window(at=now)
    if window is None:
        return render(request, "yearly/closed.html", _certified(request, SchoolYear.of(paris_date(now))))
    update = find_update(family=request.family, school_year=window.school_year)
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    activities = enrolled_activities(child.pk for child in children)
    kept = dict(update.answers) if update is not None else {}
    rubrics = shown_rubrics(request, children, kept)
    problem = ""
    if request.method == "POST":
        problem = _send(request, rubrics, activities)
        if not problem:
            return redirect("yearly:index")
        rubrics = [_typed(request, each) for each in rubrics]
    context = {
        "window": window,
        "year": SchoolYear(window.school_year).label,
        "today": paris_date(now),
        "update": update,
        "may_send": update is None or update.state in FAMILY_STATES,
        "may_edit": may(user=request.user, family=request.family, right=Right.EDIT),
        "procedure": find_procedure(about=update) if update is not None else None,
        "branches": [(branch.value, branch.label) for branch in Branch],
        "rubrics": rubrics,
        "missing": todo(
            completeness_of(family=request.family, children=children, at=now, activities=activities).missing
        ),
        "problem": problem,
        "ticked": request.POST.get("certifie") == "oui",
        "accepted": update is not None and update.state == YearlyState.ACCEPTED,
        "certification": last_certification(family=request.family, school_year=window.school_year),
    }
    return render(request, "yearly/index.html", context, status=422 if problem else 200)


@require_POST
@family_required
def branch(request: FamilyRequest) -> HttpResponse:
    """Say which of the three situations is the family's: the documents asked for follow from it."""
    chosen = request.POST.get("situation", "")
    if chosen not in Branch.values:
        messages.error(request, _("Choisissez votre situation pour la rentrée."))
        return redirect("yearly:index")
    try:
        choose_branch(family=request.family, branch=Branch(chosen), by=request.user, at=timezone.now())
    except YearlyRefused as refused:
        messages.warning(request, str(refused))
    return redirect("yearly:index")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def certify(request: FamilyRequest) -> HttpResponse:
    """Certify the dossier for the current school year outside the yearly update."""
    now = clock.now(request)
    year = SchoolYear.of(paris_date(now))
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    rubrics = shown_rubrics(request, children, {})
    problem = ""
    if request.method == "POST":
        if request.POST.get("certifie") == "oui":
            certify_dossier(
                family=request.family, school_year=year.start, rubrics=_said(rubrics), by=request.user, at=now
            )
            messages.success(request, _("Votre certification est enregistrée."))
            return redirect("yearly:certify")
        problem = _("Cochez la case pour certifier votre dossier.")
    context = {"rubrics": rubrics, "problem": problem, "today": paris_date(now)} | _certified(request, year)
    return render(request, "yearly/certify.html", context, status=422 if problem else 200)


def _send(request: FamilyRequest, rubrics: list[Shown], activities: Mapping[int, Iterable[int]]) -> str:
    """Send the update; the reason when it is not."""
    if request.POST.get("certifie") != "oui":
        return _("Cochez la case pour certifier votre dossier.")
    given = {each.title: request.POST.get(each.code, "") for each in rubrics}
    answers = {title: Answer(value) for title, value in given.items() if value in Answer.values}
    try:
        send_yearly_update(
            family=request.family,
            answers=answers,
            rubrics=_said(rubrics),
            activities=activities,
            by=request.user,
            at=timezone.now(),
        )
    except YearlyRefused as refused:
        return str(refused)
    messages.success(request, _("Votre actualisation est envoyée."))
    return ""


def _said(rubrics: list[Shown]) -> dict[str, str]:
    return {each.title: each.said for each in rubrics}


def _typed(request: FamilyRequest, each: Shown) -> Shown:
    """What was answered stays when the form comes back."""
    return Shown(each.code, each.title, each.rubric, each.body, each.said, request.POST.get(each.code, ""))


def _certified(request: FamilyRequest, year: SchoolYear) -> dict[str, object]:
    return {
        "year": year.label,
        "certification": last_certification(family=request.family, school_year=year.start),
        "may_edit": may(user=request.user, family=request.family, right=Right.EDIT),
    }
