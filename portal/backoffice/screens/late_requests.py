"""Which requests to the service families may send, as agents set it up."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel

from portal.backoffice.scoping import town_wide
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.reading import column, detail, lines
from portal.domain.accounts.models import User
from portal.domain.kernel.french import typography
from portal.domain.late_requests.models import LateRule
from portal.domain.late_requests.terms import sentences, terms_of_rule


class RuleSentences(Panel):
    """What families read of the rule that is saved."""

    class BoundPanel(Panel.BoundPanel):
        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def render_html(self, parent_context: dict[str, object] | None = None) -> SafeString:
            stored = LateRule.objects.get(pk=self.instance.pk)
            return format_html_join("", "<p>{}</p>", ((each,) for each in sentences(terms_of_rule(stored))))


class LateRuleAdmin(PortalModelAdmin):
    model = LateRule
    scoped_by = staticmethod(town_wide)
    menu_label = "Demandes au service"
    menu_icon = "mail"
    menu_order = 128
    base_url_path = "demandes-au-service/regles"
    list_display = ("scope", "said")
    list_select_related = ("service", "activity")
    ordering = ("service__name", "activity__name", "pk")
    inspect_view_fields = ("service", "activity", "whole")
    deletion_warning = "Les familles appelleront le service. Les demandes déjà envoyées restent à traiter."
    panels = (
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("service"), FieldPanel("activity")]),
                HelpPanel("<p>L’un des deux. La règle d’une activité remplace celle de son service.</p>"),
            ],
            heading="Pour quoi",
        ),
        MultiFieldPanel(
            [
                FieldPanel("for_deadline"),
                FieldPanel(
                    "for_capacity",
                    help_text=typography("La liste d’attente, quand il y en a une, est proposée d’abord."),
                ),
                FieldPanel("answer_days", help_text=typography("Vide : rien n’est promis.")),
            ],
            heading="Ce qui se demande",
        ),
        RuleSentences(heading="Ce que lisent les familles"),
    )

    @column("pour")
    def scope(self, rule: LateRule) -> str:
        """The activity, or the service."""
        return str(rule.activity or rule.service)

    @column("règle")
    def said(self, rule: LateRule) -> str:
        """As families read it."""
        return " ".join(sentences(terms_of_rule(rule)))

    @detail("ce que lisent les familles")
    def whole(self, rule: LateRule, reader: User) -> str:
        """The same, line by line."""
        return lines(sentences(terms_of_rule(rule)))
