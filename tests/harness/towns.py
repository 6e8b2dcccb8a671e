"""A whole commune for tests that commit: loaded once in the session, copied back afterwards.

Loading a profile is thousands of statements and as many checks; copying its rows back is a second. Files stay in the
memory of the storages, which no test empties.
"""

from datetime import datetime

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from wagtail.models import Site

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from portal.web.public_content import changed
from tests.harness.flushing import Rows, copy_back, copy_rows, empty, filled

_SEQUENCES = """
    SELECT quote_ident(sequencename), last_value FROM pg_sequences
     WHERE schemaname = 'public' AND last_value IS NOT NULL
"""

_kept: dict[tuple[str, str, datetime, int], tuple[Rows, list[tuple[str, int]]]] = {}


def load_town(name: str, *, at: datetime, families: int = 0) -> None:
    """The database as loading this profile leaves it at that instant, for the address that PORTAL_BASE_URL gives.

    With `families`, so many sample families live there, their parents and agents with the passwords of the demo.
    For a test with transactions, on a database that holds the rows of the migrations only.
    """
    key = (name, settings.PORTAL_BASE_URL, at, families)
    if key in _kept:
        _copy_back(*_kept[key])
        return
    load_profile(profile=read_profile(COMMUNES_DIR / name), by=User.objects.system(), at=at)
    if families:
        with time_machine.travel(at, tick=True):
            call_command("sample_town", families=families, verbosity=0)
    _kept[key] = _copy()


def _copy() -> tuple[Rows, list[tuple[str, int]]]:
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        sequences = list(cursor.fetchall())
    return copy_rows(filled(_tables())), sequences


@transaction.atomic
def _copy_back(rows: Rows, sequences: list[tuple[str, int]]) -> None:
    empty(_tables())
    copy_back(rows)
    with connection.cursor() as cursor:
        calls = ", ".join("setval(%s, %s)" for _sequence in sequences)
        cursor.execute(f"SELECT {calls}", [value for pair in sequences for value in pair])
    # Content types keep their keys: what the process knows of them stays true.
    Site.clear_site_root_paths_cache()
    changed()


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True)
