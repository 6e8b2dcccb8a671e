"""The strict harness is strict: each of its refusals, provoked once."""

import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template, engines
from wagtail.models import Locale, Page, PageLogEntry, Site

from config.places import TEMPLATES_DIR
from tests.conftest import commits
from tests.harness.network import NetworkForbiddenError
from tests.harness.queries import UnnamedLockError
from tests.harness.races import run_together, successes
from tests.harness.templates import UndefinedVariableError


def template_of(folder: Path, source: str) -> Template:
    """A template that claims to come from a file of `folder`."""
    made = engines["django"].engine.from_string(source)
    for node in made.nodelist.get_nodes_by_type(object):
        node.origin.name = str(folder / "essai.html")
    return made


def ours(source: str) -> Template:
    return template_of(TEMPLATES_DIR, source)


def test_no_test_reaches_the_network() -> None:
    with pytest.raises(NetworkForbiddenError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkForbiddenError):
        urllib.request.urlopen("http://portail.example/", timeout=1)


@pytest.mark.parametrize("source", ["{{ unknown }}", "{{ known.unknown }}", "{{ unknown|upper }}"])
def test_a_variable_that_nobody_gives_fails(source: str) -> None:
    with pytest.raises(UndefinedVariableError, match=r"unknown.*essai\.html"):
        ours(source).render(Context({"known": {}}))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('{{ unknown|default:"rien" }}', "rien"),
        ("{% if unknown %}oui{% else %}non{% endif %}", "non"),
        ("{{ known }}", "valeur"),
        ('{% with given=unknown|default:"" %}[{{ given }}]{% endwith %}', "[]"),
    ],
)
def test_an_option_may_be_left_out_by_saying_so(source: str, shown: str) -> None:
    assert ours(source).render(Context({"known": "valeur"})) == shown


def test_templates_of_others_keep_their_habits() -> None:
    assert template_of(Path("/usr/share/others"), "[{{ unknown }}]").render(Context()) == "[]"


@pytest.mark.django_db
def test_a_lock_over_a_join_names_its_rows() -> None:
    entries = PageLogEntry.objects.select_related("page").select_for_update()
    with pytest.raises(UnnamedLockError, match="wagtailcore_page"):
        list(entries)

    assert list(PageLogEntry.objects.select_related("page").select_for_update(of=("self",))) == []
    assert list(PageLogEntry.objects.select_for_update()) == []


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_migrations_wrote_survives_tests_that_commit(turn: int) -> None:
    assert Locale.objects.count() == 1
    assert Site.objects.filter(root_page__isnull=False).count() == 1
    Page.objects.all().delete()


@pytest.mark.parametrize("turn", [1, 2])
def test_the_cache_is_empty(turn: int) -> None:
    assert cache.get("seen") is None
    cache.set("seen", turn)


@pytest.mark.django_db(transaction=True)
def test_a_race_has_real_connections() -> None:
    def backend() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    def refuse() -> None:
        raise ValueError("refused")

    results = run_together(backend, backend, refuse)

    assert len(set(successes(results))) == 2
    assert isinstance(results[2], ValueError)


def test_tests_run_on_a_database_of_their_own() -> None:
    assert connection.settings_dict["NAME"].startswith("test_portail")


def test_tests_that_commit_come_last(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    assert [commits(item) for item in items] == sorted(commits(item) for item in items)


def test_a_test_that_changes_debug_leaves_the_next_ones_as_strict(settings: Any) -> None:
    settings.DEBUG = not settings.DEBUG
    with pytest.raises(UndefinedVariableError):
        ours("{{ unknown }}").render(Context({}))
