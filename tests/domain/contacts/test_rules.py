"""Who may collect a child on a day: dates inclusive, judgements above everything."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.contacts.rules import Authorisation, Kin, collectors, is_valid_on
from portal.domain.families.rules import same_name

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
EDGES = st.none() | DAYS
LINKS = st.builds(
    Authorisation,
    key=st.integers(1, 50),
    name=st.sampled_from(["Jeanne Morand", "Paul Girod", "Marc Vuillet"]),
    relation=st.just("proche"),
    may_collect=st.booleans(),
    valid_from=EDGES,
    valid_until=EDGES,
    ended_on=EDGES,
    birth_date=st.none() | st.dates(date(2008, 1, 1), date(2014, 12, 31)),
)
KIN = st.builds(
    Kin,
    key=st.integers(1, 50),
    name=st.sampled_from(["Claire Vuillet", "Marc Vuillet"]),
    relation=st.just("parent"),
    is_guardian=st.booleans(),
    may_not_collect=st.booleans(),
)


def names(kin, links, day, least_age=16):
    found = collectors(kin, links, day, least_age=least_age, same_person=same_name)
    return [each.name for each in found]


@pytest.mark.exigence("D12", "B18")
@given(kin=st.lists(KIN, max_size=4), links=st.lists(LINKS, max_size=6), day=DAYS)
def test_a_judgement_wins_over_every_authorisation(kin, links, day):
    refused = {each.name for each in kin if each.may_not_collect}
    assert refused.isdisjoint(names(kin, links, day))


@given(link=LINKS, day=DAYS)
def test_the_first_and_last_days_count(link, day):
    expected = (
        link.may_collect
        and (link.valid_from or day) <= day <= (link.valid_until or day)
        and (link.ended_on is None or day < link.ended_on)
    )
    assert is_valid_on(link, day) is expected


@given(links=st.lists(LINKS, max_size=6), day=DAYS)
def test_nobody_outside_the_dossier_collects_without_an_authorisation_of_that_day(links, day):
    allowed = {each.name for each in links if is_valid_on(each, day)}
    assert set(names([], links, day)) <= allowed


@given(day=DAYS)
def test_a_one_off_pick_up_is_that_day_and_no_other(day):
    link = Authorisation(1, "Paul Girod", "voisin", may_collect=True, valid_from=day, valid_until=day)
    assert names([], [link], day) == ["Paul Girod"]
    assert names([], [link], day - timedelta(days=1)) == names([], [link], day + timedelta(days=1)) == []


def test_a_minor_collects_from_the_birthday_on():
    born = date(2010, 9, 15)
    link = Authorisation(1, "Tom Vuillet", "frère", may_collect=True, birth_date=born)
    assert names([], [link], date(2026, 9, 14)) == []
    assert names([], [link], date(2026, 9, 15)) == ["Tom Vuillet"]


def test_a_restricted_adult_is_refused_however_a_contact_writes_the_name():
    kin = [Kin(1, "Marc Vuillet", "père", is_guardian=True, may_not_collect=True)]
    link = Authorisation(2, "marc VUILLET", "ami", may_collect=True)
    assert names(kin, [link], date(2026, 9, 15)) == []
