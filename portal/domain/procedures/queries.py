"""Reading the démarches of a family."""

from django.db.models import QuerySet

from portal.domain.families.models import Family
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure

#: What still moves; everything else is settled.
OPEN_STATES = frozenset({ProcedureState.RECEIVED})


def list_procedures(*, family: Family, open_: bool | None = None) -> QuerySet[Procedure]:
    """The démarches of a family, the last first; only those under way, or only the settled ones, when asked."""
    procedures = Procedure.objects.filter(family=family).select_related("child").order_by("-opened_at", "-pk")
    if open_ is None:
        return procedures
    return procedures.filter(state__in=OPEN_STATES) if open_ else procedures.exclude(state__in=OPEN_STATES)
