"""The strict harness: real servers, no network, nothing undefined, nothing vague."""

import os
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connections
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from config import embedded
from tests.harness.browser import DESKTOP, LAUNCH_ARGUMENTS, PHONE, PageFactory, chromium_path, page_factory
from tests.harness.database import use_migrated_model
from tests.harness.flushing import only_what_was_filled
from tests.harness.leftovers import renditions_in_memory, the_same_page_is_printed_once
from tests.harness.network import only_this_machine
from tests.harness.queries import locks_name_their_target
from tests.harness.templates import undefined_variables_fail

# Playwright's synchronous interface leaves an event loop running in the main thread; nothing of ours is async.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# No timed assertion: a slow machine is not a failure.
hypothesis.settings.register_profile("portail", deadline=None)
hypothesis.settings.load_profile("portail")


def commits(item: pytest.Item) -> bool:
    """Whether the test writes for others to read, and leaves an emptied database behind it."""
    marker = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    return bool(marker and marker.kwargs.get("transaction")) or not {"transactional_db", "live_server"}.isdisjoint(
        fixtures
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Give tests that commit the rows of the migrations back (root page, site, locale); put these tests last.

    Said again once everybody has ordered: pytest brings the tests of one browser together, and a journey drawn
    in front of a test that does not commit would leave it no permission and no root page.
    """
    for item in filter(commits, items):
        marker = item.get_closest_marker("django_db")
        wanted: dict[str, Any] = (dict(marker.kwargs) if marker else {}) | {
            "transaction": True,
            "serialized_rollback": True,
        }
        item.add_marker(pytest.mark.django_db(**wanted), append=False)
    yield
    items.sort(key=commits)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Start PostgreSQL and Redis when the first test asks for the database, and not before."""
    embedded.ensure_started()
    with django_db_blocker.unblock():
        use_migrated_model()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Let every connection object know the rows of the migrations.

    Once Playwright's loop runs in this thread, Django gives it a connection of its own, which would not find the copy
    kept on the first one: a journey that follows database tests would begin without root page.
    """
    wrapper: Any = connections["default"]
    contents = getattr(wrapper, "_test_serialized_contents", None)
    if contents is not None:
        type(wrapper)._test_serialized_contents = contents


@pytest.fixture(scope="session", autouse=True)
def strict_harness(django_test_environment: None) -> Iterator[None]:
    """No network, no undefined variable in our templates, no lock without a target."""
    with (
        only_this_machine(),
        undefined_variables_fail(),
        locks_name_their_target(),
        only_what_was_filled(),
        renditions_in_memory(),
        the_same_page_is_printed_once(),
    ):
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Throttles and cached pages of one test are nothing to the next."""
    cache.clear()
    yield
    cache.clear()


# -- browser ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, deaf to the outside."""
    return browser_type_launch_args | {"executable_path": chromium_path(), "args": LAUNCH_ARGUMENTS}


@pytest.fixture(params=[PHONE, DESKTOP], ids=["390px", "1280px"])
def width(request: pytest.FixtureRequest) -> int:
    """The two widths of every journey."""
    return int(request.param)


@pytest.fixture
def javascript(width: int) -> bool:
    """With and without scripts: every journey works both ways, on a telephone with them, on a computer without.

    Two runs say what four did: what a width breaks and what the lack of scripts breaks are seldom the same thing. A
    journey where they are says its own pairs.
    """
    return width == PHONE


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[PageFactory]:
    """`open_page(width=390, javascript=False)`: a page on the live server, watched for errors until the end."""
    with page_factory(browser, live_server.url) as factory:
        yield factory


@pytest.fixture
def visitor(open_page: PageFactory, width: int, javascript: bool) -> Page:
    """One page for each width, one with scripts and one without: two runs of the test that asks for it."""
    return open_page(width=width, javascript=javascript)
