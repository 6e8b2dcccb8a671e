"""What the proof of a booking says of a bus: the stop and its hour, as they were when it was validated."""

from collections.abc import Mapping

from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.notes import register_notes
from portal.domain.transport.queries import cell_stops
from portal.domain.transport.words import day_words


def connect() -> None:
    """Register."""
    register_notes(_notes)


def _notes(cells: Mapping[CellKey, int]) -> Mapping[str, str]:
    return {code: day_words(stops) for code, stops in cell_stops(cells).items()}
