"""Where each door hangs. Public pages are Wagtail's and come last."""

from django.conf import settings
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

handler400 = "portal.web.design.errors.bad_request"
handler403 = "portal.web.design.errors.permission_denied"
handler404 = "portal.web.design.errors.page_not_found"
handler500 = "portal.web.design.errors.server_error"

urlpatterns = [
    path("gestion/documents/", include(wagtaildocs_urls)),
    path("gestion/", include(wagtailadmin_urls)),
    path("compte/", include("portal.web.accounts.urls")),
    path("famille/", include("portal.web.home.urls")),
    path("famille/demarches/", include("portal.web.procedures.urls")),
    path("famille/inscriptions/", include("portal.web.enrolments.urls")),
    path("famille/planning/", include("portal.web.planning.urls")),
    path("famille/panier/", include("portal.web.basket.urls")),
    path("sante/", include("portal.web.health.urls")),
    path("", include("portal.web.design.urls")),
    path("", include("portal.web.outbox.urls")),
]

if settings.DEBUG:
    from django.conf.urls.static import static

    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

urlpatterns += [path("", include(wagtail_urls))]
