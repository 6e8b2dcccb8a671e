"""How households, children and adults themselves follow: who enters which dossier, with what rights."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max

from portal.domain.accounts.models import User
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import (
    ActingSession,
    Adult,
    Child,
    ChildLink,
    Family,
    FamilyMember,
    Schooling,
)
from portal.domain.families.privacy import ERASED_NAME
from portal.domain.families.rules import same_name
from portal.domain.kernel.french import full_date, join_words
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.merging.registry import (
    Fate,
    Following,
    Line,
    Subject,
    register_following,
    register_obstacle,
    register_rows,
)

_RIGHTS = {"can_see": "consulter", "can_edit": "modifier", "can_book": "réserver", "can_pay": "payer"}
_ADDRESS = ("street", "address_extra", "postcode", "town")
_FAMILY_FIELDS = {
    "contact_email": "adresse mail de contact",
    "phone": "téléphone",
    "regime": "régime",
    "benefit_number": "numéro CAF ou MSA",
    "situation": "situation du foyer",
}
_ADULT_FIELDS = {
    "email": "adresse mail",
    "phone": "téléphone mobile",
    "other_phone": "autre téléphone",
    "work_phone": "téléphone au travail",
    "profession": "profession",
    "employer": "employeur",
}


def rights_in_words(holder: object) -> str:
    """“consulter, modifier et réserver”, “rien”."""
    return join_words(word for right, word in _RIGHTS.items() if getattr(holder, right)) or "rien"


# The household


def _plan_household(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    one, other = Family.objects.get(pk=kept), Family.objects.get(pk=duplicate)
    lines = [
        Line(f"dossier n° {family.number}", Fate.BLOCKS, "il a été effacé")
        for family in (one, other)
        if family.name == ERASED_NAME
    ]
    if one.name != other.name:
        lines.append(Line(f"nom « {one.name} »", Fate.THERE, f"le doublon disait « {other.name} »"))
    lines += _plan_fields(one, other, _FAMILY_FIELDS)
    if _address(other) and _address(one) != _address(other):
        if _address(one):
            lines.append(Line(f"adresse : {_address(one)}", Fate.THERE, f"le doublon disait {_address(other)}"))
        else:
            lines.append(Line(f"adresse : {_address(other)}", Fate.MOVES))
    return lines


def _address(family: Family) -> str:
    return ", ".join(filter(None, (getattr(family, name) for name in _ADDRESS)))


def _fill_household(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    one, other = Family.objects.get(pk=kept), Family.objects.get(pk=duplicate)
    names = _fill(one, other, _FAMILY_FIELDS)
    if not _address(one) and _address(other):
        for name in _ADDRESS:
            setattr(one, name, getattr(other, name))
        names += _ADDRESS
    if names:
        one.save(update_fields=names)


def _plan_fields(one: Any, other: Any, fields: dict[str, str]) -> list[Line]:
    lines = []
    for name, label in fields.items():
        mine, theirs = getattr(one, name), getattr(other, name)
        if not theirs or mine == theirs:
            continue
        if mine:
            lines.append(
                Line(
                    f"{label} : {_shown(one, name)}",
                    Fate.THERE,
                    f"le doublon disait {_shown(other, name)}",
                )
            )
        else:
            lines.append(Line(f"{label} : {_shown(other, name)}", Fate.MOVES))
    return lines


def _shown(record: Any, name: str) -> str:
    read: Callable[[], str] | None = getattr(record, f"get_{name}_display", None)
    return str(read() if read else getattr(record, name))


def _fill(one: Any, other: Any, fields: Iterable[str]) -> list[str]:
    """What the kept record leaves empty is taken from the duplicate; the names of what was."""
    filled = [name for name in fields if not getattr(one, name) and getattr(other, name)]
    for name in filled:
        setattr(one, name, getattr(other, name))
    return filled


# Members


def _plan_members(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = _by_adult(kept)
    has_holder = any(member.role == AdultRole.HOLDER for member in there.values())
    lines = []
    for adult, member in _by_adult(duplicate).items():
        if adult in there:
            why = f"garde ses droits du dossier gardé : {rights_in_words(there[adult])}"
            lines.append(Line(f"{member.adult}", Fate.THERE, why))
            continue
        role = "autre parent" if has_holder and member.role == AdultRole.HOLDER else member.get_role_display()
        why = f"entre au dossier gardé comme {role}, où cette personne peut {rights_in_words(member)}"
        lines.append(Line(f"{member.adult}", Fate.MOVES, why))
        lines += [
            Line(f"{member.adult}", Fate.LOOK, "figure dans les deux dossiers : réunissez ensuite ses deux fiches")
            for known in there.values()
            if same_name(known.adult.first_name, member.adult.first_name)
            and same_name(known.adult.last_name, member.adult.last_name)
        ]
    return lines


def _by_adult(family: int) -> dict[int, FamilyMember]:
    members = FamilyMember.objects.filter(family=family).select_related("adult").order_by("pk")
    return {member.adult_id: member for member in members}


def _move_members(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    there = _by_adult(kept)
    has_holder = any(member.role == AdultRole.HOLDER for member in there.values())
    for adult, member in _by_adult(duplicate).items():
        if adult in there:
            was_holder = member.role == AdultRole.HOLDER
            member.delete()
            if was_holder and not has_holder:
                FamilyMember.objects.filter(pk=there[adult].pk).update(role=AdultRole.HOLDER)
                has_holder = True
            continue
        if member.role == AdultRole.HOLDER and has_holder:
            member.role = AdultRole.PARENT
        member.family_id = kept
        member.save(update_fields=["family", "role"])


# Children of the household


def _plan_links(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = _by_child(kept)
    lines = []
    for child, link in _by_child(duplicate).items():
        born = f"{link.child}, date de naissance : {full_date(link.child.birth_date)}"
        if child in there:
            lines.append(Line(born, Fate.THERE, f"le dossier gardé peut {rights_in_words(there[child])}"))
            continue
        lines.append(Line(born, Fate.MOVES, f"le dossier gardé pourra {rights_in_words(link)}"))
        lines += [
            Line(born, Fate.LOOK, "figure dans les deux dossiers : réunissez ensuite ses deux fiches")
            for known in there.values()
            if same_name(known.child.first_name, link.child.first_name)
            and known.child.birth_date == link.child.birth_date
        ]
    return lines


def _by_child(family: int) -> dict[int, ChildLink]:
    links = ChildLink.objects.filter(family=family).select_related("child").order_by("order", "pk")
    return {link.child_id: link for link in links}


def _move_links(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    there = _by_child(kept)
    last = ChildLink.objects.filter(family=kept).aggregate(last=Max("order"))["last"]
    rank = -1 if last is None else last
    for child, link in _by_child(duplicate).items():
        if child in there:
            link.delete()
            continue
        rank += 1
        link.family_id, link.order = kept, rank
        link.save(update_fields=["family", "order"])


# Those who wait at the door, or are inside


def _plan_acting(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    opened = ActingSession.objects.filter(family__in=[kept, duplicate], ended_at=None).select_related(
        "agent", "family"
    )
    return [
        Line(f"{each.agent} agit pour le dossier n° {each.family.number}", Fate.BLOCKS, "attendez que ce soit fini")
        for each in opened.order_by("pk")
    ]


def _move_acting(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    ActingSession.objects.filter(family=duplicate).update(family=kept)


# A child recorded twice


def _plan_child(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    one, other = Child.objects.get(pk=kept), Child.objects.get(pk=duplicate)
    lines = []
    if str(one) != str(other):
        lines.append(Line(f"nom : {one}", Fate.THERE, f"le doublon disait {other}"))
    if one.birth_date != other.birth_date:
        lines.append(
            Line(
                f"date de naissance : {full_date(one.birth_date)}",
                Fate.THERE,
                f"le doublon disait {full_date(other.birth_date)}",
            )
        )
        if not same_name(one.first_name, other.first_name):
            lines.append(Line(f"{one} et {other}", Fate.LOOK, "ni le prénom ni la naissance ne sont les mêmes"))
    return [*lines, *_plan_photo(one, other)]


def _plan_photo(one: Child | Adult, other: Child | Adult) -> list[Line]:
    if other.photo_id is None:
        return []
    return [Line("photo", Fate.MOVES)] if one.photo_id is None else [Line("photo", Fate.THERE)]


def _take_photo(one: Any, other: Any) -> None:
    if one.photo_id is None and other.photo_id is not None:
        one.photo_id, other.photo_id = other.photo_id, None
        other.save(update_fields=["photo"])
        one.save(update_fields=["photo"])


def _fill_child(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    _take_photo(Child.objects.get(pk=kept), Child.objects.get(pk=duplicate))


def _plan_households(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = set(ChildLink.objects.filter(child=kept).values_list("family", flat=True))
    links = ChildLink.objects.filter(child=duplicate).select_related("family").order_by("pk")
    return [
        Line(f"foyer n° {link.family.number}", Fate.THERE, "il a déjà l’enfant gardé, avec ses droits")
        if link.family_id in there
        else Line(
            f"foyer n° {link.family.number}, {link.family.name}",
            Fate.MOVES,
            f"il aura l’enfant gardé et pourra {rights_in_words(link)}",
        )
        for link in links
    ]


def _move_households(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    there = ChildLink.objects.filter(child=kept).values("family")
    ChildLink.objects.filter(child=duplicate, family__in=list(there.values_list("family", flat=True))).delete()
    ChildLink.objects.filter(child=duplicate).update(child=kept)


def _plan_schoolings(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = {each.school_year: each for each in Schooling.objects.filter(child=kept).select_related("school")}
    rows = Schooling.objects.filter(child=duplicate).select_related("school").order_by("school_year")
    lines = []
    for row in rows:
        words = f"école en {SchoolYear(row.school_year).label} : {row.get_level_display()}, {row.school}"
        mine = there.get(row.school_year)
        if mine is None:
            lines.append(Line(words, Fate.MOVES))
        else:
            lines.append(Line(words, Fate.THERE, f"reste {mine.get_level_display()}, {mine.school}"))
    return lines


def _move_schoolings(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    years = list(Schooling.objects.filter(child=kept).values_list("school_year", flat=True))
    Schooling.objects.filter(child=duplicate, school_year__in=years).delete()
    Schooling.objects.filter(child=duplicate).update(child=kept)


# An adult recorded twice


def _plan_adult(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    people = Adult.objects.select_related("user")
    one, other = people.get(pk=kept), people.get(pk=duplicate)
    lines = []
    if str(one) != str(other):
        lines.append(Line(f"nom : {one}", Fate.THERE, f"le doublon disait {other}"))
    if one.user and other.user and one.user.is_active and other.user.is_active:
        why = "demandez à cette personne lequel elle garde, et de fermer l’autre depuis « Mon compte »"
        lines.append(Line("deux comptes en service", Fate.BLOCKS, why))
    elif other.user and (one.user is None or other.user.is_active):
        why = "le compte de la fiche gardée, jamais activé, n’ouvrira plus ce dossier" if one.user else ""
        lines.append(Line(f"compte « {other.user.username} »", Fate.MOVES, why))
    elif other.user:
        lines.append(
            Line(f"compte « {other.user.username} »", Fate.STAYS, "jamais activé, il n’ouvrira plus de dossier")
        )
    return [*lines, *_plan_fields(one, other, _ADULT_FIELDS), *_plan_photo(one, other)]


def _fill_adult(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    people = Adult.objects.select_related("user")
    one, other = people.get(pk=kept), people.get(pk=duplicate)
    user = other.user
    # The column is unique, and a record put away opens nothing to anybody.
    other.user = None
    other.save(update_fields=["user"])
    names = _fill(one, other, _ADULT_FIELDS)
    if user is not None and (one.user is None or user.is_active):
        one.user = user
        names.append("user")
    if names:
        one.save(update_fields=names)
    _take_photo(one, other)


def _plan_memberships(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = {each.family_id: each for each in FamilyMember.objects.filter(adult=kept)}
    lines = []
    for member in FamilyMember.objects.filter(adult=duplicate).select_related("family").order_by("pk"):
        dossier = f"dossier n° {member.family.number}"
        mine = there.get(member.family_id)
        if mine is None:
            why = f"la personne y entre comme {member.get_role_display()} et peut {rights_in_words(member)}"
            lines.append(Line(f"{dossier}, {member.family.name}", Fate.MOVES, why))
        elif member.role == AdultRole.HOLDER:
            why = f"elle y devient responsable du dossier, avec les droits du doublon : {rights_in_words(member)}"
            lines.append(Line(dossier, Fate.MOVES, why))
        else:
            lines.append(Line(dossier, Fate.THERE, f"elle y garde ses droits : {rights_in_words(mine)}"))
    return lines


def _move_memberships(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    there = {each.family_id: each for each in FamilyMember.objects.filter(adult=kept)}
    for member in FamilyMember.objects.filter(adult=duplicate).order_by("pk"):
        mine = there.get(member.family_id)
        if mine is None or member.role == AdultRole.HOLDER:
            if mine is not None:
                mine.delete()
            member.adult_id = kept
            member.save(update_fields=["adult"])
        else:
            member.delete()


def _obstacles(family: int, _at: datetime) -> list[str]:
    acting = ActingSession.objects.filter(family=family, ended_at=None).select_related("agent").order_by("pk")
    return [f"{each.agent} agit pour cette famille en ce moment." for each in acting]


Move = Callable[[int, int, User, datetime], None]
Show = Callable[[int, int, datetime], list[Line]]


def _own(code: str, subject: Subject, relations: tuple[str, ...], plan: Show, follow: Move, order: int) -> None:
    register_following(Following(f"families.{code}", subject, relations, plan, follow, order=order))


def _silent(_kept: int, _duplicate: int, _at: datetime) -> list[Line]:
    return []


def _repoint(model: Any) -> Move:
    def follow(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
        model._base_manager.filter(merged_into=duplicate).update(merged_into=kept)

    return follow


def connect() -> None:
    """Register what families own."""
    family, child, adult = Subject.FAMILY, Subject.CHILD, Subject.ADULT
    _own("household", family, (), _plan_household, _fill_household, 1)
    _own("members", family, ("families.FamilyMember.family",), _plan_members, _move_members, 2)
    _own("links", family, ("families.ChildLink.family",), _plan_links, _move_links, 3)
    _own("acting", family, ("families.ActingSession.family",), _plan_acting, _move_acting, 5)
    register_rows(
        "families.Registration.family",
        family,
        ("demande de rattachement en attente", "demandes de rattachement en attente"),
        order=6,
    )
    _own("child", child, (), _plan_child, _fill_child, 1)
    _own("households", child, ("families.ChildLink.child",), _plan_households, _move_households, 2)
    _own("schoolings", child, ("families.Schooling.child",), _plan_schoolings, _move_schoolings, 3)
    _own("adult", adult, (), _plan_adult, _fill_adult, 1)
    _own("memberships", adult, ("families.FamilyMember.adult",), _plan_memberships, _move_memberships, 2)
    for model, subject in ((Family, family), (Child, child), (Adult, adult)):
        relation = f"{model._meta.label}.merged_into"
        _own(f"earlier_{subject}", subject, (relation,), _silent, _repoint(model), 4)
    register_obstacle("families", _obstacles, order=50)
