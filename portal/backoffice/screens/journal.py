"""The journal: who changed what, when, before and after. To read."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from portal.backoffice.screens.base import ReadOnlyAdmin
from portal.backoffice.screens.journal_filters import AskedFilter, allowed, entries_within
from portal.backoffice.screens.lists import FoldedSearch, PastDayFilter
from portal.backoffice.screens.reading import column, detail, on_the_clock, table
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.words import VERBS
from portal.domain.families.models import Family
from portal.domain.kernel.french import full_date

_ISO_DATE = re.compile(r"[12]\d{3}-\d\d-\d\d")

#: What the domain's verbs tell that is not a field of the object.
WORDS = {
    "account": "compte",
    "action": "action",
    "agent": "agent",
    "activity": "activité",
    "booked": "jours réservés",
    "cancelled": "jours annulés",
    "cost": "coût",
    "created": "lignes créées",
    "days": "jours mis à jour",
    "digest": "résumé quotidien",
    "families": "dossiers",
    "from": "du",
    "held": "en attente du dossier",
    "holder": "ancien responsable",
    "item": "demande",
    "left_out": "jours laissés de côté",
    "member": "place dans le foyer",
    "name": "nom",
    "note": "ce qui change",
    "number": "numéro",
    "pattern": "jours habituels",
    "proof": "preuve",
    "removed": "lignes retirées",
    "seed": "graine du tirage",
    "shortcuts": "raccourcis clavier",
    "source": "nature",
    "sha256": "empreinte du fichier",
    "tariff": "tarif",
    "to": "au",
    "total": "total",
    "updated": "lignes corrigées",
    "year": "année",
    "years": "années",
}


class WrittenFilter(PastDayFilter):
    field = "at"


class JournalSearch(FoldedSearch):
    """One number is that of a dossier, whose changes are asked for; anything else is an author or an object."""

    def search_queryset(self, queryset: QuerySet[Any], search_term: str, **kwargs: Any) -> QuerySet[Any]:
        number = search_term.strip()
        if number.isascii() and number.isdigit():
            return queryset.filter(family_key__in=Family.objects.filter(number=number).values("pk"))
        return super().search_queryset(queryset, search_term, **kwargs)


class AuditEntryAdmin(ReadOnlyAdmin):
    model = AuditEntry
    menu_label = "Journal"
    menu_icon = "history"
    menu_order = 170
    base_url_path = "journal"
    scoped_by = staticmethod(entries_within)
    reserves_rows = True
    list_display = ("written", "by", "action", "object", "dossier", "changed")
    list_filter = (WrittenFilter, AskedFilter)
    list_select_related = ("by",)
    search_fields = ("by__first_name", "by__last_name", "by__username", "target")
    search_handler_class = JournalSearch
    ordering = ("-pk",)
    inspect_view_fields = ("at", "by", "action", "object", "of_family", "values")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        number = Family.objects.filter(pk=OuterRef("family_key")).values("number")
        found: QuerySet[AuditEntry] = super().get_queryset(request).annotate(family_number=Subquery(number))
        return allowed(cast(User, request.user), found)

    def name_of(self, entry: AuditEntry) -> str:
        """“création, fermeture n° 2”."""
        return f"{self.action(entry)}, {self.object(entry)}"

    @column("le", order="at")
    def written(self, entry: AuditEntry) -> str:
        """The instant of the change."""
        return on_the_clock(entry.at)

    @column("action", order="verb")
    def action(self, entry: AuditEntry) -> str:
        """What was done, in French."""
        return VERBS.get(entry.verb, entry.verb)

    @column("objet", order="target")
    def object(self, entry: AuditEntry) -> str:
        """What it was done to: the kind of object and its number."""
        model = model_of(entry)
        return f"{model._meta.verbose_name if model else entry.target} n°\u00a0{entry.target_key}"

    @column("dossier", order="family_key")
    def dossier(self, entry: Any) -> str:
        """The number of the family's dossier, when there is one."""
        return entry.family_number or ""

    @column("ce qui change")
    def changed(self, entry: AuditEntry) -> str:
        """The names of the values written."""
        model = model_of(entry)
        return ", ".join(label_of(model, name) for name in told_names(model, entry.before, entry.after))

    @detail("dossier")
    def of_family(self, entry: AuditEntry, reader: User) -> str:
        """The family's dossier, when there is one."""
        family = Family.objects.filter(pk=entry.family_key).first()
        return str(family) if family else ""

    @detail("valeurs")
    def values(self, entry: AuditEntry, reader: User) -> str:
        """Each value before and after."""
        model = model_of(entry)
        names = told_names(model, entry.before, entry.after)
        return table(
            ("Quoi", "Avant", "Après"),
            (
                (label_of(model, name), value_words(entry.before.get(name)), value_words(entry.after.get(name)))
                for name in names
            ),
        )


def told_names(model: type[models.Model] | None, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """In the order of the model's fields, then what is no field. The database keeps JSON in an order of its own."""
    told = dict.fromkeys([*before, *after])
    fields = [field.name for field in model._meta.get_fields() if field.name in told] if model else []
    return list(dict.fromkeys([*fields, *told]))


def model_of(entry: AuditEntry) -> type[models.Model] | None:
    try:
        return apps.get_model(entry.target)
    except (LookupError, ValueError):
        return None  # the journal outlives what it tells about


def label_of(model: type[models.Model] | None, name: str) -> str:
    """The French name of a field, or the name that the verb gave."""
    if model is None:
        return WORDS.get(name, name)
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return WORDS.get(name, name)


def value_words(value: Any) -> str:
    """A value to be read: dates in French, yes and no, lists with commas."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(value_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}\u00a0: {value_words(item)}" for name, item in value.items())
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return full_date(date.fromisoformat(value))
        except ValueError:
            return value
    return str(value)
