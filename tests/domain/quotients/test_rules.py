"""The decisions, over any timeline: one answer for each day, the past untouched, zero is a value."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quotients.rules import (
    Answer,
    Period,
    Person,
    Status,
    Timeline,
    Validity,
    concerns,
    last_day,
    make_room,
    plain,
    reminder_due,
    resolve,
)

DAY = date(2026, 9, 1)
days = st.integers(0, 1500).map(lambda number: DAY + timedelta(days=number))
values = st.decimals(0, 5000, places=2)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Periods one after the other, with or without holes, and refusals anywhere."""
    cuts = sorted(draw(st.lists(days, min_size=0, max_size=8, unique=True)))
    periods = [
        Period(draw(values), "declared", DAY, first, last - timedelta(days=1), key)
        for key, (first, last) in enumerate(zip(cuts, cuts[1:], strict=False))
        if draw(st.booleans())
    ]
    return Timeline(tuple(periods), tuple(draw(st.lists(days, max_size=3))), draw(st.booleans()))


def replay(timeline: Timeline, new: Period) -> Timeline:
    """What the verbs do with `make_room`."""
    changes = {change.key: change.last for change in make_room(timeline.periods, first=new.first)}
    kept = [
        Period(each.value, each.source, each.month, each.first, changes.get(each.key) or each.last, each.key)
        for each in timeline.periods
        if each.key not in changes or changes[each.key] is not None
    ]
    return Timeline((*kept, new), timeline.refused, timeline.pending)


@pytest.mark.exigence("D5")
@given(timelines(), days)
def test_each_day_has_exactly_one_answer(timeline: Timeline, day: date) -> None:
    answer = resolve(timeline, day)

    covering = [each for each in timeline.periods if each.first <= day <= each.last]
    assert (answer.status is Status.KNOWN) == bool(covering)
    assert (answer.value is not None) == (answer.status is Status.KNOWN)
    assert answer.takes_highest_tariff == (answer.value is None)
    if covering:
        assert answer.value == covering[0].value


@pytest.mark.exigence("D5")
@given(timelines(), days, values, st.integers(0, 700))
def test_a_change_moves_no_day_before_it(timeline: Timeline, first: date, value: Decimal, length: int) -> None:
    new = Period(value, "agent", DAY, first, first + timedelta(days=length), 99)
    after = replay(timeline, new)

    for day in (DAY + timedelta(days=number) for number in range(0, 1500, 7)):
        if day < first:
            assert resolve(after, day).value == resolve(timeline, day).value
        elif day <= new.last:
            assert resolve(after, day).value == value
    spans = sorted((each.first, each.last) for each in after.periods)
    assert all(one[1] < other[0] for one, other in zip(spans, spans[1:], strict=False))


def test_zero_is_a_value() -> None:
    answer = resolve(Timeline((Period(Decimal(0), "declared", DAY, DAY, DAY),)), DAY)

    assert answer.status is Status.KNOWN
    assert answer.value == 0
    assert not answer.takes_highest_tariff


def test_the_last_thing_that_happened_says_why_there_is_none() -> None:
    ended = Period(Decimal(500), "declared", DAY, DAY, DAY + timedelta(days=30))

    assert resolve(Timeline(), DAY) == Answer(Status.UNKNOWN)
    expired = resolve(Timeline((ended,), (DAY,)), DAY + timedelta(days=60))
    assert (expired.status, expired.since) == (Status.EXPIRED, DAY + timedelta(days=31))
    assert resolve(Timeline((ended,), (DAY + timedelta(days=40),)), DAY + timedelta(days=60)).status is Status.REFUSED
    assert resolve(Timeline((ended,), (DAY + timedelta(days=70),)), DAY + timedelta(days=60)).status is Status.EXPIRED


@given(days, st.integers(1, 12), st.integers(1, 28))
def test_a_validity_ends_within_a_year_and_never_before_it_begins(first: date, month: int, day: int) -> None:
    last = last_day(Validity(month=month, day=day), first)

    assert (last.month, last.day) == (month, day)
    assert first <= last < first + timedelta(days=367)


@pytest.mark.parametrize(
    ("validity", "first", "last"),
    [
        (Validity(month=8, day=31), date(2026, 9, 2), date(2027, 8, 31)),
        (Validity(month=8, day=31), date(2026, 8, 31), date(2026, 8, 31)),
        (Validity(month=1, day=31), date(2026, 9, 2), date(2027, 1, 31)),
        (Validity(months=12), date(2026, 9, 2), date(2027, 9, 1)),
        (Validity(months=1), date(2027, 1, 31), date(2027, 2, 27)),
        (Validity(months=12), date(2028, 2, 29), date(2029, 2, 27)),
    ],
)
def test_until_when_a_quotient_holds(validity: Validity, first: date, last: date) -> None:
    assert last_day(validity, first) == last


@given(st.lists(st.integers(1, 90), min_size=1, max_size=4, unique=True), st.integers(1, 120))
def test_each_reminder_is_told_once_and_never_two_on_a_day(delays: list[int], life: int) -> None:
    last = DAY + timedelta(days=life)
    told: list[int] = []
    sent = []
    for number in range(life + 5):
        wanted, noted = reminder_due(last=last, today=DAY + timedelta(days=number), delays=delays, told=told)
        told += noted
        if wanted:
            sent.append(wanted)
    assert sent == sorted(set(sent), reverse=True)
    assert {each for each in delays if each < life} <= set(sent) <= set(delays)


def test_a_portal_that_slept_sends_only_the_nearest() -> None:
    assert reminder_due(last=DAY + timedelta(days=5), today=DAY, delays=[30, 7], told=[]) == (7, (7, 30))
    assert reminder_due(last=DAY + timedelta(days=5), today=DAY, delays=[30, 7], told=[7, 30]) == (0, ())
    assert reminder_due(last=DAY - timedelta(days=1), today=DAY, delays=[30, 7], told=[]) == (0, ())


def test_names_are_compared_as_registers_write_them() -> None:
    found = [Person("LÉNA MARIE", ("VUILLET",), "2012-04-00")]

    assert plain("Éléonore-Anne ") == "eleonore anne"
    assert concerns(found, adults=[Person("Léna", ("Vuillet",))], children=[])
    assert concerns([Person("Hugo", ("X",), "2018-03-12")], adults=[], children=[Person("HUGO", ("Y",), "2018-03-12")])
    assert not concerns([Person("Hugo", ("X",), "")], adults=[], children=[Person("Hugo", ("X",), "")])
    assert not concerns(found, adults=[Person("Léna", ("Girod",))], children=[])
    assert not concerns([], adults=[Person("", ("",))], children=[])
    assert not concerns([Person("", ("",))], adults=[Person("", ("",))], children=[])
