"""The stop of a booked bus on the month of paper and in the agenda, without a query by day."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.bookings.agenda import day_summary, days_summary
from portal.domain.feeds.enums import ChildNames
from portal.domain.feeds.queries import agenda_entries
from portal.domain.feeds.services import Contents, change_feed, open_feed
from portal.domain.kernel.calendar import month_range
from tests.domain.bookings.factories import book
from tests.domain.transport.conftest import AT, LATER, OCTOBER, SEPTEMBER
from tests.domain.transport.test_services import choose, elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B30")]

USUAL = "aller\u00a0: Place du Marché à 11\u00a0h\u00a035, retour\u00a0: Place du Marché à 17\u00a0h\u00a050"
OTHERWISE = "aller\u00a0: Cité des Vignes à 11\u00a0h\u00a045, retour\u00a0: sans le bus"


def summary(home, *, noted=True):
    return days_summary(family=home.family, user=home.parent, days=month_range(2026, 10), noted=noted)


def test_the_month_says_the_stop_of_each_day(home, line):
    choose(home, line)
    book(home, [OCTOBER, LATER])
    elsewhere(home, line, LATER)
    days = summary(home)
    assert [days[day][0].entries[0].note for day in (OCTOBER, LATER)] == [USUAL, OTHERWISE]
    assert summary(home, noted=False)[OCTOBER][0].entries[0].note == ""
    assert day_summary(family=home.family, user=home.parent, day=OCTOBER)[0].entries[0].note == ""


def test_the_agenda_says_it_only_when_it_names_the_children(home, line):
    choose(home, line)
    book(home, [OCTOBER])
    feed = open_feed(family=home.family, contents=Contents(), by=home.parent, at=AT)
    (entry,) = [each for each in agenda_entries(feed, at=AT) if each.category == "Activités"]
    assert entry.description.split("\n") == ["Bus du mercredi", "Bus", USUAL]
    assert "Marché" not in f"{entry.summary} {entry.location}"
    change_feed(family=home.family, contents=Contents(names=ChildNames.INITIAL), by=home.parent, at=AT)
    feed.refresh_from_db()
    (entry,) = [each for each in agenda_entries(feed, at=AT) if each.category == "Activités"]
    assert entry.description.split("\n") == ["Bus du mercredi", "Bus"]


@pytest.mark.parametrize("read", ["month", "agenda"])
def test_ten_days_cost_what_one_costs(home, line, read):
    choose(home, line)
    feed = open_feed(family=home.family, contents=Contents(), by=home.parent, at=AT)

    def cost():
        with CaptureQueriesContext(connection) as counted:
            _ = summary(home) if read == "month" else agenda_entries(feed, at=AT)
        return len(counted)

    book(home, [OCTOBER])
    cost()
    one = cost()
    book(home, [SEPTEMBER, LATER, LATER.replace(day=21), LATER.replace(day=28)])
    assert cost() == one
