"""What every page says under its header: an exceptional closing, an announced maintenance.

The applications above register where notices come from; the layout draws them in the order of the sources.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class PageNotice:
    """One notice: `kind` is "", "wait", "bad" or "good" as in components/notice.html; a link is optional."""

    title: str
    text: str = ""
    kind: str = "wait"
    url: str = ""
    label: str = ""


NoticeProvider = Callable[[HttpRequest], Iterable[PageNotice]]

_providers: list[NoticeProvider] = []


def register_notice_provider(provider: NoticeProvider) -> NoticeProvider:
    """Add a source of notices. It is asked on every page: it answers from a cache. Twice the same has no effect."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def page_notices(request: HttpRequest) -> tuple[PageNotice, ...]:
    """The notices that this page must show."""
    return tuple(notice for provider in _providers for notice in provider(request))
