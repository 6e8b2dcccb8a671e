"""What editors find in the administration: their desk on the first page, the broken links among the reports."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms_pages.town.desk import EditorsDesk, writes_pages
from cms_pages.town.views import broken_links_report


class EditorsMenuItem(MenuItem):
    """Shown to whoever writes pages."""

    def is_shown(self, request: HttpRequest) -> bool:
        return writes_pages(request.user)


@hooks.register("register_admin_urls")
def report_urls() -> list[URLPattern]:
    """Under `/gestion/reports/`."""
    return [path("reports/liens-rompus/", broken_links_report, name="town_broken_links")]


@hooks.register("register_reports_menu_item")
def broken_links_item() -> MenuItem:
    """Beside Wagtail's own reports."""
    return EditorsMenuItem(
        "Liens rompus", reverse("town_broken_links"), name="broken-links", icon_name="link", order=650
    )


@hooks.register("construct_homepage_panels")
def editors_desk(request: HttpRequest, panels: list[Any]) -> None:
    """What waits for the editors, before everything else."""
    if writes_pages(request.user):
        panels.insert(0, EditorsDesk())
