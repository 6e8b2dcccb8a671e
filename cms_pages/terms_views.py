"""The agents' screens of the terms of use: write, preview, confirm, publish."""

from datetime import UTC, datetime, time
from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateInput

from cms_pages import terms
from portal.domain.accounts.models import TermsVersion, User
from portal.domain.accounts.queries import latest_terms
from portal.domain.kernel.clock import at_paris, paris_date
from portal.domain.kernel.french import typography

WRITE, PUBLISH = "cms_pages.change_termsdraft", "cms_pages.publish_terms"

#: What somebody read who does not say which text they read.
NEVER = datetime.min.replace(tzinfo=UTC)


class DraftForm(forms.Form):
    title = forms.CharField(label="Titre", max_length=200)
    body = forms.CharField(
        label="Texte",
        widget=AdminAutoHeightTextInput,
        help_text="« ## Titre » ouvre un article, « - » une liste, deux étoiles autour d’un mot le font ressortir. "
        "Une ligne vide sépare deux paragraphes.",
    )


class PublishForm(forms.Form):
    in_force = forms.DateField(
        label="En vigueur à partir du",
        widget=AdminDateInput,
        help_text="Ce jour-là dès minuit, ou tout de suite si c’est aujourd’hui.",
    )
    read_at = forms.CharField(widget=forms.HiddenInput)
    understood = forms.BooleanField(
        label="J’ai relu le texte : il ne se modifiera plus et chaque compte devra l’accepter."
    )

    def clean_in_force(self) -> Any:
        """Not before today."""
        day = self.cleaned_data["in_force"]
        if day < paris_date(timezone.now()):
            raise forms.ValidationError("Choisissez aujourd’hui ou un jour qui vient.")
        return day


@permission_required(WRITE, raise_exception=True)
@require_http_methods(["GET", "HEAD"])
def index(request: HttpRequest) -> HttpResponse:
    """The versions, and what is being prepared."""
    at = timezone.now()
    latest = latest_terms(at=at)
    context = {
        "draft": terms.current_draft(),
        "latest": latest,
        "waiting": terms.accounts_waiting(latest) if latest else 0,
        "scheduled": terms.scheduled_version(at=at),
        "versions": TermsVersion.objects.filter(published_at__lte=at).defer("body").order_by("-number"),
        "may_publish": request.user.has_perm(PUBLISH),
    }
    return render(request, "backoffice/terms/index.html", context)


@permission_required(WRITE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """The text being prepared; a new one begins as the text in force."""
    draft = terms.current_draft()
    start = draft or latest_terms(at=timezone.now())
    initial = {"title": start.title, "body": start.body} if start else {"title": "Conditions générales d’utilisation"}
    form = DraftForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        terms.save_draft(**form.cleaned_data, by=_agent(request), at=timezone.now())
        messages.success(request, "Le projet est enregistré. Rien n’a changé pour les familles.")
        return redirect("terms_preview")
    return render(request, "backoffice/terms/edit.html", {"form": form, "draft": draft})


@permission_required(WRITE, raise_exception=True)
@require_http_methods(["GET", "HEAD"])
def preview(request: HttpRequest) -> HttpResponse:
    """The draft as families will read it."""
    draft = terms.current_draft()
    if draft is None:
        return redirect("terms_index")
    return render(
        request, "backoffice/terms/preview.html", {"draft": draft, "may_publish": request.user.has_perm(PUBLISH)}
    )


@permission_required(PUBLISH, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """Say how many accounts will be asked, then publish."""
    at = timezone.now()
    draft = terms.current_draft()
    if draft is None:
        messages.warning(request, "Il n’y a pas de projet à publier.")
        return redirect("terms_index")
    initial = {"in_force": paris_date(at), "read_at": draft.updated_at.isoformat()}
    form = PublishForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = terms.publish_terms(
                draft_key=draft.pk,
                read_at=_instant(form.cleaned_data["read_at"]) or NEVER,
                in_force=max(at, at_paris(form.cleaned_data["in_force"], time())),
                by=_agent(request),
                at=at,
            )
        except terms.TermsRefused as refused:
            messages.error(request, typography(str(refused)))
            return redirect("terms_preview")
        messages.success(request, f"La version {version.number} est publiée.")
        return redirect("terms_index")
    context = {"form": form, "draft": draft, "asked": terms.accounts_asked(), "latest": latest_terms(at=at)}
    return render(request, "backoffice/terms/publish.html", context)


@permission_required(PUBLISH, raise_exception=True)
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take back a version that is not in force yet."""
    try:
        terms.withdraw_terms(number=number, by=_agent(request), at=timezone.now())
    except terms.TermsRefused as refused:
        messages.error(request, typography(str(refused)))
    else:
        messages.success(request, f"La version {number} est retirée : son texte est redevenu un projet.")
    return redirect("terms_index")


def _instant(written: str) -> datetime | None:
    try:
        return parse_datetime(written)
    except ValueError:
        return None


def _agent(request: HttpRequest) -> User:
    """Who is at work: the permission was asked above."""
    return cast(User, request.user)
