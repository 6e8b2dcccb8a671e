"""The documents of a child's health: sent, taken back, read."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.files.checks import FileType
from portal.domain.files.refusal import FileRefused
from portal.domain.files.sending import private_answer
from portal.domain.health.access import acts_for
from portal.domain.health.documents import Validity, open_page
from portal.domain.health.enums import DocumentKind, ReadingScreen
from portal.domain.health.models import HealthDocument, HealthFile
from portal.domain.health.services import attach_health_document, read_document, remove_health_document
from portal.web.family import FamilyRequest, family_required
from portal.web.health_sheet.forms import CarePlanForm, DocumentForm
from portal.web.health_sheet.reaching import reach


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def send(request: FamilyRequest, child_id: int, kind: str) -> HttpResponse:
    """The form of one kind of document, and its sending."""
    child = reach(request, child_id)
    if kind not in DocumentKind.values:
        raise Http404
    chosen = DocumentKind(kind)
    form_class = CarePlanForm if chosen == DocumentKind.CARE_PLAN else DocumentForm
    form = form_class(request.POST, request.FILES) if request.method == "POST" else form_class()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        validity = Validity(data.get("valid_from"), data.get("valid_until"), bool(data.get("meal_brought")))
        try:
            attach_health_document(
                family=request.family,
                child=child,
                kind=chosen,
                uploads=data["files"],
                validity=validity,
                by=request.user,
                at=timezone.now(),
            )
        except FileRefused as refused:
            form.add_error("files", str(refused))
        else:
            messages.success(request, _("Le document est envoyé. Le service vous répond après l’avoir lu."))
            return redirect("health_sheet:detail", child_id)
    here = HealthDocument.objects.filter(child=child, kind=kind, removed_at=None).exists()
    context = {"child": child, "form": form, "label": chosen.label, "replaces": here}
    return render(request, "health_sheet/send.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@family_required
def remove(request: FamilyRequest, child_id: int, document_id: int) -> HttpResponse:
    """Take a document back: its pages are erased."""
    child = reach(request, child_id)
    document = get_object_or_404(HealthDocument, pk=document_id, child=child)
    remove_health_document(family=request.family, document=document, by=request.user, at=timezone.now())
    messages.success(request, _("Le document est retiré et effacé."))
    return redirect("health_sheet:detail", child_id)


@never_cache
@require_safe
@family_required
def page(request: FamilyRequest, child_id: int, page_id: int) -> HttpResponse:
    """A page of a document, as it was sent."""
    child = reach(request, child_id)
    found = get_object_or_404(
        HealthFile.objects.select_related("file", "document__child"), pk=page_id, document__child=child
    )

    def content() -> bytes:
        if acts_for(user=request.user, family=request.family):
            return read_document(page=found, screen=ReadingScreen.ACTING, by=request.user, at=timezone.now())
        return open_page(found)

    return private_answer(content, name=found.file.name, kind=FileType(found.file.kind), inline=True)
