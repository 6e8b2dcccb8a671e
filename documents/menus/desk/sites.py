"""The places that publish menus."""

from typing import Any

from django.forms import CheckboxSelectMultiple, MultipleChoiceField, TypedMultipleChoiceField
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from documents.menus.enums import Course
from documents.menus.models.menu import MenuSite
from portal.backoffice.scoping import public_content
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.forms import AgentForm
from portal.domain.kernel import french


class MenuSiteForm(AgentForm):
    """Days and courses as boxes to tick."""

    weekdays = TypedMultipleChoiceField(
        label="Jours servis",
        coerce=int,
        choices=[(number, french.weekday_name(number)) for number in range(1, 8)],
        widget=CheckboxSelectMultiple,
    )
    courses = MultipleChoiceField(label="Composantes", choices=Course.choices, widget=CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk and "code" in self.fields:
            self.fields["weekdays"].initial = [1, 2, 4, 5]
            self.fields["courses"].initial = [course for course in Course.values if course != Course.SNACK]


class MenuSiteAdmin(PortalModelAdmin):
    scoped_by = staticmethod(public_content)
    model = MenuSite
    menu_label = "Lieux de repas"
    menu_icon = "site"
    menu_order = 106
    add_to_admin_menu = False  # reached from the weeks
    base_url_path = "lieux-de-repas"
    list_display = ("name", "kind", "code", "order")
    search_fields = ("name", "code")
    ordering = ("order", "name")
    form_class = MenuSiteForm
    panels = (
        FieldRowPanel([FieldPanel("name"), FieldPanel("short_name")]),
        FieldRowPanel([FieldPanel("code"), FieldPanel("kind"), FieldPanel("order")]),
        FieldPanel("structures", widget=CheckboxSelectMultiple),
        FieldPanel("weekdays"),
        FieldPanel("service_days"),
        FieldPanel("courses"),
        FieldPanel("intro"),
        FieldPanel("producer"),
    )
