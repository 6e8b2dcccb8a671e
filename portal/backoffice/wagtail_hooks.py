"""What the portal adds to Wagtail's administration: its screens in the menu, and their layout."""

from typing import Any, cast

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, re_path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail_modeladmin.options import modeladmin_register

from portal.backoffice.desk import actions, family, queue
from portal.backoffice.screens import copying, counting, grids, journal_file, limits, reconciliation, ruling
from portal.backoffice.screens.absences import AbsencesGroup
from portal.backoffice.screens.activities import ActivitiesGroup
from portal.backoffice.screens.bookings import BookingsGroup
from portal.backoffice.screens.calendar import CalendarGroup
from portal.backoffice.screens.families import FamiliesGroup
from portal.backoffice.screens.journal import AuditEntryAdmin
from portal.backoffice.screens.late_requests import LateRuleAdmin
from portal.backoffice.screens.mails import OutgoingMailAdmin
from portal.backoffice.screens.tariffs import TariffsGroup
from portal.backoffice.screens.transport import BusLineAdmin
from portal.backoffice.screens.waiting import WaitingGroup
from portal.domain.accounts.models import User
from portal.domain.scope.services import may_limit
from portal.domain.setup.copying import PERMISSION

for screens in (
    FamiliesGroup,
    BookingsGroup,
    AbsencesGroup,
    WaitingGroup,
    LateRuleAdmin,
    ActivitiesGroup,
    CalendarGroup,
    TariffsGroup,
    BusLineAdmin,
    OutgoingMailAdmin,
    AuditEntryAdmin,
):
    modeladmin_register(screens)


@hooks.register("insert_global_admin_css")
def layout_of_screens() -> SafeString:
    """Lists and filters as they must stand in this version of the administration."""
    return format_html(
        '<link rel="stylesheet" href="{}"><noscript><link rel="stylesheet" href="{}"></noscript>',
        static("css/gestion.css"),
        static("css/gestion-sans-script.css"),
    )


@hooks.register("construct_help_menu")
def help_without_other_sites(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail's release notes and English guide are not help for a town's agents."""
    items[:] = [item for item in items if not str(item.url).startswith("http")]


@hooks.register("register_admin_urls")
def addresses_of_the_desk() -> list[URLPattern]:
    """Requests to treat, families found and read."""
    return [
        path("demandes/", queue.index, name="desk_queue"),
        path("demandes/preferences/", queue.preferences, name="desk_preferences"),
        path("demandes/<slug:source>/<int:key>/", queue.decide, name="desk_decide"),
        path("demandes/<slug:source>/<int:key>/fichiers/<uuid:file>/", queue.preview, name="desk_preview"),
        path(
            "demandes/<slug:source>/<int:key>/fichiers/<uuid:file>/page-<int:page>.png",
            queue.picture,
            name="desk_picture",
        ),
        path("journal/fichier/", journal_file.download, name="desk_journal_file"),
        path("familles/chercher/", family.search, name="desk_search"),
        re_path(r"^familles/(?P<number>[0-9]{3,6})/$", family.file, name="desk_family"),
        re_path(r"^familles/(?P<number>[0-9]{3,6})/agir/$", family.act, name="desk_act"),
        *actions.urls(),
        *limits.urls(),
        *counting.urls(),
        *ruling.urls(),
        *grids.urls(),
        *copying.urls(),
        *reconciliation.urls(),
    ]


class _QueueItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return any(request.user.has_perm(permission) for permission in queue.DESK)


class _SearchItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(family.READ))


@hooks.register("register_admin_menu_item")
def requests_to_treat() -> MenuItem:
    """« Demandes », for those who work with families."""
    return _QueueItem("Demandes", reverse("desk_queue"), name="demandes", icon_name="tasks", order=101)


class _CopyItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


@hooks.register("register_admin_menu_item")
def next_school_year() -> MenuItem:
    """« Année suivante », after the calendar."""
    return _CopyItem("Année suivante", reverse("activities_copy"), name="copier", icon_name="copy", order=141)


class _LimitsItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_limit(cast(User, request.user))


@hooks.register("register_admin_menu_item")
def limits_of_agents() -> MenuItem:
    """« Périmètre des agents », beside the journal, for the administration."""
    return _LimitsItem("Périmètre des agents", reverse("agent_limits"), name="perimetre", icon_name="group", order=865)


@hooks.register("register_admin_menu_item")
def family_search() -> MenuItem:
    """« Chercher une famille »."""
    return _SearchItem("Chercher une famille", reverse("desk_search"), name="chercher", icon_name="search", order=102)


hooks.register("register_admin_menu_item", reconciliation.menu_item)
hooks.register("construct_homepage_panels", reconciliation.greet)
