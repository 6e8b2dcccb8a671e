"""The page of the menus: this week at the first site, then a page per site and per week."""

from datetime import date
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path, re_path
from wagtail.models import Page
from wagtail.search import index

from cms_pages.models import PortalPage
from documents.menus import queries
from documents.menus.week_page import AVOIDED, avoided_from, site_named, week_context
from documents.menus.weeks import week_from_code, week_to_show, within_reach
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.clock import paris_date
from portal.web.identity import current_identity


class MenusPage(RoutablePageMixin, PortalPage):
    """The menus of every site. What is served is entered in « Menus », not here."""

    lead = models.TextField("chapeau", max_length=400, blank=True)

    max_count = 1
    parent_page_types = ["cms_pages.HomePage"]
    subpage_types: list[str] = []
    template = "menus/menus_page.html"
    content_panels = [*Page.content_panels, FieldPanel("lead")]
    search_fields = [*Page.search_fields, index.SearchField("lead")]

    class Meta:
        verbose_name = "page des menus"
        verbose_name_plural = "pages des menus"

    @path("")
    def this_week(self, request: HttpRequest) -> HttpResponse:
        """This week at the first site."""
        return self._site(request, None)

    @path("<slug:code>/", name="site")
    def of_site(self, request: HttpRequest, code: str) -> HttpResponse:
        """This week at a site."""
        return self._site(request, code)

    @re_path(r"^(?P<code>[-\w]+)/(?P<week>\d{4}-S\d{2})/$", name="week")
    def of_week(self, request: HttpRequest, code: str, week: str) -> HttpResponse:
        """One week at a site; a week that does not exist, or too far, is not found."""
        found = week_from_code(week)
        if found is None or not within_reach(found, _today()):
            raise Http404
        return self._site(request, code, found)

    def _site(self, request: HttpRequest, code: str | None, week: Week | None = None) -> HttpResponse:
        today, sites = _today(), queries.sites()
        site = site_named(sites, code)
        if site is None:
            if code is not None:
                raise Http404
            return self.render(request, context_overrides={"heading": self.title, "place": None})
        avoided = avoided_from(request.GET.getlist(AVOIDED))
        context: dict[str, Any] = week_context(
            base=self.get_url(request) or "/",
            sites=sites,
            site=site,
            week=week or week_to_show(site, today),
            today=today,
            avoided=avoided,
        )
        # One address per week: « this week » and filters are other ways to the same page.
        context["canonical"] = f"{self.get_full_url(request)}{site.code}/{context['week_code']}/"
        context["scdl"] = bool(current_identity(request).legal.siret)
        response: HttpResponse = self.render(request, context_overrides=context)
        if avoided:
            # What somebody cannot eat is nobody's business: kept by no cache, here or on the way.
            response["Cache-Control"] = "private, no-store"
        return response


def _today() -> date:
    return paris_date(timezone.now())
