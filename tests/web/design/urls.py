"""The design system alone, with stand-ins for the views that its layout links to."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("rien")


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("panne")


@login_not_required
def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("adresse abîmée")


home = ([path("", nothing, name="index")], "home")
planning = ([path("", nothing, name="index")], "planning")
notifications = ([path("<int:pk>/", nothing, name="open")], "notifications")

handler400 = "portal.web.design.errors.bad_request"
handler403 = "portal.web.design.errors.permission_denied"
handler404 = "portal.web.design.errors.page_not_found"
handler500 = "portal.web.design.errors.server_error"

urlpatterns = [
    path("compte/connexion/", nothing, name="account_login"),
    path("compte/deconnexion/", nothing, name="account_logout"),
    path("famille/", include(home)),
    path("famille/planning/", include(planning)),
    path("famille/notifications/", include(notifications)),
    path("essai/panne/", broken),
    path("essai/refus/", refused),
    path("essai/suspect/", suspicious),
    path("sante/", nothing),
    path("", include("portal.web.design.urls")),
]
