"""Who is in the household, what each may do, how they are called: changed by the service."""

from datetime import datetime
from typing import Any

from django import forms

from portal.backoffice.desk.actions import Act, ActForm, register_act
from portal.backoffice.scoping import children_for, families_for
from portal.domain.accounts.models import User
from portal.domain.changes.enums import Rubric
from portal.domain.changes.fields import FIELDS
from portal.domain.changes.services import DECIDE, InvalidValues, correct_values
from portal.domain.changes.subjects import Subject, current_values
from portal.domain.families.departures import remove_adult, why_not_remove
from portal.domain.families.enums import AdultRole, HouseholdSituation, Regime
from portal.domain.families.households import (
    MANAGE_HOUSEHOLDS,
    RIGHTS,
    HouseholdRefused,
    add_adult,
    add_child,
    link_child,
    name_holder,
    set_household_rights,
    set_member_rights,
    unlink_child,
)
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember
from portal.domain.families.rules import same_name

GROUP, IDENTITY = "Composition du foyer", "Identité et coordonnées"
_LEAVING = (
    "Cette personne ne verra plus ce dossier, dès maintenant. Elle et les autres adultes sont prévenus. Son compte et"
    " ses autres dossiers restent. Si elle exerce l’autorité parentale, elle peut toujours venir chercher l’enfant :"
    " seul un jugement l’empêche. Le quotient et les pièces restent : demandez à la famille si le quotient a changé."
)
_ROLES = [(AdultRole.PARENT.value, "autre parent"), (AdultRole.RELATIVE.value, "proche")]


def day(label: str, **options: Any) -> forms.DateField:
    """A day, as the browser asks for it."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    messages = {"required": "Donnez la date.", "invalid": "Donnez une date, par exemple 12/03/2018."}
    return forms.DateField(label=label, widget=widget, error_messages=messages, **options)


def text(label: str, length: int = 100, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, error_messages={"required": "À remplir."}, **options)


class AdultForm(ActForm):
    """One more adult."""

    first_name = text("Prénom")
    last_name = text("Nom")
    phone = text("Téléphone mobile", 20, required=False)
    email = forms.EmailField(
        label="Adresse mail",
        required=False,
        error_messages={"invalid": "Écrivez une adresse mail, par exemple prenom@exemple.fr."},
    )
    role = forms.ChoiceField(label="Place dans le foyer", choices=_ROLES)


class ChildForm(ActForm):
    """One more child."""

    first_name = text("Prénom")
    last_name = text("Nom")
    birth_date = day("Date de naissance")

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if not 0 <= self.at.year - born.year <= 25 or born > self.at.date():
            raise forms.ValidationError("Vérifiez cette date de naissance.")
        return born


class SharedChildForm(ActForm):
    """A child that another dossier has already: three facts name it, so that a slip of the hand links nobody else."""

    number = text("Numéro de l’autre dossier", 6)
    first_name = text("Prénom de l’enfant")
    birth_date = day("Date de naissance de l’enfant")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"number", "first_name", "birth_date"} <= data.keys():
            found = children_for(self.agent).filter(
                links__family__in=families_for(self.agent).filter(number=data["number"], archived_at=None),
                birth_date=data["birth_date"],
            )
            data["child"] = next((child for child in found if same_name(data["first_name"], child.first_name)), None)
            if data["child"] is None:
                raise forms.ValidationError("Aucun enfant de ce dossier n’a ce prénom et cette date de naissance.")
        return data


class ConfirmForm(ActForm):
    """Nothing to say but yes."""

    sure = forms.BooleanField(label="Je confirme", error_messages={"required": "Cochez pour confirmer."})


class RightsForm(ActForm):
    """What somebody may do."""

    can_see = forms.BooleanField(label="Consulter", required=False)
    can_edit = forms.BooleanField(label="Modifier", required=False)
    can_book = forms.BooleanField(label="Réserver", required=False)
    can_pay = forms.BooleanField(label="Payer", required=False)
    is_notified = forms.BooleanField(label="Être prévenu", required=False)

    def holder(self) -> FamilyMember | ChildLink:
        if isinstance(self.target, Child):
            return ChildLink.objects.get(family=self.family, child=self.target)
        return FamilyMember.objects.get(family=self.family, adult=self.target)

    def prepare(self) -> None:
        holder = self.holder()
        self.initial = {name: getattr(holder, name) for name in RIGHTS}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data["can_see"] and (data["can_edit"] or data["can_book"] or data["can_pay"]):
            self.add_error("can_see", "Modifier, réserver ou payer suppose de pouvoir consulter.")
        return data


class RubricForm(ActForm):
    """The values of one rubric of the dossier, as it holds them; the domain judges what is typed."""

    rubric: Rubric

    def prepare(self) -> None:
        current = current_values(self.subject())
        choices = {"situation": HouseholdSituation.choices, "regime": Regime.choices}
        for known in FIELDS[self.rubric]:
            label = str(known.label)
            field: forms.Field
            if known.name == "birth_date":
                field = day(label)
            elif known.name in choices:
                field = forms.ChoiceField(
                    label=label, required=False, choices=[("", "non précisé"), *choices[known.name]]
                )
            else:
                field = text(label, known.length, required=known.required)
            self.fields[known.name] = field
            self.initial[known.name] = current[known.name]

    def subject(self) -> Subject:
        target = self.target
        return Subject(
            family=self.family,
            rubric=self.rubric,
            adult=target if isinstance(target, Adult) else None,
            child=target if isinstance(target, Child) else None,
        )


class AdultIdentityForm(RubricForm):
    rubric = Rubric.ADULT_IDENTITY


class CoordinatesForm(RubricForm):
    rubric = Rubric.COORDINATES


class ChildIdentityForm(RubricForm):
    rubric = Rubric.CHILD_IDENTITY


class AddressForm(RubricForm):
    rubric = Rubric.ADDRESS


class HouseholdForm(RubricForm):
    rubric = Rubric.HOUSEHOLD


def adults_of(family: Family) -> list[Adult]:
    """The adults of the file."""
    members = FamilyMember.objects.filter(family=family).select_related("adult").order_by("pk")
    return [member.adult for member in members]


def _not_holders(family: Family) -> list[Adult]:
    members = FamilyMember.objects.filter(family=family).exclude(role=AdultRole.HOLDER)
    return [member.adult for member in members.select_related("adult").order_by("pk")]


def children_of(family: Family) -> list[Child]:
    """The children of the file."""
    links = ChildLink.objects.filter(family=family).select_related("child").order_by("order", "pk")
    return [link.child for link in links]


def _add_adult(form: AdultForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    values = {name: data[name] for name in ("first_name", "last_name", "phone", "email")}
    _refusing(lambda: add_adult(family=form.family, role=AdultRole(data["role"]), by=by, at=at, **values))
    return f"{data['first_name']} {data['last_name']} est dans le dossier."


def _add_child(form: ChildForm, by: User, at: datetime) -> str:
    _refusing(lambda: add_child(family=form.family, by=by, at=at, **form.cleaned_data))
    return f"{form.cleaned_data['first_name']} est dans le dossier."


def _link_child(form: SharedChildForm, by: User, at: datetime) -> str:
    child = form.cleaned_data["child"]
    _refusing(lambda: link_child(family=form.family, child=child, by=by, at=at))
    return f"{child.first_name} a maintenant aussi ce foyer."


def _unlink_child(form: ConfirmForm, by: User, at: datetime) -> str:
    _refusing(lambda: unlink_child(family=form.family, child=form.target, by=by, at=at))
    return f"{form.target.first_name} n’est plus dans ce dossier."


def _remove_adult(form: ConfirmForm, by: User, at: datetime) -> str:
    _refusing(lambda: remove_adult(family=form.family, adult=form.target, by=by, at=at))
    return f"{form.target} n’est plus dans ce dossier."


def _name_holder(form: ConfirmForm, by: User, at: datetime) -> str:
    _refusing(lambda: name_holder(family=form.family, adult=form.target, by=by, at=at))
    return f"{form.target} est responsable du dossier."


def _member_rights(form: RightsForm, by: User, at: datetime) -> str:
    member = form.holder().pk
    _refusing(
        lambda: set_member_rights(family=form.family, member=member, rights=form.cleaned_data, by=by, at=at),
    )
    return "Les droits sont enregistrés."


def _household_rights(form: RightsForm, by: User, at: datetime) -> str:
    _refusing(
        lambda: set_household_rights(family=form.family, child=form.target, rights=form.cleaned_data, by=by, at=at)
    )
    return "Les droits du foyer sont enregistrés."


def _correct(form: RubricForm, by: User, at: datetime) -> str:
    values = {
        name: value.isoformat() if hasattr(value, "isoformat") else str(value or "")
        for name, value in form.cleaned_data.items()
    }
    try:
        changed = correct_values(subject=form.subject(), values=values, by=by, at=at)
    except InvalidValues as refused:
        raise forms.ValidationError(dict(refused.refusals)) from refused
    return "La correction est enregistrée." if changed else "Rien n’a changé."


def _refusing(verb: Any) -> None:
    """Run a verb of households, its refusal as the form's. Raises ValidationError."""
    try:
        verb()
    except HouseholdRefused as refused:
        raise forms.ValidationError(str(refused)) from refused


def connect() -> None:
    """Register the acts of this area."""
    manage = {"group": GROUP, "permissions": (MANAGE_HOUSEHOLDS,), "order": 30}
    correct = {"group": IDENTITY, "permissions": (DECIDE,), "order": 40, "run": _correct, "button": "Corriger"}
    seen = "Ce que vous écrivez compte tout de suite, et la famille le voit dans ses démarches."
    for act in (
        Act("ajouter-adulte", "Ajouter un adulte", form=AdultForm, run=_add_adult, button="Ajouter", **manage),
        Act("ajouter-enfant", "Ajouter un enfant", form=ChildForm, run=_add_child, button="Ajouter", **manage),
        Act(
            "rattacher-enfant",
            "Rattacher un enfant d’un autre dossier",
            form=SharedChildForm,
            run=_link_child,
            button="Rattacher",
            intro="Pour un enfant qui vit dans deux foyers : chacun le garde dans son dossier.",
            **manage,
        ),
        Act(
            "detacher-enfant",
            "Détacher {} de ce dossier",
            form=ConfirmForm,
            run=_unlink_child,
            button="Détacher",
            intro="L’enfant reste dans son autre foyer. Ce dossier ne le verra plus.",
            targets=children_of,
            **manage,
        ),
        Act(
            "designer-responsable",
            "Désigner {} responsable du dossier",
            form=ConfirmForm,
            run=_name_holder,
            button="Désigner",
            intro="Cette personne aura tous les droits. Le responsable actuel reste au dossier, avec les siens.",
            targets=_not_holders,
            **manage,
        ),
        Act(
            "retirer-adulte",
            "Retirer {} de ce dossier",
            form=ConfirmForm,
            run=_remove_adult,
            button="Retirer",
            intro=_LEAVING,
            targets=_not_holders,
            person_notes=lambda family, adult: why_not_remove(family=family, adult=adult),
            **manage,
        ),
        Act(
            "droits-adulte",
            "Droits de {}",
            form=RightsForm,
            run=_member_rights,
            button="Enregistrer",
            targets=adults_of,
            **manage,
        ),
        Act(
            "droits-foyer",
            "Droits du foyer sur {}",
            form=RightsForm,
            run=_household_rights,
            button="Enregistrer",
            targets=children_of,
            **manage,
        ),
        Act("corriger-foyer", "Corriger la situation du foyer", form=HouseholdForm, intro=seen, **correct),
        Act("corriger-adresse", "Corriger l’adresse", form=AddressForm, intro=seen, **correct),
        Act(
            "corriger-adulte",
            "Corriger le nom de {}",
            form=AdultIdentityForm,
            targets=adults_of,
            intro=seen,
            **correct,
        ),
        Act(
            "corriger-telephones",
            "Corriger les téléphones de {}",
            form=CoordinatesForm,
            targets=adults_of,
            intro=seen,
            **correct,
        ),
        Act(
            "corriger-enfant",
            "Corriger l’identité de {}",
            form=ChildIdentityForm,
            targets=children_of,
            intro=seen,
            **correct,
        ),
    ):
        register_act(act)
