"""Reading quotients: the one resolver, and what screens show."""

from collections.abc import Iterable
from datetime import date

from portal.domain.families.models import Family
from portal.domain.quotients.enums import OPEN_STATES, QuotientState
from portal.domain.quotients.models import Quotient, QuotientDefinition, QuotientPolicy
from portal.domain.quotients.rules import Answer, Period, Timeline, resolve


def load_policy() -> QuotientPolicy:
    """The town's rule, or the defaults before a profile is loaded."""
    return QuotientPolicy.objects.filter(only=True).first() or QuotientPolicy(reminder_days=[30, 7])


def offered_definitions() -> list[QuotientDefinition]:
    """What a family may declare, in the town's order."""
    return list(QuotientDefinition.objects.filter(is_offered=True).order_by("order", "pk"))


def load_timelines(families: Iterable[int]) -> dict[int, Timeline]:
    """What is known of several families, by key, in one query; every family asked has its timeline."""
    keys = set(families)
    periods: dict[int, list[Period]] = {key: [] for key in keys}
    refused: dict[int, list[date]] = {key: [] for key in keys}
    pending = set()
    rows = Quotient.objects.filter(family__in=keys).exclude(state=QuotientState.REPLACED)
    for row in rows.order_by("sent_at", "pk"):
        if row.state == QuotientState.ACCEPTED and row.valid_from and row.valid_until:
            periods[row.family_id].append(
                Period(row.value, row.source, row.month, row.valid_from, row.valid_until, row.pk)
            )
        elif row.state == QuotientState.REFUSED and row.decided_on is not None:
            refused[row.family_id].append(row.decided_on)
        elif row.state in OPEN_STATES:
            pending.add(row.family_id)
    return {key: Timeline(tuple(periods[key]), tuple(refused[key]), key in pending) for key in keys}


def quotient_on(family: Family, day: date) -> Answer:
    """The quotient of a family on a day, with its source and validity, or why there is none.

    Rules 25 and 26. Without a known value the highest tariff applies; zero is known.
    """
    return resolve(load_timelines([family.pk])[family.pk], day)


def list_quotients(family: Family) -> list[Quotient]:
    """The history, the last received first, with what a line shows."""
    rows = Quotient.objects.filter(family=family).select_related("definition", "sent_by", "decided_by")
    return list(rows.prefetch_related("proofs__file").order_by("-sent_at", "-pk"))


def open_quotient(family: Family) -> Quotient | None:
    """The declaration that waits, if any."""
    return Quotient.objects.filter(family=family).open().select_related("definition").order_by("-pk").first()
