"""Shared custody in the sample town; a profile says nothing of it: the law does."""

from collections import defaultdict
from datetime import time, timedelta

from django.db.models import Count

from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.custody.enums import CustodyState, Halves, Pattern
from portal.domain.custody.models import Custody
from portal.domain.families.models import Child, ChildLink
from portal.domain.kernel.calendar import monday_of
from portal.domain.kernel.clock import paris_date

BATCH = 2_000


def connect() -> None:
    """Register the filler of this part, and say which role reads a judgement and settles a disagreement."""
    register_filler(Filler(code="custody", order=50, fill=_fill))
    grant(Role.MANAGEMENT, "custody.read_judgement", "custody.change_custody", "custody.view_custody")


def _fill(filling: Filling) -> None:
    """Alternate weeks from a Friday, for the children whom the other parts put in two households."""
    shared = Child.objects.annotate(households=Count("links")).filter(households=2)
    households: dict[int, list[int]] = defaultdict(list)
    for child, family in ChildLink.objects.filter(child__in=shared).order_by("pk").values_list("child", "family"):
        households[child].append(family)
    reference = monday_of(paris_date(filling.at)) + timedelta(days=4)
    Custody.objects.bulk_create(
        (
            Custody(
                child_id=child,
                household_a_id=first,
                household_b_id=second,
                state=CustodyState.AGREED,
                pattern=Pattern.WEEKS,
                reference=reference,
                changeover_hour=time(16, 30),
                halves=Halves.EVEN_FIRST,
                proposed_by=filling.by,
                proposed_at=filling.at,
                answered_by=filling.by,
                answered_at=filling.at,
            )
            for child, (first, second) in households.items()
        ),
        batch_size=BATCH,
    )
