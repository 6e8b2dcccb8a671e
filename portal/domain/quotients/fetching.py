"""Fetching the quotient from the administration, with the agreement of the person it is about."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.families.access import Right, require
from portal.domain.families.models import Child, Family, FamilyMember
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from portal.domain.quotients import notifications
from portal.domain.quotients.enums import Authority, FetchMode, FetchOutcome, QuotientSource, QuotientState
from portal.domain.quotients.models import Quotient, QuotientDefinition, QuotientFetch
from portal.domain.quotients.particulier import Found, ParticulierError, is_configured
from portal.domain.quotients.queries import load_policy
from portal.domain.quotients.rules import Person, concerns, last_day
from portal.domain.quotients.services import (
    TITLE,
    QuotientRefused,
    lock_family,
    replace_open,
    settle,
    write_down,
)

#: Questions that one family may ask in an hour: enough to mend a birth place, not to look for neighbours.
MOST_AN_HOUR = 5


def api_offered() -> bool:
    """Whether families may let the portal ask: the town wants it and has its token."""
    return is_configured() and load_policy().api_enabled


def fetch_quotient(
    *, family: Family, ask: Callable[[], Found], mode: FetchMode, by: User, at: datetime
) -> QuotientFetch:
    """Ask the administration, and keep the value with its month; the outcome is written whatever it is.

    `by` agreed, `ask` makes the call, outside of any transaction. A value whose household has nobody of this family in
    it waits for an agent: a neighbour's quotient is nobody's. Raises NotAllowed, QuotientRefused (not offered, too
    many questions).
    """
    require(user=by, family=family, right=Right.EDIT)
    if not api_offered():
        raise QuotientRefused(_("Ce service n’est pas proposé par votre commune."))
    if QuotientFetch.objects.filter(family=family, at__gt=at - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise QuotientRefused(_("Trop de demandes en une heure. Réessayez plus tard, ou déclarez votre quotient."))
    try:
        found = ask()
    except ParticulierError as error:
        return QuotientFetch.objects.create(family=family, by=by, at=at, mode=mode, outcome=error.outcome)
    return _keep(family, found, mode=mode, by=by, at=at)


@transaction.atomic
def _keep(family: Family, found: Found, *, mode: FetchMode, by: User, at: datetime) -> QuotientFetch:
    lock_family(family)
    definition = _definition_of(found.authority)
    if definition is None:
        return QuotientFetch.objects.create(family=family, by=by, at=at, mode=mode, outcome=FetchOutcome.NO_VALUE)
    replace_open(family, by=by, at=at)
    quotient = Quotient(
        family=family,
        definition=definition,
        value=found.value,
        month=found.month,
        source=QuotientSource.API,
        state=QuotientState.SENT,
        sent_at=at,
        sent_by=by,
    )
    sure = _is_about(family, found)
    if sure:
        first = paris_date(at)
        settle(quotient, first=first, last=last_day(load_policy().validity, first), by=by, at=at)
    else:
        quotient.save()
    open_procedure(
        family=family,
        kind=ProcedureKind.QUOTIENT,
        title=TITLE,
        state=ProcedureState.RECORDED if sure else ProcedureState.RECEIVED,
        by=by,
        at=at,
        about=quotient,
        note="Transmis par la Caf ou la MSA, avec l’accord de la famille.",
    )
    write_down("fetch_quotient", quotient, by=by, at=at, mode=mode)
    if sure:
        notifications.tell_accepted(quotient, at=at)
    outcome = FetchOutcome.FOUND if sure else FetchOutcome.TO_CHECK
    return QuotientFetch.objects.create(family=family, by=by, at=at, mode=mode, outcome=outcome, quotient=quotient)


def _definition_of(authority: Authority) -> QuotientDefinition | None:
    """The town's quotient of that body, else the one of the other body: the API serves both."""
    given = list(
        QuotientDefinition.objects.filter(authority__in=[Authority.CAF, Authority.MSA]).order_by("order", "pk")
    )
    own = [each for each in given if each.authority == authority]
    return next(iter(own or given), None)


def _is_about(family: Family, found: Found) -> bool:
    members = FamilyMember.objects.filter(family=family).select_related("adult")
    adults = [Person(member.adult.first_name, (member.adult.last_name,)) for member in members]
    children = [
        Person(child.first_name, (child.last_name,), child.birth_date.isoformat())
        for child in Child.objects.filter(links__family=family)
    ]
    return concerns(found.people, adults=adults, children=children)
