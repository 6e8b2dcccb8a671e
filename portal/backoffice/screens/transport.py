"""Bus lines, as agents set them up: what they serve and what families should know; stops have pages of their own."""

from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel

from portal.backoffice.scoping import is_limited, lines_within, may_change_line
from portal.backoffice.screens.audited import Refused
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.forms import AgentForm
from portal.backoffice.screens.reading import column
from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.kernel.french import date_range_year, typography
from portal.domain.transport.models import BusLine, LineUnit


class LineForm(AgentForm):
    """The units that the bus serves, as boxes."""

    served = forms.ModelMultipleChoiceField(
        Unit.objects.select_related("activity").order_by("-activity__starts_on", "activity__order", "order"),
        label="Ce qui se réserve pour prendre ce bus",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=typography(
            "Les jours, les délais, le prix et les places du bus sont ceux de ces unités. Une unité n’a qu’une "
            "ligne : pour deux lignes, créez deux unités qui s’excluent."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["served"]
        kept = list(LineUnit.objects.filter(line=self.instance.pk).values_list("unit", flat=True))
        # A meal is no bus: what another line serves, or what nobody would look for here, is left out of the boxes.
        others = LineUnit.objects.exclude(line=self.instance.pk).values("unit")
        field.queryset = field.queryset.exclude(pk__in=others)
        field.initial = kept


class BusLineAdmin(PortalModelAdmin):
    model = BusLine
    scoped_by = staticmethod(lines_within)
    menu_label = "Lignes de bus"
    menu_icon = "site"
    menu_order = 131
    base_url_path = "bus/lignes"
    add_to_settings_menu = False
    list_display = ("name", "destination", "period", "stops")
    search_fields = ("name", "code", "destination")
    ordering = ("order", "name")
    inspect_view_enabled = False
    form_class = LineForm
    panels = (
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldRowPanel([FieldPanel("code"), FieldPanel("order")]),
                FieldPanel("destination"),
                FieldPanel("notes"),
            ],
            heading="La ligne",
        ),
        MultiFieldPanel([FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")])], heading="Quand"),
        MultiFieldPanel([FieldPanel("served")], heading="Réserver"),
        HelpPanel(
            "<p>Les arrêts et leurs heures se changent sur « Lignes et arrêts », qui prévient les familles.</p>"
        ),
    )

    def may_create(self, agent: User) -> bool:
        """A new line would be outside the limits of who made it."""
        return not is_limited(agent)

    def may_change(self, agent: User, line: BusLine) -> bool:
        """Their own, when no other place shares the bus."""
        return may_change_line(agent, line.pk)

    def more_values(self, line: BusLine) -> dict[str, Any]:
        """What it serves is kept in another table."""
        units = LineUnit.objects.filter(line=line).select_related("unit__activity").order_by("pk")
        return {"units": [str(each.unit) for each in units]}

    def store(self, form: Any, *, by: User, at: datetime) -> BusLine:
        """A unit that another line took meanwhile is refused beside its boxes."""
        line: BusLine = form.save()
        wanted = set(form.cleaned_data.get("served", ()))
        if LineUnit.objects.exclude(line=line).filter(unit__in=wanted).exists():
            raise Refused("served", "Une de ces unités a déjà une autre ligne.")
        LineUnit.objects.filter(line=line).exclude(unit__in=wanted).delete()
        known = set(LineUnit.objects.filter(line=line).values_list("unit", flat=True))
        LineUnit.objects.bulk_create(LineUnit(line=line, unit=unit) for unit in wanted if unit.pk not in known)
        return line

    @column("circule", order="starts_on")
    def period(self, line: BusLine) -> str:
        """Its dates, in words."""
        if line.starts_on is None or line.ends_on is None:
            return "toute l’année" if line.starts_on is None and line.ends_on is None else "selon ses dates"
        return date_range_year(line.starts_on, line.ends_on)

    @column("arrêts")
    def stops(self, line: BusLine) -> str:
        """How many, with the way to them."""
        return format_html('<a href="{}">{}</a>', reverse("desk_bus_lines"), line.stops.count())
