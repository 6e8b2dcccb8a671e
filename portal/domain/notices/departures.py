"""Telling that somebody left a household: those who stay, and the person."""

from datetime import datetime

from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.families.departures import Departure, register_departure
from portal.domain.families.models import Adult, Family
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family, notify_users


def connect() -> None:
    """Register."""
    register_departure("notices", Departure(follow=_tell))


def _tell(family: Family, adult: Adult, _by: User, at: datetime) -> None:
    notify_family(
        family=family,
        kind=NoticeKind.DOSSIER,
        title=f"{adult} n’est plus dans votre dossier",
        text="Le service a retiré cette personne de votre dossier : elle n’y a plus accès. Si c’est une erreur,"
        " appelez le service.",
        path=reverse("dossier:index"),
        at=at,
    )
    if adult.user is not None and adult.user.is_active:
        notify_users(
            users=[adult.user],
            kind=NoticeKind.SECURITY,
            title=f"Vous n’avez plus accès au dossier n° {family.number}",
            text="Le service vous a retiré de ce dossier. Votre compte reste ouvert. Si c’est une erreur, appelez"
            " le service.",
            at=at,
        )
