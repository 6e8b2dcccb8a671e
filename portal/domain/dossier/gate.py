"""The gates of an incomplete dossier: requests that wait, bookings that are refused (guides 000 and 002)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from portal.domain.dossier.models import RequirementEffect
from portal.domain.dossier.queries import awaits_validation, completeness_of
from portal.domain.dossier.rules import held_back
from portal.domain.families.models import Child, Family
from portal.domain.families.requirements import Effect, Requirement, Standing, read_blocking
from portal.domain.kernel import french
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind


def why_held(*, family: Family, child: Child, activity_id: int, at: datetime) -> Refusal | None:
    """Why an enrolment request of this child waits for the dossier; None when it may be decided."""
    if awaits_validation(family=family, at=at):
        return Refusal(
            rule=Rule.INCOMPLETE_FILE,
            sentence=_("La demande attend la validation de l’actualisation de votre dossier."),
            way_out=WayOut(WayOutKind.COMPLETE_FILE, _("Actualiser mon dossier"), url_name="yearly:index"),
        )
    whole = completeness_of(family=family, children=[child], at=at, activities={child.pk: [activity_id]})
    missing = held_back(whole.concerning(child.pk).missing, at_least=Effect.HOLDS)
    return _refusal(missing, _("La demande attend que votre dossier soit complet")) if missing else None


def waited_for(
    *, family: Family, children: Collection[Child], activity_id: int, at: datetime
) -> tuple[Requirement, ...]:
    """What an enrolment of these children in that activity waits for, the most urgent first; empty when it may be
    decided. Each thing once, whoever it concerns. What the service has still to read is not in it, but the yearly
    update is, sent or not: until it is validated nothing else moves (guide 002).
    """
    if awaits_validation(family=family, at=at):
        yearly = Requirement(
            code="yearly",
            label=_("Actualisation de votre dossier"),
            standing=Standing.MISSING,
            effect=Effect.HOLDS,
            note=_("à envoyer, puis à valider par le service"),
            url_name="yearly:index",
        )
        return (yearly,)
    asked = {child.pk: [activity_id] for child in children}
    whole = completeness_of(family=family, children=list(children), at=at, activities=asked)
    concerned = [each for each in whole.missing if each.child_id is None or each.child_id in asked]
    return tuple(held_back(concerned, at_least=Effect.HOLDS))


def missing_for(*, family: Family, child: Child, activity_id: int, at: datetime) -> list[str]:
    """The names of what this child's activity still waits for, whatever that lack does in this town."""
    whole = completeness_of(family=family, children=[child], at=at, activities={child.pk: [activity_id]})
    return [each.label for each in whole.concerning(child.pk).missing]


def why_blocked(
    *, family: Family, children: Iterable[int], activities: Mapping[int, Iterable[int]], at: datetime
) -> dict[int, Refusal]:
    """Why no day can be booked for some of these children, by key; cancelling never is refused for that."""
    effects, only = read_blocking(RequirementEffect.objects.all())
    if not only:
        return {}
    read = list(Child.objects.filter(pk__in=list(children)).order_by("pk"))
    whole = completeness_of(family=family, children=read, at=at, activities=activities, only=only, effects=effects)
    blocked = {}
    for child in read:
        missing = held_back(whole.concerning(child.pk).missing, at_least=Effect.BLOCKS)
        if missing:
            blocked[child.pk] = _refusal(missing, _("Les réservations attendent que votre dossier soit complet"))
    return blocked


def _refusal(missing: list[Requirement], fact: str) -> Refusal:
    names = french.join_words(french.lower_first(each.label) for each in missing[:3])
    more = _(" et d’autres") if len(missing) > 3 else ""
    return Refusal(
        rule=Rule.INCOMPLETE_FILE,
        sentence=_("%(fact)s\u00a0: %(names)s%(more)s.") % {"fact": fact, "names": names, "more": more},
        way_out=WayOut(WayOutKind.COMPLETE_FILE, _("Compléter mon dossier")),
    )
