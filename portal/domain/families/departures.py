"""Somebody leaves a household: what stops it, what follows, and the one verb that does it.

The packages above say what they know of a leaving adult (`register_departure`): what must be settled first, what goes
with the person. The household keeps everything that is the household's: quotient, papers, custody between households,
bookings, démarches. What the adult did stays signed by them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.accounts.rules import clean_email
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, Right
from portal.domain.families.enums import AdultRole
from portal.domain.families.households import RIGHTS, HouseholdRefused, lock_household, manages
from portal.domain.families.models import Adult, Family, FamilyMember
from portal.domain.files.services import erase_file
from portal.domain.privacy.exports import withdraw_exports

#: Known of an adult for the sake of their household: erased when no household is left.
_FOR_THE_HOUSEHOLD = ("phone", "other_phone", "work_phone", "profession", "employer")


@dataclass(frozen=True, slots=True)
class Departure:
    """What a package knows. `obstacles` are finished French sentences; `follow` runs once the adult is out, inside the
    transaction of the removal; `holds` says that the town must still be able to reach this adult.
    """

    obstacles: Callable[[Family, Adult], list[str]] = lambda _family, _adult: []
    follow: Callable[[Family, Adult, User, datetime], None] = lambda _family, _adult, _by, _at: None
    holds: Callable[[Adult], bool] = lambda _adult: False


_departures: dict[str, Departure] = {}


def register_departure(code: str, departure: Departure) -> None:
    """Say what an area knows of somebody who leaves; the same code again replaces it."""
    _departures[code] = departure


def why_not_remove(*, family: Family, adult: Adult) -> list[str]:
    """What must be settled before this member may leave, in French; nothing when they may."""
    members = list(FamilyMember.objects.filter(family=family).select_related("adult__user").order_by("pk"))
    own = next((member for member in members if member.adult_id == adult.pk), None)
    if own is None:
        return []
    others = [member for member in members if member.pk != own.pk]
    found = []
    if own.role == AdultRole.HOLDER:
        found.append("C’est le responsable du dossier : désignez d’abord quelqu’un d’autre.")
    if not any(member.can_edit for member in others):
        found.append("Une autre personne au moins doit pouvoir modifier le dossier.")
    if not any(member.can_pay for member in others):
        found.append("Une autre personne au moins doit pouvoir payer.")
    if _opens(own) and not any(_opens(member) for member in others):
        found.append("Personne d’autre n’ouvre ce dossier avec un compte : invitez d’abord quelqu’un.")
    for _code, departure in sorted(_departures.items()):
        found += departure.obstacles(family, own.adult)
    return found


@transaction.atomic
def remove_adult(*, family: Family, adult: Adult, by: User, at: datetime) -> None:
    """Take an adult out of a household, an agent's decision: from the commit on, their account sees nothing of it.

    The person, their account and their other households stay. The address by which the town recognises the household
    becomes its holder's when it was theirs, so that they do not come back by it. Copies of data that they had asked
    for are erased. Without any household left, what was known of them for it is erased too.
    Raises NotAllowed, HouseholdRefused, FamilyMember.DoesNotExist.
    """
    if not manages(by):
        raise NotAllowed(Right.EDIT.value)
    locked = lock_household(family)
    member = FamilyMember.objects.select_related("adult__user").get(family=locked, adult=adult)
    if reasons := why_not_remove(family=locked, adult=adult):
        raise HouseholdRefused(" ".join(reasons))
    gone = member.adult
    before = {"role": member.role, **{name: getattr(member, name) for name in RIGHTS}}
    key = member.pk
    member.delete()
    before |= _change_contact(locked, gone)
    if gone.user is not None:
        withdraw_exports(user=gone.user, family=locked.pk)
    for _code, departure in sorted(_departures.items()):
        departure.follow(locked, gone, by, at)
    _forget(gone)
    record(verb="remove_adult", target=gone, by=by, at=at, family_key=locked.pk, before=before, after={"member": key})


def _opens(member: FamilyMember) -> bool:
    return member.can_see and member.adult.user is not None and member.adult.user.is_active


def _mails(adult: Adult) -> set[str]:
    mails = {clean_email(adult.email), clean_email(adult.user.email) if adult.user is not None else ""}
    return mails - {""}


def _change_contact(family: Family, gone: Adult) -> dict[str, str]:
    """The mailbox that opens the household is not that of somebody who left; the former value, if it changed."""
    former = family.contact_email
    if clean_email(former) not in _mails(gone):
        return {}
    holder = FamilyMember.objects.filter(family=family, role=AdultRole.HOLDER).select_related("adult__user").first()
    adult = holder.adult if holder is not None else None
    mail = (adult.user.email if adult.user is not None else adult.email) if adult is not None else ""
    Family.objects.filter(pk=family.pk).update(contact_email=mail)
    return {"contact_email": former}


def _forget(adult: Adult) -> None:
    """Without a household, nothing is kept that served one; the name stays, beside what the person did."""
    if FamilyMember.objects.filter(adult=adult).exists() or any(each.holds(adult) for each in _departures.values()):
        return
    photo = adult.photo
    for name in _FOR_THE_HOUSEHOLD:
        setattr(adult, name, "")
    adult.photo = None
    adult.save(update_fields=[*_FOR_THE_HOUSEHOLD, "photo"])
    if photo is not None:
        erase_file(photo)
