"""The menus in the administration: their entry, their addresses, the reminder on its home page."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail_modeladmin.options import modeladmin_register

from documents.menus.desk import imports, views
from documents.menus.desk.sites import MenuSiteAdmin
from portal.domain.kernel.clock import paris_date

modeladmin_register(MenuSiteAdmin)


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    """Under /gestion/menus/."""
    return [
        path("menus/", views.index, name="menus_desk"),
        path("menus/importer/", imports.import_menus, name="menus_import"),
        path("menus/cycle/", views.copy_cycle, name="menus_cycle"),
        path("menus/<slug:site>/<str:week>/", views.grid, name="menus_grid"),
        path("menus/<slug:site>/<str:week>/reprendre/", views.copy_here, name="menus_copy"),
    ]


class _MenusItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(views.PERMISSION))


@hooks.register("register_admin_menu_item")
def entry() -> MenuItem:
    """« Menus », for those who write them."""
    return _MenusItem("Menus", reverse("menus_desk"), name="menus", icon_name="list-ul", order=105)


class MissingMenusPanel(Component):
    """What is late, on the home page of the administration."""

    template_name = "menus/desk/panel.html"
    order = 90

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"reminders": views.reminders(paris_date(timezone.now()))}


@hooks.register("construct_homepage_panels")
def reminder(request: HttpRequest, panels: list[Any]) -> None:
    """For those who write menus only."""
    if request.user.has_perm(views.PERMISSION):
        panels.append(MissingMenusPanel())
