"""The address of a planning page."""

from datetime import date

import pytest
from django.http import Http404, QueryDict

from portal.domain.kernel.calendar import DateRange
from portal.web.planning.state import Grouping, PlanningState, View, kept_filter, planning_url

TODAY = date(2026, 9, 9)


def read(query: str) -> PlanningState:
    return PlanningState.read(QueryDict(query), today=TODAY)


@pytest.mark.exigence("P1", "P65")
def test_nothing_asked_is_the_current_month_by_child():
    state = read("")
    assert state.days == DateRange(date(2026, 9, 1), date(2026, 9, 30))
    assert (state.view, state.grouping, state.edit, state.fallback) == (View.MONTH, Grouping.CHILD, False, False)


@pytest.mark.exigence("P4", "P5")
@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("mois=2027-02", date(2027, 2, 1), date(2027, 2, 28)),
        ("vue=quinzaine&jour=2026-09-16", date(2026, 9, 14), date(2026, 9, 27)),
        ("vue=semaine&jour=2026-09-20", date(2026, 9, 14), date(2026, 9, 20)),
        ("vue=semaine&jour=2027-01-01", date(2026, 12, 28), date(2027, 1, 3)),
        ("vue=jour&jour=2026-09-20", date(2026, 9, 20), date(2026, 9, 20)),
    ],
)
def test_each_view_shows_its_days(query, first, last):
    assert read(query).days == DateRange(first, last)


@pytest.mark.parametrize(
    "query",
    [
        "mois=2026-13",
        "mois=septembre",
        "mois=0001-01",
        "mois=9999-12",
        "mois=2026-9",
        "vue=siecle",
        "vue=semaine&jour=2026-02-30",
        "vue=jour&jour=9999-12-31",
        "vue=quinzaine&jour=0001-01-01",
    ],
)
def test_a_period_that_does_not_exist_falls_back_to_now_and_says_so(query):
    state = read(query)
    assert state.fallback
    assert TODAY in state.days


def test_a_garbled_child_is_nobody():
    with pytest.raises(Http404):
        read("enfant=hugo")
    with pytest.raises(Http404):
        read("enfant=-3")


@pytest.mark.exigence("P3", "P6", "P7")
def test_arrows_move_by_whole_periods():
    assert read("mois=2026-12").moved(1).query() == "mois=2027-01"
    assert read("mois=2026-01").moved(-1).query() == "mois=2025-12"
    assert read("vue=semaine&jour=2026-09-16").moved(1).days.first == date(2026, 9, 21)
    assert read("vue=quinzaine&jour=2026-09-16").moved(-1).days.first == date(2026, 8, 31)
    assert read("vue=jour&jour=2026-09-16").moved(1).anchor == date(2026, 9, 17)


def test_arrows_stop_where_addresses_stop():
    assert read("mois=2029-12").moved(1).reachable(today=TODAY) is False
    assert read("mois=2029-11").moved(1).reachable(today=TODAY) is True


def test_changing_the_view_keeps_the_day_looked_at():
    assert read("mois=2026-09").seen_as(View.WEEK, today=TODAY).days.first == date(2026, 9, 7)
    assert read("mois=2026-11").seen_as(View.WEEK, today=TODAY).anchor == date(2026, 11, 1)
    assert read("vue=semaine&jour=2026-10-15").seen_as(View.MONTH, today=TODAY).query() == "mois=2026-10"


@pytest.mark.exigence("P8", "P10", "P11")
def test_the_address_is_read_back_as_it_was_written():
    state = PlanningState(
        anchor=date(2026, 9, 16),
        view=View.FORTNIGHT,
        grouping=Grouping.ACTIVITY,
        children=frozenset({3, 12}),
        activities=frozenset({7}),
        edit=True,
    )
    assert read(state.query()) == state


def test_a_filter_of_everything_or_of_nothing_is_no_filter():
    everybody = {1: "Hugo", 2: "Léna"}
    assert kept_filter(["1", "2"], everybody) == frozenset()
    assert kept_filter([], everybody) == frozenset()
    assert kept_filter(["2", "99", "x"], everybody) == {2}


def test_links_of_other_pages_open_on_the_week_in_edit_mode():
    assert planning_url(date(2026, 9, 16), edit=True) == "/famille/planning/?mois=2026-09&modifier=1#s38"


@pytest.mark.parametrize(
    ("query", "title", "arrow"),
    [
        ("mois=2026-09", "septembre 2026", "Septembre"),
        ("vue=semaine&jour=2026-09-16", "du 14 au 20\u00a0septembre 2026", "14\u00a0sept."),
        ("vue=jour&jour=2026-09-01", "mardi 1er\u00a0septembre 2026", "1er\u00a0sept."),
    ],
)
def test_the_period_has_a_name(query, title, arrow):
    assert read(query).title == title
    assert read(query).step_name == arrow
