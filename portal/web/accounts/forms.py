"""Forms of the account: sign-in and reset (allauth's, with our words), creation, activation, terms."""

import re
import unicodedata
from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.domain.accounts.models import User
from portal.domain.accounts.queries import find_user_by_email
from portal.domain.accounts.rules import MAX_USERNAME, clean_email, clean_username, is_username
from portal.domain.families.rules import DOSSIER_NUMBER, clean_dossier_number
from portal.domain.kernel.french import typography

#: Words of letters with what French names put between them; nothing that could be an address in a mail.
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ ’'\-]+[^\W\d_]+\.?)*")
_PHONE_SEPARATORS = re.compile(r"[\s.\-()]")
_FRENCH_PHONE = re.compile(r"0[1-9]\d{8}", re.ASCII)
_FOREIGN_PHONE = re.compile(r"\+\d{8,15}", re.ASCII)

#: Longer than any sentence, short enough to be hashed at once.
MAX_PASSWORD = 200

PASSWORD_HINT = _(
    "12 caractères au moins. Une phrase que vous retenez convient très bien. "
    "Ni votre nom, ni votre adresse mail, ni un mot de passe courant."
)
#: In the session: this computer is shared.
SHARED_KEY = "shared_computer"

COMPLETE_EMAIL = _("Indiquez une adresse mail complète, par exemple nom@exemple.fr.")


class EmailField(forms.EmailField):
    """A mail address, kept as it is compared."""

    default_error_messages = {"required": COMPLETE_EMAIL, "invalid": COMPLETE_EMAIL}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)
        self.widget.attrs |= {"autocomplete": "email", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        """The address in small letters, without spaces around."""
        return clean_email(super().clean(value))


class PersonName(forms.CharField):
    """A first or last name: letters, spaces, hyphens, apostrophes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, **kwargs)

    def clean(self, value: Any) -> str:
        """The name in composed letters, single spaces. Raises ValidationError on anything that is no name."""
        name = " ".join(unicodedata.normalize("NFC", super().clean(value)).split())
        if name and not _NAME.fullmatch(name):
            raise ValidationError(gettext("Écrivez ce nom avec des lettres, sans chiffre ni autre signe."))
        return name


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None when the page is only asked. A form sent empty is sent all the same."""
    return request.POST if request.method == "POST" else None


def new_password_field(label: str, **kwargs: Any) -> forms.CharField:
    """A password to choose: never shown again, never kept in a page."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=MAX_PASSWORD, strip=False, widget=widget, **kwargs)


def current_password_field(label: str, **kwargs: Any) -> forms.CharField:
    """A password that exists."""
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=label, max_length=MAX_PASSWORD, strip=False, widget=widget, **kwargs)


def password_errors(password: str, *, user: User) -> list[str]:
    """What is wrong with a new password, in French with its spaces; nothing when it is good."""
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        return [typography(message) for message in error.messages]
    return []


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """Login, password, « Se rappeler de moi », off until it is ticked; « ordinateur partagé », which wins over it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Adresse mail ou nom d’utilisateur"),
            max_length=254,
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
            ),
            error_messages={"required": _("Indiquez votre adresse mail ou votre nom d’utilisateur.")},
        )
        self.fields["password"] = current_password_field(
            _("Mot de passe"), error_messages={"required": _("Indiquez votre mot de passe.")}
        )
        self.fields["remember"] = forms.BooleanField(label=_("Se rappeler de moi sur cet appareil"), required=False)
        self.fields["shared"] = forms.BooleanField(
            label=_("Cet ordinateur est partagé\u00a0: me déconnecter après 20 minutes sans activité"), required=False
        )
        self.order_fields(["login", "password", "remember", "shared"])

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> Any:
        """Sign in; a shared computer remembers nobody (L11). The mark waits in the session for the second step."""
        if self.cleaned_data["shared"]:
            self.cleaned_data["remember"] = False
            request.session[SHARED_KEY] = True
        else:
            request.session.pop(SHARED_KEY, None)
        return super().login(request, redirect_url)


class ResetRequestForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The mail address of somebody who forgot their password; the answer is the same for any address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField(label=_("Votre adresse mail"))

    def clean_email(self) -> str:
        """Remember whose address it is, if anybody's: `save` writes to them, or says that there is no account."""
        email: str = self.cleaned_data["email"]
        user = find_user_by_email(email=email)
        self.users = [user] if user is not None and user.is_active else []
        return email


class PasswordTwice(forms.Form):
    """A new password and the same again, in our words, over a form of allauth that knows its `user`."""

    user: User

    def ask_new_password(self) -> None:
        """Put our two fields in place of those of allauth, after any that stands before them."""
        self.fields["password1"] = new_password_field(
            _("Nouveau mot de passe"),
            help_text=PASSWORD_HINT,
            error_messages={"required": _("Choisissez un mot de passe.")},
        )
        self.fields["password2"] = new_password_field(
            _("Le même, encore une fois"),
            error_messages={"required": _("Écrivez le mot de passe une seconde fois.")},
        )

    def clean_password1(self) -> str:
        """The password, once it is good enough for this account."""
        password: str = self.cleaned_data["password1"]
        errors = password_errors(password, user=self.user)
        if errors:
            raise ValidationError(errors)
        return password

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        data: dict[str, Any] = forms.Form.clean(self) or self.cleaned_data
        compare_passwords(self)
        return data


class NewPasswordForm(PasswordTwice, ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """The new password, twice, behind the link of the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_new_password()


class ParentForm(forms.Form):
    """Step 1: who asks for the account, and the password.

    `password_chosen`: one is already kept (as a hash); leaving both fields empty keeps it.
    """

    first_name = PersonName(label=_("Prénom"), error_messages={"required": _("Indiquez votre prénom.")})
    last_name = PersonName(label=_("Nom"), error_messages={"required": _("Indiquez votre nom.")})
    email = EmailField(
        label=_("Adresse mail du compte"),
        help_text=_("vous y recevrez le lien d’activation, puis nos confirmations"),
    )
    phone = forms.CharField(label=_("Téléphone"), max_length=30, required=False)
    username = forms.CharField(
        label=_("Nom d’utilisateur"),
        max_length=MAX_USERNAME,
        required=False,
        help_text=_(
            "pour vous connecter sans votre adresse mail. Laissez vide\u00a0: il est fait du début de votre adresse. "
            "S’il est déjà pris, un chiffre le complète."
        ),
    )
    password1 = new_password_field(_("Mot de passe"))
    password2 = new_password_field(_("Le même, encore une fois"))

    def __init__(self, *args: Any, password_chosen: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, autocomplete in (("first_name", "given-name"), ("last_name", "family-name")):
            self.fields[name].widget.attrs["autocomplete"] = autocomplete
        self.fields["phone"].widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "short"})
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password1"].help_text = PASSWORD_HINT
        self.fields["password1"].error_messages["required"] = _("Choisissez un mot de passe.")
        self.fields["password2"].error_messages["required"] = _("Écrivez le mot de passe une seconde fois.")
        if password_chosen:
            self.keep_password()

    def keep_password(self) -> None:
        """Say that a password is already chosen, and ask for none."""
        # On the bound field: it copied the help of the form when it was first looked at.
        self["password1"].help_text = gettext("Déjà choisi\u00a0: laissez vide pour le garder.")
        for name in ("password1", "password2"):
            self.fields[name].required = False

    def clean_phone(self) -> str:
        """Ten French digits by pairs, or an international number."""
        number = _PHONE_SEPARATORS.sub("", self.cleaned_data["phone"])
        if number.startswith("+33") and len(number) == 12:
            number = "0" + number[3:]
        if not number or _FOREIGN_PHONE.fullmatch(number):
            return number
        if not _FRENCH_PHONE.fullmatch(number):
            raise ValidationError(
                gettext("Indiquez un numéro à dix chiffres, par exemple 06\u00a039\u00a098\u00a012\u00a034.")
            )
        return " ".join(number[start : start + 2] for start in range(0, 10, 2))

    def clean_username(self) -> str:
        """A user name of the right shape. Whether it is free is not said: the account gets a number if not."""
        username = clean_username(self.cleaned_data["username"])
        if username and not is_username(username):
            raise ValidationError(
                gettext("Le nom d’utilisateur compte de 3 à 30 lettres sans accent, chiffres, points ou tirets.")
            )
        return username

    def clean(self) -> dict[str, Any]:
        """The password is checked with the names around it, then against its repetition."""
        data = super().clean() or self.cleaned_data
        password = data.get("password1")
        if password:
            person = User(
                username=data.get("username", ""),
                email=data.get("email", ""),
                first_name=data.get("first_name", ""),
                last_name=data.get("last_name", ""),
            )
            for message in password_errors(password, user=person):
                self.add_error("password1", message)
        compare_passwords(self)
        return data

    @property
    def good_password(self) -> str:
        """The password, if one was typed and nothing is wrong with it: kept even when another field is to be seen."""
        if "password1" in self.errors or "password2" in self.errors:
            return ""
        return str(self.cleaned_data.get("password1", ""))


class DossierForm(forms.Form):
    """Step 2: the three facts of a dossier."""

    number = forms.CharField(
        label=_("Numéro de dossier"),
        max_length=20,
        help_text=_("de 3 à 6 chiffres, en haut à droite de votre dernière facture"),
        error_messages={"required": _("Indiquez le numéro de dossier.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "short"}),
    )
    name = forms.CharField(
        label=_("Nom du responsable, tel que sur la facture"),
        max_length=200,
        error_messages={"required": _("Indiquez le nom du responsable du dossier.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact_email = EmailField(
        label=_("Adresse mail donnée à la mairie"), help_text=_("celle où vous recevez déjà nos messages")
    )

    def clean_number(self) -> str:
        """Three to six digits, without what is copied with them."""
        number = clean_dossier_number(self.cleaned_data["number"])
        if not DOSSIER_NUMBER.fullmatch(number):
            raise ValidationError(gettext("Le numéro de dossier compte de 3 à 6 chiffres."))
        return number


class TermsForm(forms.Form):
    """« J’ai lu » under the terms of use. `version` is the one that was shown."""

    accepted = forms.BooleanField(
        label=_("J’ai lu les conditions générales et je les accepte"),
        error_messages={"required": _("Cochez «\u00a0J’ai lu\u00a0» pour continuer.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class AskLinkForm(forms.Form):
    """The address to which the activation link is sent again."""

    email = EmailField(label=_("Adresse mail du compte"))


class ActivationForm(forms.Form):
    """The password chosen with the account."""

    password = current_password_field(
        _("Votre mot de passe"),
        help_text=_("celui que vous avez choisi en remplissant le formulaire"),
        error_messages={"required": _("Indiquez le mot de passe choisi avec le formulaire.")},
    )


def compare_passwords(form: forms.Form) -> None:
    """Note on the second password that it is not the first."""
    first, second = form.cleaned_data.get("password1"), form.cleaned_data.get("password2")
    if first is not None and second is not None and first != second:
        form.add_error("password2", gettext("Les deux mots de passe ne sont pas les mêmes."))
