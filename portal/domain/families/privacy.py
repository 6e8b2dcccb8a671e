"""What the dossier knows of a family, and forgetting it: people whose rows must stay lose their names."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import (
    Adult,
    Child,
    ChildLink,
    Family,
    FamilyMember,
    Registration,
    Schooling,
)
from portal.domain.files.services import erase_file
from portal.domain.mails.enums import MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.privacy.declaring import TO_CONFIRM, erasure_of, reached
from portal.domain.privacy.erasure import close_account
from portal.domain.privacy.registry import (
    Erasure,
    Fate,
    PersonalData,
    Planned,
    Retention,
    erasures,
    register,
    register_absorbed,
    register_closing,
)

FAMILY_DAYS = 3 * 365
ERASED_NAME = "Dossier effacé"


def visible_family(key: int, user: User) -> Family | None:
    """The dossier if this account may look into it now; what an export may tell is asked again when it is made."""
    return Family.objects.visible_to(user).filter(pk=key).first()


def visible_children(key: int, user: User) -> QuerySet[Child]:
    """The children of that dossier whom this account may see now."""
    family = visible_family(key, user)
    return children_with(user=user, family=family, right=Right.SEE) if family else Child.objects.none()


def own_children(family: int) -> QuerySet[Child]:
    """The children whom no other household has: the only ones who go with their dossier, with the records merged
    into theirs, which bear the same names."""
    shared = ChildLink.objects.exclude(family=family).values("child")
    keys = Child.objects.filter(links__family=family).exclude(pk__in=shared).values("pk")
    return Child.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys))


def own_adults(family: int) -> QuerySet[Adult]:
    """The adults who are in no other dossier, with the records merged into theirs."""
    elsewhere = FamilyMember.objects.exclude(family=family).values("adult")
    keys = Adult.objects.filter(memberships__family=family).exclude(pk__in=elsewhere).values("pk")
    return Adult.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys))


def _absorbed(family: int) -> list[int]:
    return list(Family.objects.filter(merged_into=family).order_by("pk").values_list("pk", flat=True))


def _dossier(key: int, user: User) -> Iterator[Mapping[str, Any]]:
    family = visible_family(key, user)
    if family is None:
        return
    yield {
        "numéro de dossier": family.number,
        "nom": family.name,
        "adresse": " ".join(filter(None, [family.street, family.address_extra, family.postcode, family.town])),
        "adresse mail": family.contact_email,
        "téléphone": family.phone,
        "régime": family.get_regime_display(),
        "numéro CAF ou MSA": family.benefit_number,
        "situation": family.get_situation_display(),
        "créé le": family.created_at.isoformat(),
    }
    for member in FamilyMember.objects.filter(family=family).select_related("adult").order_by("pk"):
        adult = member.adult
        yield {
            "adulte": str(adult),
            "rôle": member.get_role_display(),
            "adresse mail": adult.email,
            "mobile": adult.phone,
            "autre téléphone": adult.other_phone,
            "téléphone au travail": adult.work_phone,
            "profession": adult.profession,
            "employeur": adult.employer,
        }


def _children(key: int, user: User) -> Iterator[Mapping[str, Any]]:
    children = list(visible_children(key, user))
    schoolings = Schooling.objects.filter(child__in=children).select_related("school").order_by("school_year")
    for child in children:
        yield {
            "enfant": str(child),
            "né le": child.birth_date.isoformat(),
            "scolarité": [
                f"{each.school_year}/{each.school_year + 1}, {each.school}, {each.get_level_display()}"
                for each in schoolings
                if each.child_id == child.pk
            ],
        }


def _plan(family: int, at: datetime) -> list[Planned]:
    shared = ChildLink.objects.filter(family=family).exclude(child__in=own_children(family)).count()
    elsewhere = FamilyMember.objects.filter(family=family).exclude(adult__in=own_adults(family)).count()
    return [
        Planned("dossier : nom, adresse, téléphone, numéro CAF", 1, Fate.ANONYMISED),
        Planned("adultes et leur compte", own_adults(family).count(), Fate.ANONYMISED),
        Planned("enfants et leur scolarité", own_children(family).count(), Fate.ANONYMISED),
        Planned("courriels envoyés", _mails_of(family).count(), Fate.ERASED),
        Planned("enfants qui ont un autre foyer", shared, Fate.KEPT, "l’autre foyer garde l’enfant"),
        Planned("adultes présents dans un autre dossier", elsewhere, Fate.KEPT, "leur autre dossier continue"),
    ]


def _mails_of(family: int) -> QuerySet[OutgoingMail]:
    """Sent mails to the addresses of the dossier, but those that a person of another dossier also reads."""
    adults = own_adults(family)
    addresses = set(adults.exclude(email="").values_list("email", flat=True))
    addresses |= set(adults.exclude(user=None).exclude(user__email="").values_list("user__email", flat=True))
    found = Family.objects.filter(pk=family).exclude(contact_email="").values_list("contact_email", flat=True)
    addresses |= set(found)
    return OutgoingMail.objects.exclude(state=MailState.QUEUED).filter(recipient__in=addresses)


def _forget(family: int, by: User, at: datetime) -> None:
    """Names, addresses, telephones, photographs, accounts: gone. What remains are rows that name nobody."""
    _mails_of(family).delete()
    Registration.objects.filter(family=family).delete()
    for child in own_children(family).select_related("photo"):
        _forget_child(child)
    adults = list(own_adults(family).select_related("photo", "user"))
    for adult in adults:
        _forget_adult(adult, at)
    ChildLink.objects.filter(family=family).delete()
    FamilyMember.objects.filter(family=family).delete()
    found = Family.objects.select_for_update(of=("self",), no_key=True).get(pk=family)
    found.name = ERASED_NAME
    for name in (
        "contact_email",
        "phone",
        "street",
        "postcode",
        "address_extra",
        "town",
        "regime",
        "benefit_number",
        "situation",
    ):
        setattr(found, name, "")
    found.archived_at = found.archived_at or at
    found.save()


def _forget_child(child: Child) -> None:
    photo = child.photo
    Schooling.objects.filter(child=child).delete()
    child.first_name, child.last_name, child.photo = "Enfant", "effacé", None
    # The year alone: enough for the figures by age, too little for a person.
    child.birth_date = date(child.birth_date.year, 1, 1)
    child.save()
    if photo is not None:
        erase_file(photo)


def _forget_adult(adult: Adult, at: datetime) -> None:
    photo, user = adult.photo, adult.user
    for name in ("email", "phone", "other_phone", "work_phone", "profession", "employer"):
        setattr(adult, name, "")
    adult.first_name, adult.last_name, adult.photo, adult.user = "Personne", "effacée", None, None
    adult.save()
    if photo is not None:
        erase_file(photo)
    if user is not None and not (user.is_staff or user.is_superuser):
        close_account(user=user, at=at)


def _leave(user: User, _at: datetime) -> None:
    """An account that closes is nobody's any more: its person stays in the dossier, without it."""
    Adult.objects.filter(user=user).update(user=None)
    Registration.objects.filter(user=user).delete()


def _erase_archived(keys: list[int], by: User, at: datetime) -> int:
    """Each dossier as if it had asked for it; one that something blocks stays on the list."""
    erased = 0
    for key in keys:
        lines = [line for erasure in erasures() for line in erasure.plan(key, at)]
        if any(line.fate is Fate.BLOCKS and line.count for line in lines):
            continue
        for erasure in reversed(erasures()):
            erasure.execute(key, by, at)
        record(verb="erase_family", target=Family(pk=key), by=by, at=at, family_key=key)
        erased += 1
    return erased


def connect() -> None:
    """Register the dossier, its adults and its children."""
    register_closing(_leave)
    register_absorbed(_absorbed)
    register(
        PersonalData("families", "Votre dossier", _dossier, order=20),
        PersonalData("children", "Vos enfants", _children, order=25),
        Erasure("families", _plan, _forget, order=20),
        erasure_of("children", order=25),
        Retention(
            "families",
            "Dossiers archivés",
            f"à partir du départ de la famille (dossier archivé) ; {TO_CONFIRM}",
            FAMILY_DAYS,
            reached(
                Family.objects.exclude(name=ERASED_NAME),
                "archived_at",
                label=lambda family: f"dossier archivé n° {family.number}",
                family=attrgetter("number"),
            ),
            _erase_archived,
        ),
    )


__all__ = ["FAMILY_DAYS", "connect", "own_adults", "own_children", "visible_children", "visible_family"]
