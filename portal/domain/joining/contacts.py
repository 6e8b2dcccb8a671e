"""First contacts: from the public form to a dossier with its invitation (A4).

The mailbox answers first, an agent decides, the dossier gets the next number, the invitation leaves by itself. Nothing
written here tells a visitor whether an address or a child is known: duplicates are for agents only.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from portal.domain.accounts.enums import InvitedBy
from portal.domain.accounts.models import EntrySettings, User
from portal.domain.accounts.rules import clean_email, digest, make_token
from portal.domain.audit.services import record
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember, School
from portal.domain.families.queries import find_person, load_members
from portal.domain.joining import notifications
from portal.domain.joining.enums import OPEN_STATES, ContactState
from portal.domain.joining.invitations import invite_adult
from portal.domain.joining.models import FirstContact, FirstContactChild
from portal.domain.joining.rules import Known, next_number, same_child
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure

#: Serialises the drawing of dossier numbers: an advisory lock, for no row exists yet.
_NUMBER_LOCK = 4_127_001


class ContactRefused(Exception):
    """The link of a first contact does nothing: unknown, used or past its delay; or the way is closed."""


class ContactDecided(Exception):
    """Somebody answered meanwhile; `contact` says who and what."""

    def __init__(self, contact: FirstContact) -> None:
        super().__init__(contact.get_state_display())
        self.contact = contact


@dataclass(frozen=True, slots=True)
class ChildWish:
    """A child as typed; `level` may be empty."""

    first_name: str
    last_name: str
    birth_date: date
    level: str = ""


@dataclass(frozen=True, slots=True)
class Household:
    """A household as typed. `other_…` are those of a second adult, or empty."""

    first_name: str
    last_name: str
    email: str
    street: str
    postcode: str
    town: str
    phone: str = ""
    address_extra: str = ""
    other_first_name: str = ""
    other_last_name: str = ""
    other_email: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A dossier that may be this household's, and why."""

    family: Family
    why: str


@transaction.atomic
def submit_first_contact(
    *, key: UUID, household: Household, children: Sequence[ChildWish], school: School | None, at: datetime
) -> None:
    """Keep the form and write to its mailbox. The same form sent twice is taken once; nothing is returned.

    Raises `ContactRefused` where the commune closed this way, ValueError without a child.
    """
    entries = EntrySettings.current()
    if not entries.first_contact:
        raise ContactRefused
    if not children:
        raise ValueError("a first contact names at least one child")
    until = at + entries.first_contact_delay
    token = make_token(secret=secrets.token_urlsafe(32), expires_at=until)
    try:
        with transaction.atomic():
            contact = FirstContact.objects.create(
                key=key,
                first_name=household.first_name,
                last_name=household.last_name,
                email=clean_email(household.email),
                phone=household.phone,
                other_first_name=household.other_first_name,
                other_last_name=household.other_last_name,
                other_email=clean_email(household.other_email),
                street=household.street,
                address_extra=household.address_extra,
                postcode=household.postcode,
                town=household.town,
                school=school,
                message=household.message,
                token_digest=digest(token),
                asked_at=at,
                confirm_until=until,
            )
    except IntegrityError:
        # The same form, sent twice.
        return
    FirstContactChild.objects.bulk_create(
        FirstContactChild(
            contact=contact,
            first_name=child.first_name,
            last_name=child.last_name,
            birth_date=child.birth_date,
            level=child.level,
        )
        for child in children
    )
    notifications.send_first_contact_confirmation(contact=contact, token=token, at=at)


def read_first_contact(*, token: str, at: datetime) -> FirstContact | None:
    """The contact behind a link that still works: to confirm, or to answer a question."""
    return FirstContact.objects.filter(
        token_digest=digest(token), confirm_until__gt=at, state__in=(ContactState.UNCONFIRMED, ContactState.ASKED)
    ).first()


@transaction.atomic
def confirm_first_contact(*, token: str, at: datetime) -> FirstContact:
    """The mailbox says yes: an agent may look now. Raises `ContactRefused`."""
    contact = _by_link(token, at=at, state=ContactState.UNCONFIRMED)
    contact.state, contact.confirmed_at = ContactState.WAITING, at
    contact.save(update_fields=["state", "confirmed_at"])
    return contact


@transaction.atomic
def answer_first_contact(*, token: str, answer: str, at: datetime) -> FirstContact:
    """The household answers the question: the contact waits for an agent again. Raises `ContactRefused`."""
    contact = _by_link(token, at=at, state=ContactState.ASKED)
    contact.state, contact.answer = ContactState.WAITING, answer
    contact.save(update_fields=["state", "answer"])
    return contact


def find_lookalikes(*, contact: FirstContact) -> list[Lookalike]:
    """The dossiers that share a mail address or a child with this household, those with a child first."""
    children = [
        Known(child.first_name, child.last_name, child.birth_date) for child in contact.children.order_by("pk")
    ]
    days = {child.birth_date for child in children}
    links = ChildLink.objects.filter(child__birth_date__in=days, family__archived_at=None)
    found: dict[int, Lookalike] = {}
    for link in links.select_related("child", "family").order_by("family__number"):
        known = Known(link.child.first_name, link.child.last_name, link.child.birth_date)
        if any(same_child(child, known) for child in children):
            found.setdefault(link.family_id, Lookalike(link.family, f"même enfant\u00a0: {link.child}"))
    mails = [mail for mail in (contact.email, contact.other_email) if mail]
    families = Family.objects.alias(mail=Lower("contact_email")).filter(archived_at=None)
    same = families.filter(
        Q(mail__in=mails)
        | Q(members__in=FamilyMember.objects.alias(mail=Lower("adult__email")).filter(mail__in=mails))
    )
    for family in same.distinct().order_by("number"):
        found.setdefault(family.pk, Lookalike(family, "même adresse mail"))
    return list(found.values())


@transaction.atomic
def accept_first_contact(*, contact: int, by: User, at: datetime, attach_to: Family | None = None) -> Family:
    """Open the dossier of this household, or attach it to one that exists; then invite its first adult.

    A new dossier takes the next number, drawn under a lock. In one that exists, the persons and children already there
    are recognised, the others are added. Raises `ContactDecided`.
    """
    found = _lock(contact)
    family = _open_dossier(found, at=at) if attach_to is None else Family.objects.get(pk=attach_to.pk)
    adult = _enter_adults(found, family)
    _enter_children(found, family)
    found.state, found.family, found.decided_at, found.decided_by = ContactState.ACCEPTED, family, at, by
    found.save(update_fields=["state", "family", "decided_at", "decided_by"])
    record(
        verb="accept_first_contact",
        target=found,
        by=by,
        at=at,
        family_key=family.pk,
        after={"number": family.number, "attached": attach_to is not None},
    )
    open_procedure(
        family=family,
        kind=ProcedureKind.ACCOUNT,
        title="Première demande",
        state=ProcedureState.ACCEPTED,
        by=by,
        at=at,
        about=found,
    )
    if adult.user_id is None:
        invite_adult(adult=adult, family=family, by=by, at=at, origin=InvitedBy.FIRST_CONTACT, email=found.email)
    else:
        # They have an account already: how to sign in, and nothing else.
        notifications.send_account_exists(recipient=found.email, at=at)
    return family


@transaction.atomic
def refuse_first_contact(*, contact: int, reason: str, by: User, at: datetime) -> FirstContact:
    """Say no, with the reason that the household reads by mail. Raises `ContactDecided`."""
    found = _lock(contact)
    found.state, found.reason, found.decided_at, found.decided_by = ContactState.REFUSED, reason, at, by
    found.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    record(verb="refuse_first_contact", target=found, by=by, at=at)
    notifications.send_first_contact_answer(contact=found, at=at)
    return found


@transaction.atomic
def ask_first_contact_again(*, contact: int, message: str, by: User, at: datetime) -> FirstContact:
    """Ask the household something; they answer behind a link. Raises `ContactDecided`."""
    found = _lock(contact)
    until = at + EntrySettings.current().invitation_delay(InvitedBy.STAFF)
    token = make_token(secret=secrets.token_urlsafe(32), expires_at=until)
    found.state, found.question, found.confirm_until = ContactState.ASKED, message, until
    found.asked_at, found.token_digest = at, digest(token)
    found.save(update_fields=["state", "question", "confirm_until", "asked_at", "token_digest"])
    record(verb="ask_first_contact_again", target=found, by=by, at=at)
    notifications.send_first_contact_question(contact=found, token=token, at=at)
    return found


def draw_number() -> str:
    """The next dossier number, reserved until the end of the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER_LOCK])
    return next_number({int(number) for number in Family.objects.values_list("number", flat=True)})


def _lock(contact: int) -> FirstContact:
    found = FirstContact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact)
    if found.state not in OPEN_STATES:
        raise ContactDecided(found)
    return found


def _by_link(token: str, *, at: datetime, state: ContactState) -> FirstContact:
    locked = FirstContact.objects.select_for_update(of=("self",), no_key=True)
    contact = locked.filter(token_digest=digest(token), confirm_until__gt=at, state=state).first()
    if contact is None:
        raise ContactRefused
    return contact


def _open_dossier(contact: FirstContact, *, at: datetime) -> Family:
    return Family.objects.create(
        number=draw_number(),
        name=contact.last_name,
        contact_email=contact.email,
        phone=contact.phone,
        street=contact.street,
        address_extra=contact.address_extra,
        postcode=contact.postcode,
        town=contact.town,
        created_at=at,
    )


def _enter_adults(contact: FirstContact, family: Family) -> Adult:
    """The adults of the form in the dossier; the first one is returned."""
    first = _enter_adult(
        family, contact.first_name, contact.last_name, contact.email, phone=contact.phone, role=AdultRole.HOLDER
    )
    if contact.other_first_name and contact.other_last_name:
        _enter_adult(
            family, contact.other_first_name, contact.other_last_name, contact.other_email, role=AdultRole.PARENT
        )
    return first


def _enter_adult(
    family: Family, first_name: str, last_name: str, email: str, *, role: AdultRole, phone: str = ""
) -> Adult:
    members = load_members(family=family)
    known = find_person(members=members, first_name=first_name, last_name=last_name, email=email)
    if known is not None:
        return known
    if role == AdultRole.HOLDER and any(member.role == AdultRole.HOLDER for member in members):
        role = AdultRole.PARENT
    adult = Adult.objects.create(first_name=first_name, last_name=last_name, email=email, phone=phone)
    FamilyMember.objects.create(family=family, adult=adult, role=role)
    return adult


def _enter_children(contact: FirstContact, family: Family) -> None:
    links = list(ChildLink.objects.filter(family=family).select_related("child"))
    known = [Known(link.child.first_name, link.child.last_name, link.child.birth_date) for link in links]
    order = max((link.order for link in links), default=0)
    for wished in contact.children.order_by("pk"):
        child = Known(wished.first_name, wished.last_name, wished.birth_date)
        if any(same_child(child, other) for other in known):
            continue
        order += 1
        created = Child.objects.create(
            first_name=wished.first_name, last_name=wished.last_name, birth_date=wished.birth_date
        )
        ChildLink.objects.create(family=family, child=created, order=order)
        known.append(child)
