"""The health page of a child: read, filled section by section, certified or confirmed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.health.access import children_of
from portal.domain.health.enums import Section
from portal.domain.health.models import HealthReading
from portal.domain.health.queries import ChildCare, health_settings
from portal.domain.health.rules import CERTIFICATION_TEXT, SheetState
from portal.domain.health.services import (
    SheetRefused,
    VaccinesRefused,
    confirm_health_sheet,
    copy_doctor,
    fill_health_sheet,
    record_vaccines,
    save_health_section,
)
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.health_sheet.forms import CertifyForm, VaccinesForm, section_form
from portal.web.health_sheet.presenting import badge_of, documents_of, sections_of
from portal.web.health_sheet.reaching import care, reach

READINGS_SHOWN = 10


@never_cache
@require_safe
@family_required
def detail(request: FamilyRequest, child_id: int) -> HttpResponse:
    """What is known, what is missing, who read it."""
    return _page(request, care(request, child_id, clock.now(request)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def fill(request: FamilyRequest, child_id: int, section: str) -> HttpResponse:
    """One section: what is typed is kept at once in the draft, then the next section comes."""
    now = clock.now(request)
    known = care(request, child_id, now)
    if section not in known.asked or section not in Section.values:
        raise Http404
    chosen = Section(section)
    form = section_form(
        chosen,
        content=known.begun,
        diets=health_settings().diets,
        data=request.POST if request.method == "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        save_health_section(
            family=request.family,
            child=known.child,
            section=chosen,
            values=form.cleaned_data,
            by=request.user,
            at=now,
        )
        return (
            redirect(_next(known, chosen, child_id))
            if "suite" in request.POST
            else redirect("health_sheet:detail", child_id)
        )
    asked = [each for each in Section if each.value in known.asked]
    context = {
        "child": known.child,
        "year": known.year.label,
        "form": form,
        "section": chosen,
        "asked": asked,
        "labels": [str(each.label) for each in asked] + [_("Certifier")],
        "number": asked.index(chosen) + 1,
        "last": known.last,
    }
    return render(request, "health_sheet/fill.html", context, status=422 if form.errors else 200)


def _next(known: ChildCare, section: Section, child_id: int) -> Any:
    asked = [each for each in Section if each.value in known.asked]
    place = asked.index(section) + 1
    if place < len(asked):
        return reverse("health_sheet:fill", args=(child_id, asked[place].value))
    return reverse("health_sheet:certify", args=(child_id,))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def certify(request: FamilyRequest, child_id: int) -> HttpResponse:
    """Read again, then certify what was written."""
    now = clock.now(request)
    known = care(request, child_id, now)
    form = CertifyForm(request.POST if request.method == "POST" else None, words=CERTIFICATION_TEXT)
    if request.method == "POST" and form.is_valid():
        try:
            fill_health_sheet(family=request.family, child=known.child, by=request.user, at=now)
        except SheetRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("La fiche sanitaire est enregistrée."))
            return redirect("health_sheet:detail", child_id)
    context = {
        "child": known.child,
        "year": known.year.label,
        "form": form,
        "sections": sections_of(known, known.begun),
        "missing": [Section(code) for code in known.to_answer],
        "labels": [str(each.label) for each in Section if each.value in known.asked] + [_("Certifier")],
        "number": len(known.asked) + 1,
        "last": known.last,
    }
    return render(request, "health_sheet/certify.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@family_required
def confirm(request: FamilyRequest, child_id: int) -> HttpResponse:
    """« Rien n’a changé »."""
    now = clock.now(request)
    form = CertifyForm(request.POST, words=CERTIFICATION_TEXT)
    if form.is_valid():
        try:
            confirm_health_sheet(family=request.family, child=reach(request, child_id), by=request.user, at=now)
        except SheetRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("La fiche sanitaire est confirmée pour cette année scolaire."))
            return redirect("health_sheet:detail", child_id)
    return _page(request, care(request, child_id, now), form=form, status=422)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def vaccines(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The dates of the compulsory vaccines."""
    now = clock.now(request)
    known = care(request, child_id, now)
    form = VaccinesForm(request.POST if request.method == "POST" else None, lines=known.vaccines)
    if request.method == "POST" and form.is_valid():
        try:
            record_vaccines(family=request.family, child=known.child, doses=form.doses(), by=request.user, at=now)
        except VaccinesRefused as refused:
            form.add_error(f"dates_{refused.vaccine}", str(refused))
        else:
            messages.success(request, _("Les vaccins sont enregistrés."))
            return redirect("health_sheet:detail", child_id)
    return render(
        request,
        "health_sheet/vaccines.html",
        {"child": known.child, "form": form},
        status=422 if form.errors else 200,
    )


@never_cache
@require_POST
@family_required
def doctor_for_all(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The same doctor for the other children."""
    child = reach(request, child_id)
    others = list(children_of(user=request.user, family=request.family).exclude(pk=child.pk))
    try:
        count = copy_doctor(family=request.family, child=child, to=others, by=request.user, at=timezone.now())
    except SheetRefused as refused:
        messages.error(request, str(refused))
    else:
        names = ", ".join(other.first_name for other in others)
        if count:
            messages.success(
                request, _("Médecin copié pour %(names)s\u00a0: leur fiche reste à certifier.") % {"names": names}
            )
    return redirect("health_sheet:detail", child_id)


def _page(
    request: FamilyRequest, known: ChildCare, *, form: CertifyForm | None = None, status: int = 200
) -> HttpResponse:
    readings = HealthReading.objects.filter(child=known.child).select_related("agent").order_by("-at", "-pk")
    word, kind = badge_of(known.state)
    others = list(children_of(user=request.user, family=request.family).exclude(pk=known.child.pk))
    context = {
        "child": known.child,
        "care": known,
        "state": known.state.value,
        "badge": word,
        "badge_kind": kind,
        "sections": sections_of(known, known.begun),
        "first": next((code for code in known.to_answer), "doctor"),
        "documents": documents_of(known),
        "readings": readings[:READINGS_SHOWN],
        "form": form or CertifyForm(words=CERTIFICATION_TEXT),
        "others": [other.first_name for other in others] if known.begun.doctor_name else [],
        "may_confirm": known.state in {SheetState.TO_CONFIRM, SheetState.STARTED} and known.last is not None,
    }
    return render(request, "health_sheet/detail.html", context, status=status)
