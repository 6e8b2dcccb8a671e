"""From the domain's `Planning` to the tables that the page draws: weeks, groups, lines, cells, totals.

Only arranges: what a cell is, whether it may change and why not were decided by the domain.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.bookings.planning import Cell, DraftLine, Planning, PlanningChild, PlanningRow, Shown, Was
from portal.domain.kernel.calendar import Week, weeks_of
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import NBSP
from portal.domain.kernel.refusals import Refusal, Rule
from portal.web.design import weeks as design
from portal.web.design.weeks import CellState
from portal.web.planning import said
from portal.web.planning.absent import AbsenceMark
from portal.web.planning.deadlines import Upcoming, next_deadline, week_limit
from portal.web.planning.lines import LineMark
from portal.web.planning.requests import RequestMark, mark_of
from portal.web.planning.said import CALENDAR, OUT_OF_PERIOD
from portal.web.planning.state import Grouping, PlanningState, View
from portal.web.planning.ticks import encode_boxes
from portal.web.planning.words import about_child, late_words, lower_first

_SCHOOL_WEEK = (1, 2, 3, 4, 5)


def cell_id(code: str) -> str:
    """The id of the control of a cell, for its partial update."""
    return f"c{code.replace('.', '-')}"


@dataclass(frozen=True)
class Screen:
    """A planning page, arranged. Filters of the state are applied here; `planning` keeps everybody."""

    planning: Planning
    state: PlanningState
    today: date
    absent: Mapping[str, AbsenceMark] = field(default_factory=dict)
    lines: Mapping[str, LineMark] = field(default_factory=dict)
    requests: Mapping[str, RequestMark] = field(default_factory=dict)

    @cached_property
    def rows(self) -> tuple[PlanningRow, ...]:
        """The lines shown: those that the period serves, or all when it serves none."""
        return tuple(row for row in self._wanted if not _out_of_season(row.cells.values())) or self._wanted

    @cached_property
    def _wanted(self) -> tuple[PlanningRow, ...]:
        """The lines that the filters let through."""
        return tuple(
            row
            for row in self.planning.rows
            if (not self.state.children or row.child.pk in self.state.children)
            and (not self.state.activities or row.activity_id in self.state.activities)
            and any(cell.shown is not Shown.NOT_OFFERED for cell in row.cells.values())
        )

    @property
    def children(self) -> tuple[PlanningChild, ...]:
        return self.planning.children

    @cached_property
    def activities(self) -> dict[int, str]:
        """Every activity of the family's planning, by id, in the order of the lines."""
        return {row.activity_id: row.activity_short_name for row in self.planning.rows}

    @cached_property
    def children_without_planning(self) -> tuple[PlanningChild, ...]:
        """The children shown who have no line: nothing of theirs is managed by the planning."""
        with_rows = {row.child.pk for row in self.planning.rows}
        return tuple(
            child
            for child in self.children
            if child.pk not in with_rows and (not self.state.children or child.pk in self.state.children)
        )

    @property
    def filtered(self) -> bool:
        return bool(self.state.children or self.state.activities)

    # Money

    @cached_property
    def cost(self) -> Decimal:
        return sum((row.cost for row in self.rows), Decimal("0.00"))

    @cached_property
    def cost_after(self) -> Decimal:
        return sum((row.cost_after for row in self.rows), Decimal("0.00"))

    # What may change

    @cached_property
    def editable(self) -> bool:
        """Whether at least one cell shown may change now."""
        return any(cell.editable for row in self.rows for cell in row.cells.values())

    @cached_property
    def frozen_reason(self) -> Refusal | None:
        """When nothing may change: the reason that came last, which is the most useful one."""
        if self.editable:
            return None
        refusals = [
            cell.refusal
            for row in self.rows
            for cell in row.cells.values()
            if cell.refusal is not None and cell.refusal.rule not in CALENDAR | OUT_OF_PERIOD
        ]
        dated = [refusal for refusal in refusals if refusal.since is not None]
        if dated:
            return max(dated, key=lambda refusal: refusal.since or self.planning.at)
        if refusals:
            return refusals[-1]
        others = [cell.refusal for row in self.rows for cell in row.cells.values() if cell.refusal is not None]
        return others[0] if others else None

    @property
    def may_look_further(self) -> bool:
        """Whether the next period is worth a look when nothing of this one may change."""
        return self.state.days.first <= self.today

    @cached_property
    def boxes(self) -> dict[str, bool]:
        """The check boxes of the page: code → ticked."""
        return {cell.code: cell.checked for row in self.rows for cell in row.cells.values() if cell.editable}

    @property
    def shown_values(self) -> list[str]:
        """The hidden values that say which boxes the page shows and how they stand."""
        return encode_boxes(self.boxes)

    # What is said once

    @cached_property
    def openings(self) -> list[str]:
        """« Cette activité est ouverte à partir du 2 septembre 2019 : cantine. », once a day, while it is to come."""
        return said.openings(self.rows, self.state.days, today=self.today)

    @cached_property
    def other_limits(self) -> list[str]:
        """What else keeps days of the period shut: enrolments that wait or begin later, an activity that ends."""
        return said.other_limits(self.rows)

    @cached_property
    def closed_days(self) -> list[str]:
        """The holidays and closures of the period, each sentence once, in the order of the days."""
        return said.closed_days(self._wanted)

    # The tables

    @cached_property
    def weekdays(self) -> tuple[int, ...]:
        """The columns: the ISO weekdays on which some line shown takes place."""
        found = {weekday for row in self.rows for weekday in _weekdays(row)}
        if self.state.view is View.DAY:
            return (self.state.anchor.isoweekday(),)
        return tuple(sorted(found)) or _SCHOOL_WEEK

    @cached_property
    def weeks(self) -> list[design.WeekTable]:
        """A table for each week of the period that has a day to show."""
        if not self.rows:
            return []
        current = self._current_week()
        return [self._week(week, self._days_of(week), now=week == current) for week in self._drawn_weeks]

    @cached_property
    def totals(self) -> design.MonthTotals:
        """Days and cost of each line over the period."""
        titles = {
            View.MONTH: _("Le mois entier"),
            View.FORTNIGHT: _("La quinzaine"),
            View.WEEK: _("La semaine"),
            View.DAY: _("Le jour"),
        }
        pending = self.cost != self.cost_after
        return design.MonthTotals(
            title=titles[self.state.view],
            cost=language.words().amount(self.cost_after),
            cost_before=language.words().amount(self.cost) if pending else "",
            editable=self.state.edit and self.editable,
            whole=self.state.whole,
            groups=tuple(
                design.TotalGroup(title=title, rows=tuple(self._total(row, label) for label, row in lines))
                for title, _note, lines in self._groups()
            ),
        )

    def find_cell(self, code: str) -> tuple[PlanningRow, Cell] | None:
        """The line and the cell of a code, among those shown."""
        for row in self.rows:
            for cell in row.cells.values():
                if cell.code == code:
                    return row, cell
        return None

    def drawn(self, row: PlanningRow, cell: Cell) -> design.Cell:
        """A cell as the page draws it."""
        weekdays = _weekdays(row)
        if cell.shown is Shown.NOT_OFFERED or (weekdays and cell.day.isoweekday() not in weekdays):
            return design.Cell(CellState.NOT_OFFERED)
        day = f"{language.words().tiny_weekday(cell.day.isoweekday())}{NBSP}{cell.day.day}"
        name = _cell_name(row, cell.day)
        if self.state.edit and cell.editable:
            extra = late_words(cell.surcharge)
            return design.Cell(
                _becoming(cell), day=day, name=name, value=cell.code, id=cell_id(cell.code), extra=extra
            )
        mark = self.absent.get(cell.code)
        if mark is not None:
            return design.Cell(
                CellState.ABSENT,
                day=day,
                name=name,
                word=mark.word,
                href=mark.url,
                why=_("voir l’absence"),
                id=cell_id(cell.code),
            )
        line = self.lines.get(cell.code)
        if line is not None:
            return design.Cell(
                line.state, day=day, name=name, word=line.word, href=line.url, why=line.why, id=cell_id(cell.code)
            )
        asked = mark_of(self.requests, cell.code, cell.was)
        if asked is not None:
            return design.Cell(
                asked.state,
                day=day,
                name=name,
                word=asked.word,
                href=asked.url,
                why=_("voir la demande"),
                id=cell_id(cell.code),
            )
        state = _standing(cell)
        refusal = cell.refusal
        if refusal is None or cell.day < self.today or refusal.rule in OUT_OF_PERIOD:
            return design.Cell(state, day=day, word=_word(cell, row))
        late = refusal.rule is Rule.DEADLINE_PASSED
        return design.Cell(
            state,
            day=day,
            name=name,
            word=_word(cell, row),
            href=reverse("planning:why", args=[cell.code]),
            why=_("délai passé, pourquoi\u202f?") if late else _("pourquoi\u202f?"),
            locked=cell.shown not in {Shown.FULL, Shown.CLOSED},
            id=cell_id(cell.code),
        )

    # Inside

    def _groups(self) -> list[tuple[str, str, list[tuple[str, PlanningRow]]]]:
        """Title, note and lines of each group; a line is its label and its row."""
        if self.state.grouping is Grouping.CHILD:
            by_child = groupby(self.rows, key=lambda row: row.child)
            return [
                (child.first_name, about_child(child), [(row.label, row) for row in rows]) for child, rows in by_child
            ]
        units: dict[int, list[PlanningRow]] = {}
        for row in self.rows:
            units.setdefault(row.unit_id, []).append(row)
        return [(rows[0].label, "", [(row.child.first_name, row) for row in rows]) for rows in units.values()]

    def _days_of(self, week: Week) -> list[date]:
        return [day for day in week.range.days() if day in self.state.days and day.isoweekday() in self.weekdays]

    @cached_property
    def _drawn_weeks(self) -> list[Week]:
        """The weeks that have a day to show, but those before every opening or after every end."""
        with_days = [week for week in weeks_of(self.state.days) if self._days_of(week)]
        alive = {
            Week.of(cell.day)
            for row in self.rows
            for cell in row.cells.values()
            if cell.shown is not Shown.NOT_OFFERED and not (cell.refusal and cell.refusal.rule in OUT_OF_PERIOD)
        }
        return [week for week in with_days if week in alive] or with_days

    def _current_week(self) -> Week | None:
        """The week that a phone shows first: this week; when editing, the first that may change."""
        with_days = self._drawn_weeks
        if not with_days:
            return None
        this_week = Week.of(self.today)
        open_weeks = sorted({Week.of(cell.day) for row in self.rows for cell in row.cells.values() if cell.editable})
        if this_week in with_days and not self.state.edit:
            return this_week
        if open_weeks:
            return open_weeks[0]
        return this_week if this_week in with_days else with_days[0]

    @property
    def upcoming(self) -> Upcoming | None:
        """The next deadline of the days shown, in words; None for somebody who changes nothing here."""
        deadline = self.planning.upcoming
        return next_deadline(deadline) if deadline is not None and self.editable else None

    def _week(self, week: Week, days: Sequence[date], *, now: bool) -> design.WeekTable:
        changes = sum(1 for line in self.planning.draft.lines if Week.of(line.day) == week and self._is_shown(line))
        open_ = any(cell.editable for row in self.rows for day in days if (cell := row.cells.get(day)) is not None)
        limit = week_limit(
            [each for each in self.planning.deadlines if each.week_start == week.monday],
            at=self.planning.at,
            open_=open_,
        )
        first, last = days[0], days[-1]
        idle = [row for row in self.rows if _out_of_season(row.cells[day] for day in days if day in row.cells)]
        if len(idle) == len(self.rows):
            idle = []  # a week of holidays says so instead of being empty
        return design.WeekTable(
            id=f"s{week.number}",
            number=week.number,
            range=language.words().date_range(first, last),
            days=tuple(self._head(day) for day in days),
            groups=tuple(
                design.RowGroup(
                    title=title,
                    note=note,
                    rows=tuple(
                        design.Row(
                            label=label,
                            rate=language.words().amount(row.unit_price) if row.rate_label else "",
                            cells=tuple(self._drawn_on(row, day) for day in days),
                            idle=row in idle,
                        )
                        for label, row in lines
                    ),
                )
                for title, note, lines in self._groups()
            ),
            jump_range=f"{first.day}–{last.day}" if first != last else language.words().day_number(first.day),
            jump_note=self._jump_note(week, changes=changes, open_=open_),
            limit_until=limit.until,
            limit_left=limit.left,
            limit_text=limit.text,
            limit_about=limit.about,
            over=limit.over,
            now=now,
        )

    def _drawn_on(self, row: PlanningRow, day: date) -> design.Cell:
        cell = row.cells.get(day)
        return design.Cell(CellState.NOT_OFFERED) if cell is None else self.drawn(row, cell)

    def _head(self, day: date) -> design.DayHead:
        return design.DayHead(
            short=language.words().tiny_weekday(day.isoweekday()),
            number=day.day,
            long=language.words().weekday_day_month(day),
            today=day == self.today,
        )

    def _jump_note(self, week: Week, *, changes: int, open_: bool) -> str:
        if changes:
            return _("%(count)s chang.") % {"count": changes}
        if week.sunday < self.today:
            return _("passée")
        if self.today in week.range:
            return _("en cours")
        return _("ouverte") if open_ else _("fermée")

    def _is_shown(self, line: DraftLine) -> bool:
        return any(row.child.pk == line.child_id and row.unit_id == line.unit_id for row in self.rows)

    def _total(self, row: PlanningRow, label: str) -> design.TotalRow:
        changed = row.cost != row.cost_after or row.count != row.count_after
        exact = row.unit_price * row.count_after == row.cost_after
        return design.TotalRow(
            label=label,
            days=row.count_after,
            cost=language.words().amount(row.cost_after),
            cost_before=language.words().amount(row.cost) if changed else "",
            rate=language.words().amount(row.unit_price) if exact and row.count_after else "",
            tick_value=f"{row.child.pk}.{row.unit_id}" if self._can_tick_all(row) else "",
            tick_name=f"{row.child.first_name}, {lower_first(row.label)}",
        )

    def _can_tick_all(self, row: PlanningRow) -> bool:
        return self.state.edit and any(cell.editable and not cell.checked for cell in row.cells.values())


def _out_of_season(cells: Iterable[Cell]) -> bool:
    """Whether these days hold nothing of a line but the wrong half of the school calendar, or a closure."""
    return all(
        cell.shown is Shown.NOT_OFFERED
        or (cell.shown is Shown.CLOSED and cell.refusal is not None and cell.refusal.rule in CALENDAR)
        for cell in cells
    )


def _weekdays(row: PlanningRow) -> frozenset[int]:
    """The weekdays on which a line takes place, as far as the period shows it."""
    return frozenset(
        cell.day.isoweekday()
        for cell in row.cells.values()
        if cell.shown is not Shown.NOT_OFFERED and not (cell.refusal and cell.refusal.rule in OUT_OF_PERIOD)
    )


def _becoming(cell: Cell) -> CellState:
    """The state of a check box: what it was, and what the draft makes of it."""
    if cell.was is Was.BOOKED:
        return CellState.BOOKED if cell.checked else CellState.TO_CANCEL
    return CellState.TO_BOOK if cell.checked else CellState.FREE


_STANDING: Mapping[Shown, CellState] = {
    Shown.FREE: CellState.NOT_PLANNED,
    Shown.ADDING: CellState.TO_BOOK,
    Shown.BOOKED: CellState.BOOKED,
    Shown.REMOVING: CellState.TO_CANCEL,
    Shown.CANCELLED: CellState.CANCELLED,
    Shown.FULL: CellState.FULL,
    Shown.CLOSED: CellState.CLOSED,
    Shown.NOT_PLANNED: CellState.NOT_PLANNED,
    Shown.NOT_OFFERED: CellState.NOT_OFFERED,
}


def _standing(cell: Cell) -> CellState:
    """The state of a cell that is only read."""
    return _STANDING[cell.shown]


def _word(cell: Cell, row: PlanningRow) -> str:
    """The two words of a closed cell; nothing for the usual word of its state."""
    refusal = cell.refusal
    if refusal is None or cell.shown is not Shown.CLOSED:
        return ""
    match refusal.rule:
        case Rule.BEFORE_OPENING:
            return _opens_on(row.activity_starts_on, cell.day)
        case Rule.NOT_YET_OPEN if refusal.since is not None:
            return _opens_on(paris_date(refusal.since), cell.day)
        case Rule.AFTER_END:
            return _("terminé")
        case Rule.OUTSIDE_ENROLMENT | Rule.NOT_ENROLLED:
            return _("non inscrit")
        case Rule.PUBLIC_HOLIDAY:
            return _("férié")
        case Rule.SCHOOL_HOLIDAY:
            return _("vacances")
        case Rule.TERM_TIME:
            return _("école")
        case _:
            return ""


def _opens_on(day: date, seen_from: date) -> str:
    """« ouvre le 2 », with its month when it is another one."""
    number = language.words().day_number(day.day)
    if (day.year, day.month) == (seen_from.year, seen_from.month):
        return _("ouvre le\u00a0%(day)s") % {"day": number}
    return _("ouvre le\u00a0%(day)s") % {"day": language.words().short_day_month(day)}


def _cell_name(row: PlanningRow, day: date) -> str:
    return f"{row.child.first_name}, {lower_first(row.label)}, {language.words().weekday_day_month(day)}"


def units_of(rows: Iterable[PlanningRow]) -> dict[int, PlanningRow]:
    """One line for each unit, the first met."""
    units: dict[int, PlanningRow] = {}
    for row in rows:
        units.setdefault(row.unit_id, row)
    return units
