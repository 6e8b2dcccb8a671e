"""What prices ask of families, as agents set it up: where one counts as living, what one may join."""

from typing import Any

from django import forms
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel

from portal.backoffice.scoping import town_wide
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.forms import AgentForm
from portal.backoffice.screens.permissions import SingleRowPermissions
from portal.backoffice.screens.reading import column
from portal.domain.families.rules import fold
from portal.domain.pricing.enums import Validity
from portal.domain.pricing.models import MembershipKind, ResidencePolicy


def _towns(label: str, help_text: str, *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 5})
    return forms.CharField(label=label, required=required, widget=widget, help_text=help_text)


class ResidenceForm(AgentForm):
    """Names of towns, one a line."""

    towns = _towns("Commune", "Un nom par ligne, seul ou après son code postal. Vide : tout le monde y habite.")
    area = _towns("Intercommunalité", "Les autres communes, de la même façon.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("towns", "area"):
            self.initial[name] = "\n".join(getattr(self.instance, name))

    def clean_towns(self) -> list[str]:
        return self._lines("towns")

    def clean_area(self) -> list[str]:
        return self._lines("area")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        here = {fold(name) for name in data.get("towns", ())}
        twice = [name for name in data.get("area", ()) if fold(name) in here]
        if twice:
            self.add_error("area", f"« {twice[0]} » est déjà dans la commune.")
        if data.get("area") and not here:
            self.add_error("towns", "Donnez le nom de la commune : sans lui, tout le monde y habite.")
        return data

    def _lines(self, name: str) -> list[str]:
        found = [" ".join(line.split()) for line in self.cleaned_data[name].splitlines()]
        if any(len(line) > 100 for line in found):
            raise forms.ValidationError("Un nom fait 100 caractères au plus.")
        return [line for line in found if line]


class ResidencePolicyAdmin(PortalModelAdmin):
    model = ResidencePolicy
    menu_label = "Résidence"
    menu_icon = "home"
    base_url_path = "tarifs/residence"
    scoped_by = staticmethod(town_wide)
    list_display = ("in_town", "in_area")
    inspect_view_enabled = False
    permission_helper_class = SingleRowPermissions
    form_class = ResidenceForm
    panels = (
        FieldPanel("towns"),
        FieldPanel("area"),
        HelpPanel("<p>Les jours réservés gardent leur prix. Une famille peut compter autrement : son dossier.</p>"),
    )

    @column("commune")
    def in_town(self, policy: ResidencePolicy) -> str:
        """The names that make a family of the town."""
        return ", ".join(policy.towns) or "tout le monde"

    @column("intercommunalité")
    def in_area(self, policy: ResidencePolicy) -> str:
        """The names that make it of the area."""
        return ", ".join(policy.area)


class MembershipKindForm(AgentForm):
    """The number of months goes with one validity only."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("validity") == Validity.MONTHS and not 1 <= (data.get("months") or 0) <= 36:
            self.add_error("months", "Donnez le nombre de mois, de 1 à 36.")
        elif data.get("validity") != Validity.MONTHS and data.get("months"):
            self.add_error("months", "Laissez vide : cette adhésion ne se compte pas en mois.")
        return data


class MembershipKindAdmin(PortalModelAdmin):
    model = MembershipKind
    menu_label = "Adhésions"
    menu_icon = "group"
    base_url_path = "tarifs/adhesions"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "holder", "validity", "price_text", "offered")
    search_fields = ("name", "code")
    ordering = ("order", "name")
    inspect_view_enabled = False
    form_class = MembershipKindForm
    panels = (
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("code"), FieldPanel("order")]),
        MultiFieldPanel(
            [FieldPanel("holder"), FieldRowPanel([FieldPanel("validity"), FieldPanel("months")])],
            heading="Pour qui, combien de temps",
        ),
        MultiFieldPanel(
            [FieldPanel("price_text"), FieldPanel("how_to"), FieldPanel("is_offered")], heading="Ce que lit la famille"
        ),
    )

    @column("proposée", order="is_offered")
    def offered(self, kind: MembershipKind) -> str:
        """Whether families are told how to join."""
        return "oui" if kind.is_offered else "non"
