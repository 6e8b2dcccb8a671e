"""The link between an account and a person of FranceConnect: made and undone by the account's owner alone."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_users
from portal.web.franceconnect.provider import PROVIDER


class LinkRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def find_link(user: User) -> SocialAccount | None:
    """The link of this account, if any."""
    return SocialAccount.objects.filter(user=user, provider=PROVIDER).order_by("pk").first()


@transaction.atomic
def link_account(*, user: User, uid: str, by: User, at: datetime) -> SocialAccount:
    """Tie the account to that person; twice the same changes nothing. Raises LinkRefused.

    Refused: an agent, a person tied to another account, an account tied to another person.
    """
    if user.is_agent:
        raise LinkRefused(_("Un compte d’agent ne se relie pas à FranceConnect."))
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    held = SocialAccount.objects.filter(provider=PROVIDER, uid=uid).first()
    if held is not None and held.user_id == user.pk:
        return held
    if held is not None:
        raise LinkRefused(_("Cette identité FranceConnect est déjà reliée à un autre compte."))
    if find_link(user) is not None:
        raise LinkRefused(_("Ce compte est déjà relié à une autre identité FranceConnect."))
    try:
        with transaction.atomic():
            link = SocialAccount.objects.create(user=user, provider=PROVIDER, uid=uid, extra_data={})
    except IntegrityError:
        raise LinkRefused(_("Cette identité FranceConnect est déjà reliée à un autre compte.")) from None
    record(verb="link_franceconnect", target=user, by=by, at=at)
    _tell(
        user,
        "Votre compte est relié à FranceConnect",
        "Vous pouvez vous connecter par FranceConnect. Si vous n’en êtes pas à l’origine, changez votre mot de passe.",
        at=at,
    )
    return link


@transaction.atomic
def unlink_account(*, user: User, by: User, at: datetime) -> bool:
    """Untie the account; False when it was not tied. Raises LinkRefused without a password to come back with."""
    locked = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    link = find_link(locked)
    if link is None:
        return False
    if not locked.has_usable_password():
        raise LinkRefused(
            _("Choisissez d’abord un mot de passe\u00a0: sans lui, vous ne pourriez plus vous connecter.")
        )
    link.delete()
    record(verb="unlink_franceconnect", target=locked, by=by, at=at)
    _tell(locked, "Votre compte n’est plus relié à FranceConnect", "Votre mot de passe reste le même.", at=at)
    return True


def _tell(user: User, title: str, text: str, *, at: datetime) -> None:
    notify_users(
        users=[user], kind=NoticeKind.SECURITY, title=title, text=text, at=at, path=reverse("franceconnect:index")
    )
