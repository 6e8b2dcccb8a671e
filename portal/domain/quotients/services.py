"""The verbs of quotients. Each locks the family first: two agents, or an agent and a family, never cross.

`deciding` holds those of agents, `fetching` the one that asks the administration.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import Right, lock_in_use, require
from portal.domain.families.models import Family
from portal.domain.files.services import store_files, too_many_files
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure
from portal.domain.quotients import formula, notifications
from portal.domain.quotients.enums import Authority, QuotientSource, QuotientState
from portal.domain.quotients.models import HIGHEST, Quotient, QuotientDefinition, QuotientProof, QuotientReminder
from portal.domain.quotients.queries import load_policy
from portal.domain.quotients.rules import Period, make_room, reminder_due

TITLE = "Quotient familial"


class QuotientRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` the question it is about, if any."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class QuotientDecided(Exception):
    """Somebody answered meanwhile, or the family sent another one: nothing was written."""

    def __init__(self, quotient: Quotient) -> None:
        super().__init__(quotient.state)
        self.quotient = quotient


@transaction.atomic
def declare_quotient(
    *,
    family: Family,
    definition: QuotientDefinition,
    month: date,
    key: uuid.UUID,
    by: User,
    at: datetime,
    value: Decimal | None = None,
    household: formula.Household | None = None,
    proofs: Sequence["UploadedFile[bytes]"] = (),
) -> Quotient:
    """Send a quotient to the service: the value, or the resources when the town computes it; with its proofs.

    The same `key` again gives the same declaration. One that was waiting is replaced. Raises NotAllowed,
    QuotientRefused, FileRefused.
    """
    require(user=by, family=family, right=Right.EDIT)
    lock_family(family)
    already = Quotient.objects.filter(key=key, family=family).first()
    if already is not None:
        return already
    policy = load_policy()
    _check_declaration(definition, month, proofs, proof_required=policy.proof_required, today=paris_date(at))
    amount, details = _value_of(definition, value, household)
    replace_open(family, by=by, at=at)
    quotient = Quotient.objects.create(
        key=key,
        family=family,
        definition=definition,
        value=amount,
        declared_value=amount,
        details=details,
        month=month.replace(day=1),
        source=QuotientSource.COMPUTED if definition.is_computed else QuotientSource.DECLARED,
        state=QuotientState.SENT,
        sent_at=at,
        sent_by=by,
    )
    _store_proofs(quotient, proofs, by=by, at=at)
    open_procedure(
        family=family,
        kind=ProcedureKind.QUOTIENT,
        title=TITLE,
        state=ProcedureState.RECEIVED,
        by=by,
        at=at,
        about=quotient,
    )
    write_down("declare_quotient", quotient, by=by, at=at, proofs=len(proofs))
    return quotient


def _store_proofs(quotient: Quotient, proofs: Sequence["UploadedFile[bytes]"], *, by: User, at: datetime) -> None:
    """Keep the files of a declaration; when one is refused, the content of the others goes with their rows."""
    store_files(
        uploads=proofs,
        attach=lambda stored: QuotientProof.objects.create(quotient=quotient, file=stored),
        by=by,
        at=at,
    )


def _check_declaration(
    definition: QuotientDefinition,
    month: date,
    proofs: Sequence["UploadedFile[bytes]"],
    *,
    proof_required: bool,
    today: date,
) -> None:
    if not definition.is_offered:
        raise QuotientRefused(_("Ce quotient n’est plus proposé\u00a0: choisissez-en un autre."), "definition")
    check_month(month, today=today)
    if proof_required and not proofs:
        raise QuotientRefused(_("Joignez un justificatif\u00a0: une photo lisible suffit."), "proofs")
    if len(proofs) > settings.FAMILY_MAX_UPLOADS:
        raise QuotientRefused(too_many_files(), "proofs")


def check_month(month: date, *, today: date) -> None:
    """A quotient refers to a month that has begun, and not long ago. Raises QuotientRefused."""
    first = month.replace(day=1)
    if first > today:
        raise QuotientRefused(_("Ce mois n’a pas encore commencé."), "month")
    if first < today.replace(day=1) - timedelta(days=24 * 31):
        raise QuotientRefused(_("Ce quotient a plus de deux ans\u00a0: donnez celui d’un mois récent."), "month")


def check_value(value: Decimal) -> Decimal:
    """Zero and above, two decimals. Raises QuotientRefused."""
    if not value.is_finite() or not 0 <= value <= HIGHEST:
        raise QuotientRefused(
            _("Un quotient familial est un nombre positif ou nul\u00a0: vérifiez celui que vous avez écrit."), "value"
        )
    return value.quantize(Decimal("0.01"))


def _value_of(
    definition: QuotientDefinition, value: Decimal | None, household: formula.Household | None
) -> tuple[Decimal, dict[str, Any]]:
    """The value to keep; with the resources when the town computes, because the agent checks them."""
    if definition.authority == Authority.TOWN:
        if household is None:
            raise QuotientRefused(_("Indiquez vos ressources\u00a0: la commune calcule le quotient."))
        result = formula.compute(definition.computes, household)
        return check_value(result.value), _details(household, result)
    if value is None:
        raise QuotientRefused(_("Indiquez votre quotient familial."), "value")
    return check_value(value), {}


def _details(household: formula.Household, result: formula.Computed) -> dict[str, Any]:
    return {
        "amounts": {code: str(euros) for code, euros in household.amounts.items()},
        "couple": household.couple,
        "children": household.children,
        "disabled": household.disabled,
        "parts": str(result.parts),
    }


# -- shared with deciding and fetching ------------------------------------------------------


def lock_family(family: Family) -> None:
    """The lock of every verb here: the dossier's own row. Raises NotAllowed when it is archived."""
    lock_in_use(family)


def replace_open(family: Family, *, by: User, at: datetime) -> None:
    """What was waiting gives way to what has just come; its démarche is closed."""
    for waiting in Quotient.objects.filter(family=family).open().order_by("pk"):
        waiting.state = QuotientState.REPLACED
        waiting.decided_at, waiting.decided_by = at, by
        waiting.save(update_fields=["state", "decided_at", "decided_by"])
        move(waiting, ProcedureState.CANCELLED, by=by, at=at, note="Remplacé par une déclaration plus récente.")


def settle(quotient: Quotient, *, first: date, last: date, by: User, at: datetime) -> None:
    """Make a value hold from `first` to `last`: those in the way end on the eve. The family is locked."""
    periods = [
        Period(row.value, row.source, row.month, row.valid_from, row.valid_until, row.pk)
        for row in Quotient.objects.filter(family=quotient.family).accepted().exclude(pk=quotient.pk)
        if row.valid_from is not None and row.valid_until is not None
    ]
    for change in make_room(periods, first=first):
        if change.last is None:
            Quotient.objects.filter(pk=change.key).update(state=QuotientState.REPLACED)
        else:
            Quotient.objects.filter(pk=change.key).update(valid_until=change.last)
    quotient.valid_from, quotient.valid_until = first, last
    quotient.state = QuotientState.ACCEPTED
    quotient.reason = ""
    quotient.decided_at, quotient.decided_by = at, by
    quotient.save()


def check_days(first: date, last: date, *, today: date) -> None:
    """A value holds from today on at the earliest: days that are past keep their price. Raises QuotientRefused."""
    if first < today:
        raise QuotientRefused(
            "Un quotient ne change pas le prix des jours passés : choisissez aujourd’hui ou un jour à venir.",
            "valid_from",
        )
    if last < first:
        raise QuotientRefused("Le dernier jour vient après le premier.", "valid_until")
    if last > first + timedelta(days=3 * 366):
        raise QuotientRefused("Un quotient ne vaut pas plus de trois ans.", "valid_until")


def move(quotient: Quotient, state: ProcedureState, *, by: User, at: datetime, note: str = "") -> None:
    """The démarche of this quotient takes a step."""
    procedure = find_procedure(about=quotient)
    if procedure is not None:
        move_procedure(procedure=procedure, state=state, by=by, at=at, note=note)


def write_down(verb: str, quotient: Quotient, *, by: User, at: datetime, **facts: Any) -> None:
    """A line of the journal, without the value: the row itself keeps what was declared and what holds."""
    after: Mapping[str, Any] = {
        "state": quotient.state,
        "source": quotient.source,
        "month": quotient.month.isoformat(),
        "valid_from": quotient.valid_from.isoformat() if quotient.valid_from else None,
        "valid_until": quotient.valid_until.isoformat() if quotient.valid_until else None,
        **facts,
    }
    record(verb=verb, target=quotient, by=by, at=at, family_key=quotient.family_id, after=after)


# -- reminders ------------------------------------------------------------------------------


def remind_expiring(*, by: User, at: datetime) -> int:
    """Tell the families whose quotient ends soon, once per delay of the town; return how many were told.

    Nobody is told who has already sent the next one. One transaction per family: a failure stops nobody else.
    """
    policy = load_policy()
    if not policy.reminder_days:
        return 0
    today = paris_date(at)
    ending = Quotient.objects.accepted().filter(
        valid_until__gte=today,
        valid_until__lte=today + timedelta(days=max(policy.reminder_days)),
        family__archived_at=None,
    )
    return sum(_remind(key, policy.reminder_days, today=today, at=at) for key in _keys(ending))


def _keys(rows: Any) -> Iterable[int]:
    return list(rows.order_by("valid_until", "pk").values_list("pk", flat=True))


@transaction.atomic
def _remind(key: int, delays: Iterable[int], *, today: date, at: datetime) -> int:
    quotient = Quotient.objects.select_related("family").get(pk=key)
    Family.objects.select_for_update(of=("self",), no_key=True).get(pk=quotient.family_id)
    quotient.refresh_from_db()
    if quotient.state != QuotientState.ACCEPTED or quotient.valid_until is None:
        return 0
    others = Quotient.objects.filter(family=quotient.family).exclude(pk=key)
    if others.open().exists() or others.accepted().filter(valid_from__gt=quotient.valid_until).exists():
        return 0
    told = list(quotient.reminders.values_list("days", flat=True))
    wanted, noted = reminder_due(last=quotient.valid_until, today=today, delays=delays, told=told)
    QuotientReminder.objects.bulk_create(QuotientReminder(quotient=quotient, days=days, told_at=at) for days in noted)
    if not wanted:
        return 0
    notifications.tell_expiring(quotient, at=at)
    return 1
