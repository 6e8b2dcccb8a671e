"""A stop moved or closed by an agent: rehearsed by name, then done, and the families told what changes for them."""

from datetime import date, time, timedelta

import pytest

from portal.domain.audit.models import AuditEntry
from portal.domain.notices.models import Notice
from portal.domain.transport.models import LineUnit, StopChoice, StopException, StopTime
from portal.domain.transport.stops import StopChange, StopNotChanged, change_stop, rehearse_change
from tests.domain.transport.conftest import AT, LATER, OCTOBER, SEPTEMBER
from tests.domain.transport.factories import bus_line, driver, rider, stop
from tests.domain.transport.test_services import choose, elsewhere, names

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B30")]

HOURS = {3: (time(11, 35), time(17, 50))}


def changed(market, **values):
    return StopChange(**{"name": market.name, "place": market.place, "hours": HOURS} | values)


def test_other_hours_are_rehearsed_by_name_then_told_to_those_who_get_on_there(home, line):
    other = rider(name="ROUX")
    LineUnit.objects.create(line=line, unit=other.unit)
    choose(home, line)
    choose(other, line, "vignes", "vignes")
    market = stop(line, "marche")
    change = changed(market, hours={3: (time(11, 30), time(17, 50))})
    effect = rehearse_change(stop=market, change=change, at=AT)
    assert [each.enrolment for each in effect.children] == [home.child.enrolments.get().pk]
    assert not Notice.objects.exists()
    assert stop(line, "marche").times.get().outward == time(11, 35)

    change_stop(stop=market, change=change, by=driver(), at=AT)
    assert stop(line, "marche").times.get().outward == time(11, 30)
    assert {notice.user for notice in Notice.objects.all()} == {home.parent}
    assert "Nouvelles heures" in Notice.objects.get().text
    assert "11\u00a0h\u00a030" in Notice.objects.get().text


def test_a_closed_stop_sends_its_children_to_the_one_instead(home, line):
    choose(home, line, "marche", "vignes")
    market = stop(line, "marche")
    change = changed(market, last=OCTOBER, instead=stop(line, "vignes").pk)
    change_stop(stop=market, change=change, by=driver(), at=AT)
    assert names(home, OCTOBER)[0] == "Place du Marché"
    assert names(home, LATER) == ["Cité des Vignes", "Cité des Vignes"]
    assert "Ensuite, le bus s’arrête pour vous" in Notice.objects.get().text


def test_a_choice_that_begins_after_the_last_day_goes_there_too(home, line):
    choose(home, line, "vignes", None)
    choose(home, line, "marche", None)
    market = stop(line, "marche")
    change = changed(market, last=SEPTEMBER, instead=stop(line, "vignes").pk)
    change_stop(stop=market, change=change, by=driver(), at=AT)
    assert names(home, LATER)[0] == "Cité des Vignes"


def test_without_a_stop_instead_the_family_has_to_choose(home, line):
    choose(home, line)
    market = stop(line, "marche")
    effect = change_stop(stop=market, change=changed(market, last=OCTOBER), by=driver(), at=AT)
    assert [each.to_choose for each in effect.children] == [True]
    assert "Choisissez-en un autre" in Notice.objects.get().text
    assert StopChoice.objects.count() == 1


def test_one_day_at_a_stop_that_is_no_more_is_forgotten(home, line):
    choose(home, line, "vignes", "vignes")
    elsewhere(home, line, LATER, "marche")
    market = stop(line, "marche")
    effect = change_stop(stop=market, change=changed(market, last=OCTOBER), by=driver(), at=AT)
    assert len(effect.children) == 1
    assert not StopException.objects.exists()


def test_the_same_change_twice_tells_once(home, line):
    choose(home, line)
    market, agent = stop(line, "marche"), driver()
    change = changed(market, place="Devant la halle")
    change_stop(stop=market, change=change, by=agent, at=AT)
    assert change_stop(stop=market, change=change, by=agent, at=AT).sentences == ()
    assert Notice.objects.count() == 1
    entry = AuditEntry.objects.get(verb="change_stop")
    assert (entry.before["place"], entry.after["place"], entry.after["children"]) == ("", "Devant la halle", 1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"hours": {}}, "hours"),
        ({"instead": 0}, "last"),
        ({"last": date(2025, 1, 1)}, "last"),
        ({"last": OCTOBER, "instead": 0}, "instead"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(home, line, values, field):
    market = stop(line, "marche")
    if values.get("instead") == 0:
        values = values | {"instead": stop(bus_line(), "vignes").pk}
    with pytest.raises(StopNotChanged) as refused:
        rehearse_change(stop=market, change=changed(market, **values), at=AT)
    assert refused.value.field == field
    assert StopTime.objects.filter(stop=market).count() == 1


def test_the_stop_instead_is_served_both_ways_as_the_one_it_replaces(home, line):
    market = stop(line, "marche")
    with pytest.raises(StopNotChanged, match="à l’aller et au retour"):
        rehearse_change(stop=market, change=changed(market, last=OCTOBER, instead=stop(line, "moulin").pk), at=AT)


def test_a_stop_reopened_tells_that_it_stays(home, line):
    choose(home, line)
    market, agent = stop(line, "marche"), driver()
    change_stop(stop=market, change=changed(market, last=LATER + timedelta(days=30)), by=agent, at=AT)
    change_stop(stop=stop(line, "marche"), change=changed(market), by=agent, at=AT)
    assert names(home, LATER)[0] == "Place du Marché"
    assert "L’arrêt reste desservi." in Notice.objects.latest("pk").text
