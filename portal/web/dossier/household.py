"""Who may do what in the household, what the other household sees, and which family one works in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.domain.families.access import NotAllowed, Right
from portal.domain.families.households import (
    RIGHTS,
    HouseholdRefused,
    may_manage_rights,
    set_member_rights,
    share_contact,
)
from portal.domain.families.models import Child, Family, FamilyMember
from portal.web.dossier.people import find_member
from portal.web.family import SESSION_KEY, FamilyRequest, family_required


class RightsForm(forms.Form):
    """What a member of the household may do."""

    can_see = forms.BooleanField(label=gettext_lazy("Consulter le dossier"), required=False)
    can_edit = forms.BooleanField(label=gettext_lazy("Modifier le dossier"), required=False)
    can_book = forms.BooleanField(label=gettext_lazy("Réserver et annuler des jours"), required=False)
    can_pay = forms.BooleanField(label=gettext_lazy("Voir et payer les factures"), required=False)
    is_notified = forms.BooleanField(label=gettext_lazy("Être prévenu de ce qui change"), required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def rights(request: FamilyRequest, adult_id: int) -> HttpResponse:
    """What another member of the household may do: decided by its holder."""
    member: FamilyMember = find_member(request, adult_id)
    if not may_manage_rights(user=request.user, family=request.family) or member.adult.user_id == request.user.pk:
        raise NotAllowed(Right.EDIT.value)
    form = RightsForm(request.POST or None, initial={name: getattr(member, name) for name in RIGHTS})
    if request.method == "POST":
        form = RightsForm(request.POST)
        form.is_valid()
        try:
            set_member_rights(
                family=request.family, member=member.pk, rights=form.cleaned_data, by=request.user, at=timezone.now()
            )
        except HouseholdRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("dossier:adult", adult_id)
    context = {
        "form": form,
        "member": member,
        "adult": member.adult,
        "back": reverse("dossier:adult", args=[adult_id]),
    }
    return render(request, "dossier/rights.html", context, status=422 if form.errors else 200)


@require_POST
@family_required
def share(request: FamilyRequest) -> HttpResponse:
    """Show our address and phones to the other household of our children, or hide them."""
    wanted = request.POST.get("partage") == "1"
    share_contact(family=request.family, shared=wanted, by=request.user, at=timezone.now())
    if wanted:
        messages.success(request, _("L’autre foyer voit maintenant votre adresse et vos téléphones."))
    else:
        messages.success(request, _("Votre adresse et vos téléphones sont cachés à l’autre foyer."))
    child = request.POST.get("enfant", "")
    if child.isdecimal() and Child.objects.visible_to(request.user).filter(pk=int(child)).exists():
        return redirect("dossier:child", int(child))
    return redirect("dossier:index")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def choose(request: FamilyRequest) -> HttpResponse:
    """Which family one works in, for somebody who belongs to several."""
    families = Family.objects.visible_to(request.user).order_by("name", "number").distinct()
    if request.method == "POST":
        wanted = request.POST.get("famille", "")
        found = families.filter(number=wanted).first()
        if found is None:
            raise Http404
        request.session[SESSION_KEY] = found.pk
        return redirect("home:index")
    context: dict[str, Any] = {"families": families, "current": request.family}
    return render(request, "dossier/choose.html", context)
