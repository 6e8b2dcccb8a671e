"""Tariffs and their versions."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from portal.backoffice.screens.base import PortalModelAdmin, described
from portal.backoffice.screens.families import lines
from portal.backoffice.screens.forms import TariffVersionForm
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import amount, full_date
from portal.domain.tariffs.models import Tariff, TariffVersion


class TariffAdmin(PortalModelAdmin):
    model = Tariff
    menu_label = "Tarifs"
    menu_icon = "tag"
    list_display = ("name", "rate_label", "price_today", "units_named")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_fields = ["name", "code", "rate_label", "versions", "unit_links"]
    panels = [FieldPanel("name"), FieldPanel("code"), FieldPanel("rate_label")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tariff]:
        found: QuerySet[Tariff] = (
            super().get_queryset(request).prefetch_related("versions", "unit_links__unit__activity")
        )
        return found

    @described("prix aujourd’hui")
    def price_today(self, tariff: Tariff) -> str:
        """The price of the version valid today."""
        today = paris_date(timezone.now())
        valid = [version for version in tariff.versions.all() if version.valid_from <= today]
        return amount(max(valid, key=lambda version: version.valid_from).unit_price) if valid else "pas encore de prix"

    @described("unités")
    def units_named(self, tariff: Tariff) -> str:
        """What it prices."""
        return ", ".join(str(link.unit) for link in tariff.unit_links.all())

    @described("Versions")
    def show_versions(self, tariff: Tariff) -> str:
        """Each price, since when, decided by whom."""
        return lines(
            [
                f"{amount(version.unit_price)} à partir du {full_date(version.valid_from)}"
                + (f", {version.deliberation}" if version.deliberation else "")
                for version in tariff.versions.order_by("-valid_from")
            ]
        )

    @described("Unités")
    def show_unit_links(self, tariff: Tariff) -> str:
        """What it prices."""
        return self.units_named(tariff)


class TariffVersionAdmin(PortalModelAdmin):
    model = TariffVersion
    menu_label = "Versions des tarifs"
    menu_icon = "date"
    list_display = ("tariff", "since", "price", "deliberation")
    list_filter = ("tariff",)
    list_select_related = ("tariff",)
    ordering = ("tariff__name", "-valid_from")
    inspect_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("tariff"),
            FieldRowPanel([FieldPanel("valid_from"), FieldPanel("unit_price")]),
            MultiFieldPanel([FieldPanel("deliberation"), FieldPanel("deliberation_url")], heading="Qui l’a décidé"),
        ],
        base_form_class=TariffVersionForm,
    )

    @described("à partir du", order="valid_from")
    def since(self, version: TariffVersion) -> str:
        """The first day of this price."""
        return full_date(version.valid_from)

    @described("prix", order="unit_price")
    def price(self, version: TariffVersion) -> str:
        """The amount in euros."""
        return amount(version.unit_price)
