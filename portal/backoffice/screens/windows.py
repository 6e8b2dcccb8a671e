"""When families may enrol beside the dates of an activity, as agents set it up."""

from typing import Any, cast

from django import forms
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from portal.backoffice.scoping import Within
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.forms import AgentForm, deadline_sentence
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.reading import column
from portal.backoffice.screens.rule_field import RuleField
from portal.domain.activities.deadlines import Action
from portal.domain.activities.models import EnrolmentWindow
from portal.domain.kernel.french import instant, typography


class EnrolmentWindowForm(AgentForm):
    """Communes one by line, and the rule of the day of entry as fields."""

    frozen = ()

    towns = forms.CharField(
        label="Communes",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=typography("Pour les habitants : une commune par ligne."),
    )
    entry_rule = RuleField(label="Délai avant le jour d’entrée", empty="toutes les dates d’entrée")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["towns"] = "\n".join(self.instance.towns)
        cast(RuleField, self.fields["entry_rule"]).keep(self.instance.entry_rule)

    def clean_towns(self) -> list[str]:
        """The names, without empty lines."""
        return [name for line in self.cleaned_data["towns"].splitlines() if (name := " ".join(line.split()))]


class EnrolmentWindowAdmin(PortalModelAdmin):
    model = EnrolmentWindow
    scoped_by = Within(structure="activity__structure")
    menu_label = "Fenêtres d’inscription"
    menu_icon = "date"
    base_url_path = "activites/fenetres"
    list_display = ("activity", "who", "opens", "closes", "rule")
    list_filter = (("activity", ByName), "audience")
    list_select_related = ("activity",)
    search_fields = ("activity__name", "label")
    ordering = ("-activity__starts_on", "activity__name", "opens_at")
    inspect_view_enabled = False
    form_class = EnrolmentWindowForm
    panels = (
        FieldPanel("activity"),
        MultiFieldPanel(
            [
                FieldPanel("audience"),
                FieldPanel("label", help_text=typography("Par exemple : les habitants de Val-Fleuri.")),
                FieldPanel("towns"),
                FieldPanel("paper_code", help_text=typography("Le code d’un type de pièce, une fois acceptée.")),
            ],
            heading="Pour qui",
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]), FieldPanel("entry_rule")],
            heading="Quand",
        ),
    )

    @column("pour")
    def who(self, window: EnrolmentWindow) -> str:
        """What families read."""
        return window.label or window.get_audience_display()

    @column("ouvre", order="opens_at")
    def opens(self, window: EnrolmentWindow) -> str:
        """The first instant."""
        return instant(window.opens_at) if window.opens_at else "sans date"

    @column("ferme", order="closes_at")
    def closes(self, window: EnrolmentWindow) -> str:
        """The first instant refused."""
        return instant(window.closes_at) if window.closes_at else "sans date"

    @column("délai avant l’entrée")
    def rule(self, window: EnrolmentWindow) -> str:
        """The rule as families read it."""
        return deadline_sentence(window.entry_rule, Action.BOOK)
