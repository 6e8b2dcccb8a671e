"""Paper made by a door: the agents' door prints as the families' does, without knowing it.

`portal.web` says how a template becomes a PDF, once, at start-up.
"""

from collections.abc import Callable, Mapping
from typing import Any

Printer = Callable[[str, dict[str, Any]], bytes]

_printer: list[Printer] = []


class NoPrinterError(LookupError):
    """A mistake of ours: nobody said how to print."""


def register_printer(printer: Printer) -> None:
    """Say how a template that extends layout/pdf.html becomes a PDF. The last one counts."""
    _printer[:] = [printer]


def print_template(template: str, context: Mapping[str, Any]) -> bytes:
    """The PDF of a template, in French. Raises NoPrinterError."""
    if not _printer:
        raise NoPrinterError(template)
    return _printer[0](template, dict(context))
