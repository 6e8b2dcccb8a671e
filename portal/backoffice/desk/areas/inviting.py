"""Opening the portal to an adult of the dossier, or to a second parent whom it does not know yet."""

from datetime import datetime

from django import forms

from portal.backoffice.desk.actions import Act, ActForm, register_act
from portal.backoffice.desk.areas.household import text
from portal.domain.accounts.models import User
from portal.domain.families.households import MANAGE_HOUSEHOLDS, HouseholdRefused
from portal.domain.families.models import Adult, Family, FamilyMember
from portal.domain.joining.invitations import INVITE, InvitationRefused, invite_adult, invite_second_parent

GROUP = "Accès au portail"
_MAIL = {
    "required": "Écrivez l’adresse mail.",
    "invalid": "Écrivez une adresse mail, par exemple prenom@exemple.fr.",
}


class InviteForm(ActForm):
    """To which address the link goes."""

    email = forms.EmailField(label="Adresse mail", error_messages=_MAIL)

    def prepare(self) -> None:
        self.initial = {"email": self.target.email}


class SecondParentForm(ActForm):
    """Somebody who enters the dossier as its other parent."""

    first_name = text("Prénom")
    last_name = text("Nom")
    email = forms.EmailField(label="Adresse mail", error_messages=_MAIL)


def without_account(family: Family) -> list[Adult]:
    """The adults of the file who cannot sign in."""
    members = FamilyMember.objects.filter(family=family, adult__user=None).select_related("adult").order_by("pk")
    return [member.adult for member in members]


def _invite(form: InviteForm, by: User, at: datetime) -> str:
    try:
        invitation = invite_adult(
            adult=form.target, family=form.family, by=by, at=at, email=form.cleaned_data["email"]
        )
    except InvitationRefused as refused:
        raise forms.ValidationError(str(refused)) from refused
    return f"L’invitation part à {invitation.email}."


def _invite_second(form: SecondParentForm, by: User, at: datetime) -> str:
    try:
        invitation = invite_second_parent(family=form.family, by=by, at=at, **form.cleaned_data)
    except (InvitationRefused, HouseholdRefused) as refused:
        raise forms.ValidationError(str(refused)) from refused
    return f"L’invitation part à {invitation.email}."


def connect() -> None:
    """Register the acts of this area."""
    register_act(
        Act(
            "inviter",
            "Inviter {}",
            GROUP,
            (INVITE,),
            InviteForm,
            _invite,
            "Envoyer l’invitation",
            intro="Un lien personnel part à cette adresse. Une invitation qui attendait est remplacée.",
            targets=without_account,
            order=20,
        )
    )
    register_act(
        Act(
            "inviter-parent",
            "Inviter un second parent",
            GROUP,
            (INVITE, MANAGE_HOUSEHOLDS),
            SecondParentForm,
            _invite_second,
            "Ajouter et inviter",
            intro="La personne entre au dossier comme autre parent, avec tous les droits, et reçoit son lien.",
            order=21,
        )
    )
