"""The keys of a profile as Markdown, for docs/profils.md: written from the declarations, so that they never part."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.backoffice.profiles.schema import Key, Table, keys_of
from portal.backoffice.profiles.sections import registered_sections
from portal.backoffice.profiles.tables import TownTable
from portal.domain.kernel.french import typography


@dataclass(frozen=True, slots=True)
class Described:
    """One table of profile.toml: its heading in the file, what it is for, its keys."""

    heading: str
    help: str
    required: bool
    keys: tuple[Key, ...]


def described_tables() -> Iterator[Described]:
    """Every table a profile may hold, those of the applications above included, each before what it holds."""
    for found in keys_of(TownTable):
        yield from _walk(found.name, found.kind.table, found.help, required=found.required, example=found.example)
    for section in registered_sections():
        yield from _walk(
            section.name, section.kind.table, section.help, required=section.required, example=section.example
        )


def _walk(
    path: str, table: type[Table] | None, help_text: str, *, required: bool, example: str
) -> Iterator[Described]:
    if table is None:
        return
    brackets = "[[{}]]" if example.startswith("[[") else "[{}]"
    yield Described(brackets.format(path), help_text, required, tuple(keys_of(table)))
    for found in keys_of(table):
        yield from _walk(
            f"{path}.{found.name}",
            found.kind.table,
            found.help,
            required=found.required,
            example=found.example,
        )


def reference() -> str:
    """The whole reference in Markdown: a section by table, a line by key."""
    return "\n\n".join(_section(described) for described in described_tables()) + "\n"


def _section(described: Described) -> str:
    lines = [f"### `{described.heading}`", ""]
    status = "Obligatoire." if described.required else "Facultatif."
    lines += [f"{typography(described.help)} {status}", ""]
    lines += ["| clé | valeur | sans réponse | exemple | ce qu’elle dit |", "|---|---|---|---|---|"]
    lines += [_row(found) for found in described.keys]
    return "\n".join(lines)


def _row(found: Key) -> str:
    # A value is code: only the words around it take French spaces.
    default = "obligatoire" if found.required else _default(found.default)
    cells = (
        f"`{found.name}`",
        found.kind.label,
        default,
        f"`{found.example}`" if found.example else "",
        typography(found.help),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(value: Any) -> str:
    if value is None or value == "" or value == ():
        return "rien"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"
