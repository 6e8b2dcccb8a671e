"""Writing who is around a child. Families write their own; identity checks and judgements belong to agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.contacts.enums import Relation
from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.contacts.queries import least_age
from portal.domain.contacts.rules import is_under
from portal.domain.families.access import NotAllowed, Right, children_with, lock_in_use, require
from portal.domain.families.models import Adult, Child, Family
from portal.domain.kernel.clock import paris_date

CHECK_IDENTITY = "contacts.check_identity"
RESTRICT = "contacts.restrict_adult"
MOST_CONTACTS = 40


class ContactRefused(Exception):
    """Nothing was written. `field` names what is wrong, the message says what to do, in French."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Person:
    """Who a contact is."""

    first_name: str
    last_name: str
    phone: str
    other_phone: str = ""
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contact is to a child, and what is allowed on which days, both inclusive."""

    relation: str
    may_collect: bool
    call_order: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""


@transaction.atomic
def set_kinship(
    *,
    family: Family,
    adult: Adult,
    children: Sequence[Child],
    relation: Relation,
    is_guardian: bool,
    by: User,
    at: datetime,
) -> list[Kinship]:
    """Say what an adult of this dossier is to one child or several. A judgement recorded by an agent stays.

    Raises NotAllowed for an adult or a child of another dossier.
    """
    _lock(family=family, children=children, by=by)
    if not adult.memberships.filter(family=family).exists():
        raise NotAllowed("adult")
    written = []
    for child in children:
        kinship, created = Kinship.objects.select_for_update(no_key=True).get_or_create(adult=adult, child=child)
        before = {} if created else {"relation": kinship.relation, "guardian": kinship.is_guardian}
        after = {"relation": relation.value, "guardian": is_guardian}
        if before != after:
            kinship.relation, kinship.is_guardian = relation, is_guardian
            kinship.save(update_fields=["relation", "is_guardian"])
            record(
                verb="set_kinship",
                target=kinship,
                by=by,
                at=at,
                family_key=family.pk,
                before=before,
                after=after | {"child": child.pk, "adult": adult.pk},
            )
        written.append(kinship)
    return written


@transaction.atomic
def set_kinships(
    *,
    family: Family,
    children: Sequence[Child],
    kin: Sequence[tuple[Adult, Relation, bool]],
    by: User,
    at: datetime,
) -> None:
    """The same for several adults at once: (adult, relation, holds parental authority). Raises NotAllowed."""
    for adult, relation, is_guardian in kin:
        set_kinship(
            family=family,
            adult=adult,
            children=children,
            relation=relation,
            is_guardian=is_guardian,
            by=by,
            at=at,
        )


@transaction.atomic
def save_contact(
    *,
    family: Family,
    contact: Contact | None,
    person: Person,
    children: Sequence[Child],
    among: Sequence[Child],
    terms: Terms,
    by: User,
    at: datetime,
) -> Contact:
    """Add a contact or change it, with the same terms for one child or several.

    `among` are the children that the form proposed: those of them left out lose the contact; other children keep
    theirs. Sent twice, the second changes nothing: a person is once in a dossier. Another name
    drops an identity check. Raises ContactRefused, NotAllowed.
    """
    _lock(family=family, children=[*children, *among], by=by)
    today = paris_date(at)
    _check(person, terms, today)
    found = _find(family, contact, person)
    before = _facts(found) if found is not None else {}
    if found is None:
        if Contact.objects.filter(family=family).count() >= MOST_CONTACTS:
            raise ContactRefused("last_name", f"Votre liste compte déjà {MOST_CONTACTS} personnes : retirez-en une.")
        found = Contact(family=family, created_at=at)
    other_person = bool(before) and (before["first_name"], before["last_name"]) != (
        person.first_name,
        person.last_name,
    )
    found.first_name, found.last_name = person.first_name, person.last_name
    found.phone, found.other_phone, found.birth_date = person.phone, person.other_phone, person.birth_date
    if _facts(found) != before:
        found.save()
        record(
            verb="save_contact",
            target=found,
            by=by,
            at=at,
            family_key=family.pk,
            after={"changed": sorted(name for name, value in _facts(found).items() if before.get(name) != value)},
        )
    for child in children:
        _link(found, child, terms, forget_check=other_person, family=family, by=by, at=at)
    left = ContactLink.objects.filter(contact=found, child__in=among, ended_on=None).exclude(child__in=children)
    for link in left.select_for_update(of=("self",), no_key=True):
        _end(link, family=family, by=by, at=at)
    return found


@transaction.atomic
def end_authorisation(*, family: Family, link: ContactLink, by: User, at: datetime) -> None:
    """Take a contact away from a child, from today on. Twice is the same as once."""
    _lock(family=family, children=[link.child], by=by)
    locked = ContactLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk, contact__family=family)
    if locked.ended_on is None:
        _end(locked, family=family, by=by, at=at)


@transaction.atomic
def check_identity(*, link: ContactLink, by: User, at: datetime) -> ContactLink:
    """Note that an agent saw an identity card of this person. The copy is not kept. Raises PermissionDenied."""
    if not by.has_perm(CHECK_IDENTITY):
        raise PermissionDenied
    locked = ContactLink.objects.select_for_update(of=("self",), no_key=True).select_related("contact")
    found = locked.get(pk=link.pk)
    if found.identity_checked_on is None:
        found.identity_checked_on, found.identity_checked_by = paris_date(at), by
        found.save(update_fields=["identity_checked_on", "identity_checked_by"])
        record(verb="check_identity", target=found, by=by, at=at, family_key=found.contact.family_id)
    return found


@transaction.atomic
def restrict_adult(*, adult: Adult, child: Child, judgement: str, by: User, at: datetime) -> Kinship:
    """Record a judgement: this adult may not collect this child. It wins over every authorisation.

    The journal keeps that it happened, not the reference. Raises PermissionDenied, ContactRefused.
    """
    if not by.has_perm(RESTRICT):
        raise PermissionDenied
    if not judgement.strip():
        raise ContactRefused("judgement", "Indiquez la référence du jugement.")
    if not adult.memberships.filter(family__child_links__child=child).exists():
        raise ContactRefused("adult", "Cet adulte n’est dans aucun dossier de cet enfant.")
    kinship, _created = Kinship.objects.select_for_update(no_key=True).get_or_create(adult=adult, child=child)
    kinship.may_not_collect, kinship.judgement = True, judgement.strip()
    kinship.save(update_fields=["may_not_collect", "judgement"])
    record(verb="restrict_adult", target=kinship, by=by, at=at)
    return kinship


@transaction.atomic
def lift_restriction(*, kinship: Kinship, by: User, at: datetime) -> None:
    """The judgement no longer stands. Raises PermissionDenied."""
    if not by.has_perm(RESTRICT):
        raise PermissionDenied
    locked = Kinship.objects.select_for_update(no_key=True).get(pk=kinship.pk)
    if locked.may_not_collect:
        locked.may_not_collect, locked.judgement = False, ""
        locked.save(update_fields=["may_not_collect", "judgement"])
        record(verb="lift_restriction", target=locked, by=by, at=at)


def _lock(*, family: Family, children: Sequence[Child], by: User) -> None:
    """The right to edit the dossier and each child, and the dossier locked. Raises NotAllowed."""
    require(user=by, family=family, right=Right.EDIT)
    lock_in_use(family)
    allowed = set(children_with(user=by, family=family, right=Right.EDIT).values_list("pk", flat=True))
    if not {child.pk for child in children} <= allowed:
        raise NotAllowed("child")


def _check(person: Person, terms: Terms, today: date) -> None:
    if terms.valid_from and terms.valid_until and terms.valid_until < terms.valid_from:
        raise ContactRefused("valid_until", "Le dernier jour ne vient pas avant le premier.")
    if person.birth_date is not None:
        if person.birth_date >= today:
            raise ContactRefused("birth_date", "Indiquez une date de naissance passée.")
        # A one-off authorisation may be for later: the age counts on its first day.
        day, least = max(terms.valid_from or today, today), least_age()
        if terms.may_collect and is_under(least, person.birth_date, day):
            raise ContactRefused("birth_date", f"Pour venir chercher un enfant, il faut avoir au moins {least} ans.")


def _find(family: Family, contact: Contact | None, person: Person) -> Contact | None:
    namesake = Contact.objects.filter(
        family=family, first_name__iexact=person.first_name, last_name__iexact=person.last_name
    ).first()
    if contact is None:
        return namesake
    if namesake is not None and namesake.pk != contact.pk:
        raise ContactRefused("last_name", f"{namesake} est déjà dans votre liste : modifiez cette personne.")
    return Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk, family=family)


def _facts(contact: Contact) -> dict[str, str]:
    names = ("first_name", "last_name", "phone", "other_phone", "birth_date")
    return {name: str(getattr(contact, name) or "") for name in names}


def _link(
    contact: Contact, child: Child, terms: Terms, *, forget_check: bool, family: Family, by: User, at: datetime
) -> None:
    link = ContactLink.objects.select_for_update(no_key=True).filter(contact=contact, child=child).first()
    link = link or ContactLink(contact=contact, child=child)
    names = ("relation", "may_collect", "call_order", "valid_from", "valid_until", "note")
    before = {name: getattr(link, name) for name in names} | {"ended_on": link.ended_on} if link.pk else {}
    for name in names:
        setattr(link, name, getattr(terms, name))
    link.ended_on = None
    if forget_check:
        link.identity_checked_on, link.identity_checked_by = None, None
    if forget_check or before != {name: getattr(link, name) for name in names} | {"ended_on": None}:
        link.save()
        record(
            verb="link_contact",
            target=link,
            by=by,
            at=at,
            family_key=family.pk,
            after={
                "child": child.pk,
                "may_collect": link.may_collect,
                "from": str(link.valid_from or ""),
                "until": str(link.valid_until or ""),
            },
        )


def _end(link: ContactLink, *, family: Family, by: User, at: datetime) -> None:
    link.ended_on = paris_date(at)
    link.save(update_fields=["ended_on"])
    record(verb="end_authorisation", target=link, by=by, at=at, family_key=family.pk, after={"child": link.child_id})
