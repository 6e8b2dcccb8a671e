"""What a page or a verb asks of the database does not grow with children, days, activities or families."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.bookings.queries import explain_cell, load_draft, load_planning, month_effect, next_deadlines
from portal.domain.bookings.services import change_draft, confirm_basket, release_lapsed_drafts
from portal.domain.kernel.calendar import month_range
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit, weekdays

SEPTEMBER = month_range(2026, 9)
TWENTY_DAYS = weekdays(MONDAY, date(2026, 10, 16), 1, 2, 4, 5)[:20]
TRANSACTION_WORDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")

#: What asks whether an incomplete dossier may refuse a day: the town's effects, health sheets and papers together.
GATE = 1
#: draft or not, children with their enrolments, bookings, units, calendar, prices, full days, the gate; one more for
#: the lines of a draft, one more when a day is full.
PLANNING = 7 + GATE

pytestmark = pytest.mark.django_db


class Counted:
    """The queries of a block, transaction words apart."""

    def __enter__(self):
        self._captured = CaptureQueriesContext(connection)
        self._captured.__enter__()
        return self

    def __exit__(self, *error):
        self._captured.__exit__(*error)
        self.queries = [
            query["sql"] for query in self._captured.captured_queries if not query["sql"].startswith(TRANSACTION_WORDS)
        ]

    def __len__(self):
        return len(self.queries)


@pytest.fixture
def units(db):
    pool = PlacePoolFactory(capacity=200)
    return [
        priced_unit(pools=[pool]),
        priced_unit(pools=[pool], activity__short_name="Accueil du matin", price="1.60"),
        priced_unit(pools=[pool], activity__short_name="Accueil du soir", price="2.10"),
    ]


def full_month(*units, children):
    home = household(*units, children=children)
    for child in range(children):
        for unit in range(len(units)):
            book(home, weekdays(date(2026, 9, 2), date(2026, 9, 30), 1, 2, 4, 5), child=child, unit=unit)
    return home


def look(home, **options):
    with Counted() as counted:
        load_planning(family=home.family, user=home.parent, days=SEPTEMBER, at=AT, **options)
    return len(counted)


@pytest.mark.exigence("P1", "P4")
@pytest.mark.parametrize("children", [1, 2, 3, 5])
def test_a_planning_costs_the_same_for_every_family(units, children):
    assert look(full_month(*units, children=children)) == PLANNING


def test_a_planning_costs_the_same_in_a_small_town_and_in_a_larger_one(units):
    home = full_month(*units, children=2)
    for _ in range(4):
        household(*units, children=2)
    assert look(home) == PLANNING
    for _ in range(40):
        book(household(*units, children=2), [MONDAY])
    assert look(home) == PLANNING


def test_full_days_and_a_long_draft_cost_one_query_more_each(units):
    units[0].pools.get().days.all().delete()
    home = household(*units, children=2)
    for unit in units:
        for pool in unit.pools.all():
            pool.capacity = 2
            pool.save()
    change_draft(
        family=home.family,
        add=home.codes(TWENTY_DAYS) + home.codes(TWENTY_DAYS, child=1),
        remove=[],
        by=home.parent,
        at=AT,
    )
    assert look(home) == PLANNING + 2


@pytest.mark.exigence("P46")
@pytest.mark.parametrize(("days", "children"), [(1, 1), (20, 2)])
def test_saving_forty_days_costs_what_one_costs(units, days, children):
    home = household(*units, children=2)
    chosen = TWENTY_DAYS[:days]
    codes = [code for child in range(children) for code in home.codes(chosen, child=child)]
    with Counted() as first:
        change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=AT)
    with Counted() as again:
        change_draft(
            family=home.family,
            add=[code for child in range(children) for code in home.codes(chosen, child=child, unit=1)],
            remove=[],
            by=home.parent,
            at=AT,
        )
    assert (len(first), len(again)) == (14 + GATE, 13 + GATE)


@pytest.mark.parametrize("days", [1, 20])
def test_validating_costs_the_same_for_one_day_or_forty(units, days, django_capture_on_commit_callbacks):
    home = household(*units, children=2)
    codes = [code for child in range(2) for code in home.codes(TWENTY_DAYS[:days], child=child)]
    draft = change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=AT).draft
    with Counted() as counted:
        confirm_basket(family=home.family, key=draft.key, by=home.parent, at=AT)
    about_the_mail = [sql for sql in counted.queries if "wagtail" in sql or "cms_pages" in sql]
    # The lock of the calendar: no day closes meanwhile. Which of these days are those of a bus. The regular weeks that
    # the draft changes.
    assert len(counted) - len(about_the_mail) == 25 + GATE


def test_the_pages_around_cost_no_more_than_a_planning(units):
    home = full_month(*units, children=3)
    change_draft(
        family=home.family,
        add=home.codes(weekdays(date(2026, 10, 1), date(2026, 10, 16), 1, 2)),
        remove=home.codes([MONDAY]),
        by=home.parent,
        at=AT,
    )
    for read in (
        lambda: load_draft(family=home.family, at=AT),
        lambda: month_effect(family=home.family, user=home.parent, at=AT),
        lambda: next_deadlines(family=home.family, user=home.parent, at=AT),
        lambda: explain_cell(family=home.family, user=home.parent, code=home.code(MONDAY), at=AT),
    ):
        with Counted() as counted:
            read()
        # The lines of the draft, the explanation kept on a booking, and whether the family has aids.
        assert len(counted) <= PLANNING + 3


def test_releasing_fifty_drafts_costs_what_one_costs(units):
    def lapse(families):
        for home in [household(units[0]) for _ in range(families)]:
            change_draft(family=home.family, add=home.codes(TWENTY_DAYS[:3]), remove=[], by=home.parent, at=AT)
        with Counted() as counted:
            assert release_lapsed_drafts(at=AT + timedelta(hours=1)) == families
        return len(counted)

    assert lapse(1) == lapse(20)
