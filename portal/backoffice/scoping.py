"""What exists for an agent at the desk and on the screens. The one place where the agents' door asks it.

`family_for` opens a family's file, `Within` narrows rows that hang on families, children or places. Both ask
`families.scope` and `domain.scope`; an agent who is not limited gets what was asked for, unchanged. A test refuses a
module of this door that reaches families or children in another way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, TypeVar, cast

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, PlacePool, Structure, Unit
from portal.domain.bookings.models import ReceiptLine
from portal.domain.families.models import Adult, Child, Family
from portal.domain.families.scope import is_limited, of_adults, of_children, of_families
from portal.domain.kernel.clock import paris_date
from portal.domain.scope.queries import structures_of
from portal.domain.transport.models import LineUnit

__all__ = ["is_limited", "structures_of"]

Row = TypeVar("Row", bound=Model)
Condition = Callable[[User, date], Q]


def today() -> date:
    """The day on which the door looks."""
    return paris_date(timezone.now())


def families_for(agent: User) -> QuerySet[Family]:
    """The families that exist for this agent."""
    return Family.objects.for_agent(agent, on=today())


def family_for(agent: User, **lookup: object) -> Family:
    """The family of that number or key. Raises Http404, for another agent's family as for none."""
    found = families_for(agent).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def children_for(agent: User) -> QuerySet[Child]:
    """The children about whom this agent may read more than a name."""
    return Child.objects.for_agent(agent, on=today())


def children_of_file(agent: User, family: Family) -> QuerySet[Child]:
    """Those of a family, in its order."""
    return children_for(agent).filter(links__family=family).order_by("links__order", "pk")


def only_seen(agent: User, people: Iterable[Any]) -> list[Any]:
    """These persons or things without the children who are not of the agent's places, nor what is about them.

    No query when the agent is not limited.
    """
    found = list(people)
    if not is_limited(agent):
        return found
    children = [each if isinstance(each, Child) else getattr(each, "child", None) for each in found]
    keys = {child.pk for child in children if child is not None}
    seen = set(children_for(agent).filter(pk__in=keys).values_list("pk", flat=True))
    return [each for each, child in zip(found, children, strict=True) if child is None or child.pk in seen]


def mails_within(agent: User, on: date) -> Q:
    """The mails written to somebody of a family that exists for this agent, as its file lists them."""
    if not is_limited(agent):
        return Q()
    adults = Adult.objects.filter(of_adults(agent, "pk", on=on))
    boxes = Family.objects.for_agent(agent, on=on).exclude(contact_email="").values("contact_email")
    boxes = boxes.union(
        adults.exclude(email="").values("email"),
        adults.filter(user__isnull=False).exclude(user__email="").values("user__email"),
    )
    return Q(recipient__in=boxes)


@dataclass(frozen=True, slots=True)
class Within:
    """What rows hang on, by path from the row (“child”, “activity__structure”, “pk”). Every one that is said counts.

    With a family, a row without a child is the family's; one about a child is for whoever welcomes that child.
    """

    family: str = ""
    child: str = ""
    adult: str = ""
    structure: str = ""

    def __call__(self, agent: User, on: date) -> Q:
        """The condition on the rows; empty for an agent who is not limited."""
        if not is_limited(agent):
            return Q()
        condition = Q()
        if self.family:
            condition &= of_families(agent, self.family, on=on)
        if self.child:
            about = of_children(agent, self.child, on=on)
            condition &= about | Q(**{f"{self.child}__isnull": True}) if self.family else about
        if self.adult:
            condition &= of_adults(agent, self.adult, on=on)
        if self.structure:
            condition &= Q(**{f"{self.structure}__in": sorted(structures_of(agent))})
        return condition


def town_wide(_agent: User, _on: date) -> Q:
    """What belongs to the whole town: read by every agent whose role opens it, changed by none who is limited."""
    return Q()


def public_content(_agent: User, _on: date) -> Q:
    """What is written for everybody to read (documents, menus): the limits of an agent say nothing of it."""
    return Q()


def pools_within(agent: User, _on: date) -> Q:
    """The places of at least one of the agent's units; those that no unit counts yet are everybody's."""
    if not is_limited(agent):
        return Q()
    units = Unit.objects.filter(pools=OuterRef("pk"))
    return Q(Exists(units.filter(activity__structure__in=sorted(structures_of(agent))))) | ~Q(Exists(units))


def lines_within(agent: User, _on: date) -> Q:
    """The bus lines that serve one of the agent's places; those that serve nothing yet are everybody's."""
    if not is_limited(agent):
        return Q()
    served = LineUnit.objects.filter(line=OuterRef("pk"))
    return Q(Exists(served.filter(unit__activity__structure__in=sorted(structures_of(agent))))) | ~Q(Exists(served))


def may_change_line(agent: User, line: int) -> bool:
    """Whether every unit that this bus serves is of the agent's places: a bus shared with elsewhere is read only."""
    if not is_limited(agent):
        return True
    elsewhere = LineUnit.objects.filter(line=line).exclude(unit__activity__structure__in=sorted(structures_of(agent)))
    return not elsewhere.exists()


def closures_within(agent: User, _on: date) -> Q:
    """Those of the agent's places and of their activities, and those of the whole town."""
    if not is_limited(agent):
        return Q()
    places = sorted(structures_of(agent))
    return Q(structure__in=places) | Q(activity__structure__in=places) | Q(structure=None, activity=None)


def receipts_within(agent: User, on: date) -> Q:
    """Those of the agent's families with a day in one of the agent's places; the other lines are not shown."""
    if not is_limited(agent):
        return Q()
    return Within(family="family")(agent, on) & Q(Exists(receipt_lines(agent, on).filter(receipt=OuterRef("pk"))))


def receipt_lines(agent: User, on: date) -> QuerySet[ReceiptLine]:
    """The lines of receipts about the agent's places."""
    return ReceiptLine.objects.filter(Within(child="child", structure="unit__activity__structure")(agent, on))


#: What a form may offer, by what the choice is: the same conditions as those of the screens.
OFFERED: dict[type[Model], Condition] = {
    Structure: Within(structure="pk"),
    Activity: Within(structure="structure"),
    Unit: Within(structure="activity__structure"),
    PlacePool: pools_within,
    Family: Within(family="pk"),
    Child: Within(child="pk"),
}


def offered(agent: User, rows: QuerySet[Row]) -> QuerySet[Row]:
    """What a list of choices shows to this agent."""
    condition = OFFERED.get(rows.model)
    return rows.filter(condition(agent, today())) if condition is not None and is_limited(agent) else rows


def whole_town_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that cannot be cut by place: it does not exist for an agent who is limited."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if isinstance(request.user, User) and is_limited(cast(User, request.user)):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped
