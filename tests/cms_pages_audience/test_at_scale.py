"""What may I read, asked by one family of twenty thousand: the rows of the others are not looked at."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection

from news.models import NewsPage
from tests.domain.bookings.factories import Household, book, household, priced_unit
from tests.news.factories import make_index, make_item

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B23")]

ON = date(2026, 9, 8)
MONDAY = date(2026, 9, 14)
FAMILIES = 20_000
BIG = ("families_child", "families_childlink", "families_schooling", "enrolments_enrolment", "bookings_booking")


def copy_row(table: str, row: int, rows: str, **changed: str) -> None:
    """Copy a row once for each of `rows` (what follows FROM), with some columns taken from there.

    What the table asks besides comes from the row itself: a new column changes nothing here. The table's statistics
    are taken again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'", [table]
        )
        columns = [name for (name,) in cursor.fetchall()]
        values = ", ".join(changed.get(name, f'model."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} "  # noqa: S608  # our own tables and words
            f"FROM {table} model, {rows} WHERE model.id = {row}"
        )
        # The next copy joins these rows: planned for the handful an earlier test had left, it never ends.
        cursor.execute(f"ANALYZE {table}")


@pytest.fixture
def crowd() -> Household:
    """One family, member, child, schooling, enrolment and booking like those of the household, each time."""
    home = household(priced_unit())
    booking = book(home, [MONDAY])[0]
    numbers = f"generate_series(1, {FAMILIES}) n"
    copy_row("families_family", home.family.pk, numbers, number="(100000 + n)::text", name="'Foule'")
    copy_row("families_adult", home.parent.adult.pk, numbers, user_id="NULL", last_name="'Foule' || n")
    copy_row("families_child", home.child.pk, numbers, last_name="'Foule' || n")
    # The n-th family, its adult and its child know each other by their number.
    people = (
        "(SELECT f.id family, a.id adult, c.id child FROM families_family f "
        "JOIN families_adult a ON a.last_name = 'Foule' || (f.number::int - 100000) "
        "JOIN families_child c ON c.last_name = a.last_name WHERE f.name = 'Foule') crowd"
    )
    family, child = {"family_id": "crowd.family"}, {"child_id": "crowd.child"}
    member = home.family.members.get()
    copy_row("families_familymember", member.pk, people, **family, adult_id="crowd.adult")
    copy_row("families_childlink", home.child.links.get().pk, people, **family, **child)
    copy_row("families_schooling", home.child.schoolings.get().pk, people, **child)
    enrolment = home.child.enrolments.get().pk
    copy_row("enrolments_enrolment", enrolment, people, **family, **child)
    enrolled = f"{people} JOIN enrolments_enrolment e ON e.child_id = crowd.child"
    copy_row("bookings_booking", booking.pk, enrolled, **family, **child, enrolment_id="e.id")
    return home


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def test_the_plan_does_not_read_the_other_families(crowd: Household) -> None:
    index = make_index()
    activity = crowd.unit.activity
    for rank in range(20):
        make_item(index, f"cantine-{rank}", published=False, activities=[activity], audience_levels=["CM1"])
        make_item(index, f"jour-{rank}", published=False, activities=[activity], present_from=MONDAY)
    readable = NewsPage.objects.readable_by(crowd.parent, on=ON)
    assert readable.count() == 40

    plan = json.loads(readable.explain(format="json", analyze=True))[0]
    for node in nodes(plan["Plan"]):
        if node.get("Relation Name") in BIG:
            read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            assert node["Node Type"] != "Seq Scan", node
            assert read < 1_000, node
