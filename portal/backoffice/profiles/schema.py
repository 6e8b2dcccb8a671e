"""How a table of a profile is declared and read: a dataclass whose fields carry their kind, help and example.

Reading never stops at the first mistake: a value that cannot be read is replaced by `INVALID`, which the checks
leave alone, and the mistake is noted where it stands.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from portal.backoffice.profiles.problems import Problem, suggestion


class _Invalid:
    """A value that could not be read; false, so that nobody takes it for an answer."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "INVALID"


INVALID: Final = _Invalid()
REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is in the file, to note what is wrong there. All places of a reading share `problems`."""

    folder: Path
    problems: list[Problem]
    file: str = "profile.toml"
    path: str = ""

    def at(self, segment: str) -> "Place":
        """One key further; a segment that begins with “[” sticks to what comes before."""
        joint = "" if not self.path or segment.startswith("[") else "."
        return dataclasses.replace(self, path=f"{self.path}{joint}{segment}")

    def refuse(self, reason: str, hint: str = "") -> Any:
        """Note a mistake here and give `INVALID`."""
        self.problems.append(Problem(self.file, self.path, reason, hint))
        return INVALID


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its name in the documentation, how it is read, and the table it holds, if any."""

    label: str
    read: Callable[[Any, Place], Any]
    table: "type[Table] | None" = None


@dataclass(frozen=True, slots=True)
class Key:
    """What is declared of a key."""

    name: str
    kind: Kind
    help: str
    example: str
    default: Any

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that was read. `path` is where it stands in the file."""

    path: str = ""


T = TypeVar("T", bound=Table)


def key(kind: Kind, help_text: str, *, example: str = "", default: Any = REQUIRED, name: str = "") -> Any:
    """Declare a key of a table: a dataclass field that knows its kind, its help and an example in TOML."""
    metadata = {"kind": kind, "help": help_text, "example": example, "default": default, "name": name}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    if isinstance(default, list | dict):
        return dataclasses.field(metadata=metadata, default_factory=lambda: default.copy())
    return dataclasses.field(metadata=metadata, default=default)


def keys_of(table: type[Table]) -> Iterator[Key]:
    """The keys that a table accepts, in the order of its declaration."""
    for field in dataclasses.fields(table):
        if "kind" in field.metadata:
            declared = field.metadata
            yield Key(
                name=declared["name"] or field.name,
                kind=declared["kind"],
                help=declared["help"],
                example=declared["example"],
                default=declared["default"],
            )


def read_table(table: type[T], data: Any, place: Place) -> T:
    """One table. Unknown keys, missing keys and values that cannot be read are noted; the rest is kept."""
    if not isinstance(data, dict):
        place.refuse(f"attend une table (des lignes « clé = valeur »), et non {shown(data)}.")
        data = {}
        known_only = True
    else:
        known_only = False
    declared = {found.name: found for found in keys_of(table)}
    names = {
        field.metadata["name"] or field.name: field.name
        for field in dataclasses.fields(table)
        if "kind" in field.metadata
    }
    for name in data:
        if name not in declared:
            place.at(name).refuse("clé inconnue.", suggestion(name, declared))
    values: dict[str, Any] = {"path": place.path}
    for name, found in declared.items():
        if name in data:
            values[names[name]] = found.kind.read(data[name], place.at(name))
        elif found.required:
            if not known_only:
                place.at(name).refuse("manque.", _example_of(found))
            values[names[name]] = INVALID
    return table(**values)


def _example_of(found: Key) -> str:
    if not found.example:
        return ""
    return f"Exemple : {found.example}" if found.kind.table else f"Exemple : {found.name} = {found.example}"


def label_of(item: Any, position: int) -> str:
    """How an element of a list is named in a message: by its code when it has one, else by its rank from 1."""
    if isinstance(item, dict):
        for name in ("code", "slug"):
            if isinstance(item.get(name), str) and item[name]:
                return f"[{item[name]}]"
    return f"[n°{position}]"


def shown(value: Any) -> str:
    """A value as its author wrote it, short."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        text = "une table"
    elif isinstance(value, list):
        text = "une liste"
    else:
        text = str(value)
    text = text if len(text) <= 60 else f"{text[:59]}…"
    return text if isinstance(value, dict | list) else f"« {text} »"


def valid(*values: Any) -> bool:
    """Whether all of them could be read."""
    return all(value is not INVALID for value in values)
