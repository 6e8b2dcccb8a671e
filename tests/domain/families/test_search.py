"""Families found by whatever somebody says at the counter; fifty thousand of them are not read one by one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.families.models import Family
from portal.domain.families.search import families_matching, find_families, words_of
from tests.domain.families.factories import AdultFactory, ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.families.parents import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B49")]

FAMILIES = 50_000
BIG = {"families_family", "families_adult", "families_child", "families_familymember", "families_childlink"}


def numbers(asked: str) -> list[str]:
    return [found.family.number for found in find_families(asked, limit=25)]


@pytest.fixture
def besancenot() -> Family:
    family = FamilyFactory(number="3318", name="D’Étchéverry-Noël", contact_email="Foyer@Famille.example")
    family.phone = "06.39.98.12.34"
    family.save()
    MemberFactory(
        family=family,
        adult=AdultFactory(first_name="Zoé", last_name="Œuvrard", email="zoe@mail.example", phone="+33 6 39 98 56 78"),
    )
    MemberFactory(
        family=family, parent=True, adult=AdultFactory(first_name="Jean", last_name="Noël", work_phone="0033199001122")
    )
    ChildLinkFactory(family=family, child__first_name="Léa-Rose", child__last_name="Noël")
    FamilyFactory(number="9000", name="Autre")
    return family


@pytest.mark.parametrize(
    "asked",
    [
        "etcheverry",
        "D'ETCHEVERRY NOEL",
        "Étchéverry‑Noël",
        "léa-rose",
        "lea rose",
        "LEA ROSE noel",
        "oeuvrard",
        "Œuvrard zoé",
        "zoe œuv",
        "noel jean",
        "3318",
        "331",
        "foyer@famille.example",
        "ZOE@mail.example",
        "zoe@",
        "06 39 98 12 34",
        "0639981234",
        "06.39.98.12.34",
        "06-39-98-12-34",
        "+33639981234",
        "+33 (0)6 39 98 12 34",
        "0033 6 39 98 12 34",
        "06 39 98",
        "06 39 98 56 78",
        "01 99 00 11 22",
        "12/03/2018",
    ],
)
def test_finds_the_family_however_it_is_said(besancenot: Family, asked: str) -> None:
    assert numbers(asked) == ["3318"]


@pytest.mark.parametrize(
    "asked", ["xyz", "lea dupont", "06 39 98 00 00", "31/02/2018", "@", "'; --", "%", "!!!", "é" * 300, "q & w | !k"]
)
def test_finds_nothing_without_failing(besancenot: Family, asked: str) -> None:
    assert numbers(asked) == []


def test_the_likeliest_comes_first() -> None:
    child = FamilyFactory(number="5001", name="Zanetti")
    ChildLinkFactory(family=child, child__first_name="Martin", child__last_name="Zanetti")
    adult = FamilyFactory(number="5002", name="Zola")
    MemberFactory(family=adult, adult__first_name="Anne", adult__last_name="Martin")
    FamilyFactory(number="5003", name="Martineau")
    FamilyFactory(number="5004", name="Martin", archived_at=NOON)
    FamilyFactory(number="5005", name="Martin")

    assert numbers("martin") == ["5005", "5004", "5002", "5001", "5003"]
    assert numbers("5002")[0] == "5002"


def test_an_old_number_leads_to_the_dossier_that_replaced_it() -> None:
    kept = FamilyFactory(number="6001", name="Vuillet")
    FamilyFactory(number="6002", name="Vuillet", archived_at=NOON, merged_into=kept)

    (found,) = find_families("6002", limit=5)

    assert (found.family, found.former) == (kept, "6002")
    assert numbers("vuillet") == ["6001"]


def test_a_letter_alone_counts_only_by_itself() -> None:
    assert words_of("d'Angelo") == ["angelo"]
    assert words_of("d") == ["d"]


def crowd() -> None:
    """Fifty thousand families with an adult and a child each, of three thousand names."""
    name = "(ARRAY['Martin','Étienne','Noël','Petit','Girard'])[1 + n % 5] || 'x' || n % 3000"
    with connection.cursor() as cursor:
        cursor.execute(f"""
            INSERT INTO families_family (number, name, contact_email, phone, street, postcode, address_extra, town,
                regime, benefit_number, situation, shares_contact, created_at)
            SELECT (100000 + n)::text, {name}, 'f' || n || '@famille.example', '06' || lpad(n::text, 8, '0'), '', '',
                '', '', '', '', '', false, now() FROM generate_series(1, {FAMILIES}) n
        """)
        cursor.execute(f"""
            INSERT INTO families_adult
                (first_name, last_name, email, phone, other_phone, work_phone, profession, employer)
            SELECT 'Claire' || n % 400, {name}, 'a' || n || '@famille.example', '07' || lpad(n::text, 8, '0'), '', '',
                n::text, '' FROM generate_series(1, {FAMILIES}) n
        """)
        cursor.execute(f"""
            INSERT INTO families_child (first_name, last_name, birth_date)
            SELECT 'Hugo' || n % 400, {name}, date '2012-01-01' + n % 3000 FROM generate_series(1, {FAMILIES}) n
        """)
        # Joined below: planned for the handful of rows of the tests before, it would never end.
        for table in ("families_family", "families_adult", "families_child"):
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("""
            INSERT INTO families_familymember
                (family_id, adult_id, role, can_see, can_edit, can_book, can_pay, is_notified)
            SELECT f.id, a.id, 'holder', true, true, true, true, true FROM families_family f
            JOIN families_adult a ON a.profession = (f.number::int - 100000)::text
        """)
        cursor.execute("""
            INSERT INTO families_childlink
                (family_id, child_id, "order", can_see, can_edit, can_book, can_pay, is_notified)
            SELECT f.id, c.id, 0, true, true, true, true, true
            FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM families_family) f
            JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM families_child) c USING (n)
        """)
        for table in ("families_familymember", "families_childlink", "accounts_user"):
            cursor.execute(f"ANALYZE {table}")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def test_fifty_thousand_families_are_not_read_one_by_one() -> None:
    crowd()
    for asked in (
        "martinx55",
        "hugo77 noelx27",
        "104127",
        "06 00 00 41 27",
        "+33700004127",
        "06 00 00 41",
        "a4127@famille.example",
        "15/03/2014",
    ):
        rows = families_matching(asked)
        assert rows.exists(), asked
        plan = json.loads(rows.explain(format="json", analyze=True))[0]
        read = [node for node in nodes(plan["Plan"]) if node.get("Relation Name") in BIG]
        assert [node for node in read if node["Node Type"] == "Seq Scan"] == [], asked
    with CaptureQueriesContext(connection) as asked_of_it:
        assert len(find_families("martin", limit=25)) == 25
    assert len(asked_of_it) <= 2
