"""The photograph of a person: sent, taken away, and shown to those who may see the person."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.families.access import NotAllowed, Right
from portal.domain.families.models import Adult, Child
from portal.domain.families.photos import remove_photo, set_photo
from portal.domain.files.refusal import FileRefused
from portal.domain.files.sending import stored_answer
from portal.web.dossier.forms import PhotoForm
from portal.web.dossier.people import find_adult, find_child, shared
from portal.web.family import FamilyRequest, family_required


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def edit_adult(request: FamilyRequest, adult_id: int) -> HttpResponse:
    """Send or take away the photograph of an adult."""
    adult = find_adult(request, adult_id)
    if not shared(request).may_edit:
        raise NotAllowed(Right.EDIT.value)
    return _edit(request, adult, "adult")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def edit_child(request: FamilyRequest, child_id: int) -> HttpResponse:
    """Send or take away the photograph of a child."""
    child = find_child(request, child_id)
    if child.pk not in shared(request).editable_children:
        raise NotAllowed(Right.EDIT.value)
    return _edit(request, child, "child")


@require_safe
@family_required
def show_adult(request: FamilyRequest, adult_id: int) -> HttpResponse:
    """The picture of an adult of one's own household."""
    return _show(find_adult(request, adult_id))


@require_safe
@family_required
def show_child(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The picture of a child whom one may see."""
    return _show(find_child(request, child_id))


def _edit(request: FamilyRequest, person: Adult | Child, kind: str) -> HttpResponse:
    back = reverse(f"dossier:{kind}", args=[person.pk])
    if request.method == "POST" and "retirer" in request.POST:
        remove_photo(person=person, family=request.family, by=request.user, at=timezone.now())
        messages.success(request, _("La photo est retirée."))
        return redirect(back)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = PhotoForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                set_photo(
                    person=person,
                    family=request.family,
                    upload=form.cleaned_data["photo"],
                    by=request.user,
                    at=timezone.now(),
                )
            except FileRefused as refused:
                form.add_error("photo", refused.reason)
            else:
                messages.success(request, _("La photo est enregistrée."))
                return redirect(back)
    context = {"form": form, "person": person, "back": back, "picture": f"dossier:{kind}_picture"}
    return render(request, "dossier/photo.html", context, status=422 if form.errors else 200)


def _show(person: Adult | Child) -> HttpResponse:
    """The picture as we drew it."""
    if person.photo is None:
        raise Http404
    return stored_answer(person.photo, inline=True)
