"""What is known of a person's account and ways in, and how long it is kept."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from portal.domain.accounts.models import EmailChange, SignInSession, TermsAcceptance, User
from portal.domain.accounts.purges import register_purge
from portal.domain.joining.enums import ContactState
from portal.domain.joining.invitations import purge_invitations
from portal.domain.joining.models import FirstContact, Invitation
from portal.domain.privacy.declaring import journalled, reached
from portal.domain.privacy.registry import PersonalData, Retention, register

#: A first contact that nobody confirmed is forgotten with its link.
UNCONFIRMED_KEPT = timedelta(days=2)


def _account(family: int, user: User) -> Iterable[Mapping[str, Any]]:
    yield {
        "Nom d’utilisateur": user.username,
        "Adresse mail": user.email,
        "Prénom": user.first_name,
        "Nom": user.last_name,
        "Origine": user.get_origin_display(),
        "Créé le": user.date_joined.isoformat(),
        "Dernière connexion": user.last_login.isoformat() if user.last_login else "",
    }
    for acceptance in TermsAcceptance.objects.filter(user=user).select_related("version").order_by("accepted_at"):
        yield {"Conditions acceptées": str(acceptance.version), "Le": acceptance.accepted_at.isoformat()}
    for session in SignInSession.objects.filter(user=user).order_by("opened_at"):
        yield {"Appareil connecté": session.device, "Depuis": session.opened_at.isoformat()}
    invitations = Invitation.objects.filter(family=family).filter(Q(invited_by=user) | Q(accepted_by=user))
    for invitation in invitations.order_by("sent_at"):
        yield {"Invitation": invitation.full_name, "À": invitation.email, "Le": invitation.sent_at.isoformat()}


def _purge_unconfirmed(at: datetime) -> int:
    """What no mailbox confirmed is nobody's: erased two days after its link lapsed, without a trace."""
    lapsed = FirstContact.objects.filter(state=ContactState.UNCONFIRMED, confirm_until__lte=at - UNCONFIRMED_KEPT)
    count = lapsed.count()
    lapsed.delete()
    return count


def connect() -> None:
    """Called once, from `apps.ready`."""
    register(
        PersonalData(code="account", title="Votre compte", collect=_account, order=5),
        Retention(
            code="first_contacts",
            title="Premières demandes",
            basis="Un an après l’envoi, pour une demande restée sans suite, refusée ou devenue un dossier.",
            days=365,
            find=reached(
                FirstContact.objects.select_related("family"),
                "asked_at",
                label=str,
                family=lambda contact: contact.family.number if contact.family else "",
            ),
            erase=journalled(FirstContact.objects.all(), "erase_first_contact"),
        ),
        Retention(
            code="email_changes",
            title="Changements d’adresse mail",
            basis="Un an après la demande : la trace sert à répondre à une contestation.",
            days=365,
            find=reached(
                EmailChange.objects.select_related("user"), "asked_at", label=lambda change: str(change.user)
            ),
            erase=journalled(EmailChange.objects.all(), "erase_email_change"),
        ),
    )
    register_purge("invitations", purge_invitations)
    register_purge("first_contacts", _purge_unconfirmed)
