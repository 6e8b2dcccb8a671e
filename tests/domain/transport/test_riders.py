"""Who is at which stop, for those in the bus: by stop, whom to call, never more than the agent's places."""

from datetime import date

import pytest

from portal.domain.bookings.giving_back import give_back_places
from portal.domain.scope.services import limit_agent
from portal.domain.transport.enums import Way
from portal.domain.transport.queries import line_by_code
from portal.domain.transport.riders import lines_for, riders_on
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import StructureFactory
from tests.domain.bookings.factories import book
from tests.domain.contacts.factories import ContactLinkFactory
from tests.domain.transport.conftest import AT, OCTOBER, SEPTEMBER
from tests.domain.transport.factories import bus_line, driver, rider
from tests.domain.transport.test_services import choose, elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B30")]


def listed(line, day=OCTOBER, *, agent=None):
    return [
        (each.way, each.stop.name if each.stop else "", [rider.first_name for rider in each.riders])
        for each in riders_on(agent or driver(), line=line_by_code(line.code), day=day)
    ]


def test_children_are_listed_by_stop_as_the_bus_goes(home, line):
    book(home, [OCTOBER])
    choose(home, line, "moulin", "marche")
    assert listed(line) == [
        (Way.OUTWARD, "École du Moulin", ["Hugo"]),
        (Way.HOMEWARD, "Place du Marché", ["Hugo"]),
    ]


def test_a_day_that_is_not_as_usual_is_listed_where_the_child_is(home, line):
    book(home, [OCTOBER])
    choose(home, line)
    elsewhere(home, line, OCTOBER, "vignes", None)
    (group,) = riders_on(driver(), line=line_by_code(line.code), day=OCTOBER)
    assert (group.stop.name, group.riders[0].usual) == ("Cité des Vignes", False)


def test_who_booked_without_stop_comes_last_rather_than_nowhere(home, line):
    book(home, [OCTOBER])
    assert listed(line) == [(Way.OUTWARD, "", ["Hugo"]), (Way.HOMEWARD, "", ["Hugo"])]


def test_a_child_declared_absent_whose_place_was_given_back_is_not_waited_for(home, line):
    (booking,) = book(home, [OCTOBER])
    choose(home, line)
    give_back_places(bookings=[booking.pk], by=home.parent, at=AT)
    assert listed(line) == []


def test_the_person_to_call_is_the_first_who_may_collect_the_child_and_has_a_telephone(home, line):
    book(home, [OCTOBER])
    choose(home, line)
    ContactLinkFactory(
        child=home.child, contact__family=home.family, contact__phone="06 00 00 00 01", may_collect=True
    )
    group = riders_on(driver(), line=line_by_code(line.code), day=OCTOBER)[0]
    assert group.riders[0].called_first.phone == "06 00 00 00 01"


def test_nothing_without_the_permission(home, line):
    book(home, [OCTOBER])
    nobody = UserFactory(agent=True)
    assert lines_for(nobody, on=OCTOBER) == []
    assert riders_on(nobody, line=line_by_code(line.code), day=OCTOBER) == []


def test_an_agent_of_some_places_sees_their_bus_only(home, line):
    book(home, [OCTOBER])
    choose(home, line)
    elsewhere_agent, mine = driver("ailleurs"), driver("ici")
    boss = UserFactory(is_superuser=True, agent=True)
    limit_agent(agent=elsewhere_agent, structures=[StructureFactory()], by=boss, at=AT)
    limit_agent(agent=mine, structures=[home.unit.activity.structure], by=boss, at=AT)
    assert lines_for(elsewhere_agent, on=OCTOBER) == []
    assert listed(line, agent=elsewhere_agent) == []
    assert [each.code for each in lines_for(mine, on=OCTOBER)] == [line.code]
    assert len(listed(line, agent=mine)) == 2


@pytest.mark.parametrize("families", [1, 5])
def test_the_list_costs_the_same_for_one_child_or_five(calendar, django_assert_num_queries, families):
    homes = [rider() for _ in range(families)]
    line = bus_line(*(home.unit for home in homes))
    for home in homes:
        book(home, [SEPTEMBER])
        choose(home, line)
    agent, found = driver(), line_by_code(line.code)
    agent.has_perm("transport.list_riders")
    with django_assert_num_queries(12):
        assert len(riders_on(agent, line=found, day=SEPTEMBER)[0].riders) == families


def test_a_line_that_does_not_run_that_day_carries_nobody(home):
    line = bus_line(home.unit, ends_on=date(2026, 9, 30))
    book(home, [OCTOBER])
    assert listed(line) == []
