"""What a change is about, and reading and writing its values as texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.accounts.models import User
from portal.domain.changes.enums import Rubric
from portal.domain.changes.fields import FIELDS, SUBJECTS
from portal.domain.changes.models import ChangeRequest
from portal.domain.families.access import NotAllowed, Right, children_with, require
from portal.domain.families.models import Adult, Child, Family, FamilyMember, School, Schooling


@dataclass(frozen=True, slots=True)
class Subject:
    """One form of the dossier: the household that asks, the rubric, and whom it is about.

    An adult, a child (with a school year for its school), or the family itself.
    """

    family: Family
    rubric: Rubric
    adult: Adult | None = None
    child: Child | None = None
    school_year: int | None = None

    def __post_init__(self) -> None:
        kind = SUBJECTS.get(self.rubric, "family")
        expected = {"adult": self.adult, "child": self.child, "schooling": self.child}.get(kind, self.family)
        if expected is None or (kind == "schooling") != (self.school_year is not None):
            raise ValueError(f"{self.rubric} is about a {kind}")

    @property
    def person(self) -> Family | Adult | Child:
        return self.child or self.adult or self.family


def subject_of(request: ChangeRequest) -> Subject:
    """What a kept request is about."""
    return Subject(
        family=request.family,
        rubric=Rubric(request.rubric),
        adult=request.adult,
        child=request.child,
        school_year=request.school_year,
    )


def require_edit(subject: Subject, *, user: User) -> None:
    """Raises NotAllowed unless this account may edit, in this family, what the change is about."""
    require(user=user, family=subject.family, right=Right.EDIT)
    if subject.child is not None:
        mine = children_with(user=user, family=subject.family, right=Right.EDIT)
        if not mine.filter(pk=subject.child.pk).exists():
            raise NotAllowed(Right.EDIT.value)
    if subject.adult is not None and not _is_member(subject.adult, subject.family):
        raise NotAllowed(Right.EDIT.value)


def _is_member(adult: Adult, family: Family) -> bool:
    return FamilyMember.objects.filter(family=family, adult=adult).exists()


def lock(subject: Subject) -> None:
    """Lock whom it is about until the end of the transaction: always before any of its requests.

    Every verb that writes one of these values comes this way, so that they follow one another. Raises NotAllowed
    when the person was merged, or the dossier archived, meanwhile.
    """
    model = type(subject.person)
    locked = model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=subject.person.pk)
    if (
        locked.merged_into_id is not None
        or Family.objects.filter(pk=subject.family.pk, archived_at__isnull=False).exists()
    ):
        raise NotAllowed("archived")


def current_values(subject: Subject) -> dict[str, str]:
    """The values of the rubric as the database holds them now, as texts; of a person to add, nothing."""
    names = [field.name for field in FIELDS[subject.rubric]]
    if subject.rubric not in SUBJECTS:
        return dict.fromkeys(names, "")
    if subject.rubric == Rubric.SCHOOL:
        schooling = (
            Schooling.objects.filter(child=subject.child, school_year=_year(subject)).select_related("school").first()
        )
        if schooling is None:
            return dict.fromkeys(names, "")
        return {"school": schooling.school.code, "level": schooling.level, "class_name": schooling.class_name}
    fresh = type(subject.person)._default_manager.values(*names).get(pk=subject.person.pk)
    return {name: _text(value) for name, value in fresh.items()}


def write_values(subject: Subject, values: Mapping[str, str]) -> None:
    """Put these values in the dossier, the subject being locked, and in the object at hand."""
    if subject.rubric == Rubric.SCHOOL:
        _write_schooling(subject, values)
        return
    person = subject.person
    for name, value in values.items():
        setattr(person, name, date.fromisoformat(value) if name == "birth_date" else value)
    person.save(update_fields=list(values))


def _write_schooling(subject: Subject, values: Mapping[str, str]) -> None:
    wanted = current_values(subject) | dict(values)
    school = School.objects.get(code=wanted["school"])
    Schooling.objects.update_or_create(
        child=subject.child,
        school_year=_year(subject),
        defaults={"school": school, "level": wanted["level"], "class_name": wanted["class_name"]},
    )


def _year(subject: Subject) -> int:
    assert subject.school_year is not None  # noqa: S101  # checked when the subject was made
    return subject.school_year


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value or "")
