"""Reading how complete a dossier is, in a constant number of queries (those of the sources)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.dossier.enums import Branch, YearlyState
from portal.domain.dossier.models import Certification, Checklist, RequirementEffect, YearlySettings, YearlyUpdate
from portal.domain.dossier.rules import Completeness
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, Family
from portal.domain.families.requirements import Asked, Effect, requirements_of
from portal.domain.kernel.clock import paris_date


def load_completeness(
    *, family: Family, user: User, at: datetime, activities: Mapping[int, Iterable[int]] | None = None
) -> Completeness:
    """What the dossier must hold for the children whom this person may see.

    `activities` gives the activities of each child, by keys: the caller knows enrolments, which lie above.
    """
    children = list(children_with(user=user, family=family, right=Right.SEE))
    return completeness_of(family=family, children=children, at=at, activities=activities)


def completeness_of(
    *,
    family: Family,
    children: Sequence[Child],
    at: datetime,
    activities: Mapping[int, Iterable[int]] | None = None,
    only: Collection[str] | None = None,
    effects: Mapping[str, Effect] | None = None,
) -> Completeness:
    """The same for children already read, whoever asks; `only` some sources, with effects already read."""
    known = activities or {}
    asked = Asked(
        family=family,
        children=children,
        activities={child.pk: frozenset(known.get(child.pk, ())) for child in children},
        at=at,
    )
    return Completeness(
        tuple(requirements_of(asked, effects=load_effects() if effects is None else effects, only=only))
    )


def load_effects() -> dict[str, Effect]:
    """What the town decided of each kind of information, in one query; what it left out informs only."""
    return {source: Effect(effect) for source, effect in RequirementEffect.objects.values_list("source", "effect")}


def current_window(*, at: datetime) -> YearlySettings | None:
    """The yearly update that is open now, if one is."""
    today = paris_date(at)
    return YearlySettings.objects.filter(opens_on__lte=today, closes_on__gte=today).order_by("-school_year").first()


def find_update(*, family: Family, school_year: int) -> YearlyUpdate | None:
    """The family's renewal for that year."""
    return YearlyUpdate.objects.filter(family=family, school_year=school_year).select_related("certification").first()


def branch_of(family: Family, school_year: int) -> Branch | None:
    """The way in which the family renews its dossier that year, None while it has not said."""
    branch = YearlyUpdate.objects.filter(family=family, school_year=school_year).values_list("branch", flat=True)
    return Branch(branch[0]) if branch else None


def last_certification(*, family: Family, school_year: int) -> Certification | None:
    """The last time somebody certified the dossier for that year, explicitly rather than tacitly."""
    found = Certification.objects.filter(family=family, school_year=school_year).select_related("by")
    return found.order_by("tacit", "-at", "-pk").first()


def awaits_validation(*, family: Family, at: datetime) -> bool:
    """Whether the town makes enrolments wait for the yearly update, and this one is not validated (guide 002)."""
    window = current_window(at=at)
    if window is None or not window.gates_enrolments:
        return False
    accepted = YearlyUpdate.objects.filter(family=family, school_year=window.school_year, state=YearlyState.ACCEPTED)
    return not accepted.exists()


def find_checklist(*, user: User) -> Checklist | None:
    """What this account has looked at."""
    return Checklist.objects.filter(user=user).first()


def awaiting_tacit(*, settings: YearlySettings) -> QuerySet[Family]:
    """The live dossiers that nobody has certified for that year."""
    certified = Certification.objects.filter(school_year=settings.school_year).values("family")
    return Family.objects.filter(archived_at=None).exclude(pk__in=certified).order_by("pk")
