"""What a form of check boxes says: the difference between what was shown and what was sent.

A browser sends only the boxes that are ticked. So the form says beside them, in one hidden field for each line of the
planning, which boxes it showed and how they stood (ADR 0011):

    montre = "12.3.2026-09-07.10--1"     child 12, unit 3, from 7 September: ticked, free, no box, no box, ticked
    jour   = "12.3.2026-09-07"           a box sent ticked

The server applies the difference only: shown ticked and now absent is a removal, shown free and now sent is an
addition. A cell that nobody touched on this page is left as it is, whoever changed it meanwhile. Nothing else is read
from the browser: neither price, nor right, nor state.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import SuspiciousOperation

SHOWN_FIELD = "montre"
TICKED_FIELD = "jour"

#: No page of ours shows a day outside these years, whatever its address.
FIRST_YEAR, LAST_YEAR = 2000, 2100
#: Far more than a page of ours ever shows: eight children in ten activities are two thousand in a month.
MOST_BOXES = 20_000

_SHOWN = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{4}-\d{2}-\d{2})\.([01-]{1,400})")


class GarbledTicks(SuspiciousOperation):
    """The form was not one of ours: answered by the page of error 400."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """The codes whose box was ticked and those whose box was unticked on the page."""

    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


def encode_boxes(boxes: Mapping[str, bool]) -> list[str]:
    """The hidden values that say which boxes are shown and how they stand: code → ticked, one value a line."""
    lines: dict[str, dict[date, bool]] = {}
    for code, ticked in boxes.items():
        line, _, day = code.rpartition(".")
        lines.setdefault(line, {})[date.fromisoformat(day)] = ticked
    return [_encode_line(line, days) for line, days in lines.items()]


def _encode_line(line: str, days: Mapping[date, bool]) -> str:
    first, last = min(days), max(days)
    marks = "".join(
        {True: "1", False: "0", None: "-"}[days.get(first + timedelta(days=offset))]
        for offset in range((last - first).days + 1)
    )
    return f"{line}.{first.isoformat()}.{marks}"


def decode_boxes(values: Iterable[str]) -> dict[str, bool]:
    """The boxes that the page showed: code → ticked. Raises GarbledTicks on a value that no page of ours writes."""
    boxes: dict[str, bool] = {}
    read = 0
    for value in values:
        found = _SHOWN.fullmatch(value)
        if found is None:
            raise GarbledTicks("unreadable line")
        try:
            first = date.fromisoformat(found[3])
            days = [first + timedelta(days=offset) for offset in range(len(found[4]))]
        except (ValueError, OverflowError) as error:
            raise GarbledTicks("unreadable day") from error
        if not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise GarbledTicks("absurd day")
        read += len(days)
        if read > MOST_BOXES:
            raise GarbledTicks("too many boxes")
        for day, mark in zip(days, found[4], strict=True):
            if mark != "-":
                boxes[f"{found[1]}.{found[2]}.{day.isoformat()}"] = mark == "1"
    return boxes


def differences(shown: Mapping[str, bool], ticked: Collection[str]) -> Ticks:
    """What the person changed. A code that the page did not show is not theirs to send: it is ignored."""
    sent = set(ticked)
    return Ticks(
        add=frozenset(code for code, was_ticked in shown.items() if not was_ticked and code in sent),
        remove=frozenset(code for code, was_ticked in shown.items() if was_ticked and code not in sent),
    )


def line_of(code: str) -> str:
    """The line of a code: "12.3" for "12.3.2026-09-07"."""
    return code.rpartition(".")[0]
