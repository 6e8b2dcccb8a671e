"""Forms of « Mon compte », of invitations and of first contacts."""

from datetime import date
from typing import Any

from allauth.account.forms import ChangePasswordForm
from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.domain.accounts.models import TermsVersion, User
from portal.domain.accounts.rules import MAX_USERNAME, clean_username, is_username
from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import School
from portal.domain.joining.contacts import ChildWish, Household
from portal.domain.joining.invitations import Rights
from portal.domain.kernel.clock import to_paris
from portal.web.accounts.forms import (
    PASSWORD_HINT,
    EmailField,
    ParentForm,
    PasswordTwice,
    PersonName,
    compare_passwords,
    current_password_field,
    new_password_field,
    password_errors,
)

#: One household's children on one form.
MAX_CHILDREN = 8


class OwnPasswordForm(PasswordTwice, ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The present password, then the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = current_password_field(
            _("Mot de passe actuel"), error_messages={"required": _("Indiquez votre mot de passe actuel.")}
        )
        self.ask_new_password()

    def clean_oldpassword(self) -> str:
        """The password of the account, or a refusal in our words."""
        password: str = self.cleaned_data["oldpassword"]
        if not self.user.check_password(password):
            raise ValidationError(gettext("Ce n’est pas votre mot de passe actuel."))
        return password


class EmailChangeForm(forms.Form):
    """The new address, and the password: an open session alone moves no address."""

    email = EmailField(label=_("Nouvelle adresse mail"))
    password = current_password_field(
        _("Votre mot de passe"), error_messages={"required": _("Indiquez votre mot de passe.")}
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        """Another address than the present one."""
        email: str = self.cleaned_data["email"]
        if email == self.user.email.lower():
            raise ValidationError(gettext("C’est déjà l’adresse de votre compte."))
        return email

    def clean_password(self) -> str:
        """The password of the account."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(gettext("Ce n’est pas votre mot de passe."))
        return password


class WelcomeForm(forms.Form):
    """Behind an invitation: the account's name if wanted, its password, the terms (A16, A25)."""

    username = forms.CharField(
        label=_("Nom d’utilisateur"),
        max_length=MAX_USERNAME,
        required=False,
        help_text=_(
            "pour vous connecter sans votre adresse mail. Laissez vide\u00a0: il est fait du début de l’adresse."
        ),
    )
    password1 = new_password_field(_("Votre mot de passe"), help_text=PASSWORD_HINT)
    password2 = new_password_field(_("Le même, encore une fois"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: User, terms: TermsVersion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.terms = person, terms
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password1"].error_messages["required"] = _("Choisissez un mot de passe.")
        self.fields["password2"].error_messages["required"] = _("Écrivez le mot de passe une seconde fois.")
        if terms is not None:
            self.fields["version"].initial = terms.number
            self.fields["accepted"] = forms.BooleanField(
                label=_("J’ai lu les conditions générales et je les accepte"),
                error_messages={"required": _("Cochez «\u00a0J’ai lu\u00a0» pour continuer.")},
            )

    def clean_username(self) -> str:
        """A user name of the right shape; whether it is free is not said."""
        username = clean_username(self.cleaned_data["username"])
        if username and not is_username(username):
            raise ValidationError(
                gettext("Le nom d’utilisateur compte de 3 à 30 lettres sans accent, chiffres, points ou tirets.")
            )
        return username

    def clean(self) -> dict[str, Any]:
        """The password is checked with the names around it; the terms are those that were shown."""
        data = super().clean() or self.cleaned_data
        password = data.get("password1")
        if password:
            self.person.username = data.get("username", "")
            for message in password_errors(password, user=self.person):
                self.add_error("password1", message)
        compare_passwords(self)
        if self.terms is not None and data.get("version") != self.terms.number:
            self.add_error(
                "accepted", gettext("Les conditions générales viennent de changer\u00a0: voici le nouveau texte.")
            )
        return data


class InviteForm(forms.Form):
    """Who the other parent is, and what they may do."""

    first_name = PersonName(label=_("Son prénom"), error_messages={"required": _("Indiquez son prénom.")})
    last_name = PersonName(label=_("Son nom"), error_messages={"required": _("Indiquez son nom.")})
    email = EmailField(label=_("Son adresse mail"), help_text=_("l’invitation y part aussitôt"))
    rights = forms.MultipleChoiceField(
        label=_("Ce que cette personne pourra faire, en plus de consulter le dossier"),
        required=False,
        choices=(
            ("edit", _("modifier le dossier")),
            ("book", _("inscrire et réserver")),
            ("pay", _("payer")),
            ("notified", _("recevoir les messages et les notifications")),
        ),
        widget=forms.CheckboxSelectMultiple,
        initial=("edit", "book", "pay", "notified"),
    )

    @property
    def chosen(self) -> Rights:
        ticked = set(self.cleaned_data["rights"])
        return Rights(**{name: name in ticked for name in ("edit", "book", "pay", "notified")})


class FirstContactForm(forms.Form):
    """The household of a first contact. No health data is asked for."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    first_name = PersonName(label=_("Votre prénom"), error_messages={"required": _("Indiquez votre prénom.")})
    last_name = PersonName(label=_("Votre nom"), error_messages={"required": _("Indiquez votre nom.")})
    email = EmailField(label=_("Votre adresse mail"), help_text=_("vous y recevrez un lien à suivre"))
    phone = forms.CharField(label=_("Votre téléphone"), max_length=30, required=False)
    street = forms.CharField(
        label=_("Numéro et rue"), max_length=200, error_messages={"required": _("Indiquez votre adresse.")}
    )
    address_extra = forms.CharField(label=_("Complément d’adresse"), max_length=100, required=False)
    postcode = forms.RegexField(
        r"^\d{5}$",
        label=_("Code postal"),
        error_messages={
            "required": _("Indiquez le code postal."),
            "invalid": _("Le code postal compte cinq chiffres."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code", "class": "short"}),
    )
    town = forms.CharField(label=_("Commune"), max_length=100, error_messages={"required": _("Indiquez la commune.")})
    other_first_name = PersonName(label=_("Prénom de l’autre parent"), required=False)
    other_last_name = PersonName(label=_("Nom de l’autre parent"), required=False)
    other_email = forms.EmailField(
        label=_("Adresse mail de l’autre parent"),
        required=False,
        error_messages={"invalid": _("Indiquez une adresse mail complète, par exemple nom@exemple.fr.")},
    )
    school = forms.ModelChoiceField(
        School.objects.none(), label=_("École souhaitée"), required=False, empty_label=_("Je ne sais pas encore")
    )
    message = forms.CharField(
        label=_("Votre message"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("N’écrivez rien sur la santé d’un enfant\u00a0: le service vous la demandera à part."),
    )

    #: The parts of the page, in order.
    YOU = ("first_name", "last_name", "email", "phone")
    HOME = ("street", "address_extra", "postcode", "town")
    OTHER = ("other_first_name", "other_last_name", "other_email")
    WISH = ("school", "message")

    clean_phone = ParentForm.clean_phone

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = School.objects.order_by("name")
        for name, autocomplete in (
            ("first_name", "given-name"),
            ("last_name", "family-name"),
            ("phone", "tel"),
            ("street", "street-address"),
            ("town", "address-level2"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = autocomplete

    def part(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        """The fields of a part of the page."""
        return [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        """A second adult has both names."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("other_first_name"), data.get("other_last_name")
        if bool(first) != bool(last) or (data.get("other_email") and not last):
            missing = "other_first_name" if last else "other_last_name"
            self.add_error(missing, gettext("Indiquez le prénom et le nom de l’autre parent."))
        return data

    def household(self) -> Household:
        """What was typed, for the verb."""
        names = (*self.YOU, *self.HOME, *self.OTHER, "message")
        return Household(**{name: self.cleaned_data[name] for name in names})


class ChildForm(forms.Form):
    """A child of a first contact."""

    first_name = PersonName(label=_("Prénom"), error_messages={"required": _("Indiquez le prénom de l’enfant.")})
    last_name = PersonName(label=_("Nom"), error_messages={"required": _("Indiquez le nom de l’enfant.")})
    birth_date = forms.DateField(
        label=_("Date de naissance"),
        error_messages={
            "required": _("Indiquez la date de naissance."),
            "invalid": _("Indiquez une date, par exemple 12/03/2020."),
        },
    )
    level = forms.ChoiceField(
        label=_("Niveau à la rentrée"),
        required=False,
        choices=[("", _("Je ne sais pas encore")), *SchoolLevel.choices],
    )

    def clean_birth_date(self) -> date:
        """A child is born, and is less than eighteen."""
        born: date = self.cleaned_data["birth_date"]
        today = to_paris(timezone.now()).date()
        if born > today or today.year - born.year > 18:
            raise ValidationError(gettext("Vérifiez la date de naissance."))
        return born


class Children(BaseFormSet):  # type: ignore[type-arg]  # the stubs want the form's class
    """One to eight children, the first always asked for."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Every child that was added is to be filled."""
        return super().get_form_kwargs(index) | {"empty_permitted": False}

    def wishes(self) -> list[ChildWish]:
        """What was typed, for the verb."""
        return [ChildWish(**form.cleaned_data) for form in self.forms]


ChildrenFormSet = formset_factory(
    ChildForm, formset=Children, extra=0, min_num=1, max_num=MAX_CHILDREN, validate_min=True, validate_max=True
)


class AnswerForm(forms.Form):
    """The answer to a question of the service."""

    answer = forms.CharField(
        label=_("Votre réponse"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Écrivez votre réponse.")},
    )
