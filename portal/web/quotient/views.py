"""The family's quotient: what holds, its history, a new declaration, the help that computes, its files."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.families.access import Right, may, require
from portal.domain.files.refusal import FileRefused
from portal.domain.files.sending import stored_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.quotients.fetching import api_offered
from portal.domain.quotients.formula import CAF, compute
from portal.domain.quotients.models import QuotientProof
from portal.domain.quotients.queries import list_quotients, load_policy, offered_definitions, quotient_on
from portal.domain.quotients.services import QuotientRefused, declare_quotient
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.franceconnect.adapter import is_configured
from portal.web.quotient.forms import HouseholdFields, declaration_form


@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What holds today, what waits, what was before, and the ways to give a new one."""
    today = paris_date(clock.now(request))
    history = list_quotients(request.family)
    editable = may(user=request.user, family=request.family, right=Right.EDIT)
    context = {
        "answer": quotient_on(request.family, today),
        "current": next((each for each in history if each.covers(today)), None),
        "waiting": next((each for each in history if each.state in {"sent", "asked"}), None),
        "refused": next((each for each in history[:1] if each.state == "refused"), None),
        "history": history,
        "definitions": offered_definitions() if editable else [],
        "editable": editable,
        "api": editable and api_offered(),
    }
    return render(request, "quotient/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def declare(request: FamilyRequest) -> HttpResponse:
    """Declare one kind of quotient (`?sorte=`, the town's first one by default), with its proofs."""
    require(user=request.user, family=request.family, right=Right.EDIT)
    offered = offered_definitions()
    wanted = request.GET.get("sorte", "")
    definition = next((each for each in offered if wanted in {each.code, ""}), None)
    if definition is None:
        raise Http404
    now = clock.now(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    policy = load_policy()
    form = declaration_form(definition, policy, paris_date(now), *sent)
    if request.method == "POST" and form.is_valid():
        try:
            declare_quotient(
                family=request.family,
                definition=definition,
                month=form.month,
                key=form.cleaned_data["key"],
                proofs=form.cleaned_data["proofs"],
                by=request.user,
                at=now,
                **form.answers,
            )
        except QuotientRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        except FileRefused as refused:
            form.add_error("proofs", refused.reason)
        else:
            messages.success(request, _("Votre quotient familial est envoyé. Le service le vérifie."))
            return redirect("quotient:index")
    context = {"form": form, "definition": definition, "api": api_offered()}
    return render(request, "quotient/declare.html", context, status=422 if form.errors else 200)


@require_safe
@family_required
def estimate(request: FamilyRequest) -> HttpResponse:
    """The CAF's computation, as a help: nothing is kept, and only the CAF's own value counts."""
    asked = "couple" in request.GET
    form = HouseholdFields(request.GET if asked else None, formula=CAF)
    result = compute(CAF, form.household) if asked and form.is_valid() else None
    context: dict[str, Any] = {"form": form, "result": result}
    return render(request, "quotient/estimate.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@family_required
def proof(request: FamilyRequest, proof_id: int) -> HttpResponse:
    """A file of the family's own declarations, as it was sent."""
    found = QuotientProof.objects.filter(quotient__family=request.family).select_related("file", "quotient")
    kept = get_object_or_404(found, pk=proof_id).file
    return stored_answer(kept)


def franceconnect_offered() -> bool:
    """Whether the quotient may be fetched through FranceConnect."""
    return is_configured() and api_offered()
