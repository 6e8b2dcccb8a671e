"""The parts of a profile that belong to applications above this one: pages, news…

They register their table, their checks and how they are stored; the loader knows nothing else about them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.backoffice.profiles.schema import Kind, Place

if TYPE_CHECKING:
    from portal.backoffice.profiles.loader import Loading
    from portal.backoffice.profiles.source import Profile


@dataclass(frozen=True, slots=True)
class Section:
    """One top-level key of profile.toml.

    `check` notes what is wrong with the value among the rest of the profile, `load` stores it, in `order`; neither
    is called when the key is left out of the file.
    """

    name: str
    kind: Kind
    help: str
    example: str
    order: int
    check: Callable[["Profile", Any, Place], None]
    load: Callable[["Loading", Any], None]
    required: bool = False


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Add a part to what profiles may hold. Registering the same name again replaces it."""
    _sections[section.name] = section


def registered_sections() -> tuple[Section, ...]:
    """Every part, in the order of loading."""
    return tuple(sorted(_sections.values(), key=lambda section: (section.order, section.name)))
