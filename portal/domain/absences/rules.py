"""What an accepted absence costs, day by day: pure, over plain values.

Days are counted activity by activity: two services of one activity on one day are one day, with one fate. In order:
the first days of the absence are charged (carence), then days beyond the maximum, the others cost nothing, or the part
that the town says. An absence that continues another one, with no day of presence between, pays no second carence.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from portal.domain.absences.enums import Cause, Outcome, Per
from portal.domain.kernel.french import NBSP, amount, integer, ordinal, plural, signed_amount
from portal.domain.kernel.money import ZERO, cents
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule does to prices. `percent` is the part of the price that an excused day still costs, 0 to 99."""

    carence: int = 0
    most: int | None = None
    per: str = Per.YEAR.value
    percent: int = 0

    def to_data(self) -> dict[str, Any]:
        """As kept with a declaration: the rule that was shown to the family."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)

    def period(self, day: date) -> tuple[int, int]:
        """The month or the school year over which the maximum counts."""
        return (day.year, day.month) if self.per == Per.MONTH else (SchoolYear.of(day).start, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A declared day: `key` of its booking, its activity, its price in euros."""

    key: int
    activity: int
    day: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class Past:
    """What an activity already saw for this child: days already excused, days of carence just before."""

    excused: frozenset[date] = frozenset()
    carence_before: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What one booking costs in the end, in euros, and why, in French."""

    outcome: Outcome
    cause: Cause
    amount: Decimal
    explanation: tuple[str, ...]


def settle(
    asked: Iterable[Asked], *, terms: Mapping[int, Terms], past: Mapping[int, Past], spared: bool = False
) -> dict[int, Effect]:
    """The effect on each booking if the absence is accepted; `spared`: the reason knows no carence.

    An activity without terms charges its days in full.
    """
    by_activity: dict[int, list[Asked]] = {}
    for each in asked:
        by_activity.setdefault(each.activity, []).append(each)
    effects: dict[int, Effect] = {}
    for activity, rows in by_activity.items():
        rule = terms.get(activity, Terms(most=0))
        effects |= _one_activity(rows, rule, past.get(activity, Past()), spared=spared)
    return effects


def _one_activity(rows: Sequence[Asked], rule: Terms, past: Past, *, spared: bool) -> dict[int, Effect]:
    days = sorted({row.day for row in rows})
    excused: Counter[tuple[int, int]] = Counter(rule.period(day) for day in past.excused - set(days))
    fates: dict[date, tuple[Cause, str]] = {}
    carence = 0 if spared else rule.carence
    rank = past.carence_before
    for day in days:
        rank += 1
        if rank <= carence:
            fates[day] = (Cause.CARENCE, _carence_words(rank, carence))
            continue
        period = rule.period(day)
        if rule.most is not None and excused[period] >= rule.most:
            fates[day] = (Cause.MAXIMUM, _maximum_words(rule))
            continue
        excused[period] += 1
        fates[day] = (Cause.EXCUSED, "Absence acceptée.")
    return {row.key: _effect(row, *fates[row.day], rule.percent) for row in rows}


def _effect(row: Asked, cause: Cause, words: str, percent: int) -> Effect:
    if cause != Cause.EXCUSED:
        return Effect(Outcome.CHARGED, cause, row.price, (words,))
    left = cents(row.price * percent / 100)
    if left == ZERO:
        return Effect(Outcome.FREE, cause, ZERO, (words, "Ce jour n’est pas facturé."))
    part = f"Il reste facturé à {integer(percent)}{NBSP}%{NBSP}: {amount(left)} au lieu de {amount(row.price)}."
    return Effect(Outcome.REDUCED, cause, left, (words, part))


def charged_whole(price: Decimal, cause: Cause) -> Effect:
    """A day that stays at its price because the absence is refused, or was never justified."""
    words = "Absence refusée." if cause == Cause.REFUSED else "Absence restée sans justificatif."
    return Effect(Outcome.CHARGED, cause, price, (words, "Ce jour est facturé."))


def _carence_words(rank: int, carence: int) -> str:
    if carence == 1:
        return f"Jour de carence{NBSP}: facturé."
    return f"Jour de carence ({ordinal(rank)} sur {carence}){NBSP}: facturé."


def _maximum_words(rule: Terms) -> str:
    if not rule.most:
        return "Les absences de cette activité sont facturées."
    per = "par mois" if rule.per == Per.MONTH else "par année scolaire"
    return f"Le maximum de {plural(rule.most, 'jour')} non facturés {per} est atteint{NBSP}: facturé."


def carence_before(history: Sequence[tuple[date, Cause | None]]) -> int:
    """How many days of absence stand just before, from the last one back: `history` is the booked days of the activity
    before the absence, the last first, each with why it cost what it did when an accepted absence covers it.

    Every day of that chain counts, carence or not: what continues an absence is not its first days any more.
    """
    count = 0
    for _day, cause in history:
        if cause not in {Cause.CARENCE, Cause.MAXIMUM, Cause.EXCUSED}:
            break
        count += 1
    return count


def may_declare_on(today: date, *, day: date, delay: int) -> bool:
    """Whether a day of absence may still be declared: until `delay` days after it, that day included."""
    return today <= day + timedelta(days=delay)


def certificate_due(*, first: date, delays: Collection[int], today: date) -> date:
    """The last day to send the certificate: the shortest delay, counted from the first day of absence; today at the
    earliest.
    """
    return max(first + timedelta(days=min(delays)), today)


def summary(effects: Iterable[tuple[date, Effect, Decimal]]) -> str:
    """“2 jours de carence facturés, 3 jours non facturés : −12,90 €”: days are counted once, amounts all."""
    rows = list(effects)
    kinds = (
        ("jour de carence facturé", "jours de carence facturés", lambda each: each.cause == Cause.CARENCE),
        (
            "jour facturé au-delà du maximum",
            "jours facturés au-delà du maximum",
            lambda each: each.cause == Cause.MAXIMUM,
        ),
        ("jour facturé", "jours facturés", lambda each: each.cause in {Cause.REFUSED, Cause.LAPSED}),
        ("jour facturé en partie", "jours facturés en partie", lambda each: each.outcome == Outcome.REDUCED),
        ("jour non facturé", "jours non facturés", lambda each: each.outcome == Outcome.FREE),
    )
    said = []
    for one, many, kind in kinds:
        count = len({day for day, effect, _price in rows if kind(effect)})
        if count:
            said.append(plural(count, one, many))
    change = sum((effect.amount - price for _day, effect, price in rows), ZERO)
    words = ", ".join(said) or "Aucun jour"
    return f"{words}{NBSP}: {signed_amount(change)}"
