"""Limits of a child (rule 22): so many days by week, month or period at most, so many at least."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from portal.domain.activities.enums import LimitDays, LimitSpan
from portal.domain.bookings.enums import BookingState, CancelledBecause, Wish
from portal.domain.bookings.models import Basket, Booking
from portal.domain.bookings.planning import Shown
from portal.domain.bookings.queries import explain_cell, load_draft, load_planning
from portal.domain.bookings.services import (
    MinimumMissing,
    NothingToConfirm,
    change_draft,
    change_period,
    confirm_basket,
    enrol_and_book,
    remove_line,
    resume_draft,
)
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import (
    BookingLimitFactory,
    ClosureFactory,
    PlacePoolFactory,
    UnitRelationFactory,
)
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join, priced_unit, weekdays

pytestmark = pytest.mark.django_db


def change(home, add=(), remove=(), at=AT):
    return change_draft(family=home.family, add=[*add], remove=[*remove], by=home.parent, at=at)


def confirm(home, at=AT):
    key = Basket.objects.values_list("key", flat=True).get(family=home.family)
    return confirm_basket(family=home.family, key=str(key), by=home.parent, at=at)


def refused(done):
    return [(each.day, each.refusal.rule) for each in done.left_out]


def wished(home):
    return sorted(line.day for line in load_draft(family=home.family, at=AT).lines)


def cell(home, day, *, child=0, unit=0, at=AT):
    planning = load_planning(family=home.family, user=home.parent, days=month_range(day.year, day.month), at=at)
    (row,) = [
        row for row in planning.rows if (row.child.pk, row.unit_id) == (home.children[child].pk, home.units[unit].pk)
    ]
    return row.cells[day]


def another_household(home):
    """A second household of the first child, with the same units."""
    other = household(*home.units)
    join(other.family, home.child)
    other.children[0] = home.child
    return other


@pytest.fixture
def two_a_week(canteen):
    return BookingLimitFactory(activity=canteen.activity)


# At most


def test_a_third_day_of_the_week_is_left_out_and_the_next_week_is_free(home, two_a_week):
    done = change(home, home.codes([MONDAY, TUESDAY, THURSDAY, NEXT_MONDAY]))
    assert refused(done) == [(THURSDAY, Rule.WEEK_LIMIT)]
    assert wished(home) == [MONDAY, TUESDAY, NEXT_MONDAY]


def test_the_reason_says_what_already_counts_the_rule_and_the_way_out(home, two_a_week):
    book(home, [MONDAY, TUESDAY])
    shown = cell(home, THURSDAY)
    assert (shown.shown, shown.editable) == (Shown.NOT_PLANNED, False)
    assert shown.refusal.sentence == (
        "Hugo a déjà 2\u00a0jours la semaine du 14\u00a0septembre 2026. La règle pour «\u00a0Cantine\u00a0»\u00a0: "
        "2\u00a0jours par semaine au plus. Vous pouvez en retirer sur le planning, ou contacter le service Enfance au "
        "01\u00a099\u00a000\u00a012\u00a034."
    )
    assert shown.refusal.article == "règlement intérieur, article 5"
    explained = explain_cell(family=home.family, user=home.parent, code=home.code(THURSDAY), at=AT)
    assert explained.refusal == shown.refusal
    assert cell(home, THURSDAY, child=1).editable  # each child has days of their own


def test_moving_a_day_never_fails_on_a_limit(home, two_a_week):
    book(home, [MONDAY, TUESDAY])
    done = change(home, [home.code(THURSDAY)], [home.code(MONDAY)])
    assert done.left_out == ()
    assert confirm(home).lines.count() == 2
    assert set(Booking.objects.booked().values_list("day", flat=True)) == {TUESDAY, THURSDAY}


def test_an_undone_cancellation_does_not_pass_the_limit(home, two_a_week):
    book(home, [MONDAY, TUESDAY])
    change(home, [home.code(THURSDAY)], [home.code(MONDAY)])
    assert refused(change(home, [home.code(MONDAY)])) == [(MONDAY, Rule.WEEK_LIMIT)]
    # Taken out of the basket whatever the rules say: the day added in its stead would then fall out, and says so.
    remove_line(family=home.family, code=home.code(MONDAY), by=home.parent, at=AT)
    (line,) = load_draft(family=home.family, at=AT).lines
    assert line.refusal.rule is Rule.WEEK_LIMIT
    with pytest.raises(NothingToConfirm):
        confirm(home)


def test_days_of_another_household_count_and_nobody_says_whose(home, two_a_week):
    other = another_household(home)
    book(other, [MONDAY])
    change(other, [other.code(TUESDAY)])  # and those of its live draft
    done = change(home, [home.code(THURSDAY)])
    assert refused(done) == [(THURSDAY, Rule.WEEK_LIMIT)]
    assert "Hugo a déjà 2\u00a0jours" in done.left_out[0].refusal.sentence
    assert str(other.parent) not in done.left_out[0].refusal.sentence
    # A draft that has lapsed holds nothing back.
    later = AT + timedelta(minutes=25)
    assert change(home, [home.code(THURSDAY)], at=later).left_out == ()
    resumed = resume_draft(family=other.family, by=other.parent, at=later)
    assert refused(resumed) == [(TUESDAY, Rule.WEEK_LIMIT)]


def test_who_validates_first_has_the_day(home, two_a_week):
    other = another_household(home)
    change(home, [home.code(MONDAY)])
    change(other, [other.code(TUESDAY)])
    two_a_week.count = 1
    two_a_week.save()
    assert confirm(other).lines.count() == 1
    with pytest.raises(NothingToConfirm) as nothing:
        confirm(home)
    assert [each.refusal.rule for each in nothing.value.left_out] == [Rule.WEEK_LIMIT]


def test_what_is_booked_beyond_a_new_limit_stays_and_nothing_is_added(home, two_a_week):
    book(home, [MONDAY, TUESDAY, THURSDAY])
    assert "Hugo a déjà 3\u00a0jours" in cell(home, FRIDAY).refusal.sentence
    change(home, remove=[home.code(MONDAY)])
    assert confirm(home).lines.count() == 1


def test_a_limit_counts_only_its_own_units(home, canteen):
    snack = priced_unit(activity=canteen.activity, code="gouter", name="Goûter")
    limit = BookingLimitFactory(activity=canteen.activity, count=1, units=[snack])
    home.units.append(snack)
    assert change(home, home.codes([MONDAY, TUESDAY])).left_out == ()
    done = change(home, home.codes([MONDAY, TUESDAY], unit=1))
    assert refused(done) == [(TUESDAY, Rule.WEEK_LIMIT)]
    assert "«\u00a0Cantine (goûter)\u00a0»\u00a0: 1\u00a0jour par semaine" in done.left_out[0].refusal.sentence
    assert list(limit.units.all()) == [snack]


def test_several_reservations_of_one_day_are_one_day_of_the_week(home, canteen, two_a_week):
    snack = priced_unit(activity=canteen.activity, code="gouter", name="Goûter")
    home.units.append(snack)
    days = home.codes([MONDAY, TUESDAY]) + home.codes([MONDAY, TUESDAY], unit=1)
    assert change(home, days).left_out == ()


def test_so_many_reservations_by_day(home, canteen):
    for code in ("gouter", "veillee"):
        home.units.append(priced_unit(activity=canteen.activity, code=code, name=code))
    BookingLimitFactory(activity=canteen.activity, span=LimitSpan.DAY)
    done = change(home, [home.code(MONDAY, unit=unit) for unit in range(3)] + [home.code(TUESDAY)])
    assert refused(done) == [(MONDAY, Rule.DAY_LIMIT)]
    assert "2\u00a0réservations le lundi 14\u00a0septembre 2026" in done.left_out[0].refusal.sentence


def test_a_replaced_unit_makes_room_for_the_one_that_excludes_it(home, canteen):
    long = priced_unit(activity=canteen.activity, code="long", name="Long")
    home.units.append(long)
    UnitRelationFactory(unit=canteen, other=long, exclusive=True)
    BookingLimitFactory(activity=canteen.activity, span=LimitSpan.DAY, count=1)
    change(home, [home.code(MONDAY)])
    assert change(home, [home.code(MONDAY, unit=1)]).left_out == ()
    assert [line.unit_id for line in load_draft(family=home.family, at=AT).lines] == [long.pk]


def test_units_booked_together_that_pass_the_limit_are_refused_together(home, canteen):
    pause = priced_unit(activity=canteen.activity, code="pause", name="Pause")
    home.units.append(pause)
    UnitRelationFactory(unit=canteen, other=pause)
    limit = BookingLimitFactory(activity=canteen.activity, span=LimitSpan.DAY, count=2)
    change(home, [home.code(MONDAY)])
    assert len(load_draft(family=home.family, at=AT).lines) == 2
    limit.count = 1
    limit.save()
    assert change(home, [home.code(TUESDAY)]).left_out
    with pytest.raises(NothingToConfirm):
        confirm(home)
    assert not Booking.objects.booked().exists()


@pytest.mark.parametrize(
    ("span", "count", "kept", "left"),
    [
        (LimitSpan.MONTH, 2, [MONDAY, TUESDAY, date(2026, 10, 1), date(2026, 10, 2)], [THURSDAY, FRIDAY]),
        (LimitSpan.SEASON, 3, [MONDAY, TUESDAY, THURSDAY], [FRIDAY, date(2026, 10, 1), date(2026, 10, 2)]),
    ],
)
def test_over_a_month_and_over_the_season(home, canteen, span, count, kept, left):
    BookingLimitFactory(activity=canteen.activity, span=span, count=count)
    days = [MONDAY, TUESDAY, THURSDAY, FRIDAY, date(2026, 10, 1), date(2026, 10, 2)]
    done = change(home, home.codes(days))
    assert refused(done) == [(day, Rule.PERIOD_LIMIT) for day in left]
    assert wished(home) == kept


@pytest.mark.parametrize(
    ("booked", "asked", "free"),
    [
        # A week that two months share: Tuesday 29 September to Friday 2 October.
        ([date(2026, 9, 29), date(2026, 10, 1)], date(2026, 10, 2), False),
        ([date(2026, 9, 25), date(2026, 10, 1)], date(2026, 10, 2), True),
        # ISO week 53 of 2026: Monday 28 December to Sunday 3 January, of two calendar years.
        ([date(2026, 12, 28), date(2026, 12, 31)], date(2027, 1, 1), False),
        ([date(2026, 12, 27), date(2026, 12, 31)], date(2027, 1, 1), True),
        ([date(2026, 12, 31), date(2027, 1, 1)], date(2027, 1, 4), True),
        ([date(2026, 12, 31), date(2027, 1, 2)], date(2027, 1, 3), False),
    ],
)
def test_weeks_are_iso_weeks(booked, asked, free):
    unit = priced_unit(activity__every_day=True, activity__without_deadline=True, weekdays=[1, 2, 3, 4, 5, 6, 7])
    home = household(unit)
    BookingLimitFactory(activity=unit.activity)
    book(home, booked)
    assert cell(home, asked).editable is free


@pytest.fixture
def centre(calendar):
    """A leisure centre of the holidays, with autumn and summer of 2026/2027 in its season."""
    return priced_unit(
        activity__holidays=True,
        activity__short_name="Centre",
        activity__starts_on=date(2026, 9, 2),
        activity__ends_on=date(2027, 8, 31),
        activity__booking_deadline={"kind": "always"},
        activity__cancellation_deadline={"kind": "always"},
        weekdays=[1, 2, 3, 4, 5],
    )


#: The autumn holidays of 2026 in zone A: 17 October to 1 November.
AUTUMN = [date(2026, 10, day) for day in (19, 20, 21, 22, 23)]
SECOND_WEEK = [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]


def test_short_holidays_are_not_those_of_summer(centre):
    home = household(centre)
    BookingLimitFactory(activity=centre.activity, among=LimitDays.SHORT)
    july = weekdays(date(2027, 7, 19), date(2027, 7, 22))
    done = change(home, home.codes([*AUTUMN[:3], *july]))
    assert refused(done) == [(AUTUMN[2], Rule.WEEK_LIMIT)]
    assert "2\u00a0jours par semaine au plus pendant les petites vacances" in done.left_out[0].refusal.sentence


def test_a_holiday_is_one_period_over_its_weeks(centre):
    home = household(centre)
    BookingLimitFactory(activity=centre.activity, span=LimitSpan.HOLIDAY, among=LimitDays.HOLIDAYS, count=6)
    done = change(home, home.codes([*AUTUMN, *SECOND_WEEK]))
    assert refused(done) == [(day, Rule.PERIOD_LIMIT) for day in SECOND_WEEK[1:]]
    assert "Vacances de la Toussaint" in done.left_out[0].refusal.sentence
    # The next holidays begin anew.
    assert change(home, [home.code(date(2026, 12, 21))]).left_out == ()


def test_a_whole_period_keeps_the_first_days_of_each_week_and_says_the_others(home, two_a_week):
    done = change_period(
        family=home.family,
        sense=Wish.ADD,
        children=[home.child.pk],
        activity=home.unit.activity_id,
        unit=None,
        days=DateRange(MONDAY, date(2026, 9, 27)),
        weekdays=frozenset({1, 2, 4, 5}),
        by=home.parent,
        at=AT,
    )
    assert wished(home) == [MONDAY, TUESDAY, NEXT_MONDAY, date(2026, 9, 22)]
    assert {rule for _day, rule in refused(done)} == {Rule.WEEK_LIMIT}
    assert len(done.left_out) == 4


def test_an_enrolment_that_books_leaves_out_the_days_too_many():
    unit = priced_unit(
        activity__enrolment_mode="pattern",
        activity__ends_on=date(2026, 10, 2),
        activity__without_deadline=True,
        pools=[PlacePoolFactory()],
    )
    BookingLimitFactory(activity=unit.activity)
    home = household(unit, enrolled=False)
    outcome = enrol_and_book(
        family=home.family,
        child=home.child,
        activity=unit.activity,
        starts_on=MONDAY,
        pattern={unit.pk: frozenset({1, 2, 4})},
        by=home.parent,
        at=AT,
    )
    assert outcome.booked == 6
    assert [each.day for each in outcome.left_out] == [date(2026, 9, 17), date(2026, 9, 24), date(2026, 10, 1)]
    assert {each.refusal.rule for each in outcome.left_out} == {Rule.WEEK_LIMIT}
    assert Enrolment.objects.count() == 1


def test_how_many_days_are_left_is_said_where_there_is_a_limit(home, two_a_week):
    assert change(home, [home.code(MONDAY)]).left == (
        "Hugo, Cantine\u00a0: encore 1\u00a0jour possible la semaine du 14\u00a0septembre 2026.",
    )
    assert change(home, [home.code(TUESDAY)]).left == (
        "Hugo, Cantine\u00a0: le nombre permis est atteint la semaine du 14\u00a0septembre 2026.",
    )
    two_a_week.delete()
    assert change(home, [home.code(THURSDAY)]).left == ()


# At least


@pytest.fixture
def three_at_least(centre):
    return BookingLimitFactory(floor=True, activity=centre.activity, count=3, among=LimitDays.HOLIDAYS)


def test_a_minimum_is_asked_at_the_validation_and_not_at_each_tick(centre, three_at_least):
    home = household(centre)
    done = change(home, home.codes(AUTUMN[:2]))
    assert done.left_out == ()
    (short,) = done.draft.missing
    assert (short.planned, short.needed, short.missing) == (2, 3, 1)
    assert short.sentence == (
        "Hugo, «\u00a0Centre\u00a0»\u00a0: il manque 1\u00a0jour la semaine du 19\u00a0octobre 2026. La règle\u00a0: "
        "au moins 3\u00a0jours par semaine pendant les vacances scolaires\u202f; vous en gardez 2\u00a0jours. Vous "
        "pouvez ajouter des jours, ou retirer ceux de cette période."
    )
    with pytest.raises(MinimumMissing) as missing:
        confirm(home)
    assert missing.value.shortfalls == (short,)
    assert not Booking.objects.exists()
    assert wished(home) == AUTUMN[:2]
    assert change(home, [home.code(AUTUMN[4])]).draft.missing == ()
    assert confirm(home).lines.count() == 3


def test_giving_back_below_the_minimum_is_refused_unless_the_whole_period_goes(centre, three_at_least):
    home = household(centre)
    book(home, AUTUMN[:3])
    done = change(home, remove=[home.code(AUTUMN[0])])
    assert "garder plus de jours, ou annuler tous ceux" in done.draft.missing[0].sentence
    with pytest.raises(MinimumMissing):
        confirm(home)
    change(home, remove=home.codes(AUTUMN[1:3]))
    assert confirm(home).lines.count() == 3
    assert not Booking.objects.booked().exists()


def test_moving_a_day_keeps_the_minimum(centre, three_at_least):
    home = household(centre)
    book(home, AUTUMN[:3])
    change(home, [home.code(AUTUMN[4])], [home.code(AUTUMN[0])])
    assert confirm(home).lines.count() == 2


def test_days_that_a_closure_took_away_put_nobody_at_fault(centre, three_at_least):
    home = household(centre)
    gone, *_kept = book(home, AUTUMN[:3])
    Booking.objects.filter(pk=gone.pk).update(
        state=BookingState.CANCELLED,
        cancelled_at=AT,
        cancelled_by=home.parent,
        cancelled_because=CancelledBecause.CLOSURE,
    )
    change(home, [home.code(AUTUMN[3])], [home.code(AUTUMN[1])])
    assert confirm(home).lines.count() == 2


def test_a_week_with_fewer_days_than_the_minimum_asks_for_all_of_them(centre, three_at_least):
    ClosureFactory(starts_on=AUTUMN[0], ends_on=AUTUMN[2])
    home = household(centre)
    change(home, [home.code(AUTUMN[3])])
    with pytest.raises(MinimumMissing) as missing:
        confirm(home)
    assert missing.value.shortfalls[0].needed == 2
    change(home, [home.code(AUTUMN[4])])
    assert confirm(home).lines.count() == 2


def test_days_of_another_household_count_for_the_minimum(centre, three_at_least):
    home = household(centre)
    other = another_household(home)
    book(other, AUTUMN[:2])
    change(home, [home.code(AUTUMN[2])])
    assert confirm(home).lines.count() == 1
    # Who keeps no day of the period owes none: the other household does not decide for this one.
    change(home, remove=[home.code(AUTUMN[2])])
    assert confirm(home).lines.count() == 1


def test_a_period_already_short_may_be_bettered_by_one_day(centre, three_at_least):
    home = household(centre)
    book(home, AUTUMN[:1])
    change(home, [home.code(AUTUMN[1])])
    assert confirm(home).lines.count() == 1


def test_a_minimum_holds_no_other_line_of_another_period_back_by_itself(centre, three_at_least):
    """The whole draft waits: nothing is written, whatever else it holds."""
    home = household(centre)
    change(home, home.codes([*AUTUMN[:3], SECOND_WEEK[0]]))
    with pytest.raises(MinimumMissing) as missing:
        confirm(home)
    assert [short.days.first for short in missing.value.shortfalls] == [date(2026, 10, 26)]


# The walls of the database


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": 8},
        {"count": 32, "span": LimitSpan.MONTH},
        {"span": LimitSpan.DAY, "floor": True},
        {"span": LimitSpan.HOLIDAY},
    ],
)
def test_a_limit_without_meaning_is_refused_by_the_database(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        BookingLimitFactory(**wrong)


def test_limits_cost_one_query_where_there_are_some(home, canteen, django_assert_num_queries):
    def look():
        load_planning(family=home.family, user=home.parent, days=month_range(2026, 9), at=AT)

    with django_assert_num_queries(8):
        look()
    for count in (2, 3, 4):
        BookingLimitFactory(activity=canteen.activity, count=count)
    with django_assert_num_queries(9):
        look()
