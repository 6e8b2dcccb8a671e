"""What a merge would do, and doing exactly that."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember
from portal.domain.kernel.french import typography
from portal.domain.merging.locks import lock
from portal.domain.merging.registry import Concerned, Fate, Line, Subject, followings

MERGE = "families.merge_family"
Person = Family | Child | Adult


class MergeRefused(Exception):
    """Something must be settled first: nothing was written. The message says what, in French."""


class PlanChanged(Exception):
    """What the merge would do is not what was shown any more: nothing was written. `plan` is to be shown again."""

    def __init__(self, plan: "Plan") -> None:
        super().__init__(
            "Quelque chose a changé pendant que vous lisiez : voici ce que ferait la réunion maintenant. "
            "Relisez, puis confirmez de nouveau."
        )
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Plan:
    """What merging the duplicate into the kept record does, line by line; nothing is written.

    `digest` names what was shown: `merge` refuses when it is no longer the same.
    """

    subject: Subject
    kept: int
    duplicate: int
    lines: tuple[Line, ...]

    def with_fate(self, *fates: Fate) -> list[Line]:
        return [line for line in self.lines if line.fate in fates]

    @property
    def moves(self) -> list[Line]:
        return self.with_fate(Fate.MOVES)

    @property
    def remains(self) -> list[Line]:
        """What the kept record has already, and what stays with the archived one."""
        return self.with_fate(Fate.THERE, Fate.STAYS)

    @property
    def blocking(self) -> list[Line]:
        return self.with_fate(Fate.BLOCKS)

    @property
    def to_look_at(self) -> list[Line]:
        return self.with_fate(Fate.LOOK)

    @property
    def digest(self) -> str:
        said = [self.subject, str(self.kept), str(self.duplicate)]
        said += [f"{line.fate}|{line.what}|{line.why}" for line in self.lines]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


@singledispatch
def subject_of(record: Any) -> Subject:
    """Raises TypeError for what is never merged."""
    raise TypeError(type(record).__name__)


subject_of.register(Family, lambda _record: Subject.FAMILY)
subject_of.register(Child, lambda _record: Subject.CHILD)
subject_of.register(Adult, lambda _record: Subject.ADULT)


def plan_merge(*, kept: Person, duplicate: Person, at: datetime) -> Plan:
    """What the merge would do to each kind of data, in French, without writing anything. Raises MergeRefused."""
    subject = subject_of(kept)
    _check(kept, duplicate)
    lines = [line for each in followings(subject) for line in each.plan(kept.pk, duplicate.pk, at)]
    told = (Line(typography(line.what), line.fate, typography(line.why)) for line in lines)
    return Plan(subject, kept.pk, duplicate.pk, tuple(told))


@transaction.atomic
def merge(*, kept: Person, duplicate: Person, expected: str, by: User, at: datetime) -> Plan:
    """Make the duplicate one with the kept record, all or nothing, and return what was done.

    `expected` is the digest of the plan that the agent read. The duplicate remains, archived, and points to the kept
    record. Two merges of the same persons go one after the other; so does what families do meanwhile
    (docs/locking.md). Raises PermissionDenied, MergeRefused, PlanChanged.
    """
    if not by.has_perm(MERGE):
        raise PermissionDenied
    subject = subject_of(kept)
    concerned = concerned_by(subject, kept.pk, duplicate.pk)
    lock(concerned)
    model = type(kept)
    kept, duplicate = model._base_manager.get(pk=kept.pk), model._base_manager.get(pk=duplicate.pk)
    plan = plan_merge(kept=kept, duplicate=duplicate, at=at)
    # Somebody was added to the persons concerned before the lock: what is not locked may still move.
    if plan.digest != expected or concerned_by(subject, kept.pk, duplicate.pk) != concerned:
        raise PlanChanged(plan)
    if plan.blocking:
        raise MergeRefused(" ".join(typography(f"{line.what} : {line.why}.") for line in plan.blocking))
    for following in followings(subject):
        following.follow(kept.pk, duplicate.pk, by, at)
    _close(duplicate, kept, at)
    _check_nothing_left(subject, duplicate.pk)
    _write_down(plan, subject, kept, duplicate, by=by, at=at)
    return plan


def concerned_by(subject: Subject, kept: int, duplicate: int) -> Concerned:
    """Whom the merge locks: both records, their households, and for households their people."""
    both = [kept, duplicate]
    if subject is Subject.FAMILY:
        children = ChildLink.objects.filter(family__in=both).values_list("child", flat=True)
        adults = FamilyMember.objects.filter(family__in=both).values_list("adult", flat=True)
        return Concerned(_keys(both), _keys(children), _keys(adults))
    if subject is Subject.CHILD:
        families = ChildLink.objects.filter(child__in=both).values_list("family", flat=True)
        return Concerned(_keys(families), _keys(both))
    dossiers = FamilyMember.objects.filter(adult__in=both).values_list("family", flat=True)
    return Concerned(_keys(dossiers), (), _keys(both))


def _keys(found: Any) -> tuple[int, ...]:
    return tuple(sorted(set(found)))


def _check(kept: Person, duplicate: Person) -> None:
    if type(kept) is not type(duplicate) or kept.pk == duplicate.pk:
        raise MergeRefused("Choisissez deux fiches différentes, de même nature.")
    if kept.merged_into_id is not None or getattr(kept, "archived_at", None) is not None:
        raise MergeRefused("La fiche à garder est archivée : choisissez-en une qui sert encore.")
    if duplicate.merged_into_id is not None:
        raise MergeRefused("Ce doublon est déjà réuni à une autre fiche.")


def _close(duplicate: Person, kept: Person, at: datetime) -> None:
    """It stays, empty and archived, and its number leads to the survivor in one step."""
    duplicate.merged_into = kept
    if isinstance(duplicate, Family):
        duplicate.archived_at = duplicate.archived_at or at
        duplicate.save(update_fields=["merged_into", "archived_at"])
    else:
        duplicate.save(update_fields=["merged_into"])


def _check_nothing_left(subject: Subject, duplicate: int) -> None:
    """The last wall: a package that forgot a row stops the merge instead of losing it."""
    for following in followings(subject):
        for relation in () if following.may_stay else following.relations:
            label, _dot, column = relation.rpartition(".")
            if apps.get_model(label)._base_manager.filter(**{column: duplicate}).exists():
                raise RuntimeError(f"{following.code} left rows of {relation} behind")


def _write_down(plan: Plan, subject: Subject, kept: Person, duplicate: Person, *, by: User, at: datetime) -> None:
    """On both records, and in each dossier concerned; how many lines, and no name."""
    facts = {
        "moved": len(plan.moves),
        "remained": len(plan.remains),
    }
    families = _dossiers(subject, kept, duplicate)
    for family in families:
        common: dict[str, Any] = {"by": by, "at": at, "family_key": family}
        record(
            verb=f"merge_{subject}",
            target=kept,
            after={"absorbed": duplicate.pk, "plan": plan.digest[:12], **facts},
            **common,
        )
        record(verb=f"absorb_{subject}", target=duplicate, after={"merged_into": kept.pk}, **common)


def _dossiers(subject: Subject, kept: Person, duplicate: Person) -> list[int]:
    if subject is Subject.FAMILY:
        return [kept.pk, duplicate.pk]
    if isinstance(kept, Child):
        return sorted(kept.links.values_list("family", flat=True))
    return sorted(FamilyMember.objects.filter(adult=kept.pk).values_list("family", flat=True))
