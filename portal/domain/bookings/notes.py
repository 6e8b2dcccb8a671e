"""What packages above know of a booked day and families should read on its receipt: the stop of a bus.

A package registers once, from its `AppConfig.ready`; `bookings` knows nothing else about it.
"""

from collections.abc import Callable, Mapping

from portal.domain.bookings.codes import CellKey

#: From the cells just booked, each with the enrolment that carries it, to a short French sentence by code of cell.
NotesOf = Callable[[Mapping[CellKey, int]], Mapping[str, str]]

_notes: list[NotesOf] = []


def register_notes(notes: NotesOf) -> None:
    """Add what a package says of booked days. Registering the same function again replaces it."""
    if notes not in _notes:
        _notes.append(notes)


def notes_of(cells: Mapping[CellKey, int]) -> dict[str, str]:
    """The sentences of every package about these cells, joined, by code of cell; nothing is asked about nothing."""
    found: dict[str, str] = {}
    if not cells:
        return found
    for each in _notes:
        for code, sentence in each(cells).items():
            found[code] = ", ".join(filter(None, (found.get(code, ""), sentence)))
    return found
