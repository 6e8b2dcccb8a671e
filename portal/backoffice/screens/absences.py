"""How absences count, and the reasons that families may give."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.scoping import town_wide
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.permissions import KeptPermissions
from portal.backoffice.screens.reading import column, detail, lines
from portal.domain.absences.models import AbsenceReason, AbsenceRule
from portal.domain.absences.terms import sentences
from portal.domain.accounts.models import User
from portal.domain.kernel.french import typography


class RuleSentences(Panel):
    """What families read of the rule that is saved."""

    class BoundPanel(Panel.BoundPanel):
        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def render_html(self, parent_context: dict[str, object] | None = None) -> SafeString:
            stored = AbsenceRule.objects.get(pk=self.instance.pk)
            return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in sentences(stored)))


class AbsenceRuleAdmin(PortalModelAdmin):
    model = AbsenceRule
    scoped_by = staticmethod(town_wide)
    menu_label = "Règles d’absence"
    menu_icon = "list-ul"
    base_url_path = "absences/regles"
    list_display = ("scope", "open", "said")
    list_select_related = ("type", "activity")
    ordering = ("type__order", "activity__name", "pk")
    inspect_view_fields = ("type", "activity", "open", "whole")
    deletion_warning = "Les familles ne déclareront plus d’absence ici. Les absences déclarées gardent leur règle."
    panels = (
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("type"), FieldPanel("activity")]),
                FieldPanel("is_open"),
                HelpPanel("<p>L’un des deux. La règle d’une activité remplace celle de son type.</p>"),
            ],
            heading="Pour quoi",
        ),
        MultiFieldPanel(
            [
                FieldPanel("declare_days", help_text=typography("0 : le jour même au plus tard.")),
                FieldPanel("certificate"),
                FieldPanel("certificate_days"),
                FieldPanel(
                    "is_automatic",
                    help_text="Sans justificatif à vérifier, aucun agent n’a à répondre.",
                ),
            ],
            heading="Déclarer et justifier",
        ),
        MultiFieldPanel(
            [
                FieldPanel(
                    "carence_days", help_text="Comptés en jours réservés de l’activité, au début de l’absence."
                ),
                FieldRowPanel([FieldPanel("most_days"), FieldPanel("per")]),
                FieldPanel("charged_percent", help_text=typography("0 : un jour excusé ne coûte rien.")),
                RuleSentences(heading="Ce que lisent les familles"),
            ],
            heading="Ce qui reste facturé",
        ),
    )

    @column("pour")
    def scope(self, rule: AbsenceRule) -> str:
        """The activity, or the type."""
        return str(rule.activity or rule.type)

    @column("en ligne", order="is_open")
    def open(self, rule: AbsenceRule) -> str:
        """Whether families declare on line."""
        return "oui" if rule.is_open else "non"

    @column("règle")
    def said(self, rule: AbsenceRule) -> str:
        """As families read it."""
        return " ".join(sentences(rule))

    @detail("ce que lisent les familles")
    def whole(self, rule: AbsenceRule, reader: User) -> str:
        """The same, line by line."""
        return lines(sentences(rule))


class AbsenceReasonAdmin(PortalModelAdmin):
    model = AbsenceReason
    scoped_by = staticmethod(town_wide)
    menu_label = "Motifs d’absence"
    menu_icon = "tag"
    base_url_path = "absences/motifs"
    list_display = ("name", "paper", "needs_words", "skips_carence", "is_offered")
    ordering = ("order", "pk")
    inspect_view_enabled = False
    permission_helper_class = KeptPermissions
    panels = (
        FieldRowPanel([FieldPanel("name"), FieldPanel("code"), FieldPanel("order")]),
        FieldPanel("needs_certificate"),
        FieldPanel("certificate_name"),
        FieldPanel(
            "needs_words", help_text="Une phrase, sans détail médical : la page le dit.".replace(" :", "\u00a0:")
        ),
        FieldPanel("skips_carence"),
        FieldPanel("is_offered"),
    )

    @column("justificatif", order="needs_certificate")
    def paper(self, reason: AbsenceReason) -> str:
        """What is asked for, if anything."""
        return reason.certificate_name if reason.needs_certificate else "aucun"


class AbsencesGroup(ModelAdminGroup):
    menu_label = "Absences"
    menu_icon = "user"
    menu_order = 125
    items = (AbsenceRuleAdmin, AbsenceReasonAdmin)
