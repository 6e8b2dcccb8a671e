"""The days of a child that may be declared absent, read from the books: a family types a period, no more."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.domain.absences.models import AbsenceDay, AbsenceRule
from portal.domain.absences.rules import may_declare_on
from portal.domain.absences.terms import rules_of
from portal.domain.accounts.models import User
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.loading import Scope, load_context
from portal.domain.bookings.policy import why_not
from portal.domain.families.models import Child, Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Rule

#: The longest declaration, in days.
LONGEST = 62
#: Why a day is not cancelled on line any more: what an absence is for.
PAST_CANCELLING = frozenset({Rule.DEADLINE_PASSED, Rule.DAY_PAST, Rule.NEVER_ONLINE, Rule.READ_ONLY_ACTIVITY})


class Standing(StrEnum):
    """What may be done of a booked day. CANCELLABLE: still free of charge on the planning; NO_RULE: by the service."""

    OPEN = "open"
    LATE = "late"
    DECLARED = "declared"
    CANCELLABLE = "cancellable"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A booked day of the child. `booking` is its key; `absence` the declaration that covers it."""

    booking: int
    code: str
    day: date
    label: str
    activity_id: int
    price: Decimal
    standing: Standing
    absence: str = ""


@dataclass(slots=True)
class Found:
    """The booked days of a child over a period, in order, with the rules of their activities."""

    days: list[FoundDay] = field(default_factory=list)
    rules: dict[int, AbsenceRule] = field(default_factory=dict)

    def standing(self, standing: Standing) -> list[FoundDay]:
        return [day for day in self.days if day.standing is standing]

    @property
    def open(self) -> list[FoundDay]:
        """Those that may be declared now."""
        return self.standing(Standing.OPEN)

    @property
    def distinct_rules(self) -> list[AbsenceRule]:
        """The rules of the days that may be declared, each once."""
        wanted = {day.activity_id for day in self.days if day.standing in {Standing.OPEN, Standing.LATE}}
        return list({rule.pk: rule for key, rule in self.rules.items() if key in wanted}.values())


def find_days(*, family: Family, child: Child, days: DateRange, by: User, at: datetime) -> Found:
    """The days that this family booked for this child over `days`, and what may be done of each.

    Days booked by another household are that household's to declare. Nothing for a child for whom this person may not
    book. A constant number of queries.
    """
    today = paris_date(at)
    context = load_context(family=family, user=by, scope=Scope(days), today=today)
    known = context.children.get(child.pk)
    if known is None or not known.may_book:
        return Found()
    booked = {
        key: row
        for key, row in context.booked.items()
        if key.child_id == child.pk and row.family_id == family.pk and key.day in days
    }
    rules = rules_of({context.units[key.unit_id].activity_id for key in booked})
    covering = AbsenceDay.objects.in_force().filter(booking__in=[row.pk for row in booked.values()])
    declared = dict(covering.values_list("booking", "absence__key"))
    found = Found(rules=rules)
    for key in sorted(booked, key=lambda each: (each.day, context.units[each.unit_id].rank)):
        unit, row = context.units[key.unit_id], booked[key]
        refusal = why_not(context, wish=Wish.REMOVE, child_id=key.child_id, unit_id=key.unit_id, day=key.day, at=at)
        rule = rules.get(unit.activity_id)
        if row.pk in declared:
            standing = Standing.DECLARED
        elif refusal is None:
            standing = Standing.CANCELLABLE
        elif rule is None or refusal.rule not in PAST_CANCELLING:
            standing = Standing.NO_RULE
        elif not may_declare_on(today, day=key.day, delay=rule.declare_days):
            standing = Standing.LATE
        else:
            standing = Standing.OPEN
        found.days.append(
            FoundDay(
                booking=row.pk,
                code=key.code,
                day=key.day,
                label=unit.label,
                activity_id=unit.activity_id,
                price=row.unit_price,
                standing=standing,
                absence=str(declared.get(row.pk, "")),
            )
        )
    return found


def find_cell(*, family: Family, child: Child, code: str, by: User, at: datetime) -> FoundDay | None:
    """What may be done of one booked cell; None when it is not booked by this family, or not theirs to declare."""
    key = CellKey.parse(code)
    found = find_days(family=family, child=child, days=DateRange(key.day, key.day), by=by, at=at)
    return next((day for day in found.days if day.code == code), None)


def longest_from(first: date) -> date:
    """The last day that a declaration beginning on `first` may hold."""
    return first + timedelta(days=LONGEST - 1)
