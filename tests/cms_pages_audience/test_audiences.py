"""Whom a thing is addressed to, case by case; every criterion must be met by one and the same child."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from wagtail.models import Page

from cms_pages.audiences import Audience, children_reached, open_to_everybody
from news.models import NewsIndexPage, NewsPage
from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import ChildLink, FamilyMember, Schooling
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household, book, household, join, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.families.factories import FamilyFactory, MemberFactory, SchoolFactory
from tests.news.factories import make_index, make_item

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B23")]

ON = date(2026, 9, 8)
MONDAY = date(2026, 9, 14)


@pytest.fixture
def index() -> NewsIndexPage:
    return make_index()


@pytest.fixture
def canteen() -> Any:
    return priced_unit()


@pytest.fixture
def home(canteen: Any) -> Household:
    """Hugo (CM1) and Léna (CM1), at the school of the centre, enrolled at the canteen."""
    return household(canteen, children=2)


def read_by(user: Any, *, on: date = ON) -> set[str]:
    return set(NewsPage.objects.readable_by(user, on=on).values_list("slug", flat=True))


def reads(user: Any, item: NewsPage, *, on: date = ON) -> bool:
    return item.slug in read_by(user, on=on)


def test_everybody_reads_what_is_public(index: NewsIndexPage, home: Household) -> None:
    make_item(index, "pour-tous")

    for user in (AnonymousUser(), None, UserFactory(), UserFactory(agent=True), home.parent):
        assert read_by(user) == {"pour-tous"}


def test_only_people_with_a_family_read_what_is_for_families(index: NewsIndexPage, home: Household) -> None:
    make_item(index, "familles", audience=Audience.FAMILIES)
    childless = MemberFactory(adult__user=UserFactory())
    unseeing = MemberFactory(adult__user=UserFactory(), relative=True, can_see=False)

    assert read_by(home.parent) == {"familles"}
    assert read_by(childless.adult.user) == {"familles"}
    for user in (AnonymousUser(), UserFactory(), UserFactory(agent=True), unseeing.adult.user):
        assert read_by(user) == set()


def test_an_agent_without_family_is_a_visitor(index: NewsIndexPage, canteen: Any) -> None:
    make_item(index, "cantine", activities=[canteen.activity])

    assert read_by(UserFactory(agent=True, is_superuser=True)) == set()


def test_a_choice_without_criterion_is_for_nobody(index: NewsIndexPage, home: Household) -> None:
    item = make_item(index, "personne", audience=Audience.CHOSEN)

    assert read_by(home.parent) == set()
    assert not children_reached(item, on=ON).exists()


def test_by_activity(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    other = household(priced_unit())
    item = make_item(index, "cantine", activities=[canteen.activity])

    assert reads(home.parent, item)
    assert not reads(other.parent, item)
    assert not reads(AnonymousUser(), item)
    assert set(children_reached(item, on=ON)) == set(home.children)


def test_one_of_several_activities_is_enough(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    club = priced_unit()

    assert reads(home.parent, make_item(index, "deux", activities=[canteen.activity, club.activity]))


def test_an_ended_enrolment_no_longer_counts(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    item = make_item(index, "cantine", activities=[canteen.activity])
    Enrolment.objects.update(ends_on=ON)

    assert reads(home.parent, item)
    assert not reads(home.parent, item, on=ON + timedelta(days=1))


def test_an_enrolment_to_come_counts(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    item = make_item(index, "cantine", activities=[canteen.activity])

    assert reads(home.parent, item, on=date(2026, 7, 1))


@pytest.mark.parametrize("state", ["requested", "cancelled", "refused"])
def test_only_accepted_enrolments_count(index: NewsIndexPage, canteen: Any, state: str) -> None:
    home = household(canteen, enrolled=False)
    EnrolmentFactory(child=home.child, activity=canteen.activity, family=home.family, **{state: True})

    assert not reads(home.parent, make_item(index, "cantine", activities=[canteen.activity]))


def test_by_school_and_level(index: NewsIndexPage, home: Household) -> None:
    centre, mountain = SchoolFactory(), SchoolFactory(code="montagne", name="École de la Montagne")

    assert reads(home.parent, make_item(index, "centre", schools=[centre]))
    assert not reads(home.parent, make_item(index, "montagne", schools=[mountain]))
    assert reads(home.parent, make_item(index, "cm1", audience_levels=["CE2", "CM1"]))
    assert not reads(home.parent, make_item(index, "cp", audience_levels=["CP"]))
    assert not reads(home.parent, make_item(index, "cm1-montagne", schools=[mountain], audience_levels=["CM1"]))


def test_the_school_is_that_of_the_year(index: NewsIndexPage, home: Household) -> None:
    item = make_item(index, "centre", schools=[SchoolFactory()])
    Schooling.objects.update(school_year=2025)

    assert not reads(home.parent, item)
    assert reads(home.parent, item, on=date(2026, 3, 2))


def test_by_days_of_presence(index: NewsIndexPage, home: Household) -> None:
    week = make_item(index, "semaine", present_from=MONDAY, present_until=MONDAY + timedelta(days=4))
    one_day = make_item(index, "lundi", present_from=MONDAY)
    before = make_item(index, "avant", present_from=MONDAY - timedelta(days=7), present_until=MONDAY - timedelta(1))
    assert read_by(home.parent) == set()
    book(home, [MONDAY])

    assert reads(home.parent, week)
    assert reads(home.parent, one_day)
    assert not reads(home.parent, before)


def test_a_cancelled_booking_is_no_presence(index: NewsIndexPage, home: Household) -> None:
    item = make_item(index, "lundi", present_from=MONDAY)
    booking = book(home, [MONDAY])[0]
    booking.state, booking.cancelled_at, booking.cancelled_by = "cancelled", booking.booked_at, home.parent
    booking.save()

    assert not reads(home.parent, item)


def test_days_and_activity_are_a_presence_in_that_activity(index: NewsIndexPage) -> None:
    meal, club = priced_unit(), priced_unit()
    home = household(meal, club)
    book(home, [MONDAY], unit=1)

    assert reads(home.parent, make_item(index, "club", activities=[club.activity], present_from=MONDAY))
    # Enrolled at the canteen, but not there on that day.
    assert not reads(home.parent, make_item(index, "repas", activities=[meal.activity], present_from=MONDAY))


def test_two_children_who_meet_half_each_do_not_count(index: NewsIndexPage) -> None:
    meal, club = priced_unit(), priced_unit()
    home = household(meal, club, children=2, enrolled=False)
    older, younger = home.children
    EnrolmentFactory(child=older, activity=meal.activity, family=home.family)
    EnrolmentFactory(child=younger, activity=club.activity, family=home.family)
    Schooling.objects.filter(child=younger).update(level="CP")
    book_there = EnrolmentFactory(child=younger, activity=meal.activity, family=home.family, cancelled=True)
    assert book_there.pk

    assert not reads(home.parent, make_item(index, "cp-cantine", activities=[meal.activity], audience_levels=["CP"]))
    assert reads(home.parent, make_item(index, "cm1-cantine", activities=[meal.activity], audience_levels=["CM1"]))
    assert reads(home.parent, make_item(index, "cp-club", activities=[club.activity], audience_levels=["CP"]))


def test_school_and_level_are_those_of_one_child(index: NewsIndexPage) -> None:
    home = household(children=2)
    mountain = SchoolFactory(code="montagne", name="École de la Montagne")
    Schooling.objects.filter(child=home.children[1]).update(school=mountain, level="CP")

    assert not reads(home.parent, make_item(index, "cp-centre", schools=[SchoolFactory()], audience_levels=["CP"]))
    assert reads(home.parent, make_item(index, "cp-montagne", schools=[mountain], audience_levels=["CP"]))


def test_separated_parents_read_for_the_children_they_may_see(index: NewsIndexPage, canteen: Any) -> None:
    home = household(canteen)
    item = make_item(index, "cantine", activities=[canteen.activity])
    other = MemberFactory(family=FamilyFactory(), adult__user=UserFactory())
    assert not reads(other.adult.user, item)

    join(other.family, home.child)
    assert reads(other.adult.user, item)

    ChildLink.objects.filter(family=other.family).update(can_see=False, can_edit=False, can_book=False, can_pay=False)
    assert not reads(other.adult.user, item)
    assert reads(home.parent, item)


def test_a_member_who_may_not_look_reads_nothing(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    item = make_item(index, "cantine", activities=[canteen.activity])
    FamilyMember.objects.update(can_see=False, can_edit=False, can_book=False, can_pay=False)

    assert not reads(home.parent, item)


def test_criteria_do_not_narrow_what_is_for_all_families(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    club = priced_unit()

    assert reads(home.parent, make_item(index, "tous", activities=[club.activity], audience=Audience.FAMILIES))


def test_one_query_whatever_the_children(index: NewsIndexPage, canteen: Any, django_assert_num_queries: Any) -> None:
    home = household(canteen, children=5)
    for rank in range(4):
        make_item(index, f"item-{rank}", activities=[canteen.activity], audience_levels=["CM1"], present_from=MONDAY)
    book(home, [MONDAY], child=4)
    with django_assert_num_queries(1):
        assert len(read_by(home.parent)) == 4
    with django_assert_num_queries(1):
        assert read_by(AnonymousUser()) == set()


def test_lists_of_pages_of_every_kind_leave_out_what_is_for_some(index: NewsIndexPage, canteen: Any) -> None:
    make_item(index, "pour-tous")
    make_item(index, "cantine", activities=[canteen.activity])
    make_item(index, "familles", audience=Audience.FAMILIES)

    assert set(open_to_everybody(Page.objects.child_of(index)).values_list("slug", flat=True)) == {"pour-tous"}


def test_a_user_of_another_session_is_not_mixed_up(index: NewsIndexPage, home: Household, canteen: Any) -> None:
    make_item(index, "cantine", activities=[canteen.activity])
    stranger: User = household(priced_unit()).parent

    assert read_by(home.parent) == {"cantine"}
    assert read_by(stranger) == set()
