"""Fifty thousand families in twenty places: an agent of one place reads neither the others nor whole tables."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.families.models import Child, Family
from portal.domain.families.search import families_matching, find_families
from tests.backoffice.halves import limited
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, StructureFactory
from tests.domain.families.test_search import BIG, FAMILIES, crowd, nodes

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B43")]

TODAY = date(2026, 9, 15)


def test_an_agent_of_one_place_does_not_read_the_whole_town() -> None:
    crowd()
    activities = [ActivityFactory(structure=StructureFactory()) for _ in range(20)]
    keys, by = [activity.pk for activity in activities], UserFactory().pk
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO enrolments_enrolment
                (child_id, activity_id, family_id, state, starts_on, ends_on, requested_at, requested_by_id,
                 reason, answer)
            SELECT l.child_id, (%s::bigint[])[1 + (l.id * 7) %% 20], l.family_id, 'accepted', '2026-09-02',
                '2027-07-02', now(), %s, '', '' FROM families_childlink l
            """,
            [keys, by],
        )
        for table in ("enrolments_enrolment", "activities_activity"):
            cursor.execute(f"ANALYZE {table}")
    agent = limited(activities[3].structure)
    families, children = Family.objects.for_agent(agent, on=TODAY), Child.objects.for_agent(agent, on=TODAY)

    assert families.count() == children.count() == FAMILIES // 20
    seen = families.order_by("number")[7]
    for rows in (families, children, families.filter(number=seen.number), families_matching("x55") & families):
        plan = json.loads(rows.explain(format="json", analyze=True))[0]
        read = [node for node in nodes(plan["Plan"]) if node.get("Relation Name") in {*BIG, "enrolments_enrolment"}]
        assert [node for node in read if node["Node Type"] == "Seq Scan"] == []
    with CaptureQueriesContext(connection) as asked:
        assert [found.family for found in find_families(seen.number, limit=25, among=families)] == [seen]
        assert len(find_families("x55", limit=25, among=families)) <= 25
    assert len(asked) <= 4
