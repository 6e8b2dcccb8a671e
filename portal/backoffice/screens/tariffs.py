"""Tariffs, their versions, and which tariff prices each unit."""

from typing import Any, cast

from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.guards import why_version_stays
from portal.backoffice.scoping import Within, today, town_wide
from portal.backoffice.screens.base import PortalButtons, PortalModelAdmin
from portal.backoffice.screens.forms import TariffVersionForm, UnitTariffForm
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.permissions import KeptPermissions
from portal.backoffice.screens.pricing import MembershipKindAdmin, ResidencePolicyAdmin
from portal.backoffice.screens.reading import column, detail, lines, table
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import full_date
from portal.domain.tariffs.engine import grid_on
from portal.domain.tariffs.engine.ranges import price_range
from portal.domain.tariffs.models import Tariff, TariffVersion, UnitTariff


def price_now(tariff: Tariff) -> str:
    """The price of the version valid today; the versions must be prefetched on a list."""
    today_ = paris_date(timezone.now())
    grid = grid_on([version.as_grid() for version in tariff.versions.all()], today_)
    return price_range(grid) if grid else "pas encore de prix"


def _links(agent: User) -> QuerySet[UnitTariff]:
    """The units that exist for this agent, with their tariffs."""
    links = UnitTariff.objects.filter(Within(structure="unit__activity__structure")(agent, today()))
    return links.select_related("unit__activity")


class GridButtons(PortalButtons):
    """Also the way to the grids of a tariff, or to that of a version."""

    def get_buttons_for_obj(self, obj: Model, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_buttons_for_obj(obj, *args, **kwargs)
        name, label = ("tariff_grids", "Grilles") if isinstance(obj, Tariff) else ("tariff_grid", "Grille")
        button = {
            "url": reverse(name, args=[obj.pk]),
            "label": label,
            "title": label,
            "classname": self.finalise_classname(["button-secondary"], []),
        }
        return [button, *found]


class TariffAdmin(PortalModelAdmin):
    model = Tariff
    button_helper_class = GridButtons
    menu_label = "Tarifs"
    menu_icon = "tag"
    base_url_path = "tarifs/tarifs"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "rate_label", "price_today", "unit_names")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_fields = ("name", "code", "rate_label", "price_today", "prices", "units")
    panels = (FieldPanel("name"), FieldPanel("code"), FieldPanel("rate_label"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tariff]:
        found: QuerySet[Tariff] = (
            super()
            .get_queryset(request)
            .prefetch_related("versions", Prefetch("unit_links", _links(cast(User, request.user))))
        )
        return found

    @column("prix aujourd’hui")
    def price_today(self, tariff: Tariff) -> str:
        """The price of the version valid today."""
        return price_now(tariff)

    @column("unités")
    def unit_names(self, tariff: Tariff) -> str:
        """What it prices."""
        return ", ".join(sorted(str(each.unit) for each in tariff.unit_links.all()))

    @detail("versions")
    def prices(self, tariff: Tariff, reader: User) -> str:
        """Each price, since when, decided by whom, and the way to the grids."""
        rows = table(
            ("À partir du", "Prix", "Délibération"),
            (
                (full_date(version.valid_from), price_range(version.as_grid()), version.deliberation)
                for version in tariff.versions.order_by("-valid_from")
            ),
        )
        link = '<p><a href="{}">Les grilles, version par version</a></p>'
        return rows + format_html(link, reverse("tariff_grids", args=[tariff.pk]))

    @detail("unités")
    def units(self, tariff: Tariff, reader: User) -> str:
        """What it prices, one under the other."""
        return lines(sorted(str(each.unit) for each in _links(reader).filter(tariff=tariff)))


class TariffVersionAdmin(PortalModelAdmin):
    model = TariffVersion
    button_helper_class = GridButtons
    menu_label = "Versions des tarifs"
    menu_icon = "date"
    base_url_path = "tarifs/versions"
    scoped_by = staticmethod(town_wide)
    list_display = ("tariff", "since", "price", "deliberation")
    list_filter = (("tariff", ByName),)
    list_select_related = ("tariff",)
    search_fields = ("tariff__name", "deliberation")
    ordering = ("tariff__name", "-valid_from")
    inspect_view_enabled = False
    form_class = TariffVersionForm
    panels = (
        FieldPanel("tariff"),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("unit_price")]),
        MultiFieldPanel([FieldPanel("deliberation"), FieldPanel("deliberation_url")], heading="Qui l’a décidé"),
    )

    def why_kept(self, version: TariffVersion) -> str:
        """A price at which somebody booked stays explained."""
        return why_version_stays(version)

    @column("à partir du", order="valid_from")
    def since(self, version: TariffVersion) -> str:
        """The first day of this price."""
        return full_date(version.valid_from)

    @column("prix", order="unit_price")
    def price(self, version: TariffVersion) -> str:
        """The amount in euros, or from which to which."""
        return price_range(version.as_grid())


class UnitTariffAdmin(PortalModelAdmin):
    """A unit always has its tariff: it is changed, not removed."""

    model = UnitTariff
    menu_label = "Tarifs des unités"
    menu_icon = "list-ul"
    base_url_path = "tarifs/unites"
    scoped_by = Within(structure="unit__activity__structure")
    list_display = ("unit", "tariff", "price_today")
    list_filter = (("unit__activity", ByName), ("tariff", ByName))
    list_select_related = ("unit__activity", "tariff")
    search_fields = ("unit__name", "unit__activity__name", "tariff__name")
    ordering = ("unit__activity__name", "unit__order")
    inspect_view_enabled = False
    permission_helper_class = KeptPermissions
    form_class = UnitTariffForm
    panels = (FieldPanel("unit"), FieldPanel("tariff"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnitTariff]:
        found: QuerySet[UnitTariff] = super().get_queryset(request).prefetch_related("tariff__versions")
        return found

    @column("prix aujourd’hui")
    def price_today(self, link: UnitTariff) -> str:
        """The price of one unit today."""
        return price_now(link.tariff)


class TariffsGroup(ModelAdminGroup):
    menu_label = "Tarifs"
    menu_icon = "tag"
    menu_order = 150
    items = (TariffAdmin, TariffVersionAdmin, UnitTariffAdmin, MembershipKindAdmin, ResidencePolicyAdmin)
