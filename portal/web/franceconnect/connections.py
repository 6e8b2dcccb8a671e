"""What FranceConnect tells the rest: what « mes données » says of the link."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.privacy import own_adults
from portal.domain.privacy.registry import (
    Erasure,
    Fate,
    PersonalData,
    Planned,
    register_closing,
    register_erasure,
    register_personal_data,
)


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_personal_data(PersonalData("franceconnect", "Lien avec FranceConnect", personal_data, order=15))
    register_erasure(Erasure("franceconnect", _plan, _forget, order=22))
    register_closing(_leave)


def personal_data(_family: int, user: User) -> Iterable[Mapping[str, Any]]:
    """The link of the account that asks. It goes with the account."""
    from portal.web.franceconnect.linking import find_link

    link = find_link(user)
    return [{"Relié le": link.date_joined.isoformat(), "Identifiant": link.uid}] if link is not None else []


def _links(family: int) -> QuerySet[SocialAccount]:
    """The links of the adults who are in no other dossier: they go with their account."""
    return SocialAccount.objects.filter(user__adult__in=own_adults(family))


def _plan(family: int, _at: datetime) -> list[Planned]:
    return [Planned("liens avec FranceConnect", _links(family).count(), Fate.ERASED)]


def _forget(family: int, _by: User, _at: datetime) -> None:
    _links(family).delete()


def _leave(user: User, _at: datetime) -> None:
    """An account that closes keeps no link: the same person may come again."""
    SocialAccount.objects.filter(user=user).delete()
