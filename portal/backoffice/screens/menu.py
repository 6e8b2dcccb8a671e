"""The agents' menu: what comes first is opened most."""

from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.screens.activities import (
    ActivityAdmin,
    ActivityTypeAdmin,
    PlacePoolAdmin,
    ServiceAdmin,
    StructureAdmin,
    UnitAdmin,
)
from portal.backoffice.screens.calendar import ClosureAdmin, PublicHolidayAdmin, SchoolHolidayAdmin
from portal.backoffice.screens.families import AdultAdmin, ChildAdmin, FamilyAdmin, SchoolAdmin
from portal.backoffice.screens.records import (
    AuditEntryAdmin,
    BookingAdmin,
    EnrolmentAdmin,
    OutgoingMailAdmin,
    ReceiptAdmin,
)
from portal.backoffice.screens.tariffs import TariffAdmin, TariffVersionAdmin


class FamiliesGroup(ModelAdminGroup):
    menu_label = "Familles"
    menu_icon = "group"
    menu_order = 110
    items = (FamilyAdmin, ChildAdmin, AdultAdmin)


class BookingsGroup(ModelAdminGroup):
    menu_label = "Réservations"
    menu_icon = "tasks"
    menu_order = 120
    items = (EnrolmentAdmin, BookingAdmin, ReceiptAdmin)


class ActivitiesGroup(ModelAdminGroup):
    menu_label = "Activités"
    menu_icon = "calendar-alt"
    menu_order = 130
    items = (ActivityAdmin, UnitAdmin, PlacePoolAdmin, ActivityTypeAdmin, StructureAdmin, ServiceAdmin, SchoolAdmin)


class CalendarGroup(ModelAdminGroup):
    menu_label = "Calendrier"
    menu_icon = "date"
    menu_order = 140
    items = (ClosureAdmin, SchoolHolidayAdmin, PublicHolidayAdmin)


class TariffsGroup(ModelAdminGroup):
    menu_label = "Tarifs"
    menu_icon = "tag"
    menu_order = 150
    items = (TariffAdmin, TariffVersionAdmin)


class FollowUpGroup(ModelAdminGroup):
    menu_label = "Suivi"
    menu_icon = "history"
    menu_order = 160
    items = (OutgoingMailAdmin, AuditEntryAdmin)


GROUPS = (FamiliesGroup, BookingsGroup, ActivitiesGroup, CalendarGroup, TariffsGroup, FollowUpGroup)
