"""What the portal adds to Wagtail's administration: its screens in the menu, and one sign-in page."""

from django.urls import URLPattern, path, re_path, reverse_lazy
from django.views.generic import RedirectView
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


@hooks.register("register_admin_urls")
def one_sign_in_page() -> list[URLPattern]:
    """Wagtail's own pages to sign in and to reset a password count no attempts: they lead to the portal's.

    Addresses registered here come before Wagtail's and ask for an agent: a stranger is sent to `LOGIN_URL`.
    """
    home = RedirectView.as_view(url=reverse_lazy("wagtailadmin_home"))
    return [path("login/", home), re_path("^password_reset/.*$", home)]
