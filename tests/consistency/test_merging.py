"""Whatever points to a family, a child or an adult says how it follows when a duplicate is merged."""

from collections.abc import Iterator

import pytest
from django.apps import apps

from portal.domain.families.models import Adult, Child, Family
from portal.domain.merging.registry import Subject, followings

SUBJECTS = {Subject.FAMILY: Family, Subject.CHILD: Child, Subject.ADULT: Adult}
#: The journal tells what happened under the key of that day; it is read through the survivor, never rewritten.
NEVER_REWRITTEN = {"audit.AuditEntry.family_key", "audit.AuditEntry.acting_family_key"}


def columns_to(subject: Subject) -> Iterator[str]:
    """Every column that points there, hidden relations (`related_name="+"`) and bare keys included."""
    for field in SUBJECTS[subject]._meta.get_fields(include_hidden=True):
        if field.auto_created and not field.concrete:
            yield f"{field.related_model._meta.label}.{field.field.name}"
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if not column.is_relation and column.name.endswith(f"{subject}_key"):
                yield f"{model._meta.label}.{column.name}"


@pytest.mark.parametrize("subject", list(Subject))
def test_every_column_is_declared_once_and_exists(subject: Subject) -> None:
    declared = [relation for each in followings(subject) for relation in each.relations]

    assert sorted(declared) == sorted(set(columns_to(subject)) - NEVER_REWRITTEN)


def test_the_enumeration_sees_hidden_relations() -> None:
    """`related_objects` alone would miss them, and a merge would leave these rows behind."""
    assert "consents.Consent.family" in set(columns_to(Subject.FAMILY))
    assert "consents.Consent.family" not in {
        f"{relation.related_model._meta.label}.{relation.field.name}" for relation in Family._meta.related_objects
    }
