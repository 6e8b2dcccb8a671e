"""A real browser that reports what a careful visitor would notice."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

if TYPE_CHECKING:
    from portal.domain.accounts.models import User

PHONE, DESKTOP = 390, 1280
HEIGHTS = {PHONE: 844, DESKTOP: 900}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

PageFactory = Callable[..., Page]


def chromium_path() -> str:
    """The system's Chromium, or the one named by CHROMIUM; a missing one fails, it is never skipped."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found:
        raise RuntimeError("Chromium manque : « sudo apt-get install chromium », ou CHROMIUM=/chemin/du/programme.")
    return found


class Watch:
    """What went wrong in a page: script errors, refused content, foreign addresses, server errors."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.complaints: list[str] = []

    def over(self, page: Page) -> None:
        """Listen to one page."""
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("console", self._hear)
        page.on("request", self._see)
        page.on(
            "response",
            lambda response: (
                self.complaints.append(f"{response.status} {response.url}") if response.status >= 500 else None
            ),
        )

    def _hear(self, message: ConsoleMessage) -> None:
        # A refused form answers 422 or 404: the browser says so in its console, and it is no fault.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.base_url, "data:", "blob:", "about:")):
            self.complaints.append(f"foreign address: {request.url}")


@contextmanager
def page_factory(browser: Browser, base_url: str) -> Iterator[PageFactory]:
    """Give a function that opens pages, each in a context of its own; complain at the end about all of them."""
    watch = Watch(base_url)
    contexts: list[BrowserContext] = []

    def open_page(*, width: int = DESKTOP, javascript: bool = True, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            java_script_enabled=javascript,
            base_url=base_url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.complaints, "\n".join(watch.complaints)


def window_width(page: Page) -> int:
    """The width of the window, in points: a page of `page_factory` always has one."""
    size = page.viewport_size
    assert size is not None
    return size["width"]


def nothing_scrolls_sideways(page: Page) -> None:
    """The page fits its window. Asked through a locator: of the page that arrived, not of the one that leaves."""
    width = page.locator("html").evaluate("root => root.scrollWidth")
    assert width <= window_width(page), f"{page.url} scrolls sideways at {window_width(page)}"


def let_in(page: Page, user: "User", url: str) -> Page:
    """Sign this user in, in the browser of this page, without the form; `url` is that of the live server."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    return page
