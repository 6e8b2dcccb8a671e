"""A whole commune for tests that commit: loaded once in the session, copied back afterwards."""

from datetime import datetime

import time_machine
from django.conf import settings
from django.core.management import call_command

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from tests.harness.kept import kept


def load_town(name: str, *, at: datetime, families: int = 0) -> None:
    """The database as loading this profile leaves it at that instant, for the address that PORTAL_BASE_URL gives.

    With `families`, so many sample families live there, their parents and agents with the passwords of the demo.
    For a test with transactions, on a database that holds the rows of the migrations only.
    """

    def build() -> None:
        load_profile(profile=read_profile(COMMUNES_DIR / name), by=User.objects.system(), at=at)
        if families:
            with time_machine.travel(at, tick=True):
                call_command("sample_town", families=families, verbosity=0)

    kept(("town", name, settings.PORTAL_BASE_URL, at, families), build)
