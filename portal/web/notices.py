"""What every page says under its header: an exceptional closing, an announced maintenance.

The applications above register where notices come from; the layout draws them in the order of the sources.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class PageNotice:
    """One notice: `kind` is "", "wait", "bad" or "good" as in components/notice.html; a link is optional.

    `written` says that an agent wrote its title and text, in French whatever the page; the link's words are ours.
    """

    title: str
    text: str = ""
    kind: str = "wait"
    url: str = ""
    label: str = ""
    written: bool = False


NoticeProvider = Callable[[HttpRequest], Iterable[PageNotice]]


@dataclass(frozen=True, slots=True)
class ToRead:
    """Something important on top of the family's home until it is read: a row of components/tasks.html."""

    label: str
    url: str
    note: str = ""
    icon: str = "news"
    kind: str = "wait"
    unread: bool = True


ReadingProvider = Callable[[HttpRequest], Iterable[ToRead]]

_providers: list[NoticeProvider] = []
_reading_providers: list[ReadingProvider] = []


def register_notice_provider(provider: NoticeProvider) -> NoticeProvider:
    """Add a source of notices. It is asked on every page: it answers from a cache. Twice the same has no effect."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def page_notices(request: HttpRequest) -> tuple[PageNotice, ...]:
    """The notices that this page must show."""
    return tuple(notice for provider in _providers for notice in provider(request))


def register_reading_provider(provider: ReadingProvider) -> ReadingProvider:
    """Add a source of what a family must read first. Asked on the family's home only. Twice the same has no effect."""
    if provider not in _reading_providers:
        _reading_providers.append(provider)
    return provider


def things_to_read(request: HttpRequest) -> tuple[ToRead, ...]:
    """What the family in whose name the page is asked must read first."""
    return tuple(thing for provider in _reading_providers for thing in provider(request))
