"""The grid of a week: what the form sends as a week, and a week as the cells of the form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.http import QueryDict

from documents.menus.closing import Openings
from documents.menus.entries import Cell, DayEntry, DishEntry, Remembered, WeekEntry
from documents.menus.enums import Allergen, Course, Label, SiteKind, Texture
from documents.menus.models.menu import MenuSite
from documents.menus.rules import folded
from documents.menus.services import CellError
from portal.domain.kernel import french
from portal.domain.kernel.calendar import Week

RANKS = (1, 2)


def prefix_of(cell: Cell) -> str:
    """“j1-main-1”: the names of the controls of a dish begin so."""
    weekday, course, rank = cell
    return f"j{weekday}-{course}-{rank}"


def read_grid(data: QueryDict, site: MenuSite, weekdays: Iterable[int]) -> WeekEntry:
    """The week that a form says. A cell without name is empty, whatever boxes are ticked."""
    courses = site.ordered_courses()
    return WeekEntry(
        days=tuple(_read_day(data, weekday, courses) for weekday in weekdays),
        note=_text(data, "note"),
    )


def _read_day(data: QueryDict, weekday: int, courses: Iterable[Course]) -> DayEntry:
    dishes = []
    for course in courses:
        for rank in RANKS:
            prefix = prefix_of((weekday, course.value, rank))
            if name := _text(data, f"{prefix}-nom"):
                texture = data.get(f"{prefix}-texture", "")
                dishes.append(
                    DishEntry(
                        course=course.value,
                        rank=rank,
                        name=name,
                        allergens=tuple(data.getlist(f"{prefix}-allergenes")),
                        labels=tuple(data.getlist(f"{prefix}-labels")),
                        texture=texture if texture in Texture.values else "",
                    )
                )
    reason = _text(data, f"j{weekday}-ferme")
    return DayEntry(
        weekday, tuple(dishes), closed=bool(reason), reason=reason, special=_text(data, f"j{weekday}-special")
    )


def _text(data: QueryDict, name: str) -> str:
    """A line, with French spaces; NUL, which PostgreSQL refuses, is dropped."""
    return french.typography(" ".join(data.get(name, "").replace("\x00", "").split()))


def with_pasted(entry: WeekEntry, text: str, site: MenuSite, weekdays: Iterable[int]) -> tuple[WeekEntry, int]:
    """The week with a pasted table laid over it (one line per course, one column per day), and the cells filled.

    Empty cells of the table leave what is there; what does not fit in the grid is left out. A pasted name drops the
    allergens of the dish it replaces.
    """
    columns, courses = list(weekdays), site.ordered_courses()
    cells, filled = entry.cells(), 0
    for course, line in zip(courses, text.splitlines(), strict=False):
        for weekday, value in zip(columns, line.split("\t"), strict=False):
            name = french.typography(" ".join(value.replace("\x00", "").split()))
            current = cells.get((weekday, course.value, 1))
            if name and (current is None or current.name != name):
                cells[weekday, course.value, 1] = DishEntry(course.value, 1, name)
                filled += 1
    days = [
        replace(entry.day(weekday), dishes=tuple(dish for cell, dish in cells.items() if cell[0] == weekday))
        for weekday in columns
    ]
    return WeekEntry(tuple(days), entry.note), filled


def with_memory(
    entry: WeekEntry, before: WeekEntry, memory: Mapping[str, Remembered]
) -> tuple[WeekEntry, list[DishEntry]]:
    """The week with what is known of dishes newly named and left without any box, and those dishes.

    A dish that was already there under this name keeps what the agent chose, nothing included.
    """
    old, completed, days = before.cells(), [], []
    for day in entry.days:
        dishes = []
        for dish in day.dishes:
            known = memory.get(folded(dish.name)[:130])
            was = old.get((day.weekday, dish.course, dish.rank))
            fresh = was is None or folded(was.name) != folded(dish.name)
            if fresh and known and not dish.allergens and not dish.labels and (known.allergens or known.labels):
                dish = replace(dish, allergens=known.allergens, labels=known.labels)
                completed.append(dish)
            dishes.append(dish)
        days.append(replace(day, dishes=tuple(dishes)))
    return WeekEntry(tuple(days), entry.note), completed


@dataclass(frozen=True, slots=True)
class Box:
    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class GridDish:
    """A dish of the form: its controls, what they hold, what is wrong."""

    prefix: str
    label: str
    name: str
    rank: int
    allergens: list[Box]
    labels: list[Box]
    textures: list[Box]
    errors: list[str]

    @property
    def chosen(self) -> str:
        """“lait, gluten · bio”: what the closed box of details says."""
        parts = [
            ", ".join(box.label for box in boxes if box.checked)
            for boxes in (self.allergens, self.labels, self.textures)
        ]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class GridDay:
    """A column: its day, why the calendar closes it, what an agent wrote of it."""

    weekday: int
    day: date
    name: str
    automatic: str
    reason: str
    special: str
    errors: list[str]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A course across the days: for each, the dish served and its « ou »."""

    label: str
    cells: list[tuple[GridDish, GridDish]]


@dataclass(frozen=True, slots=True)
class Grid:
    days: list[GridDay]
    rows: list[GridRow]
    note: str
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Each error and the id of its control, "" for the week."""


def weekdays_of(site: MenuSite, entry: WeekEntry) -> list[int]:
    """The columns: served days, and days that hold something although they are not served any more."""
    return sorted({*site.weekdays, *(day.weekday for day in entry.days)})


def build_grid(
    site: MenuSite, week: Week, entry: WeekEntry, openings: Openings, errors: Iterable[CellError] = ()
) -> Grid:
    """The form of a week."""
    listed = list(errors)
    days = [_day(week, weekday, entry, openings, listed) for weekday in weekdays_of(site, entry)]
    cells = entry.cells()
    rows = [
        GridRow(
            str(course.label).capitalize(),
            [
                (
                    _dish(site, (day.weekday, course.value, 1), day.name, cells, listed),
                    _dish(site, (day.weekday, course.value, 2), day.name, cells, listed),
                )
                for day in days
            ],
        )
        for course in site.ordered_courses()
    ]
    return Grid(days, rows, entry.note, [(str(error), _control(error)) for error in listed])


def _control(error: CellError) -> str:
    if error.cell:
        return f"{prefix_of(error.cell)}-nom"
    return f"j{error.weekday}-special" if error.weekday else ""


def _day(week: Week, weekday: int, entry: WeekEntry, openings: Openings, errors: list[CellError]) -> GridDay:
    on, written = week.monday + timedelta(days=weekday - 1), entry.day(weekday)
    return GridDay(
        weekday=weekday,
        day=on,
        name=french.weekday_day_month(on),
        automatic=openings.why_closed(on),
        reason=written.reason,
        special=written.special,
        errors=[error.message for error in errors if error.weekday == weekday and error.cell is None],
    )


def _dish(site: MenuSite, cell: Cell, day: str, cells: Mapping[Cell, DishEntry], errors: list[CellError]) -> GridDish:
    dish = cells.get(cell)
    course = str(Course(cell[1]).label)
    return GridDish(
        prefix=prefix_of(cell),
        label=f"{day}, {course}{' au choix' if cell[2] == 2 else ''}",
        name=dish.name if dish else "",
        rank=cell[2],
        allergens=[Box(c.value, str(c.label), bool(dish) and c.value in dish.allergens) for c in Allergen],
        labels=[Box(c.value, str(c.label), bool(dish) and c.value in dish.labels) for c in Label],
        textures=[Box(c.value, str(c.label), bool(dish) and c.value == dish.texture) for c in Texture]
        if site.kind == SiteKind.NURSERY
        else [],
        errors=[error.message for error in errors if error.cell == cell],
    )
