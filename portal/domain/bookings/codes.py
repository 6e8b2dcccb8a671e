"""The name of a cell: one child, one unit, one day, as forms send it ("12.7.2026-09-07")."""

import re
from datetime import date
from typing import NamedTuple, Self

_CODE = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})\.([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)


class UnknownCell(LookupError):
    """There is no such cell for this person: a garbled code, or a child or unit out of their reach.

    Doors answer 404, the same for “absent” and “not yours”.
    """


class CellKey(NamedTuple):
    """One child, one unit, one day."""

    child_id: int
    unit_id: int
    day: date

    @property
    def code(self) -> str:
        """The value a form sends: "child.unit.2026-09-07"."""
        return f"{self.child_id}.{self.unit_id}.{self.day.isoformat()}"

    @classmethod
    def parse(cls, code: str) -> Self:
        """The cell that `code` names. Raises UnknownCell on anything that no page of ours writes."""
        found = _CODE.fullmatch(code)
        if found is None:
            raise UnknownCell(code)
        try:
            day = date.fromisoformat(found[3])
        except ValueError as error:
            raise UnknownCell(code) from error
        return cls(int(found[1]), int(found[2]), day)
