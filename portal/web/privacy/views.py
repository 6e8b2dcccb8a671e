"""« Mes données »: what is kept and why, a copy as a file, asking for erasure, closing one's account."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.families.access import Right, may, require
from portal.domain.families.history import history_of, tell
from portal.domain.files.sending import private_answer
from portal.domain.privacy.enums import ErasureState, ExportState
from portal.domain.privacy.models import DataExport, ErasureRequest
from portal.domain.privacy.registry import personal_data
from portal.domain.privacy.retention import list_kept
from portal.domain.privacy.services import (
    NothingToTake,
    ask_export,
    close_account,
    plan_erasure,
    request_erasure,
    take_export,
)
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.privacy.forms import CloseForm, ErasureForm, PasswordForm
from portal.web.privacy.tasks import queue_export

HISTORY_PAGE = 30


@require_safe
@never_cache
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What is kept and for how long, the copy, the request in progress."""
    now = clock.now(request)
    copies = DataExport.objects.visible_to(request.user).filter(family_key=request.family.pk)
    waiting = copies.filter(state__in=[ExportState.ASKED, ExportState.READY], expires_at__gt=now).first()
    erasure = ErasureRequest.objects.filter(family_key=request.family.pk).order_by("-asked_at").first()
    context = {
        "parts": personal_data(),
        "kept": list_kept(),
        "copy": waiting,
        "erasure": erasure,
        "may_erase": may(user=request.user, family=request.family, right=Right.EDIT),
    }
    return render(request, "privacy/index.html", context)


@require_safe
@never_cache
@family_required
def history(request: FamilyRequest) -> HttpResponse:
    """Who did what in the dossier, the last first."""
    entries = history_of(request.family, user=request.user)
    page = Paginator(entries, HISTORY_PAGE).get_page(request.GET.get("page"))
    deeds = tell(list(page), family=request.family, user=request.user)
    return render(request, "privacy/history.html", {"page": page, "deeds": deeds})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def export(request: FamilyRequest) -> HttpResponse:
    """Ask for a copy; it is prepared in the background."""
    form = PasswordForm(_posted(request), request=request)
    if request.method == "POST" and form.is_valid():
        copy, is_new = ask_export(user=request.user, family=request.family.pk, at=timezone.now())
        if is_new:
            queue_export(copy.pk)
        messages.success(request, _("Votre copie se prépare. Elle apparaît sur cette page dès qu’elle est prête."))
        return redirect("privacy:index")
    status = 422 if request.method == "POST" else 200
    return render(request, "privacy/export.html", {"form": form}, status=status)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def download(request: FamilyRequest, key: UUID) -> HttpResponse:
    """Give the copy, once, against the password."""
    found = DataExport.objects.visible_to(request.user).filter(family_key=request.family.pk)
    copy = get_object_or_404(found, key=key)
    form = PasswordForm(_posted(request), request=request)
    if request.method == "POST" and form.is_valid():
        try:
            return private_answer(
                lambda: take_export(export=copy, by=request.user, at=timezone.now()),
                name="mes-donnees.zip",
                kind="application/zip",
            )
        except NothingToTake:
            form.add_error(None, _("Cette copie n’est plus disponible, ou a déjà été prise. Demandez-en une autre."))
    status = 422 if request.method == "POST" else 200
    return render(request, "privacy/download.html", {"form": form, "copy": copy}, status=status)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def erasure(request: FamilyRequest) -> HttpResponse:
    """Ask that the dossier be erased, after reading what goes and what stays."""
    require(user=request.user, family=request.family, right=Right.EDIT)
    now = clock.now(request)
    form = ErasureForm(_posted(request), request=request)
    if request.method == "POST" and form.is_valid():
        request_erasure(
            family=request.family.pk,
            number=request.family.number,
            words=form.cleaned_data["words"],
            by=request.user,
            at=now,
        )
        messages.success(request, _("Votre demande est enregistrée. Le service vous répond sous un mois au plus."))
        return redirect("privacy:index")
    context = {
        "form": form,
        "plan": plan_erasure(family=request.family.pk, at=now),
        "waiting": ErasureRequest.objects.filter(family_key=request.family.pk, state=ErasureState.ASKED).first(),
    }
    return render(request, "privacy/erasure.html", context, status=422 if request.method == "POST" else 200)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def close(request: FamilyRequest) -> HttpResponse:
    """Close one's own account; the dossier stays."""
    if request.user.is_staff or request.user.is_superuser:
        raise PermissionDenied
    form = CloseForm(_posted(request), request=request)
    if request.method == "POST" and form.is_valid():
        close_account(user=request.user, at=timezone.now())
        logout(request)
        return redirect("account_login")
    status = 422 if request.method == "POST" else 200
    return render(request, "privacy/close.html", {"form": form}, status=status)


def _posted(request: FamilyRequest) -> QueryDict | None:
    """What was sent, even when nothing was filled: an empty form is wrong, not new."""
    return request.POST if request.method == "POST" else None
