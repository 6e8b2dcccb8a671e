"""Which communes a postcode serves: a table that comes with the portal (data/README.md), no call to the outside."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "codes-postaux.csv"


@cache
def _towns() -> dict[str, tuple[str, ...]]:
    found = defaultdict(list)
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["code_postal"]].append(row["commune"])
    return {postcode: tuple(names) for postcode, names in found.items()}


def towns_of(postcode: str) -> tuple[str, ...]:
    """The communes that share this postcode, by name; none for a postcode that the table does not know."""
    return _towns().get(postcode, ())


def postcodes_of(departments: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Every postcode of these departments with its communes, in order. “2A” and “2B” begin with 20."""
    prefixes = tuple("20" if department in {"2A", "2B"} else department for department in departments)
    return {code: names for code, names in sorted(_towns().items()) if prefixes and code.startswith(prefixes)}
