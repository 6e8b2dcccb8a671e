"""What the prices of a family depend on: residence, resources, memberships, aids; recorded and ended here."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q

from portal.backoffice.desk.actions import Act, ActForm, register_act
from portal.backoffice.desk.areas.household import day, text
from portal.backoffice.desk.areas.quotients import FrenchNumber
from portal.backoffice.desk.registry import FileSection, register_file_section
from portal.backoffice.scoping import children_of_file
from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.pricing import services
from portal.domain.pricing.enums import AidKind, Residence
from portal.domain.pricing.models import (
    REASON,
    AidGrant,
    HouseholdFigures,
    Membership,
    MembershipKind,
    Recorded,
    ResidenceRuling,
)
from portal.domain.tariffs.models import Tariff

GROUP, TITLE = "Prix", "Ce dont les prix dépendent"
_FOREVER = "Vide : sans fin."
BOOKED_KEEP = "Les jours déjà réservés gardent leur prix ; ceux qui se réservent ensuite en tiennent compte."
BESIDE = "Une aide est une ligne à côté du prix, qu’elle ne change pas. La famille la voit."


def _number(label: str, **options: Any) -> FrenchNumber:
    return FrenchNumber(
        label=label,
        decimal_places=2,
        max_digits=9,
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
        error_messages={"required": "À remplir.", "invalid": "Écrivez un nombre, par exemple 12,50."},
        **options,
    )


class DatedForm(ActForm):
    """From a day to a day."""

    valid_from = day("À partir du")
    valid_until = day("Jusqu’au", required=False, help_text=_FOREVER)

    def prepare(self) -> None:
        self.initial |= {"valid_from": paris_date(self.at)}

    def days(self) -> services.Days:
        """Raises RecordRefused in the wrong order."""
        return services.Days(self.cleaned_data["valid_from"], self.cleaned_data["valid_until"])


class ResidenceForm(DatedForm):
    """The family counts as living there, whatever its address."""

    residence = forms.ChoiceField(label="Cette famille compte comme", choices=Residence.choices)
    reason = text("Motif", REASON, help_text="Par exemple : un parent travaille dans la commune.")

    field_order = ("residence", "reason", "valid_from", "valid_until")


class FiguresForm(DatedForm):
    """What a national scale reads."""

    income = _number("Ressources par mois, en euros", required=False, help_text="Vide : inconnues.")
    disabled = forms.IntegerField(
        label="Enfants du foyer avec l’allocation AEEH",
        min_value=0,
        max_value=20,
        initial=0,
        error_messages={"required": "Écrivez un nombre, 0 si aucun.", "invalid": "Écrivez un nombre, 0 si aucun."},
    )

    field_order = ("income", "disabled", "valid_from", "valid_until")


class MembershipForm(DatedForm):
    """A child joins, or the whole family, as the kind says."""

    kind = forms.ModelChoiceField(
        MembershipKind.objects.none(), label="Adhésion", error_messages={"required": "Choisissez l’adhésion."}
    )
    child = forms.ModelChoiceField(
        Child.objects.none(),
        label="Enfant",
        required=False,
        empty_label="toute la famille",
        help_text="Pour une adhésion par enfant.",
    )

    field_order = ("kind", "child", "valid_from", "valid_until")

    def prepare(self) -> None:
        super().prepare()
        self.rows("kind", MembershipKind.objects.filter(is_offered=True).order_by("order", "name"))
        self.rows("child", children_of_file(self.agent, self.family))
        self.fields["valid_until"].help_text = "Vide : jusqu’à la fin prévue pour cette adhésion."


class AidForm(DatedForm):
    """What somebody else pays."""

    label = text("Nom de l’aide", 80)
    payer = text("Qui la paie", 80, help_text="Par exemple : CCAS, département, employeur.")
    child = forms.ModelChoiceField(
        Child.objects.none(), label="Enfant", required=False, empty_label="tous les enfants de la famille"
    )
    kind = forms.ChoiceField(label="Ce qu’elle prend", choices=AidKind.choices)
    number = _number("Nombre", help_text="En euros, ou en pourcentage.")
    amount_cap = _number("Plafond en euros", required=False, help_text="Pour toutes ses dates. Vide : sans plafond.")
    uses_cap = forms.IntegerField(
        label="Plafond en nombre d’unités",
        required=False,
        min_value=1,
        max_value=5000,
        help_text="Vide : sans plafond.",
        error_messages={"invalid": "Écrivez un nombre."},
    )
    tariffs = forms.ModelMultipleChoiceField(
        Tariff.objects.none(),
        label="Tarifs aidés",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucun coché : tout ce qui se réserve.",
    )

    field_order = (
        "label",
        "payer",
        "child",
        "kind",
        "number",
        "amount_cap",
        "uses_cap",
        "tariffs",
        "valid_from",
        "valid_until",
    )

    def prepare(self) -> None:
        super().prepare()
        self.rows("child", children_of_file(self.agent, self.family))
        self.rows("tariffs", Tariff.objects.order_by("name", "pk"))


class EndForm(ActForm):
    """The last day of something recorded."""

    what = forms.ChoiceField(label="À quoi mettre fin", error_messages={"required": "Choisissez."})
    last = day("Dernier jour", help_text="Avant son premier jour : comme si elle n’avait jamais été enregistrée.")
    reason = text("Motif", REASON)

    def prepare(self) -> None:
        self.found = {_key(row): row for row in _recorded(self.agent, self.family, self.at) if _may(self.agent, row)}
        choices = [(key, _told(row)) for key, row in self.found.items()]
        self.fields["what"] = forms.ChoiceField(
            label="À quoi mettre fin",
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Choisissez."},
        )
        self.order_fields(("what", "last", "reason"))
        self.initial |= {"last": paris_date(self.at)}


def _recorded(agent: User, family: Family, at: datetime) -> list[Recorded]:
    """What holds today or later, of the family and of its children whom this agent may see."""
    going_on = Q(valid_until=None) | Q(valid_until__gte=paris_date(at) - timedelta(days=1))
    children = list(children_of_file(agent, family).values_list("pk", flat=True))
    rows: list[Recorded] = [*ResidenceRuling.objects.filter(going_on, family=family).order_by("valid_from")]
    if agent.has_perm(services.RECORD_FACTS):
        rows += HouseholdFigures.objects.filter(going_on, family=family).order_by("valid_from")
    members = Membership.objects.filter(going_on & (Q(family=family) | Q(child__in=children)))
    rows += members.select_related("kind", "child").order_by("valid_from", "pk")
    if agent.has_perm(services.VIEW_AID):
        aids = AidGrant.objects.filter(going_on, Q(child=None) | Q(child__in=children), family=family)
        rows += aids.select_related("child").order_by("valid_from", "pk")
    return rows


def _may(agent: User, row: Recorded) -> bool:
    return agent.has_perm(services.RECORD_AID if isinstance(row, AidGrant) else services.RECORD_FACTS)


def _key(row: Recorded) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def _told(row: Recorded) -> str:
    return french.typography(f"{_name(row)} : {_what(row)}, {_dates(row)}")


def _name(row: Recorded) -> str:
    if isinstance(row, ResidenceRuling):
        return "Résidence"
    if isinstance(row, HouseholdFigures):
        return "Ressources"
    return "Aide" if isinstance(row, AidGrant) else "Adhésion"


def _what(row: Recorded) -> str:
    if isinstance(row, ResidenceRuling):
        return f"{row.get_residence_display()} ({row.reason})"
    if isinstance(row, HouseholdFigures):
        money = "inconnues" if row.income is None else f"{french.amount(row.income)} par mois"
        return f"{money}, {row.disabled} AEEH" if row.disabled else money
    if isinstance(row, Membership):
        return f"{row.kind.name}, {row.child.first_name if row.child else 'toute la famille'}"
    if isinstance(row, AidGrant):
        caps = [
            f"{french.amount(row.amount_cap)} au plus" if row.amount_cap is not None else "",
            f"{french.plural(row.uses_cap, 'unité')} au plus" if row.uses_cap is not None else "",
        ]
        whose = row.child.first_name if row.child else "toute la famille"
        number = f"{row.number.normalize():f} %".replace(".", ",") if row.kind == AidKind.PERCENT else ""
        given = number or french.amount(row.number)
        how = f"tout sauf {given}" if row.kind == AidKind.LEAVES else given
        return ", ".join(filter(None, [f"{row.label} ({row.payer})", whose, how, *caps]))
    raise TypeError(row)


def _dates(row: Recorded) -> str:
    if row.valid_until is None:
        return f"depuis le {french.full_date(row.valid_from)}"
    return f"du {french.full_date(row.valid_from)} au {french.full_date(row.valid_until)}"


def file_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """What holds today or later; aids and resources only for who may."""
    rows = _recorded(agent, family, at)
    if not rows:
        return None
    facts = tuple((_name(row), french.typography(f"{_what(row)}, {_dates(row)}")) for row in rows)
    return FileSection(title=TITLE, facts=facts)


def _done(said: str, verb: Any, **values: Any) -> str:
    try:
        verb(**values)
    except services.RecordRefused as refused:
        raise forms.ValidationError({refused.field or "__all__": refused.reason}) from refused
    return said


def _dated(form: DatedForm) -> services.Days:
    try:
        return form.days()
    except services.RecordRefused as refused:
        raise forms.ValidationError({refused.field: refused.reason}) from refused


def _residence(form: ResidenceForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    return _done(
        "C’est noté. Les jours réservés à partir de maintenant en tiennent compte.",
        services.record_residence,
        family=form.family,
        residence=Residence(data["residence"]),
        days=_dated(form),
        reason=data["reason"],
        by=by,
        at=at,
    )


def _figures(form: FiguresForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    return _done(
        "Les ressources sont enregistrées.",
        services.record_figures,
        family=form.family,
        income=data["income"],
        disabled=data["disabled"],
        days=_dated(form),
        by=by,
        at=at,
    )


def _membership(form: MembershipForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    return _done(
        "L’adhésion est enregistrée. La famille la voit sur la page de l’enfant.",
        services.record_membership,
        family=form.family,
        kind=data["kind"],
        child=data["child"],
        valid_from=data["valid_from"],
        valid_until=data["valid_until"],
        by=by,
        at=at,
    )


def _aid(form: AidForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    return _done(
        "L’aide est enregistrée.",
        services.record_aid,
        family=form.family,
        child=data["child"],
        label=data["label"],
        payer=data["payer"],
        kind=AidKind(data["kind"]),
        number=data["number"],
        days=_dated(form),
        amount_cap=data["amount_cap"],
        uses_cap=data["uses_cap"],
        tariffs=data["tariffs"],
        by=by,
        at=at,
    )


def _end(form: EndForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    return _done(
        "C’est noté.",
        services.end_record,
        row=form.found[data["what"]],
        family=form.family,
        last=data["last"],
        reason=data["reason"],
        by=by,
        at=at,
    )


def connect() -> None:
    """Register the section and the acts of this area."""
    register_file_section("pricing", file_section, order=61)
    facts, aid = services.RECORD_FACTS, services.RECORD_AID
    acts = (
        ("residence", "Décider de la résidence", facts, ResidenceForm, _residence, "Enregistrer", BOOKED_KEEP),
        ("ressources", "Enregistrer des ressources", facts, FiguresForm, _figures, "Enregistrer", BOOKED_KEEP),
        ("adhesion", "Enregistrer une adhésion", facts, MembershipForm, _membership, "Enregistrer", BOOKED_KEEP),
        ("aide", "Enregistrer une aide", aid, AidForm, _aid, "Enregistrer", BESIDE),
        (
            "fin-prix",
            "Mettre fin à une adhésion, une aide, une décision",
            facts,
            EndForm,
            _end,
            "Mettre fin",
            BOOKED_KEEP,
        ),
    )
    for order, (code, label, permission, form, run, button, intro) in enumerate(acts):
        register_act(Act(code, label, GROUP, (permission,), form, run, button, intro=intro, order=20 + order))
