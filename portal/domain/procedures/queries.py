"""Reading the démarches of a family."""

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent
from portal.domain.procedures.rules import OPEN_STATES

__all__ = ["OPEN_STATES", "count_by_state", "list_procedures", "visible_procedures"]


def list_procedures(*, family: Family, open_: bool | None = None) -> QuerySet[Procedure]:
    """The démarches of a family, the last first; only those under way, or only the settled ones, when asked."""
    procedures = Procedure.objects.filter(family=family).select_related("child").order_by("-opened_at", "-pk")
    if open_ is None:
        return procedures
    return procedures.filter(state__in=OPEN_STATES) if open_ else procedures.exclude(state__in=OPEN_STATES)


def visible_procedures(*, family: Family, user: User) -> QuerySet[Procedure]:
    """What this person may read of the family's démarches: what waits for them first, then the last opened.

    Each carries `last_note`, what was said at its last step, or "".
    """
    notes = ProcedureEvent.objects.filter(procedure=OuterRef("pk")).order_by("-at", "-pk").values("note")[:1]
    return (
        Procedure.objects.filter(Q(child=None) | Q(child__in=Child.objects.visible_to(user)), family=family)
        .select_related("child")
        .annotate(
            last_note=Subquery(notes),
            turn=Case(
                When(state=ProcedureState.YOUR_TURN, then=Value(0)), default=Value(1), output_field=IntegerField()
            ),
        )
        .order_by("turn", "-opened_at", "-pk")
    )


def count_by_state(*, family: Family, user: User) -> dict[str, int]:
    """How many démarches of each state this person may read, in one query."""
    readable = Procedure.objects.filter(Q(child=None) | Q(child__in=Child.objects.visible_to(user)), family=family)
    return dict(readable.order_by().values_list("state").annotate(Count("pk")))
