"""Who belongs to a household and what each may do there: the verbs of people, rights and separated parents.

A household's own affairs (its members' rights, whether its address is shown) are its holder's; what a household may
do about a child is an agent's, because another household may be concerned.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, Right, lock_in_use, require
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember

RIGHTS = ("can_see", "can_edit", "can_book", "can_pay", "is_notified")
MANAGE_HOUSEHOLDS = "families.change_childlink"


class HouseholdRefused(Exception):
    """A rule forbids it; the message, in French, says which and what to do."""


@transaction.atomic
def set_member_rights(*, family: Family, member: int, rights: dict[str, bool], by: User, at: datetime) -> FamilyMember:
    """Give a member of the household exactly these rights (`RIGHTS`). By the holder about the others, or by an agent.

    The last adult who may edit keeps that right; the holder keeps theirs unless an agent decides.
    Raises NotAllowed, HouseholdRefused, FamilyMember.DoesNotExist.
    """
    lock_household(family)
    found = FamilyMember.objects.select_related("adult").get(pk=member, family=family)
    if not may_manage_rights(user=by, family=family) or (found.adult.user_id == by.pk and not manages(by)):
        raise NotAllowed(Right.EDIT.value)
    if found.role == AdultRole.HOLDER and not manages(by):
        raise HouseholdRefused("Les droits du responsable du dossier se changent auprès du service.")
    wanted = {name: bool(rights.get(name, False)) for name in RIGHTS}
    if not wanted["can_see"]:
        wanted |= dict.fromkeys(("can_edit", "can_book", "can_pay"), False)
    before = {name: getattr(found, name) for name in RIGHTS}
    if wanted == before:
        return found
    if before["can_edit"] and not wanted["can_edit"] and not _another_editor(found):
        raise HouseholdRefused("Une personne au moins doit pouvoir modifier le dossier.")
    for name, value in wanted.items():
        setattr(found, name, value)
    found.save(update_fields=list(RIGHTS))
    record(verb="set_member_rights", target=found, by=by, at=at, family_key=family.pk, before=before, after=wanted)
    return found


@transaction.atomic
def set_household_rights(
    *, family: Family, child: Child, rights: dict[str, bool], by: User, at: datetime
) -> ChildLink:
    """What a household may do about a child: an agent's decision. Raises NotAllowed, ChildLink.DoesNotExist."""
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    link = ChildLink.objects.select_for_update(no_key=True).get(family=family, child=child)
    wanted = {name: bool(rights.get(name, False)) for name in RIGHTS}
    if not wanted["can_see"]:
        wanted |= dict.fromkeys(("can_edit", "can_book", "can_pay"), False)
    before = {name: getattr(link, name) for name in RIGHTS}
    if wanted != before:
        for name, value in wanted.items():
            setattr(link, name, value)
        link.save(update_fields=list(RIGHTS))
        record(
            verb="set_household_rights", target=link, by=by, at=at, family_key=family.pk, before=before, after=wanted
        )
    return link


@transaction.atomic
def share_contact(*, family: Family, shared: bool, by: User, at: datetime) -> bool:
    """Show this household's address and phones to the other household of its children, or hide them.

    By who may edit the dossier. True when something changed. Raises NotAllowed.
    """
    if not manages(by):
        require(user=by, family=family, right=Right.EDIT)
    locked = lock_household(family)
    if locked.shares_contact == shared:
        return False
    Family.objects.filter(pk=family.pk).update(shares_contact=shared)
    family.shares_contact = shared
    record(
        verb="share_contact",
        target=family,
        by=by,
        at=at,
        family_key=family.pk,
        before={"shares_contact": not shared},
        after={"shares_contact": shared},
    )
    return True


@transaction.atomic
def link_child(*, family: Family, child: Child, by: User, at: datetime) -> ChildLink:
    """Let a child belong to one more household: an agent's decision. Done already: nothing changes.

    Raises NotAllowed.
    """
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    lock_household(family)
    existing = ChildLink.objects.filter(family=family, child=child).first()
    if existing is not None:
        return existing
    return _link(family=family, child=child, by=by, at=at)


@transaction.atomic
def unlink_child(*, family: Family, child: Child, by: User, at: datetime) -> None:
    """Take a child out of a household, an agent's decision; the last household keeps the child.

    Raises NotAllowed, HouseholdRefused, ChildLink.DoesNotExist.
    """
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    # Both links of a child are not taken away at the same time by two agents.
    links = list(ChildLink.objects.select_for_update().filter(child=child).order_by("pk"))
    link = next((each for each in links if each.family_id == family.pk), None)
    if link is None:
        raise ChildLink.DoesNotExist
    if len(links) == 1:
        raise HouseholdRefused("Cet enfant n’a pas d’autre foyer : archivez le dossier plutôt.")
    record(
        verb="unlink_child",
        target=child,
        by=by,
        at=at,
        family_key=family.pk,
        before={name: getattr(link, name) for name in RIGHTS},
    )
    link.delete()


@transaction.atomic
def add_adult(
    *,
    family: Family,
    first_name: str,
    last_name: str,
    by: User,
    at: datetime,
    phone: str = "",
    email: str = "",
    role: AdultRole = AdultRole.RELATIVE,
) -> FamilyMember:
    """One more adult in the household, by an agent (a family proposes: `changes.propose_adult`).

    A second parent has every right, somebody close may only look until the holder says otherwise.
    Raises NotAllowed, HouseholdRefused.
    """
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    lock_household(family)
    if role == AdultRole.HOLDER and FamilyMember.objects.filter(family=family, role=AdultRole.HOLDER).exists():
        raise HouseholdRefused("Un dossier a un seul responsable.")
    known = FamilyMember.objects.filter(
        family=family, adult__first_name__iexact=first_name, adult__last_name__iexact=last_name
    )
    if known.exists():
        raise HouseholdRefused("Cette personne est déjà dans le dossier.")
    adult = Adult.objects.create(first_name=first_name, last_name=last_name, phone=phone, email=email)
    full = role != AdultRole.RELATIVE
    member = FamilyMember.objects.create(
        family=family, adult=adult, role=role, can_edit=full, can_book=full, can_pay=full
    )
    record(verb="add_adult", target=adult, by=by, at=at, family_key=family.pk, after={"role": role})
    return member


@transaction.atomic
def name_holder(*, family: Family, adult: Adult, by: User, at: datetime) -> FamilyMember:
    """Make a member the holder of the dossier, with every right; the former holder stays as a parent, rights kept.

    By an agent. The holder already: nothing changes. Raises NotAllowed, FamilyMember.DoesNotExist.
    """
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    lock_household(family)
    member = FamilyMember.objects.select_related("adult").get(family=family, adult=adult)
    if member.role == AdultRole.HOLDER:
        return member
    former = FamilyMember.objects.filter(family=family, role=AdultRole.HOLDER).first()
    if former is not None:
        former.role = AdultRole.PARENT
        former.save(update_fields=["role"])
    before = {"role": member.role, **{name: getattr(member, name) for name in RIGHTS}}
    member.role = AdultRole.HOLDER
    for name in RIGHTS:
        setattr(member, name, True)
    member.save(update_fields=["role", *RIGHTS])
    record(
        verb="name_holder",
        target=member,
        by=by,
        at=at,
        family_key=family.pk,
        before=before | {"holder": former.pk if former is not None else None},
        after={"role": member.role, **dict.fromkeys(RIGHTS, True)},
    )
    return member


@transaction.atomic
def add_child(
    *, family: Family, first_name: str, last_name: str, birth_date: date, by: User, at: datetime
) -> ChildLink:
    """One more child in the household, by an agent (a family proposes: `changes.propose_child`).

    Raises NotAllowed, HouseholdRefused when the household already has that child.
    """
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    lock_household(family)
    known = Child.objects.filter(links__family=family, first_name__iexact=first_name, birth_date=birth_date)
    if known.exists():
        raise HouseholdRefused("Cet enfant est déjà dans le dossier.")
    child = Child.objects.create(first_name=first_name, last_name=last_name, birth_date=birth_date)
    return _link(family=family, child=child, by=by, at=at)


def may_manage_rights(*, user: User, family: Family) -> bool:
    """Whether this account decides what the members of the household may do: its holder, or an agent."""
    return (
        manages(user)
        or FamilyMember.objects.filter(family=family, adult__user=user, role=AdultRole.HOLDER, can_edit=True).exists()
    )


def manages(user: User) -> bool:
    """An agent who may change households."""
    return user.is_staff and user.has_perm(MANAGE_HOUSEHOLDS)


def lock_household(family: Family) -> Family:
    """The household's row, locked: its members and children move one at a time. Raises NotAllowed when archived."""
    return lock_in_use(family)


def _another_editor(member: FamilyMember) -> bool:
    others = FamilyMember.objects.filter(family=member.family_id, can_edit=True).exclude(pk=member.pk)
    return others.exists()


def _link(*, family: Family, child: Child, by: User, at: datetime) -> ChildLink:
    last = ChildLink.objects.filter(family=family).aggregate(last=Max("order"))["last"]
    link = ChildLink.objects.create(family=family, child=child, order=0 if last is None else last + 1)
    record(verb="link_child", target=child, by=by, at=at, family_key=family.pk, after={"link": link.pk})
    return link
