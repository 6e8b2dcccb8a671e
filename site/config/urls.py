"""Where each door hangs. Public pages are Wagtail's and come last."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

handler400 = "portal.web.design.errors.bad_request"
handler403 = "portal.web.design.errors.permission_denied"
handler404 = "portal.web.design.errors.page_not_found"
handler500 = "portal.web.design.errors.server_error"

#: One sign-in, with one throttle: Wagtail's two others lead to it.
sign_in = login_not_required(RedirectView.as_view(pattern_name="account_login", query_string=True))

urlpatterns = [
    path("gestion/login/", sign_in),
    path("_util/login/", sign_in),
    path("gestion/", include(wagtailadmin_urls)),
    path("compte/", include("portal.web.accounts.urls")),
    path("famille/", include("portal.web.home.urls")),
    path("compte/franceconnect/", include("portal.web.franceconnect.urls")),
    path("famille/dossier/", include("portal.web.dossier.urls")),
    path("famille/dossier/sante/", include("portal.web.health_sheet.urls")),
    path("famille/dossier/autorisations/", include("portal.web.consents.urls")),
    path("famille/dossier/contacts/", include("portal.web.contacts.urls")),
    path("famille/dossier/garde/", include("portal.web.custody.urls")),
    path("famille/dossier/quotient-familial/", include("portal.web.quotient.urls")),
    path("famille/dossier/documents/", include("portal.web.papers.urls")),
    path("famille/dossier/actualisation/", include("portal.web.yearly.urls")),
    path("famille/demarches/", include("portal.web.procedures.urls")),
    path("famille/notifications/", include("portal.web.notifications.urls")),
    path("famille/mes-donnees/", include("portal.web.privacy.urls")),
    path("au-nom-de/", include("portal.web.acting.urls")),
    path("famille/inscriptions/", include("portal.web.enrolments.urls")),
    path("famille/rentree/", include("portal.web.rentree.urls")),
    path("famille/formulaires/", include("cms_pages.surveys.urls")),
    path("famille/planning/", include("portal.web.planning.urls")),
    path("famille/absences/", include("portal.web.absences.urls")),
    path("famille/listes-d-attente/", include("portal.web.waiting.urls")),
    path("famille/demandes-au-service/", include("portal.web.late_requests.urls")),
    path("", include("portal.web.transport.urls")),
    path("", include("portal.web.feeds.urls")),
    path("famille/panier/", include("portal.web.basket.urls")),
    path("famille/actualites/", include("news.urls")),
    path("sante/", include("portal.web.health.urls")),
    path("recherche/", include("cms_pages.search_urls")),
    path("fichiers/", include(wagtaildocs_urls)),
    path("", include("documents.library.urls")),
    path("", include("documents.menus.urls")),
    path("", include("cms_pages.urls")),
    path("", include("portal.web.design.urls")),
    path("", include("portal.web.language.urls")),
    path("", include("portal.web.outbox.urls")),
]

urlpatterns += [path("", include(wagtail_urls))]
