"""The verbs of agents: what is recorded of a family for its prices, and its end.

Each locks the family, then the child when the fact is the child's. What is booked keeps its price: the days booked
from then on are priced with what is recorded (docs/adr/0044).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import lock_in_use
from portal.domain.families.models import Child, Family
from portal.domain.kernel.french import full_date
from portal.domain.pricing.enums import AidKind, Holder, Residence
from portal.domain.pricing.models import (
    CHILD_ONCE,
    FAMILY_ONCE,
    AidGrant,
    HouseholdFigures,
    Membership,
    MembershipKind,
    Recorded,
    ResidenceRuling,
)
from portal.domain.pricing.rules import last_day
from portal.domain.tariffs.models import Tariff

RECORD_FACTS = "pricing.record_facts"
RECORD_AID = "pricing.record_aid"
VIEW_AID = "pricing.view_aidgrant"


RowT = TypeVar("RowT", bound=Recorded)


class RecordRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` the question it is about, if any."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class Days:
    """From a day to a day, both included; without last day, for good. Raises RecordRefused in the other order."""

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise RecordRefused("Le dernier jour vient avant le premier.", "valid_until")

    @property
    def met(self) -> Q:
        """Rows that hold on one of these days."""
        began = Q() if self.last is None else Q(valid_from__lte=self.last)
        return began & (Q(valid_until=None) | Q(valid_until__gte=self.first))


@transaction.atomic
def record_residence(
    *, family: Family, residence: Residence, days: Days, reason: str, by: User, at: datetime
) -> ResidenceRuling:
    """Say where a family counts as living, whatever its address.

    Raises PermissionDenied, NotAllowed, RecordRefused.
    """
    _require(by, RECORD_FACTS)
    locked = lock_in_use(family)
    if not reason.strip():
        raise RecordRefused("Donnez le motif.", "reason")
    _alone(ResidenceRuling, Q(family=locked), days, "Une autre décision vaut déjà à ces dates : mettez-y fin d’abord.")
    row = ResidenceRuling(family=locked, residence=residence, reason=reason.strip())
    return _write("record_residence", row, days, locked, {"residence": residence, "reason": row.reason}, by=by, at=at)


@transaction.atomic
def record_figures(
    *, family: Family, income: Decimal | None, disabled: int, days: Days, by: User, at: datetime
) -> HouseholdFigures:
    """Note the resources in euros a month and the children with the allowance; the journal has no value.

    Raises PermissionDenied, NotAllowed, RecordRefused.
    """
    _require(by, RECORD_FACTS)
    locked = lock_in_use(family)
    _alone(
        HouseholdFigures, Q(family=locked), days, "D’autres ressources valent déjà à ces dates : mettez-y fin d’abord."
    )
    row = HouseholdFigures(family=locked, income=income, disabled=disabled)
    return _write("record_figures", row, days, locked, {}, by=by, at=at)


@transaction.atomic
def record_membership(
    *,
    family: Family,
    kind: MembershipKind,
    child: Child | None,
    valid_from: date,
    by: User,
    at: datetime,
    valid_until: date | None = None,
) -> Membership:
    """A child of the family joins, or the whole family, as the kind says; by default until the kind's last day.

    Raises PermissionDenied, NotAllowed, RecordRefused.
    """
    _require(by, RECORD_FACTS)
    locked = lock_in_use(family)
    days = Days(valid_from, valid_until or last_day(kind.validity, kind.months, valid_from))
    of_child = kind.holder == Holder.CHILD
    if of_child and child is None:
        raise RecordRefused("Choisissez l’enfant : cette adhésion est celle d’un enfant.", "child")
    row = Membership(kind=kind)
    if of_child and child is not None:
        row.child = _lock_child(locked, child)
        _alone(Membership, Q(kind=kind, child=row.child), days, CHILD_ONCE, "valid_from")
    else:
        row.family = locked
        _alone(Membership, Q(kind=kind, family=locked), days, FAMILY_ONCE, "valid_from")
    return _write("record_membership", row, days, locked, {"kind": kind.code}, by=by, at=at)


@transaction.atomic
def record_aid(
    *,
    family: Family,
    child: Child | None,
    label: str,
    payer: str,
    kind: AidKind,
    number: Decimal,
    days: Days,
    by: User,
    at: datetime,
    amount_cap: Decimal | None = None,
    uses_cap: int | None = None,
    tariffs: Iterable[Tariff] = (),
) -> AidGrant:
    """Note what somebody else pays of the family's prices, or of a child's; the journal has neither label nor payer.

    Raises PermissionDenied, NotAllowed, RecordRefused.
    """
    _require(by, RECORD_AID)
    locked = lock_in_use(family)
    if kind == AidKind.PERCENT and number > 100:
        raise RecordRefused("Un pourcentage ne passe pas 100.", "number")
    row = AidGrant(
        family=locked,
        child=_lock_child(locked, child) if child is not None else None,
        label=label,
        payer=payer,
        kind=kind,
        number=number,
        amount_cap=amount_cap,
        uses_cap=uses_cap,
    )
    found = _write("record_aid", row, days, locked, {}, by=by, at=at)
    found.tariffs.set(tariffs)
    return found


@transaction.atomic
def end_record(*, row: Recorded, family: Family, last: date, reason: str, by: User, at: datetime) -> None:
    """`last` is the last day of what was recorded; before its first day, it never was and its row goes.

    The reason is for the journal. Raises PermissionDenied, NotAllowed, RecordRefused when it has ended already.
    """
    _require(by, RECORD_AID if isinstance(row, AidGrant) else RECORD_FACTS)
    locked = lock_in_use(family)
    current = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if current is None or (current.valid_until is not None and current.valid_until < last):
        until = f" depuis le {full_date(current.valid_until)}" if current and current.valid_until else ""
        raise RecordRefused(f"C’est déjà fini{until}.", "last")
    before = {"valid_until": current.valid_until.isoformat() if current.valid_until else None}
    after = {"valid_until": last.isoformat(), "reason": reason}
    record(verb="end_price_fact", target=current, by=by, at=at, family_key=locked.pk, before=before, after=after)
    if last < current.valid_from:
        current.delete()
        return
    current.valid_until = last
    current.save(update_fields=["valid_until"])


def _require(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied


def _lock_child(family: Family, child: Child) -> Child:
    found = Child.objects.select_for_update(of=("self",), no_key=True).filter(pk=child.pk, links__family=family)
    locked = found.first()
    if locked is None:
        raise RecordRefused("Cet enfant n’est plus dans le dossier.", "child")
    return locked


def _alone(model: type[Recorded], owner: Q, days: Days, sentence: str, field: str = "valid_from") -> None:
    if model._default_manager.filter(owner & days.met).exists():
        raise RecordRefused(sentence, field)


def _write(verb: str, row: RowT, days: Days, family: Family, said: dict[str, Any], *, by: User, at: datetime) -> RowT:
    row.valid_from, row.valid_until = days.first, days.last
    row.recorded_at, row.recorded_by = at, by
    try:
        row.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise RecordRefused(" ".join(messages), field) from error
    row.save()
    after = {
        "valid_from": days.first.isoformat(),
        "valid_until": days.last.isoformat() if days.last else None,
        **{key: str(value) for key, value in said.items()},
    }
    record(verb=verb, target=row, by=by, at=at, family_key=family.pk, after=after)
    return row
