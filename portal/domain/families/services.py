"""Joining a dossier: from an account to a member of the family."""

import secrets
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from portal.domain.accounts.enums import SelfCreation
from portal.domain.accounts.models import EntrySettings, User
from portal.domain.accounts.rules import clean_email, digest, make_token
from portal.domain.audit.services import record
from portal.domain.families import notifications
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Family, FamilyMember, Registration
from portal.domain.families.queries import find_person, load_members


class Joining(StrEnum):
    """What became of the wish to join a dossier."""

    JOINED = "joined"
    AWAITS_CONTACT = "awaits_contact"
    AWAITS_AGENT = "awaits_agent"
    ACCOUNT_EXISTS = "account_exists"
    NOTHING = "nothing"


class ConfirmationRefused(Exception):
    """The link of a contact address opens nothing: unknown, used or past its delay."""


@transaction.atomic
def join_family(*, user: User, by: User, at: datetime) -> Joining:
    """Make an activated account a member of the dossier it asked for, if a mailbox that the town knows proves it.

    The account's own address is proof when it is the dossier's contact address, the address of an adult who may
    edit the dossier, or the address of the very person it asks to be. Else the contact address receives a
    link, and the dossier stays closed until it is followed: three facts may be known by a neighbour or by
    somebody who left, a mailbox may not. Where the commune wants an agent to look first (A5), the proof is kept
    and the wish waits for them.
    """
    registration = _lock_registration(user=user)
    if registration is None:
        return Joining.NOTHING
    members = load_members(family=registration.family)
    if _is_taken(registration, members):
        return _already_there(registration, at=at)
    if clean_email(user.email) in trusted_mailboxes(registration, members):
        return _join_or_wait(registration, members, by=by, at=at, proof="account")
    _ask_contact(registration, members, at=at)
    return Joining.AWAITS_CONTACT


@transaction.atomic
def confirm_joining(*, token: str, at: datetime) -> Joining:
    """The contact address says yes: the account becomes a member, unless its person got an account meanwhile.

    The journal names the account that joins: the person who reads the mailbox need not have one.
    Raises `ConfirmationRefused`.
    """
    registration = _lock_confirmation(token=token, at=at)
    members = load_members(family=registration.family)
    if _is_taken(registration, members):
        return _already_there(registration, at=at)
    return _join_or_wait(registration, members, by=registration.user, at=at, proof="contact")


@transaction.atomic
def decline_joining(*, token: str, at: datetime) -> None:
    """The contact address says no: the wish is erased, the account stays without dossier.

    Raises `ConfirmationRefused`.
    """
    registration = _lock_confirmation(token=token, at=at)
    record(
        verb="decline_joining",
        target=registration.family,
        by=User.objects.system(),
        at=at,
        family_key=registration.family_id,
        after={"account": registration.user_id},
    )
    registration.delete()


@transaction.atomic
def admit(*, registration: int, by: User, at: datetime) -> Joining:
    """An agent opens the dossier to this account, whose wish is over. Raises `Registration.DoesNotExist`."""
    wish = _lock_registration(user=Registration.objects.select_related("user").get(pk=registration).user)
    if wish is None or not wish.user.is_active:
        raise Registration.DoesNotExist
    members = load_members(family=wish.family)
    if _is_taken(wish, members):
        return _already_there(wish, at=at)
    return _join(wish, members, by=by, at=at, proof="agent")


@transaction.atomic
def turn_away(*, registration: int, by: User, at: datetime) -> User:
    """An agent says no: the wish is erased, the account stays without dossier. Raises `Registration.DoesNotExist`."""
    wish = _lock_registration(user=Registration.objects.select_related("user").get(pk=registration).user)
    if wish is None:
        raise Registration.DoesNotExist
    user, family = wish.user, wish.family
    record(verb="turn_away", target=family, by=by, at=at, family_key=family.pk, after={"account": user.pk})
    wish.delete()
    return user


@transaction.atomic
def ask_contact_again(*, by: User, at: datetime) -> bool:
    """Send the contact address a new link for this account's wish; False when there is none."""
    registration = _lock_registration(user=by)
    if registration is None or not by.is_active or not registration.confirm_digest:
        return False
    _ask_contact(registration, load_members(family=registration.family), at=at)
    return True


def trusted_mailboxes(registration: Registration, members: list[FamilyMember]) -> set[str]:
    """The addresses whose reader may open this dossier to this account."""
    person = _person(registration, members)
    known = {registration.family.contact_email, *(member.adult.email for member in members if member.can_edit)}
    if person is not None:
        known.add(person.email)
    return {clean_email(mail) for mail in known if mail}


def _lock_registration(*, user: User) -> Registration | None:
    """The wish of this account, its dossier locked: two accounts never become the same person. None when it is
    archived: nobody enters it any more."""
    registration = Registration.objects.filter(user=user).first()
    if registration is None:
        return None
    Family.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.family_id)
    found = Registration.objects.select_related("user", "family").filter(pk=registration.pk, family__archived_at=None)
    return found.first()


def _lock_confirmation(*, token: str, at: datetime) -> Registration:
    asked = Registration.objects.filter(confirm_digest=digest(token), confirm_until__gt=at).first()
    registration = _lock_registration(user=asked.user) if asked is not None else None
    if registration is None or registration.confirm_digest != digest(token):
        raise ConfirmationRefused
    return registration


def _person(registration: Registration, members: list[FamilyMember]) -> Adult | None:
    user = registration.user
    return find_person(members=members, first_name=user.first_name, last_name=user.last_name, email=user.email)


def _is_taken(registration: Registration, members: list[FamilyMember]) -> bool:
    person = _person(registration, members)
    return person is not None and person.user_id is not None


def _already_there(registration: Registration, *, at: datetime) -> Joining:
    notifications.send_account_exists(recipient=registration.contact_email, at=at)
    registration.delete()
    return Joining.ACCOUNT_EXISTS


def _join_or_wait(
    registration: Registration, members: list[FamilyMember], *, by: User, at: datetime, proof: str
) -> Joining:
    """Join, or wait for an agent where the commune wants one to look: no link is left to follow then."""
    if EntrySettings.current().self_creation != SelfCreation.APPROVAL:
        return _join(registration, members, by=by, at=at, proof=proof)
    registration.confirm_digest, registration.confirm_until = "", None
    registration.save(update_fields=["confirm_digest", "confirm_until"])
    record(
        verb="await_agent",
        target=registration.family,
        by=by,
        at=at,
        family_key=registration.family_id,
        after={"account": registration.user_id, "proof": proof},
    )
    return Joining.AWAITS_AGENT


def _join(registration: Registration, members: list[FamilyMember], *, by: User, at: datetime, proof: str) -> Joining:
    """Tie the account to its person. One the town does not know yet enters with full rights: a mailbox that
    may edit the dossier vouches for them. In a dossier without holder, they are it."""
    user, family = registration.user, registration.family
    person = _person(registration, members)
    if person is not None:
        person.user = user
        person.save(update_fields=["user"])
    else:
        person = Adult.objects.create(
            user=user,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            phone=registration.phone,
        )
        role = AdultRole.PARENT if any(member.role == AdultRole.HOLDER for member in members) else AdultRole.HOLDER
        FamilyMember.objects.create(family=family, adult=person, role=role)
    record(
        verb="join_family",
        target=person,
        by=by,
        at=at,
        family_key=family.pk,
        after={"account": user.pk, "proof": proof},
    )
    registration.delete()
    return Joining.JOINED


def _ask_contact(registration: Registration, members: list[FamilyMember], *, at: datetime) -> None:
    """Send the link to the address that was given if it may open the dossier, else to the dossier's own.

    A dossier without any such address is opened by the service.
    """
    trusted = trusted_mailboxes(registration, members)
    own = clean_email(registration.family.contact_email)
    recipient = registration.contact_email if registration.contact_email in trusted else own
    if not recipient:
        return
    until = at + EntrySettings.current().staff_delay
    token = make_token(secret=secrets.token_urlsafe(32), expires_at=until)
    registration.confirm_digest, registration.confirm_until = digest(token), until
    registration.save(update_fields=["confirm_digest", "confirm_until"])
    notifications.send_joining_request(registration=registration, recipient=recipient, token=token, until=until, at=at)
