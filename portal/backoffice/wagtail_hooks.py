"""What the portal adds to Wagtail's administration: its screens in the menu, and their layout."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail_modeladmin.options import modeladmin_register

from portal.backoffice.screens.activities import ActivitiesGroup
from portal.backoffice.screens.bookings import BookingsGroup
from portal.backoffice.screens.calendar import CalendarGroup
from portal.backoffice.screens.families import FamiliesGroup
from portal.backoffice.screens.journal import AuditEntryAdmin
from portal.backoffice.screens.mails import OutgoingMailAdmin
from portal.backoffice.screens.tariffs import TariffsGroup

for screens in (
    FamiliesGroup,
    BookingsGroup,
    ActivitiesGroup,
    CalendarGroup,
    TariffsGroup,
    OutgoingMailAdmin,
    AuditEntryAdmin,
):
    modeladmin_register(screens)


@hooks.register("insert_global_admin_css")
def layout_of_screens() -> SafeString:
    """Lists and filters as they must stand in this version of the administration."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/gestion.css"))


@hooks.register("construct_help_menu")
def help_without_other_sites(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail's release notes and English guide are not help for a town's agents."""
    items[:] = [item for item in items if not str(item.url).startswith("http")]
