"""What a real server leaves to the garbage collector, and what need not be done twice in one session."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any
from unittest import mock

from portal.web.design import printer


@contextmanager
def renditions_in_memory() -> Iterator[None]:
    """Wagtail never closes the temporary file of a rendition: a buffer needs no closing."""

    def buffer(*args: Any, **options: Any) -> BytesIO:
        return BytesIO()

    with mock.patch("wagtail.images.models.SpooledTemporaryFile", buffer):
        yield


@contextmanager
def the_same_page_is_printed_once() -> Iterator[None]:
    """The documents of a profile are printed at each loading; the same HTML makes the same PDF."""
    remembered: Callable[..., Any] = cache(printer.print_page)
    with mock.patch.object(printer, "print_page", remembered):
        yield
