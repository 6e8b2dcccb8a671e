"""The terms of use, asked at the first sign-in and at each new version (A15, A16)."""

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.domain.accounts.queries import terms_to_accept
from portal.domain.accounts.services import accept_terms
from portal.web.accounts.forms import TermsForm, posted


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """The version in force with its box, then back to the page that was asked."""
    at = timezone.now()
    wanted = _wanted(request)
    version = terms_to_accept(user=request.user, at=at)
    if version is None:
        return redirect(wanted or "home:index")
    form = TermsForm(posted(request), initial={"version": version.number})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] == version.number:
            accept_terms(version=version, by=request.user, at=at)
            return redirect(wanted or "home:index")
        messages.warning(request, _("Les conditions générales viennent de changer\u00a0: voici le nouveau texte."))
        form = TermsForm(initial={"version": version.number})
    context = {"form": form, "terms": version, "next": wanted, "redirect_field_name": REDIRECT_FIELD_NAME}
    return render(request, "accounts/terms.html", context, status=422 if form.is_bound else 200)


def _wanted(request: HttpRequest) -> str:
    """The page that was asked, when it is one of this site."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A path and nothing else: a bare word would be taken for the name of a view.
    return wanted if safe and wanted.startswith("/") else ""
