"""From the domain's values to the tables of the page."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from portal.domain.bookings.planning import Draft, Shown, WeekDeadline
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Refusal, Rule
from portal.web.design.weeks import CellState
from portal.web.planning.arrange import Screen
from portal.web.planning.deadlines import week_limit
from portal.web.planning.state import Grouping, PlanningState, View
from tests.web.planning.builder import (
    BEFORE,
    HOLIDAY,
    LENA,
    NOW,
    TODAY,
    adding,
    booked,
    closed,
    free,
    full,
    late,
    make_line,
    make_planning,
    make_row,
    removing,
)

SEPTEMBER = DateRange(date(2026, 9, 1), date(2026, 9, 30))


def make_screen(*rows, state=None, draft=None, deadlines=(), days=SEPTEMBER, **changes):
    state = state or PlanningState(anchor=TODAY, **changes)
    planning = make_planning(days, rows or [make_row(days)], draft=draft, deadlines=deadlines)
    return Screen(planning=planning, state=state, today=TODAY)


def only_cell(screen, day):
    row = screen.rows[0]
    return screen.drawn(row, row.cells[day])


@pytest.mark.exigence("P2", "P7")
def test_a_month_is_a_table_a_week_with_the_days_that_are_served():
    weeks = make_screen().weeks
    assert [week.number for week in weeks] == [36, 37, 38, 39, 40]
    assert [day.number for day in weeks[1].days] == [7, 8, 10, 11]
    assert weeks[0].range == "du 1er au 4\u00a0septembre"
    assert [week.jump_range for week in weeks] == ["1–4", "7–11", "14–18", "21–25", "28–29"]


def test_a_week_without_a_served_day_is_not_drawn():
    august = DateRange(date(2026, 8, 1), date(2026, 8, 31))
    screen = make_screen(make_row(august), days=august, state=PlanningState(anchor=date(2026, 8, 1)))
    assert [week.number for week in screen.weeks] == [32, 33, 34, 35, 36]


@pytest.mark.exigence("P8")
def test_by_child_and_by_activity_only_swap_groups_and_lines():
    rows = [
        make_row(SEPTEMBER),
        make_row(SEPTEMBER, unit=8, activity=4, label="Accueil du soir", price="2.10"),
        make_row(SEPTEMBER, child=LENA),
    ]
    by_child = make_screen(*rows).weeks[1].groups
    assert [(group.title, [row.label for row in group.rows]) for group in by_child] == [
        ("Hugo", ["Cantine", "Accueil du soir"]),
        ("Léna", ["Cantine"]),
    ]
    assert by_child[0].note == "9\u00a0ans, CM1"
    by_activity = make_screen(*rows, grouping=Grouping.ACTIVITY).weeks[1].groups
    assert [(group.title, [row.label for row in group.rows]) for group in by_activity] == [
        ("Cantine", ["Hugo", "Léna"]),
        ("Accueil du soir", ["Hugo"]),
    ]


@pytest.mark.exigence("P10", "P11")
def test_masks_hide_lines_and_their_cost():
    rows = [make_row(SEPTEMBER, rule=booked), make_row(SEPTEMBER, child=LENA, rule=booked, activity=4)]
    screen = make_screen(*rows, children=frozenset({LENA.pk}))
    assert [row.child for row in screen.rows] == [LENA]
    assert screen.cost == rows[1].cost
    assert screen.filtered
    assert make_screen(*rows, activities=frozenset({3})).rows == (rows[0],)


@pytest.mark.exigence("P24", "P25", "P68")
@pytest.mark.parametrize(
    ("rule", "reading", "editing"),
    [
        (free, CellState.NOT_PLANNED, CellState.FREE),
        (adding, CellState.TO_BOOK, CellState.TO_BOOK),
        (booked, CellState.BOOKED, CellState.BOOKED),
        (removing, CellState.TO_CANCEL, CellState.TO_CANCEL),
        (late, CellState.BOOKED, CellState.BOOKED),
        (full, CellState.FULL, CellState.FULL),
        (closed(HOLIDAY), CellState.CLOSED, CellState.CLOSED),
    ],
)
def test_every_state_has_its_cell(rule, reading, editing):
    day = date(2026, 9, 15)
    row = make_row(SEPTEMBER, special={day: rule})
    assert only_cell(make_screen(row), day).state is reading
    assert only_cell(make_screen(row, edit=True), day).state is editing


def test_only_editable_cells_of_the_edit_mode_have_a_box():
    day = date(2026, 9, 15)
    row = make_row(SEPTEMBER, special={day: booked})
    assert only_cell(make_screen(row), day).value == ""
    box = only_cell(make_screen(row, edit=True), day)
    assert box.value == "1.7.2026-09-15"
    assert box.name == "Hugo, cantine, mardi 15\u00a0septembre"
    assert box.id == "c1-7-2026-09-15"


@pytest.mark.exigence("P14")
def test_a_closed_day_to_come_leads_to_its_reason():
    day = date(2026, 9, 11)
    cell = only_cell(make_screen(make_row(SEPTEMBER, special={day: late})), day)
    assert cell.href == "/famille/planning/pourquoi/1.7.2026-09-11/"
    assert cell.locked
    assert cell.why == "délai passé, pourquoi\u202f?"


def test_a_day_gone_is_a_plain_text():
    day = date(2026, 9, 8)
    cell = only_cell(make_screen(make_row(SEPTEMBER, special={day: late})), day)
    assert (cell.state, cell.href, cell.locked) == (CellState.BOOKED, "", False)


@pytest.mark.exigence("P37", "P67")
def test_an_activity_that_opens_later_is_said_once_and_in_its_cells():
    october = DateRange(date(2026, 10, 1), date(2026, 10, 31))
    opening = date(2026, 10, 5)
    special = {day: closed(BEFORE) for day in october.days() if day < opening}
    state = PlanningState(anchor=october.first)
    row = make_row(october, special=special, starts_on=opening)
    evening = make_row(october, child=LENA, special=special, starts_on=opening)
    evening = replace(evening, activity_name="ALAE 2026/2027")
    screen = make_screen(row, days=october, state=state)
    assert screen.openings == ["Cette activité est ouverte à partir du 5\u00a0octobre 2026\u00a0: cantine 2026/2027."]
    assert only_cell(screen, october.first).word == "ouvre le\u00a05"
    assert make_screen(row, evening, days=october, state=state).openings == [
        "Ces activités sont ouvertes à partir du 5\u00a0octobre 2026\u00a0: cantine 2026/2027 et ALAE 2026/2027."
    ]


def test_an_opening_already_past_is_only_in_its_cells():
    first = date(2026, 9, 1)
    screen = make_screen(make_row(SEPTEMBER, special={first: closed(BEFORE)}))
    assert screen.openings == []
    assert only_cell(screen, first).word == "ouvre le\u00a02"


def test_weekdays_never_served_stay_dots_before_the_opening_too():
    """Before the opening the domain says "not open yet" of every day, Sundays included."""
    row = make_row(SEPTEMBER)
    opening = {
        day: replace(cell, shown=Shown.CLOSED, refusal=BEFORE)
        for day, cell in row.cells.items()
        if day < date(2026, 9, 4)
    }
    screen = make_screen(replace(row, cells={**row.cells, **opening}))
    assert [day.number for day in screen.weeks[0].days] == [1, 3, 4]


def test_closed_days_are_listed_once():
    november = DateRange(date(2026, 11, 1), date(2026, 11, 30))
    armistice = {date(2026, 11, 11): closed(HOLIDAY)}
    rows = [
        make_row(november, weekdays=(1, 3), special=armistice),
        make_row(november, child=LENA, weekdays=(3,), special=armistice),
    ]
    screen = make_screen(*rows, days=november, state=PlanningState(anchor=date(2026, 11, 1)))
    assert screen.closed_days == [HOLIDAY.sentence]


@pytest.mark.exigence("P35", "P36", "P71")
def test_totals_show_the_computation_before_and_after():
    bookable = [day for day in SEPTEMBER.days() if day.isoweekday() in (1, 2, 4, 5)][:21]
    special = dict.fromkeys(bookable, booked) | {date(2026, 9, 25): removing}
    row = make_row(SEPTEMBER, weekdays=(1, 2, 3, 4, 5), special=special)
    row = replace(row, count=21, cost=Decimal("90.30"), count_after=20, cost_after=Decimal("86.00"))
    screen = make_screen(row)
    line = screen.totals.groups[0].rows[0]
    assert (line.days, line.rate, line.cost, line.cost_before) == (20, "4,30\u00a0€", "86,00\u00a0€", "90,30\u00a0€")
    assert (screen.totals.cost, screen.totals.cost_before) == ("86,00\u00a0€", "90,30\u00a0€")


def test_a_line_whose_price_changed_in_the_month_shows_no_false_product():
    row = replace(make_row(SEPTEMBER), count=2, cost=Decimal("8.80"), count_after=2, cost_after=Decimal("8.80"))
    assert make_screen(row).totals.groups[0].rows[0].rate == ""


@pytest.mark.exigence("P30")
def test_a_line_can_be_ticked_whole_only_while_a_box_is_free():
    assert make_screen(edit=True).totals.groups[0].rows[0].tick_value == "1.7"
    assert make_screen(make_row(SEPTEMBER, rule=booked), edit=True).totals.groups[0].rows[0].tick_value == ""
    assert make_screen().totals.editable is False


@pytest.mark.exigence("P14", "P15")
def test_a_period_that_cannot_change_keeps_its_last_reason():
    screen = make_screen(make_row(SEPTEMBER, rule=late))
    assert not screen.editable
    assert screen.frozen_reason.rule is Rule.DEADLINE_PASSED
    assert make_screen().frozen_reason is None


def test_a_phone_opens_on_this_week_to_read_and_on_the_first_open_week_to_change():
    row = make_row(SEPTEMBER, special={day: late for day in SEPTEMBER.days() if day < date(2026, 9, 14)})
    assert [week.number for week in make_screen(row).weeks if week.now] == [37]
    assert [week.number for week in make_screen(row, edit=True).weeks if week.now] == [38]
    october = DateRange(date(2026, 10, 1), date(2026, 10, 31))
    screen = make_screen(make_row(october), days=october, state=PlanningState(anchor=date(2026, 10, 1)))
    assert [week.number for week in screen.weeks if week.now] == [40]


def test_the_strip_of_weeks_says_where_one_is_and_what_is_pending():
    day = date(2026, 9, 22)
    row = make_row(SEPTEMBER, special={day: adding})
    draft = Draft(key="k", version=1, additions=1, lines=(make_line(row, day, "add"),))
    notes = [week.jump_note for week in make_screen(row, draft=draft).weeks]
    assert notes == ["passée", "en cours", "ouverte", "1 chang.", "ouverte"]


@pytest.mark.parametrize(
    ("view", "days"),
    [
        (View.WEEK, DateRange(date(2026, 9, 7), date(2026, 9, 13))),
        (View.FORTNIGHT, DateRange(date(2026, 9, 7), date(2026, 9, 20))),
        (View.DAY, DateRange(TODAY, TODAY)),
    ],
)
@pytest.mark.exigence("P4", "P5")
def test_shorter_views_draw_their_own_days(view, days):
    row = make_row(days, weekdays=(1, 2, 3, 4, 5))
    screen = make_screen(row, days=days, state=PlanningState(anchor=TODAY, view=view))
    drawn = [day.number for week in screen.weeks for day in week.days]
    assert drawn == [day.day for day in days.days() if day.isoweekday() < 6]


# Deadlines in the head of a week


def deadline(closes: datetime | None, *, passed: bool = False, labels: tuple[str, ...] = ("Cantine",)) -> WeekDeadline:
    return WeekDeadline(
        week_start=date(2026, 9, 14),
        closes_at=closes,
        passed=passed,
        labels=labels,
        days=DateRange(date(2026, 9, 14), date(2026, 9, 18)),
    )


THURSDAY = datetime(2026, 9, 10, 23, 59, tzinfo=PARIS)


@pytest.mark.exigence("P16", "P20")
def test_a_week_says_until_when_and_what_is_left():
    limit = week_limit([deadline(THURSDAY)], at=NOW, open_=True)
    assert limit.until == "jeudi 10\u00a0sept., 23\u00a0h\u00a059"
    assert (limit.left, limit.over) == ("encore 25\u00a0h", False)


def test_a_far_deadline_does_not_count_hours():
    limit = week_limit([deadline(THURSDAY)], at=datetime(2026, 9, 1, tzinfo=PARIS), open_=True)
    assert limit.left == ""


def test_a_passed_deadline_is_said_closed_since():
    limit = week_limit([deadline(THURSDAY, passed=True)], at=NOW, open_=False)
    assert (limit.until, limit.over) == ("jeudi 10\u00a0sept., 23\u00a0h\u00a059", True)


@pytest.mark.exigence("P21")
def test_several_deadlines_say_the_next_one_and_whose_it_is():
    limit = week_limit(
        [deadline(THURSDAY, labels=("Cantine", "ALAE matin")), deadline(datetime(2026, 9, 13, 12, tzinfo=PARIS))],
        at=NOW,
        open_=True,
    )
    assert (limit.text, limit.about) == (
        "Prochaine limite\u00a0: jeudi 10\u00a0sept., 23\u00a0h\u00a059",
        "cantine et ALAE matin",
    )


def test_a_week_without_dated_deadline_says_nothing():
    assert week_limit([deadline(None)], at=NOW, open_=True) == week_limit([], at=NOW, open_=True)


def test_refusal_without_instant_still_explains_a_frozen_period():
    never = Refusal(rule=Rule.NEVER_ONLINE, sentence="Cette activité ne se modifie pas en ligne.")
    row = make_row(SEPTEMBER, rule=closed(never))
    assert make_screen(row).frozen_reason is never
