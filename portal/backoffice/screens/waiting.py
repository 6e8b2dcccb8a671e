"""How the lines of full days work, and where booked places change hands."""

from typing import Any, cast

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.scoping import town_wide
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.forms import AgentForm
from portal.backoffice.screens.reading import column, detail, lines
from portal.domain.accounts.models import User
from portal.domain.kernel.french import plural, typography
from portal.domain.waiting.enums import Criterion
from portal.domain.waiting.models import ListRule
from portal.domain.waiting.terms import sentences_of_rule

_RANKS = ("first", "second", "third")
_LABELS = ("Première priorité", "Deuxième priorité", "Troisième priorité")


class ListRuleForm(AgentForm):
    """The priorities one by one, in their order."""

    frozen = ()

    first = forms.ChoiceField(label=_LABELS[0], required=False)
    second = forms.ChoiceField(label=_LABELS[1], required=False)
    third = forms.ChoiceField(label=_LABELS[2], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Aucune"), *((each.value, str(each.label).capitalize()) for each in Criterion)]
        for rank, name in enumerate(_RANKS):
            cast(forms.ChoiceField, self.fields[name]).choices = choices
            self.initial[name] = self.instance.priorities[rank] if rank < len(self.instance.priorities) else ""

    def clean(self) -> dict[str, Any]:
        """One priority is named once; a hole is closed."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [cleaned[name] for name in _RANKS if cleaned.get(name)]
        for rank, name in enumerate(_RANKS):
            value = cleaned.get(name)
            if value and value in [cleaned.get(other) for other in _RANKS[:rank]]:
                self.add_error(name, "Cette priorité est déjà choisie plus haut.")
        self.instance.priorities = chosen
        return cleaned


class RuleSentences(Panel):
    """What families read of the rule that is saved."""

    class BoundPanel(Panel.BoundPanel):
        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def render_html(self, parent_context: dict[str, object] | None = None) -> SafeString:
            stored = ListRule.objects.get(pk=self.instance.pk)
            return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in sentences_of_rule(stored)))


class ListRuleAdmin(PortalModelAdmin):
    model = ListRule
    scoped_by = staticmethod(town_wide)
    form_class = ListRuleForm
    menu_label = "Règles des listes d’attente"
    menu_icon = "list-ol"
    base_url_path = "listes-d-attente/regles"
    list_display = ("scope", "open", "delay", "order", "exchange")
    list_select_related = ("pool", "activity")
    ordering = ("activity__name", "pool__name", "pk")
    inspect_view_fields = ("activity", "pool", "open", "whole", "exchange")
    deletion_warning = (
        "Les familles ne pourront plus attendre une place ici. Celles qui attendent déjà restent inscrites, "
        "et plus aucune place ne leur est proposée."
    )
    panels = (
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("activity"), FieldPanel("pool")]),
                FieldPanel("is_open"),
                HelpPanel("<p>L’un des deux. La règle d’une réserve de places remplace celle de ses activités.</p>"),
            ],
            heading="Pour quoi",
        ),
        MultiFieldPanel(
            [
                FieldPanel(
                    "offer_hours",
                    help_text="Une place proposée n’est jamais gardée après l’heure limite de réservation du jour.",
                ),
                FieldPanel("siblings_together"),
                FieldPanel("first", help_text="Publiée aux familles. Sans priorité, l’ordre des demandes seul."),
                FieldPanel("second"),
                FieldPanel("third"),
            ],
            heading="L’ordre et le délai",
        ),
        MultiFieldPanel(
            [
                FieldPanel(
                    "exchange_open",
                    help_text=typography(
                        "Bourse aux places : la journée reste facturée tant que personne ne la prend."
                    ),
                ),
                FieldPanel("exchange_hours", help_text="Comptées jusqu’au début de l’unité, sinon jusqu’à minuit."),
            ],
            heading="Échange de places entre familles (activités seulement)",
        ),
        RuleSentences(heading="Ce que lisent les familles"),
    )

    @column("pour")
    def scope(self, rule: ListRule) -> str:
        """The activity, or the pool."""
        return str(rule.activity or rule.pool)

    @column("ouverte", order="is_open")
    def open(self, rule: ListRule) -> str:
        """Whether families may wait."""
        return "oui" if rule.is_open else "non"

    @column("délai pour répondre", order="offer_hours")
    def delay(self, rule: ListRule) -> str:
        """How long an offer lasts."""
        return plural(rule.offer_hours, "heure")

    @column("ordre")
    def order(self, rule: ListRule) -> str:
        """The priorities, in order."""
        named = [str(Criterion(each).label) for each in rule.priorities]
        return ", puis ".join([*named, "ordre des demandes"])

    @column("échange", order="exchange_open")
    def exchange(self, rule: ListRule) -> str:
        """Whether booked places change hands."""
        if not rule.exchange_open:
            return "non"
        return f"jusqu’à {plural(rule.exchange_hours, 'heure')} avant"

    @detail("ce que lisent les familles")
    def whole(self, rule: ListRule, reader: User) -> str:
        """The same, line by line."""
        return lines(sentences_of_rule(rule))


class WaitingGroup(ModelAdminGroup):
    menu_label = "Listes d’attente"
    menu_icon = "list-ol"
    menu_order = 127
    items = (ListRuleAdmin,)
