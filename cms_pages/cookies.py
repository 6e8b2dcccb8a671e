"""The cookies that this portal really sets. A test walks the portal and compares."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie: its name, when it is set, what for, how long it stays."""

    name: str
    when: str | Promise
    purpose: str | Promise
    kept: str | Promise


def cookies() -> list[Cookie]:
    """Every cookie of the families' and the public pages, in the order people meet them."""
    found = [
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("Quand une page contient un formulaire"),
            _("Vérifier que le formulaire envoyé vient bien de ce site, et non d’un autre."),
            _("1 an"),
        ),
        Cookie(
            settings.SESSION_COOKIE_NAME,
            _("À la connexion, ou pendant la création d’un compte"),
            _("Garder la session ouverte d’une page à l’autre."),
            _("Jusqu’à la fermeture du navigateur, ou 14 jours avec « Se rappeler de moi »"),
        ),
        Cookie(
            "messages",
            _("Après une action"),
            _("Afficher une fois, sur la page suivante, ce qui vient d’être fait."),
            _("Jusqu’à la page suivante"),
        ),
    ]
    if len(settings.LANGUAGES) > 1:
        found.append(
            Cookie(
                settings.LANGUAGE_COOKIE_NAME,
                _("Quand on choisit une langue"),
                _("Retrouver le site dans la langue choisie."),
                _("1 an"),
            )
        )
    return found
