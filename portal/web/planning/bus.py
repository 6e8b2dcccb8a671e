"""What the planning says of a bus: at which stop each child gets on and off on the days shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain import language
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.planning import Planning, Shown
from portal.domain.transport.queries import cell_stops
from portal.domain.transport.words import day_words


@dataclass(frozen=True, slots=True)
class ShownStops:
    """The days of a child that share their stops: « aller : Place du Marché à 11 h 35 », and which days."""

    words: str
    days: str
    to_choose: bool


@dataclass(frozen=True, slots=True)
class ChildBus:
    """A child on a line of the planning."""

    child: str
    label: str
    stops: Sequence[ShownStops]


def load_bus(planning: Planning) -> list[ChildBus]:
    """The stops of the bus days booked or being booked; one query when no line of the planning is a bus."""
    keys = {
        CellKey(row.child.pk, row.unit_id, day): row
        for row in planning.rows
        for day, cell in row.cells.items()
        if cell.shown in {Shown.BOOKED, Shown.ADDING}
    }
    found = cell_stops({key: row.enrolment_id for key, row in keys.items()}) if keys else {}
    grouped: dict[tuple[int, int], dict[tuple[str, bool], list[date]]] = {}
    rows = {}
    for key, row in keys.items():
        stops = found.get(key.code)
        if stops is None:
            continue
        rows[key.child_id, key.unit_id] = row
        group = grouped.setdefault((key.child_id, key.unit_id), {})
        group.setdefault((day_words(stops), stops.is_to_choose), []).append(key.day)
    return [
        ChildBus(
            rows[pair].child.first_name,
            rows[pair].label,
            [ShownStops(words, _days(days), to_choose) for (words, to_choose), days in group.items()],
        )
        for pair, group in grouped.items()
    ]


def stops_of_cell(code: str, enrolment: int) -> str:
    """The stops of one booked day in words; nothing when it is no bus."""
    stops = cell_stops({CellKey.parse(code): enrolment}).get(code)
    return day_words(stops) if stops is not None else ""


def _days(days: Sequence[date]) -> str:
    words = language.words()
    return words.join_words(words.weekday_day_month(day) for day in sorted(days))
