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

#: One family, member, child, schooling, enrolment and two bookings like those of the household, each time.
_CROWD = """
INSERT INTO families_family (number, name, contact_email, phone, street, postcode, town, created_at)
SELECT (100000 + n)::text, 'Foule', '', '', '', '', '', now() FROM generate_series(1, %(number)s) n;
INSERT INTO families_adult (first_name, last_name, email, phone)
SELECT 'A', 'Foule' || n, '', '' FROM generate_series(1, %(number)s) n;
INSERT INTO families_familymember (family_id, adult_id, role, can_see, can_edit, can_book, can_pay)
SELECT f.id, a.id, 'holder', true, true, true, true
FROM families_family f JOIN families_adult a ON a.last_name = 'Foule' || (f.number::int - 100000)
WHERE f.name = 'Foule';
INSERT INTO families_child (first_name, last_name, birth_date)
SELECT 'E', 'Foule' || n, '2018-03-12' FROM generate_series(1, %(number)s) n;
INSERT INTO families_childlink (family_id, child_id, "order", can_see, can_edit, can_book, can_pay)
SELECT f.id, c.id, 0, true, true, true, true
FROM families_family f JOIN families_child c ON c.last_name = 'Foule' || (f.number::int - 100000)
WHERE f.name = 'Foule';
INSERT INTO families_schooling (child_id, school_year, school_id, level)
SELECT c.id, 2026, (SELECT min(id) FROM families_school), 'CM1' FROM families_child c WHERE c.last_name LIKE 'Foule%%';
"""


def copy_row(table: str, row: int, **changed: str) -> str:
    """The SQL that copies a row for each child of the crowd, with some columns taken from elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'", [table]
        )
        columns = [name for (name,) in cursor.fetchall()]
    values = ", ".join(changed.get(name, f'model."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} model, families_child c "  # noqa: S608 - our own
        "JOIN families_childlink l ON l.child_id = c.id LEFT JOIN enrolments_enrolment e ON e.child_id = c.id "
        f"WHERE model.id = {row} AND c.last_name LIKE 'Foule%'"
    )


@pytest.fixture
def crowd() -> Household:
    home = household(priced_unit())
    bookings = book(home, [MONDAY])
    with connection.cursor() as cursor:
        cursor.execute(_CROWD, {"number": FAMILIES})
        enrolment = home.child.enrolments.get().pk
        cursor.execute(copy_row("enrolments_enrolment", enrolment, child_id="c.id", family_id="l.family_id"))
        cursor.execute(
            copy_row("bookings_booking", bookings[0].pk, child_id="c.id", family_id="l.family_id", enrolment_id="e.id")
        )
        for table in (*BIG, "families_family", "families_adult", "families_familymember"):
            cursor.execute(f"ANALYZE {table}")
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
