"""Addresses of a part of the portal: the account: ways in, security."""

from uuid import uuid4

from allauth.mfa.models import Authenticator

from portal.domain.accounts.models import SignInSession
from portal.domain.joining.models import Invitation
from tests.consistency.address import FORM, GONE_ON, OK, POST, Address
from tests.web.planning.scene import NOW
from tests.web.two_families import Town

CONTACT = "une première demande se fait sans compte"
LINK = "le lien d’un courriel : son jeton fait foi"
STAGE = "la seconde étape d’une connexion : la première est déjà passée"
TOKEN = "6a9c1234.personne"
GONE, NOT_THERE, WRONG = frozenset({410}), frozenset({404}), frozenset({422})


def _invitation(town: Town) -> tuple[int]:
    """An invitation of the first family that waits."""
    invitation, _created = Invitation.objects.get_or_create(
        family=town.family,
        email="invitee@quatremer.example",
        defaults={
            "first_name": "Ildefonse",
            "last_name": "Quatremer",
            "origin": "parent",
            "token_digest": "0" * 64,
            "invited_by": town.owner,
            "sent_at": NOW,
            "expires_at": NOW.replace(year=NOW.year + 1),
        },
    )
    return (invitation.pk,)


def _session(town: Town) -> tuple[int]:
    """A device of the first family's owner, beside the one that asks."""
    session, _created = SignInSession.objects.get_or_create(
        session_key="un-autre-appareil",
        defaults={"user": town.owner, "device": "Firefox, Mac", "opened_at": NOW, "seen_at": NOW},
    )
    return (session.pk,)


def _key(town: Town) -> tuple[int]:
    """A key of the first family's owner."""
    key, _created = Authenticator.objects.get_or_create(
        user=town.owner, type=Authenticator.Type.WEBAUTHN, defaults={"data": {"name": "Clé", "credential": {}}}
    )
    return (key.pk,)


ADDRESSES: dict[str, Address] = {
    "accounts:home": Address(without_family=OK),
    "accounts:sheet": Address(without_family=OK),
    "accounts:password": Address(FORM, sent=WRONG, without_family=OK | WRONG),
    "accounts:email": Address(FORM, sent=WRONG, without_family=OK | WRONG),
    "accounts:email_confirm": Address(FORM, lambda _town: (TOKEN,), public=LINK, owner=GONE, sent=GONE),
    "accounts:email_cancel": Address(FORM, lambda _town: (TOKEN,), public=LINK, owner=GONE, sent=GONE),
    "accounts:sessions": Address(without_family=OK),
    "accounts:session_close": Address(POST, _session, theirs=True, without_family=NOT_THERE),
    "accounts:sessions_close": Address(POST, without_family=GONE_ON),
    "accounts:invite": Address(FORM, sent=frozenset({422})),
    "accounts:invite_resend": Address(POST, _invitation, theirs=True),
    "accounts:invite_cancel": Address(POST, _invitation, theirs=True),
    "accounts:invitation": Address(FORM, lambda _town: (TOKEN,), public=LINK, owner=GONE, sent=GONE),
    "accounts:first_contact": Address(
        FORM, public=CONTACT, sent=frozenset({422}), form=lambda _town: {"key": str(uuid4())}
    ),
    "accounts:first_contact_sent": Address(public=CONTACT, owner=GONE_ON),
    "accounts:first_contact_confirm": Address(FORM, lambda _town: (TOKEN,), public=LINK, owner=GONE, sent=GONE),
    "accounts:first_contact_answer": Address(FORM, lambda _town: (TOKEN,), public=LINK, owner=GONE, sent=GONE),
    # the second step: allauth's views
    "account_reauthenticate": Address(FORM, sent=OK, without_family=OK, every_method=True),
    "mfa_index": Address(without_family=OK, every_method=True),
    "mfa_authenticate": Address(FORM, public=STAGE, owner=GONE_ON, every_method=True),
    "mfa_reauthenticate": Address(FORM, owner=GONE_ON, without_family=GONE_ON, every_method=True),
    "mfa_activate_totp": Address(FORM, owner=GONE_ON, without_family=GONE_ON, every_method=True),
    "mfa_deactivate_totp": Address(FORM, owner=NOT_THERE, sent=NOT_THERE, without_family=NOT_THERE, every_method=True),
    "mfa_view_recovery_codes": Address(owner=frozenset({404}), without_family=frozenset({404}), every_method=True),
    "mfa_generate_recovery_codes": Address(FORM, owner=GONE_ON, without_family=GONE_ON, every_method=True),
    "mfa_list_webauthn": Address(owner=GONE_ON, without_family=GONE_ON, every_method=True),
    "mfa_add_webauthn": Address(FORM, owner=GONE_ON, without_family=GONE_ON, every_method=True),
    "mfa_reauthenticate_webauthn": Address(FORM, owner=GONE_ON, without_family=GONE_ON, every_method=True),
    "mfa_remove_webauthn": Address(
        FORM, _key, theirs=True, owner=GONE_ON, without_family=NOT_THERE, every_method=True
    ),
}
