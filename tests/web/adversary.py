"""What an adversary types and how their browser sends it; shared by the tests of bad input.

`raise_request_exception` is off: a breakdown is seen as the visitor would see it, a 500.
"""

from typing import Any

from django.test import Client
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.bookings.models import BasketLine
from tests.web.planning.reading import PLANNING, Page, Reader
from tests.web.two_families import Town

EDIT = f"{PLANNING}?mois=2026-09&modifier=1"
SAVE, VERIFY, VALIDATE = ("suite", "enregistrer"), ("suite", "verifier"), ("suite", "valider")
HTMX = {"HX-Request": "true"}

NUL = "Vu\x00illet"
LONG = "a" * 100_000
EMOJI = "👩‍👧‍👦🍝"
RIGHT_TO_LEFT = "\u202etelliuV\u202c"
TAGS = "<script>alert(1)</script>"
SQL = "'; DROP TABLE families_family; --"
NASTY = (
    NUL,
    LONG,
    EMOJI,
    RIGHT_TO_LEFT,
    TAGS,
    SQL,
    "%00",
    "${7*7}",
    "{{ 7*7 }}",
    "\r\nSet-Cookie: a=b",
    "9" * 5_000,
    "-1",
    " ",
)


def reader_of(user: User | None) -> Reader:
    """Somebody and a browser of their own."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return Reader(client)


def draft(town: Town) -> dict[str, str]:
    """The wishes of the first family's draft: code → wish."""
    lines = BasketLine.objects.filter(basket__family=town.family)
    return {f"{line.child_id}.{line.unit_id}.{line.day}": line.wish for line in lines}


def words(response: Any) -> str:
    return Page(response, "").text()


def assert_standing(response: Any, *statuses: int) -> None:
    """An answer, and not a breakdown; in French when it is a page."""
    assert response.status_code in (statuses or (200, 302, 400, 403, 404, 405, 410, 413, 422, 429))


def enrol_url(town: Town) -> str:
    return reverse("enrolments:enrol", args=[town.not_enrolled.pk, town.wednesday.activity.code])
