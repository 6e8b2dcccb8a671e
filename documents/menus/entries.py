"""A week of menus as values, the one form between the grid, the CSV, a copy, the profile and the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from documents.menus.enums import Allergen, Course, Label
from documents.menus.models.menu import MenuDay, MenuWeek, in_european_order

Cell = tuple[int, str, int]
"""Where a dish stands in a week: ISO weekday, course, rank."""


@dataclass(frozen=True, slots=True)
class DishEntry:
    """A dish. Allergens and labels are in the order of their list, each once."""

    course: str
    rank: int
    name: str
    allergens: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    texture: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "allergens", tuple(in_european_order(self.allergens, Allergen)))
        object.__setattr__(self, "labels", tuple(in_european_order(self.labels, Label)))

    @property
    def place(self) -> tuple[int, int]:
        return Course.values.index(self.course), self.rank


@dataclass(frozen=True, slots=True)
class DayEntry:
    """A day: closed by hand with its reason, or its dishes in the order of the meal."""

    weekday: int
    dishes: tuple[DishEntry, ...] = ()
    closed: bool = False
    reason: str = ""
    special: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "dishes", tuple(sorted(self.dishes, key=lambda dish: dish.place)))

    @property
    def empty(self) -> bool:
        return not (self.dishes or self.closed or self.special)


@dataclass(frozen=True, slots=True)
class WeekEntry:
    """The days of a week in order; days without anything are left out, so that equal weeks compare equal."""

    days: tuple[DayEntry, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        kept = sorted((day for day in self.days if not day.empty), key=lambda day: day.weekday)
        object.__setattr__(self, "days", tuple(kept))

    def day(self, weekday: int) -> DayEntry:
        """The day of that ISO weekday, empty when nothing is written."""
        return next((day for day in self.days if day.weekday == weekday), DayEntry(weekday))

    def dishes(self) -> list[DishEntry]:
        return [dish for day in self.days for dish in day.dishes]

    def cells(self) -> dict[Cell, DishEntry]:
        return {(day.weekday, dish.course, dish.rank): dish for day in self.days for dish in day.dishes}


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that two versions of a week write differently; an empty text is an empty cell."""

    cell: Cell
    mine: str
    theirs: str


def differences(mine: WeekEntry, theirs: WeekEntry) -> list[Difference]:
    """The cells that differ, in the order of the week. Allergens, labels and textures count."""
    here, there = mine.cells(), theirs.cells()
    places = sorted({*here, *there}, key=lambda cell: (cell[0], Course.values.index(cell[1]), cell[2]))
    return [
        Difference(place, _said(here.get(place)), _said(there.get(place)))
        for place in places
        if here.get(place) != there.get(place)
    ]


def _said(dish: DishEntry | None) -> str:
    if dish is None:
        return ""
    words = [str(Allergen(value).label) for value in dish.allergens] + [
        str(Label(value).label) for value in dish.labels
    ]
    return f"{dish.name} ({', '.join(words)})" if words else dish.name


def entry_of(week: MenuWeek, days: Iterable[MenuDay]) -> WeekEntry:
    """What the database holds of a week. `days` carry their dishes (`prefetch_related("dishes")`)."""
    return WeekEntry(
        days=tuple(
            DayEntry(
                weekday=day.weekday,
                closed=day.closed,
                reason=day.reason,
                special=day.special,
                dishes=tuple(
                    DishEntry(
                        course=dish.course,
                        rank=dish.rank,
                        name=dish.name,
                        allergens=tuple(dish.allergens),
                        labels=tuple(dish.labels),
                        texture=dish.texture,
                    )
                    for dish in day.dishes.all()
                ),
            )
            for day in days
        ),
        note=week.note,
    )


def as_data(entry: WeekEntry) -> dict[str, Any]:
    """For the journal: each day in one line."""
    said: dict[str, Any] = {}
    for day in entry.days:
        words = [
            day.special,
            f"fermé\u00a0: {day.reason}" if day.closed else "",
            *(_said(dish) for dish in day.dishes),
        ]
        said[f"jour {day.weekday}"] = [word for word in words if word]
    return said | ({"note": entry.note} if entry.note else {})


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the last entry of a dish said of it."""

    name: str
    allergens: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The dishes already entered, by compared name."""

    by_key: Mapping[str, Remembered] = field(default_factory=dict)
