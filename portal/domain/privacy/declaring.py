"""The usual ways to hold personal data, said in a line: these rows go with the dossier, those are kept so long.

What is not usual is written out, as a function of the shape that `privacy.registry` asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, Model, Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel.clock import end_of_day, paris_date
from portal.domain.privacy.registry import Erasure, Expired, Fate, Planned

#: Ends the basis of a delay that the town has to decide; `privacy.retention` hides it from families.
TO_CONFIRM = "durée à valider par votre DPO et les Archives départementales"


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that a package holds of a family, under one name and with one fate.

    `of(family)` finds them. An erasure deletes those that are ERASED, in the order declared, or does `forget(rows)`;
    the others stay unless `forget` says otherwise. Until when is said by `years`, from the month of the erasure.
    """

    label: str
    of: Callable[[int], QuerySet[Any]]
    fate: Fate = Fate.ERASED
    why: str = ""
    years: int = 0
    forget: Callable[[QuerySet[Any]], object] | None = None


def erasure_of(code: str, *held: Held, order: int) -> Erasure:
    """Forget a family by what is done with these rows. Without any: nothing is held but what others forget."""

    def plan(family: int, at: datetime) -> list[Planned]:
        return [
            Planned(
                each.label,
                each.of(family).count(),
                each.fate,
                each.why,
                in_years(at, each.years) if each.years else None,
            )
            for each in held
        ]

    def execute(family: int, _by: User, _at: datetime) -> None:
        for each in held:
            if each.forget is not None:
                each.forget(each.of(family))
            elif each.fate is Fate.ERASED:
                each.of(family).delete()

    return Erasure(code, plan, execute, order=order)


def in_years(at: datetime, years: int) -> date:
    """The first day of this month, so many years later: until when evidence is kept."""
    today = paris_date(at)
    return today.replace(day=1, year=today.year + years)


def reached(
    rows: QuerySet[Any],
    field: str,
    *,
    label: Callable[[Any], str],
    family: Callable[[Any], str] = lambda _row: "",
) -> Callable[[date, int], list[Expired]]:
    """Find the rows whose `field` (a day, or an instant by its day in Paris) is `before` or earlier, the oldest first.

    A row where it is empty is never found. `family` gives the number of the dossier.
    """
    is_instant = isinstance(rows.model._meta.get_field(field), DateTimeField)

    def find(before: date, limit: int) -> list[Expired]:
        past = Q((f"{field}__lt", end_of_day(before))) if is_instant else Q((f"{field}__lte", before))
        found = rows.filter(past).order_by(field, "pk")[:limit]
        return [Expired(row.pk, label(row), family(row), _day(getattr(row, field))) for row in found]

    return find


def _day(value: date | datetime) -> date:
    return paris_date(value) if isinstance(value, datetime) else value


def delete_rows(model: type[Model], keys: list[int]) -> int:
    """Delete rows of one table and return how many of them there were."""
    return model._default_manager.filter(pk__in=keys).delete()[1].get(model._meta.label, 0)


def deleting(model: type[Model]) -> Callable[[list[int], User, datetime], int]:
    """Forget rows with what hangs on them, without a line of the journal each."""
    return lambda keys, _by, _at: delete_rows(model, keys)


def journalled(
    rows: QuerySet[Any],
    verb: str,
    *,
    erase: Callable[[Any], object] = lambda row: row.delete(),
    family_key: Callable[[Any], int | None] = lambda _row: None,
) -> Callable[[list[int], User, datetime], int]:
    """Forget one by one, each with its line of the journal, those of `rows` that are still among them once locked."""

    @transaction.atomic
    def run(keys: list[int], by: User, at: datetime) -> int:
        found = list(rows.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
        for row in found:
            record(verb=verb, target=row, by=by, at=at, family_key=family_key(row))
            erase(row)
        return len(found)

    return run
