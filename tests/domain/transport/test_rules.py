"""Which stop counts on a day, and from when a change counts, for any deadline."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.activities.deadlines import Always, DayOfMonth, DaysBefore, Never, WeekdayBefore
from portal.domain.activities.opening import Offer, ServiceCalendar
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.rules import (
    Line,
    Stop,
    Wanted,
    first_open_day,
    in_force,
    is_open_day,
    stops_on,
)

WEDNESDAY = date(2026, 9, 16)
YEAR = DateRange(date(2026, 9, 1), date(2027, 7, 2))
CALENDAR = ServiceCalendar(public_holidays={}, holidays=(), closures=())
MARKET = Stop(1, "marche", "Place du Marché", times={(3, Way.OUTWARD): time(11, 35), (3, Way.HOMEWARD): time(17, 50)})
MILL = Stop(2, "moulin", "École du Moulin", times={(3, Way.OUTWARD): time(11, 55)})
LINE = Line(1, "l", "Bus", "Centre", stops=(MARKET, MILL))


def offer(rule):
    return Offer(1, 1, 1, YEAR.first, YEAR.last, "all", frozenset({3}), rule, rule)


def test_a_child_gets_on_at_its_usual_stop_and_off_where_it_said():
    day = stops_on(LINE, WEDNESDAY, usual=Wanted(2, 1, Release.ALONE))
    assert [(each.way, each.stop, each.hour) for each in day.ways] == [
        (Way.OUTWARD, MILL, time(11, 55)),
        (Way.HOMEWARD, MARKET, time(17, 50)),
    ]
    assert (day.release, day.usual, day.is_to_choose) == (Release.ALONE, True, False)


def test_an_exception_is_the_whole_day():
    day = stops_on(LINE, WEDNESDAY, usual=Wanted(2, 1), exception=Wanted(1, None))
    assert [(each.way, each.stop) for each in day.ways] == [(Way.OUTWARD, MARKET), (Way.HOMEWARD, None)]
    assert day.usual is False


def test_without_any_choice_the_stop_is_still_to_choose():
    assert stops_on(LINE, WEDNESDAY, usual=None).is_to_choose


def test_a_stop_past_its_last_day_is_to_choose_again():
    closed = Line(1, "l", "Bus", "Centre", stops=(Stop(1, "m", "M", last=date(2026, 9, 15), times=MARKET.times), MILL))
    day = stops_on(closed, WEDNESDAY, usual=Wanted(1, None))
    assert day.is_to_choose
    assert not stops_on(closed, WEDNESDAY - timedelta(days=7), usual=Wanted(1, None)).is_to_choose


def test_the_centre_and_the_stops_not_served_that_way_are_not_offered():
    centre = Stop(3, "c", "Centre", is_terminus=True, times={(3, Way.OUTWARD): time(12), (3, Way.HOMEWARD): time(17)})
    line = Line(1, "l", "Bus", "Centre", stops=(MARKET, MILL, centre))
    assert line.offered(Way.OUTWARD, from_day=WEDNESDAY) == [MARKET, MILL]
    assert line.offered(Way.HOMEWARD, from_day=WEDNESDAY) == [MARKET]


@given(st.lists(st.tuples(st.dates(YEAR.first, YEAR.last), st.integers(1, 9)), unique_by=lambda each: each[0]))
def test_the_last_choice_that_counts_is_the_one_in_force(choices):
    made = [(since, Wanted(stop)) for since, stop in choices]
    for day in (YEAR.first, WEDNESDAY, YEAR.last):
        earlier = sorted(each for each in choices if each[0] <= day)
        assert in_force(made, day) == (Wanted(earlier[-1][1]) if earlier else None)


rules = st.one_of(
    st.builds(DaysBefore, st.integers(0, 20)),
    st.builds(WeekdayBefore, st.integers(1, 7), weeks=st.integers(1, 3)),
    st.builds(DayOfMonth, st.integers(1, 28), months=st.integers(1, 2)),
)


@given(rule=rules, start=st.dates(YEAR.first, YEAR.last), minute=st.integers(0, 1439))
def test_a_change_counts_from_the_first_day_that_may_still_be_booked(rule, start, minute):
    """No day past its deadline moves, and none that could still be booked is kept waiting."""
    at = datetime.combine(start, time(minute // 60, minute % 60), tzinfo=PARIS)
    days, offers = DateRange(start, YEAR.last), [offer(rule)]
    first = first_open_day(offers, CALENDAR, days, at=at)
    served = [day for day in days if CALENDAR.serves(offers[0], day)]
    open_days = [day for day in served if is_open_day(offers, CALENDAR, day, at=at)]
    if first is None:
        assert open_days == []
    else:
        assert [day for day in served if day >= first] == open_days


def test_a_rule_that_never_opens_leaves_no_day():
    at = datetime(2026, 9, 9, 12, tzinfo=PARIS)
    assert first_open_day([offer(Never())], CALENDAR, YEAR, at=at) is None
    assert first_open_day([offer(Always())], CALENDAR, YEAR, at=at) == YEAR.first
