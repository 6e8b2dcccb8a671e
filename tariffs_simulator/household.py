"""What a signed-in person's family brings: its quotient, its children, their week. Nothing of it enters an address.

The simulator does not know families. The setting `SIMULATOR_FAMILIES` names, by a dotted path, an object that does.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from portal.domain.tariffs.engine import Quotient


class HouseholdChild(Protocol):
    """A child, with the ISO weekdays of its regular week by key of unit."""

    @property
    def first_name(self) -> str: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def level(self) -> str: ...
    @property
    def school(self) -> str: ...
    @property
    def days(self) -> Mapping[int, frozenset[int]]: ...


class Household(Protocol):
    """The family of whoever asks. The eldest child comes first, as in what a grid calls a rank."""

    @property
    def children(self) -> Sequence[HouseholdChild]: ...

    def quotient(self, day: date) -> Quotient:
        """The quotient of that day, with its source and validity."""
        ...


class Families(Protocol):
    """Who knows families and schools."""

    def household(self, request: HttpRequest) -> Household | None:
        """The family of the signed-in person; None for a visitor, an agent, an account without family."""
        ...

    def schools(self) -> Mapping[str, str]:
        """The name of each school by its code."""
        ...


def families() -> Families:
    """Who answers here."""
    return cast(Families, import_string(settings.SIMULATOR_FAMILIES))
