"""Reading changes: what is under way in a dossier, what awaits the service."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.changes.enums import OPEN_STATES, Rubric
from portal.domain.changes.fields import FIELDS, shown_value
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.subjects import current_values, subject_of
from portal.domain.families.models import Family, FamilyMember, School


def open_changes(*, family: Family, user: User) -> list[ChangeRequest]:
    """What waits in this dossier: asked by the household, or by another one about a child of it. One query."""
    return list(
        ChangeRequest.objects.visible_to(user)
        .filter(Q(family=family) | Q(child__links__family=family), state__in=sorted(OPEN_STATES))
        .select_related("asked_by", "adult", "child", "family")
        .order_by("asked_at", "pk")
        .distinct()
    )


def school_names() -> dict[str, str]:
    """The name of each school by its code."""
    return dict(School.objects.order_by("name").values_list("code", "name"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of a request, in words. `moved`: the current value is no longer the one asked from."""

    label: str
    before: str
    after: str
    current: str
    moved: bool


def compare(request: ChangeRequest, *, schools: Mapping[str, str] | None = None) -> list[Comparison]:
    """Each field asked for: what it was, what it would be, what it is now."""
    names = schools if schools is not None else school_names()
    current = current_values(subject_of(request))
    lines = []
    for field in FIELDS[Rubric(request.rubric)]:
        name = field.name
        if name not in request.values:
            continue
        value = request.values[name]
        before = request.old.get(name, "")
        now = current.get(name, "")
        lines.append(
            Comparison(
                label=str(field.label),
                before=shown_value(request.rubric, name, before, schools=names),
                after=shown_value(request.rubric, name, value, schools=names),
                current=shown_value(request.rubric, name, now, schools=names),
                moved=name in request.old and before != now,
            )
        )
    return lines


def summary(request: ChangeRequest, *, schools: Mapping[str, str]) -> str:
    """What is asked, in one line: “3, chemin des Essais, 39220 Les Rousses”."""
    new = request.values
    if request.rubric == Rubric.ADDRESS:
        whole = {**current_values(subject_of(request)), **new}
        place = f"{whole.get('postcode', '')} {whole.get('town', '')}".strip()
        return ", ".join(part for part in (whole.get("street"), whole.get("address_extra"), place) if part)
    # PostgreSQL keeps no order among the keys of a JSON value: that of the form is ours.
    names = [field.name for field in FIELDS[Rubric(request.rubric)] if field.name in new]
    shown = (shown_value(request.rubric, name, new[name], schools=schools) for name in names)
    return ", ".join(value for value in shown if value)


@dataclass(frozen=True, slots=True)
class OtherHousehold:
    """Another household of a child, as the first one may see it: first names; the rest only if it shows it."""

    first_names: tuple[str, ...]
    address: str = ""
    phones: tuple[str, ...] = ()


def other_households(*, child: int, family: Family) -> list[OtherHousehold]:
    """The other households of a child. An address that its household hides is not even read here. Two queries."""
    families = list(
        Family.objects.filter(child_links__child=child, archived_at=None).exclude(pk=family.pk).order_by("pk")
    )
    members = FamilyMember.objects.filter(family__in=families).select_related("adult").order_by("pk")
    by_family: dict[int, list[FamilyMember]] = {}
    for member in members:
        by_family.setdefault(member.family_id, []).append(member)
    found = []
    for each in families:
        people = [member.adult for member in by_family.get(each.pk, []) if member.can_edit]
        place = f"{each.postcode} {each.town}".strip()
        shown = each.shares_contact
        found.append(
            OtherHousehold(
                first_names=tuple(adult.first_name for adult in people),
                address=", ".join(part for part in (each.street, place) if part) if shown else "",
                phones=tuple(f"{adult.first_name} {adult.phone}" for adult in people if adult.phone) if shown else (),
            )
        )
    return found
