"""Inviting somebody into a dossier, and entering it by the link.

Whoever reads the invited mailbox may enter, once, within the delay. No password travels: the account is made when the
link is followed, or the person signs in to the one they have (A3, A23 to A26).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from portal.domain.accounts.enums import AccountOrigin, InvitedBy
from portal.domain.accounts.models import EntrySettings, TermsVersion, User
from portal.domain.accounts.queries import find_user_by_email
from portal.domain.accounts.rules import clean_email, digest, make_token
from portal.domain.accounts.services import accept_terms, create_open_account, erase_pending_account
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, Right, require
from portal.domain.families.enums import AdultRole
from portal.domain.families.households import add_adult
from portal.domain.families.models import Adult, Family, FamilyMember
from portal.domain.families.queries import find_person, load_members
from portal.domain.joining import notifications
from portal.domain.joining.models import Invitation
from portal.domain.joining.rules import AccountChoice, InvitationState, account_choice, invitation_state
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family

#: How many lapsed invitations one run erases.
PURGE_BATCH = 500
INVITE = "joining.invite_family"


class InvitationRefused(Exception):
    """Nothing was sent or joined; the message says why, in French, to the person who asked."""


class LinkRefused(Exception):
    """The link opens nothing; `state` says why."""

    def __init__(self, state: InvitationState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do in a dossier, beside seeing it."""

    edit: bool = True
    book: bool = True
    pay: bool = True
    notified: bool = True


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """A link as the page behind it shows it; nothing is told of one that does not work."""

    state: InvitationState
    invitation: Invitation | None = None
    choice: AccountChoice = AccountChoice.NEW
    expires_at: datetime | None = None


@transaction.atomic
def invite_adult(
    *, adult: Adult, family: Family, by: User, at: datetime, origin: InvitedBy = InvitedBy.STAFF, email: str = ""
) -> Invitation:
    """Invite a person of the dossier to open its space; an invitation that waits is replaced by the new one.

    The rights are those that the person has in the dossier. `email` overrides the address known to the town.
    Raises `InvitationRefused`: they have an account, are not of this dossier, or have no address.
    """
    _lock(family)
    member = FamilyMember.objects.select_related("adult").filter(family=family, adult=adult).first()
    if member is None:
        raise InvitationRefused("Cette personne n’est pas de ce dossier.")
    if member.adult.user_id is not None:
        raise InvitationRefused("Cette personne a déjà un compte.")
    address = clean_email(email or member.adult.email)
    if not address:
        raise InvitationRefused("Indiquez d’abord l’adresse mail de cette personne.")
    rights = Rights(edit=member.can_edit, book=member.can_book, pay=member.can_pay, notified=member.is_notified)
    Invitation.objects.open().filter(family=family, adult=adult).update(cancelled_at=at)
    return _send(
        family=family,
        adult=member.adult,
        names=(member.adult.first_name, member.adult.last_name),
        email=address,
        role=AdultRole(member.role),
        rights=rights,
        origin=origin,
        by=by,
        at=at,
    )


@transaction.atomic
def invite_parent(
    *, family: Family, first_name: str, last_name: str, email: str, rights: Rights, by: User, at: datetime
) -> Invitation:
    """A parent invites the other one, with at most the rights they have themselves; the family is told.

    Somebody of the dossier who has no account yet keeps their place there. Whether the address has an account
    elsewhere is not said: the mail is the same. Raises `NotAllowed` without the right to edit, `InvitationRefused`.
    """
    _lock(family)
    require(user=by, family=family, right=Right.EDIT)
    if not EntrySettings.current().parents_invite:
        raise InvitationRefused("Dans votre commune, c’est le service qui invite l’autre parent.")
    address = clean_email(email)
    own = FamilyMember.objects.get(family=family, adult__user=by)
    members = load_members(family=family)
    person = find_person(members=members, first_name=first_name, last_name=last_name, email=address)
    if person is not None and person.user_id is not None:
        raise InvitationRefused(f"{person} a déjà un accès à votre dossier.")
    if any(member.adult.user and clean_email(member.adult.user.email) == address for member in members):
        raise InvitationRefused("Cette adresse mail a déjà un accès à votre dossier.")
    if person is not None:
        Invitation.objects.open().filter(family=family, adult=person).update(cancelled_at=at)
    return _send(
        family=family,
        adult=person,
        names=(first_name, last_name),
        email=address,
        role=AdultRole.PARENT,
        rights=Rights(
            edit=rights.edit and own.can_edit,
            book=rights.book and own.can_book,
            pay=rights.pay and own.can_pay,
            notified=rights.notified,
        ),
        origin=InvitedBy.PARENT,
        by=by,
        at=at,
    )


@transaction.atomic
def invite_second_parent(
    *, family: Family, first_name: str, last_name: str, email: str, by: User, at: datetime
) -> Invitation:
    """The service adds the other parent to the dossier, with every right, and invites them; somebody who is there
    already keeps their place. Raises NotAllowed, HouseholdRefused, InvitationRefused; nothing is then written.
    """
    if not by.has_perm(INVITE):
        raise NotAllowed(INVITE)
    _lock(family)
    person = find_person(
        members=load_members(family=family), first_name=first_name, last_name=last_name, email=clean_email(email)
    )
    if person is None:
        person = add_adult(
            family=family,
            first_name=first_name,
            last_name=last_name,
            email=clean_email(email),
            role=AdultRole.PARENT,
            by=by,
            at=at,
        ).adult
    return invite_adult(adult=person, family=family, by=by, at=at, email=email)


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """Send a new link with its whole delay; the former one dies. Raises `InvitationRefused` when it is over."""
    _lock(invitation.family)
    fresh = Invitation.objects.select_related("family").get(pk=invitation.pk)
    if fresh.accepted_at or fresh.cancelled_at:
        raise InvitationRefused("Cette invitation n’attend plus.")
    token = _renew(fresh, at=at)
    fresh.save(update_fields=["token_digest", "sent_at", "expires_at"])
    record(verb="resend_invitation", target=fresh, by=by, at=at, family_key=fresh.family_id)
    notifications.send_invitation(invitation=fresh, token=token, at=at)
    return fresh


@transaction.atomic
def cancel_invitation(*, invitation: Invitation, by: User, at: datetime) -> None:
    """Close the link; a second time changes nothing. Raises `InvitationRefused` once somebody entered by it."""
    _lock(invitation.family)
    fresh = Invitation.objects.get(pk=invitation.pk)
    if fresh.accepted_at:
        raise InvitationRefused("Cette invitation a déjà été acceptée.")
    if fresh.cancelled_at is None:
        fresh.cancelled_at = at
        fresh.save(update_fields=["cancelled_at"])
        record(verb="cancel_invitation", target=fresh, by=by, at=at, family_key=fresh.family_id)


def read_invitation(*, token: str, at: datetime, user: User | None = None) -> InvitationLink:
    """What the link is worth at `at`, and what its reader should do: `user` is who is signed in, if anybody."""
    invitation = Invitation.objects.select_related("family", "adult").filter(token_digest=digest(token)).first()
    state = _state(invitation, token=token, at=at)
    if invitation is None or state != InvitationState.VALID:
        return InvitationLink(state=state)
    holder = find_user_by_email(email=invitation.email)
    choice = account_choice(
        has_account=holder is not None and not _may_be_replaced(holder),
        is_open=holder is not None and holder.is_active,
        signed_in=user is not None,
        is_theirs=user is not None and holder is not None and user.pk == holder.pk,
    )
    return InvitationLink(state=state, invitation=invitation, choice=choice, expires_at=invitation.expires_at)


def accept_as_new_account(
    *, token: str, username: str, password_hash: str, terms: TermsVersion | None, at: datetime
) -> User:
    """Make the account and enter the dossier. The mailbox is proved by the link, the terms by their tick (A16).

    Raises `LinkRefused` when the link was used, cancelled or lapsed meanwhile, or the address got an account.
    """
    try:
        with transaction.atomic():
            return _accept_new(token=token, username=username, password_hash=password_hash, terms=terms, at=at)
    except IntegrityError as error:
        # The address got an account in the same instant: the page says to sign in.
        raise LinkRefused(InvitationState.VALID) from error


@transaction.atomic
def accept_with_account(*, token: str, by: User, at: datetime) -> Family:
    """Enter the dossier with the account that has the invited address. Raises `LinkRefused`, `InvitationRefused`."""
    invitation = _locked(token=token, at=at)
    if not by.is_active or clean_email(by.email) != clean_email(invitation.email):
        raise InvitationRefused("Cette invitation est adressée à un autre compte.")
    _enter(invitation, user=by, at=at)
    return invitation.family


def purge_invitations(at: datetime) -> int:
    """Erase invitations that nobody followed in time, and those cancelled, once their delay is over (A24)."""
    lapsed = Invitation.objects.filter(accepted_at=None, expires_at__lte=at).order_by("expires_at")
    keys = list(lapsed.values_list("pk", flat=True)[:PURGE_BATCH])
    with transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",), skip_locked=True).filter(
            pk__in=keys, accepted_at=None, expires_at__lte=at
        )
        return Invitation.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def _lock(family: Family) -> None:
    """One move at a time at the doors of a dossier. Raises InvitationRefused when it is archived."""
    locked = Family.objects.select_for_update(of=("self",), no_key=True).get(pk=family.pk)
    if locked.archived_at is not None:
        raise InvitationRefused("Ce dossier est archivé : personne n’y entre plus.")


def _send(
    *,
    family: Family,
    adult: Adult | None,
    names: tuple[str, str],
    email: str,
    role: AdultRole,
    rights: Rights,
    origin: InvitedBy,
    by: User,
    at: datetime,
) -> Invitation:
    Invitation.objects.open().filter(family=family, email__iexact=email).update(cancelled_at=at)
    invitation = Invitation(
        family=family,
        adult=adult,
        first_name=names[0],
        last_name=names[1],
        email=email,
        origin=origin,
        role=role,
        can_edit=rights.edit,
        can_book=rights.book,
        can_pay=rights.pay,
        is_notified=rights.notified,
        invited_by=by,
    )
    token = _renew(invitation, at=at)
    invitation.save()
    record(
        verb="invite",
        target=invitation,
        by=by,
        at=at,
        family_key=family.pk,
        after={"origin": origin.value, "edit": rights.edit, "book": rights.book, "pay": rights.pay},
    )
    notifications.send_invitation(invitation=invitation, token=token, at=at)
    return invitation


def _renew(invitation: Invitation, *, at: datetime) -> str:
    """A new link with its whole delay."""
    expires_at = at + EntrySettings.current().invitation_delay(InvitedBy(invitation.origin))
    token = make_token(secret=secrets.token_urlsafe(32), expires_at=expires_at)
    invitation.token_digest, invitation.sent_at, invitation.expires_at = digest(token), at, expires_at
    return token


def _state(invitation: Invitation | None, *, token: str, at: datetime) -> InvitationState:
    return invitation_state(
        known=invitation is not None,
        accepted=invitation is not None and invitation.accepted_at is not None,
        cancelled=invitation is not None and invitation.cancelled_at is not None,
        expires_at=invitation.expires_at if invitation is not None else None,
        token=token,
        at=at,
    )


def _locked(*, token: str, at: datetime) -> Invitation:
    """The invitation of that link, its dossier locked, still worth something. Raises `LinkRefused`."""
    seen = Invitation.objects.select_related("family").filter(token_digest=digest(token)).first()
    if seen is not None:
        # Archiving and merging settle the open links under this lock: the one read below is what they left.
        Family.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.family_id)
    found = Invitation.objects.select_related("family", "adult").filter(token_digest=digest(token)).first()
    state = _state(found, token=token, at=at)
    if found is None or state != InvitationState.VALID:
        raise LinkRefused(state)
    return found


def _accept_new(*, token: str, username: str, password_hash: str, terms: TermsVersion | None, at: datetime) -> User:
    invitation = _locked(token=token, at=at)
    holder = find_user_by_email(email=invitation.email)
    if holder is not None:
        if not _may_be_replaced(holder):
            raise LinkRefused(InvitationState.VALID)
        erase_pending_account(user=holder)
    user = create_open_account(
        username=username,
        email=invitation.email,
        password_hash=password_hash,
        first_name=invitation.first_name,
        last_name=invitation.last_name,
        origin=AccountOrigin.STAFF if invitation.origin != InvitedBy.PARENT else AccountOrigin.SELF,
        at=at,
    )
    if terms is not None:
        accept_terms(version=terms, by=user, at=at)
    _enter(invitation, user=user, at=at)
    return user


def _may_be_replaced(user: User) -> bool:
    """An account of that address that nobody ever opened proves nothing: the link of the invitation does."""
    activation = getattr(user, "activation", None)
    return not user.is_active and activation is not None and activation.activated_at is None


def _enter(invitation: Invitation, *, user: User, at: datetime) -> None:
    """Tie the account to its place in the dossier, made now if there was none. Raises `InvitationRefused`."""
    family = invitation.family
    own = Adult.objects.filter(user=user).first()
    if own is not None and FamilyMember.objects.filter(family=family, adult=own).exists():
        raise InvitationRefused("Vous avez déjà accès à ce dossier.")
    person = invitation.adult
    if person is not None and person.user_id is not None:
        raise InvitationRefused("Cette personne a déjà un compte.")
    if person is None and own is None:
        person = Adult.objects.create(
            user=user, first_name=invitation.first_name, last_name=invitation.last_name, email=invitation.email
        )
        _add_member(invitation, person)
    elif person is None and own is not None:
        person = own
        _add_member(invitation, own)
    elif person is not None and own is not None:
        # One account is one person: their place in this dossier goes to who they already are.
        FamilyMember.objects.filter(family=family, adult=person).update(adult=own)
        person = own
    elif person is not None:
        person.user = user
        person.email = person.email or invitation.email
        person.save(update_fields=["user", "email"])
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record(
        verb="accept_invitation", target=invitation, by=user, at=at, family_key=family.pk, after={"account": user.pk}
    )
    notify_family(
        family=family,
        kind=NoticeKind.SECURITY,
        title=f"{invitation.full_name} a maintenant accès à votre dossier",
        text="Ce n’est pas normal\u202f? Appelez le service\u00a0: il peut fermer cet accès.",
        at=at,
    )


def _add_member(invitation: Invitation, adult: Adult) -> None:
    FamilyMember.objects.create(
        family=invitation.family,
        adult=adult,
        role=invitation.role,
        can_edit=invitation.can_edit,
        can_book=invitation.can_book,
        can_pay=invitation.can_pay,
        is_notified=invitation.is_notified,
    )
