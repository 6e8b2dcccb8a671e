"""What an accepted absence costs: carence, maximum, rate, against an oracle written otherwise."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.domain.absences.enums import Cause, Outcome
from portal.domain.absences.rules import (
    Asked,
    Effect,
    Past,
    Terms,
    carence_before,
    certificate_due,
    may_declare_on,
    settle,
    summary,
)

pytestmark = pytest.mark.exigence("B4")

MONDAY = date(2026, 9, 14)
PRICE = Decimal("4.30")


def days(count: int, *, first: date = MONDAY, activity: int = 1, price: Decimal = PRICE) -> list[Asked]:
    return [Asked(activity * 1000 + rank, activity, first + timedelta(days=rank), price) for rank in range(count)]


def costs(effects: dict[int, Effect]) -> list[str]:
    return [effect.cause.value for _key, effect in sorted(effects.items())]


def test_the_first_days_are_charged_then_none_is() -> None:
    asked = days(5)
    effects = settle(asked, terms={1: Terms(carence=2)}, past={})

    assert costs(effects) == ["carence", "carence", "excused", "excused", "excused"]
    told = summary((each.day, effects[each.key], each.price) for each in asked)
    assert told == ("2\u00a0jours de carence facturés, 3\u00a0jours non facturés\u00a0: \u221212,90\u00a0€")


def test_some_reasons_know_no_carence() -> None:
    assert costs(settle(days(2), terms={1: Terms(carence=2)}, past={}, spared=True)) == ["excused", "excused"]


def test_two_services_of_one_day_share_its_fate_and_count_once() -> None:
    asked = [Asked(1, 1, MONDAY, PRICE), Asked(2, 1, MONDAY, PRICE), Asked(3, 1, MONDAY + timedelta(days=1), PRICE)]

    assert costs(settle(asked, terms={1: Terms(carence=1, most=1)}, past={})) == ["carence", "carence", "excused"]


def test_each_activity_counts_for_itself() -> None:
    asked = [*days(2), *days(2, activity=2)]

    found = settle(asked, terms={1: Terms(carence=1), 2: Terms(percent=50)}, past={})

    assert costs(found) == ["carence", "excused", "excused", "excused"]
    assert [str(found[key].amount) for key in (2000, 2001)] == ["2.15", "2.15"]
    assert found[2000].outcome is Outcome.REDUCED


def test_the_maximum_counts_what_was_excused_before_in_its_month() -> None:
    past = {1: Past(excused=frozenset({date(2026, 9, 1), date(2026, 8, 31)}))}
    asked = days(3, first=date(2026, 9, 29))

    found = settle(asked, terms={1: Terms(most=2, per="month")}, past=past)

    assert costs(found) == ["excused", "maximum", "excused"]  # 29 and 30 September, 1 October


def test_an_absence_that_continues_another_pays_no_second_carence() -> None:
    history = [
        (date(2026, 9, 11), Cause.EXCUSED),
        (date(2026, 9, 10), Cause.CARENCE),
        (date(2026, 9, 8), None),
        (date(2026, 9, 7), Cause.EXCUSED),
    ]
    assert carence_before(history) == 2
    assert costs(settle(days(1), terms={1: Terms(carence=2)}, past={1: Past(carence_before=2)})) == ["excused"]
    assert costs(settle(days(2), terms={1: Terms(carence=2)}, past={1: Past(carence_before=1)})) == [
        "carence",
        "excused",
    ]


def test_an_activity_without_terms_is_charged() -> None:
    assert costs(settle(days(2), terms={}, past={})) == ["maximum", "maximum"]


@pytest.mark.parametrize("seed", range(60))
def test_no_rule_disagrees_with_an_oracle_that_walks_day_by_day(seed: int) -> None:
    """Random rules, pasts and declarations: an oracle that knows nothing but lists gives the same amounts."""
    draw = random.Random(seed)
    rules = {
        activity: Terms(
            carence=draw.randrange(4),
            most=draw.choice([None, 1, 2, 5]),
            per=draw.choice(["year", "month"]),
            percent=draw.choice([0, 0, 30, 99]),
        )
        for activity in (1, 2)
    }
    start = date(2026, 7, draw.randrange(20, 31))
    asked = [
        Asked(
            key,
            draw.choice([1, 2]),
            start + timedelta(days=draw.randrange(40)),
            Decimal(draw.randrange(100, 900)) / 100,
        )
        for key in range(draw.randrange(1, 25))
    ]
    past = {
        activity: Past(
            frozenset(start - timedelta(days=draw.randrange(1, 60)) for _ in range(draw.randrange(5))),
            draw.randrange(3),
        )
        for activity in (1, 2)
    }
    spared = draw.random() < 0.2

    found = settle(asked, terms=rules, past=past, spared=spared)

    assert {key: effect.amount for key, effect in found.items()} == _oracle(asked, rules, past, spared)
    for row in asked:
        effect = found[row.key]
        assert Decimal(0) <= effect.amount <= row.price
        assert (effect.outcome is Outcome.CHARGED) == (effect.cause is not Cause.EXCUSED)
        assert effect.explanation


def _oracle(asked: list[Asked], rules: dict[int, Terms], past: dict[int, Past], spared: bool) -> dict[int, Decimal]:
    amounts = {}
    for row in asked:
        rule, before = rules[row.activity], past[row.activity]
        mine = sorted({each.day for each in asked if each.activity == row.activity})
        excused = [day for day in before.excused if day not in mine]
        for rank, day in enumerate(mine):
            in_carence = not spared and before.carence_before + rank < rule.carence
            same = [other for other in excused if _same_period(rule, other, day)]
            free = not in_carence and (rule.most is None or len(same) < rule.most)
            if free:
                excused.append(day)
            if day == row.day:
                part = Decimal(rule.percent) / 100
                whole = (row.price * part * 100 + Decimal("0.5")) // 1 / 100
                amounts[row.key] = whole if free else row.price
    return amounts


def _same_period(rule: Terms, one: date, other: date) -> bool:
    if rule.per == "month":
        return (one.year, one.month) == (other.year, other.month)
    return (one.year + (one.month >= 8)) == (other.year + (other.month >= 8))


def test_delays_count_whole_days_and_include_their_last() -> None:
    for delay in range(5):
        allowed = [late for late in range(8) if may_declare_on(MONDAY + timedelta(days=late), day=MONDAY, delay=delay)]
        assert allowed == list(range(delay + 1))
    assert may_declare_on(MONDAY, day=MONDAY + timedelta(days=30), delay=0)  # a day to come
    assert certificate_due(first=MONDAY, delays=[8, 3], today=MONDAY) == MONDAY + timedelta(days=3)
    late = MONDAY + timedelta(days=9)
    assert certificate_due(first=MONDAY, delays=[3], today=late) == late
