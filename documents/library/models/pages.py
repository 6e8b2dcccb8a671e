"""The page of the library. Its listing and its document pages are made in `listing` and `views`."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.models import Page
from wagtail.search import index

from cms_pages.models import PortalPage
from documents.library.listing import listing_context
from documents.library.views import document_page


class DocumentsPage(RoutablePageMixin, PortalPage):
    """The list at `/documents/`, and one page for each document below it."""

    lead = models.TextField("chapeau", max_length=400, blank=True)

    max_count = 1
    parent_page_types = ["cms_pages.HomePage"]
    subpage_types: list[str] = []
    template = "library/documents_page.html"
    content_panels = [*Page.content_panels, FieldPanel("lead")]
    search_fields = [*Page.search_fields, index.SearchField("lead")]

    class Meta:
        verbose_name = "bibliothèque de documents"
        verbose_name_plural = "bibliothèques de documents"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What this visitor may read, as they filtered it."""
        context = super().get_context(request, *args, **kwargs)
        context.update(listing_context(request))
        return context

    @path("<slug:slug>/", name="document")
    def document(self, request: HttpRequest, slug: str) -> HttpResponse:
        """One document and its versions."""
        return document_page(request, self, slug)
