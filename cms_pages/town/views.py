"""The report of broken links."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from cms_pages.town.desk import writes_pages
from cms_pages.town.links import broken_links


@require_safe
def broken_links_report(request: HttpRequest) -> HttpResponse:
    """Every broken link of the pages on line, with the way to mend it."""
    if not writes_pages(request.user):
        raise PermissionDenied
    return TemplateResponse(
        request,
        "backoffice/town/broken_links.html",
        {"links": broken_links(), "outside": settings.CHECK_EXTERNAL_LINKS},
    )
