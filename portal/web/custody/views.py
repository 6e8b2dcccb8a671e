"""Who has the child: the calendar, the proposal and its answer, days agreed otherwise, the judgement."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.custody.models import Custody, CustodyException
from portal.domain.custody.queries import custody_of, households_of, proposal_for
from portal.domain.custody.services import (
    CustodyRefused,
    add_exception,
    agree_to_custody,
    contest_custody,
    may_read_judgement,
    propose_custody,
    remove_exception,
    withdraw_custody,
)
from portal.domain.families.access import NotAllowed, Right, children_with
from portal.domain.families.models import Child
from portal.domain.files.refusal import FileRefused
from portal.domain.files.sending import stored_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.web import clock
from portal.web.custody.forms import AnswerForm, DaysForm, ProposalForm
from portal.web.custody.months import months_of
from portal.web.family import FamilyRequest, family_required


@never_cache
@require_safe
@family_required
def detail(request: FamilyRequest, child_id: int) -> HttpResponse:
    """A month of the calendar, and what waits for an answer; `?mois=2026-12`."""
    return _page(request, _reach(request, child_id))


@never_cache
@require_safe
@family_required
def year(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The twelve months of a school year, to print."""
    child = _reach(request, child_id)
    custody = custody_of(child)
    if custody is None:
        raise Http404
    today = paris_date(clock.now(request))
    school_year = SchoolYear.of(today)
    months = months_of(custody, family=request.family, first=school_year.first_day, count=12, today=today)
    return render(
        request, "custody/year.html", {"child": child, "months": months, "year": school_year.label, "custody": custody}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def propose(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The form of an arrangement."""
    child = _reach(request, child_id)
    form = ProposalForm(request.POST, request.FILES) if request.method == "POST" else ProposalForm()
    if request.method == "POST" and form.is_valid():
        try:
            propose_custody(
                family=request.family,
                child=child,
                plan=form.plan(),
                judgement=form.cleaned_data["judgement"],
                by=request.user,
                at=timezone.now(),
            )
        except FileRefused as refused:
            form.add_error("judgement", str(refused))
        except CustodyRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Votre proposition est envoyée à l’autre foyer."))
            return redirect("custody:detail", child_id)
    context = {"child": child, "form": form}
    return render(request, "custody/propose.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@family_required
def answer(request: FamilyRequest, child_id: int) -> HttpResponse:
    """Agree, or contest with words."""
    child = _reach(request, child_id)
    form = AnswerForm(request.POST)
    custody = proposal_for(child)
    if custody is None:
        messages.info(request, _("Cette proposition a déjà sa réponse."))
        return redirect("custody:detail", child_id)
    if not form.is_valid():
        return _page(request, child, answering=form, status=422)
    try:
        if "accepter" in request.POST:
            agree_to_custody(family=request.family, custody=custody, by=request.user, at=timezone.now())
            messages.success(request, _("L’organisation est en vigueur."))
        else:
            contest_custody(
                family=request.family,
                custody=custody,
                words=form.cleaned_data["words"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("Votre désaccord est noté. Le service vous contactera."))
    except CustodyRefused as refused:
        messages.info(request, str(refused))
    return redirect("custody:detail", child_id)


@never_cache
@require_POST
@family_required
def withdraw(request: FamilyRequest, child_id: int) -> HttpResponse:
    """Take one's proposal back."""
    child = _reach(request, child_id)
    custody = proposal_for(child)
    if custody is not None:
        withdraw_custody(family=request.family, custody=custody, by=request.user, at=timezone.now())
        messages.success(request, _("Votre proposition est retirée."))
    return redirect("custody:detail", child_id)


@never_cache
@require_POST
@family_required
def note_days(request: FamilyRequest, child_id: int) -> HttpResponse:
    """Note days agreed otherwise."""
    child = _reach(request, child_id)
    form = DaysForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            add_exception(
                family=request.family,
                child=child,
                starts_on=data["starts_on"],
                ends_on=data["ends_on"],
                mine=data["where"] == "ici",
                by=request.user,
                at=timezone.now(),
            )
        except CustodyRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Ces jours sont notés, l’autre parent est prévenu."))
            return redirect("custody:detail", child_id)
    return _page(request, child, days=form, status=422)


@never_cache
@require_POST
@family_required
def take_back(request: FamilyRequest, child_id: int, exception_id: int) -> HttpResponse:
    """Take noted days back."""
    child = _reach(request, child_id)
    exception = get_object_or_404(
        CustodyException.objects.select_related("custody__child", "custody__household_a", "custody__household_b"),
        pk=exception_id,
        custody__child=child,
    )
    remove_exception(family=request.family, exception=exception, by=request.user, at=timezone.now())
    messages.success(request, _("Ces jours suivent de nouveau le rythme habituel."))
    return redirect("custody:detail", child_id)


@never_cache
@require_safe
@family_required
def judgement(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The document of the arrangement, for the household that sent it, and the other one if it is shared."""
    child = _reach(request, child_id)
    wanted = request.GET.get("proposition")
    custody = proposal_for(child) if wanted else custody_of(child)
    if custody is None or custody.judgement is None or not may_read_judgement(custody=custody, family=request.family):
        raise Http404
    return stored_answer(custody.judgement, inline=True)


def _reach(request: FamilyRequest, child_id: int) -> Child:
    """A child whose dossier this person edits; 404 for a stranger, refusal for a relative."""
    child = children_with(user=request.user, family=request.family, right=Right.EDIT).filter(pk=child_id).first()
    if child is not None:
        return child
    if children_with(user=request.user, family=request.family, right=Right.SEE).filter(pk=child_id).exists():
        raise NotAllowed(Right.EDIT.value)
    raise Http404


def _asked_month(request: FamilyRequest, today: date) -> date:
    try:
        return date.fromisoformat(f"{request.GET.get('mois', '')}-01")
    except ValueError:
        return today.replace(day=1)


def _page(
    request: FamilyRequest,
    child: Child,
    *,
    days: DaysForm | None = None,
    answering: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = paris_date(clock.now(request))
    custody, proposal = custody_of(child), proposal_for(child)
    month = None
    if custody is not None:
        asked = _asked_month(request, today)
        month = months_of(custody, family=request.family, first=asked, count=1, today=today)[0]
    context: dict[str, Any] = {
        "child": child,
        "custody": custody,
        "proposal": proposal,
        "mine": proposal is not None and proposal.household_a_id == request.family.pk,
        "month": month,
        "shared": len(households_of(child)) == 2,
        "exceptions": _coming(custody, today, request),
        "days": days or DaysForm(),
        "answering": answering or AnswerForm(),
        "form": days or answering,
        "reads": custody is not None and may_read_judgement(custody=custody, family=request.family),
        "reads_proposal": proposal is not None and may_read_judgement(custody=proposal, family=request.family),
    }
    return render(request, "custody/detail.html", context, status=status)


def _coming(custody: Custody | None, today: date, request: FamilyRequest) -> list[tuple[CustodyException, bool]]:
    """Exceptions still to live, and whether the child is then at the household that looks."""
    if custody is None:
        return []
    mine = "a" if custody.household_a_id == request.family.pk else "b"
    coming = custody.exceptions.filter(ends_on__gte=today).select_related("author").order_by("starts_on", "pk")
    return [(exception, exception.side == mine) for exception in coming]
