"""The planning's addresses and ticks, at random: never a breakdown."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.adversary import EDIT, HTMX, assert_standing
from tests.web.planning.reading import PLANNING, Reader
from tests.web.two_families import OPEN_DAY, Town

pytestmark = pytest.mark.django_db

FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KEYS = st.sampled_from(["mois", "jour", "vue", "par", "enfant", "activite", "modifier", "x"])
VALUES = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"\d{1,5}-\d{1,3}(-\d{1,3})?", fullmatch=True),
    st.sampled_from(["mois", "quinzaine", "semaine", "jour", "enfant", "activite", "1"]),
    st.integers().map(str),
    st.dates().map(str),
)
CELLS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"\d{0,20}\.\d{0,20}\.\d{4}-\d{2}-\d{2}(\.[01-]{0,40})?", fullmatch=True),
    st.builds("{}.{}.{}".format, st.integers(0, 400), st.integers(0, 400), st.dates()),
)


@FUZZ
@given(query=st.lists(st.tuples(KEYS, VALUES), max_size=5))
def test_no_address_of_the_planning_breaks(town: Town, parent: Reader, query: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        for url in (PLANNING, f"{PLANNING}?modifier=1"):
            data: dict[str, list[str]] = {}
            for key, value in query:
                data.setdefault(key, []).append(value)
            assert_standing(
                parent.client.get(url.split("?")[0], data | ({"modifier": ["1"]} if "?" in url else {})), 200, 404
            )
        transaction.set_rollback(True)


@FUZZ
@given(
    shown=st.lists(st.tuples(st.one_of(CELLS, st.none()), st.text("01-", max_size=35)), max_size=4),
    sent=st.lists(CELLS, max_size=4),
    button=st.tuples(st.sampled_from(["suite", "aller", "vue", "par", "seul", "cocher", "brouillon"]), VALUES),
    htmx=st.booleans(),
)
def test_no_tick_breaks(
    town: Town,
    parent: Reader,
    shown: list[tuple[str | None, str]],
    sent: list[str],
    button: tuple[str, str],
    htmx: bool,
) -> None:
    first = town.code(OPEN_DAY)
    form = {
        "montre": [f"{cell or first}.{marks}" for cell, marks in shown],
        "jour": [*sent, first],
        button[0]: button[1],
    }
    with transaction.atomic():
        url, headers = (f"{PLANNING}cocher/", HTMX) if htmx else (EDIT, {})
        assert_standing(parent.client.post(url, form, headers=headers), 200, 302, 400, 404)
        transaction.set_rollback(True)
