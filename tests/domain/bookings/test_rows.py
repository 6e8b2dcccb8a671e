"""The reads in SQL say what the models say."""

from datetime import date

import pytest

from portal.domain.activities.models import Unit
from portal.domain.activities.queries import offer_of
from portal.domain.bookings.rows import has_draft, read_units
from portal.domain.bookings.services import change_draft
from tests.domain.activities.factories import PlacePoolFactory, ServiceFactory, UnitFactory
from tests.domain.bookings.conftest import AT, MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def units():
    limited, unlimited = PlacePoolFactory(capacity=12), PlacePoolFactory(unlimited=True)
    alone = UnitFactory(pools=[unlimited, limited], activity__type__order=3, activity__order=2, order=1)
    own_rules = UnitFactory(
        activity__short_name="Périscolaire",
        name="Accueil du soir",
        booking_deadline={"kind": "days_before", "days": 2, "hour": "10:00"},
        cancellation_deadline={"kind": "never"},
    )
    sibling = UnitFactory(
        activity=own_rules.activity, code="matin", name="Accueil du matin", starts_at=None, ends_at=None
    )
    UnitFactory(activity__starts_on=date(2025, 9, 1))  # nobody asked for it
    return [alone, own_rules, sibling]


def test_units_are_read_as_the_models_give_them(units):
    read, _relations = read_units(activities=[units[0].activity_id], units=[units[1].pk])
    assert read.keys() == {unit.pk for unit in units}  # the siblings of a unit come with it
    for unit in Unit.objects.filter(pk__in=read).select_related("activity__service", "activity__type"):
        found, activity, service = read[unit.pk], unit.activity, unit.activity.service
        assert found.offer == offer_of(unit)
        assert (found.name, found.starts_at, found.ends_at) == (unit.name, unit.starts_at, unit.ends_at)
        assert (found.activity_name, found.activity_short_name) == (activity.name, activity.short_name)
        assert (found.shown, found.editable) == (activity.shown_on_planning, activity.editable_by_families)
        assert dict(found.pools) == {pool.pk: pool.capacity for pool in unit.pools.all()}
        assert (found.service.name, found.service.phone, found.service.email) == (
            service.name,
            service.phone,
            service.email,
        )
        assert found.rank == (activity.type.order, activity.order, activity.pk, unit.order, unit.pk)


def test_a_unit_alone_has_the_name_of_its_activity(units):
    read, _relations = read_units(activities=[], units=[unit.pk for unit in units])
    labels = [unit.label for unit in read.values()]
    assert sorted(labels) == ["Cantine", "Périscolaire, accueil du matin", "Périscolaire, accueil du soir"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Service Enfance", "le service Enfance"),
        ("Enfance", "le service Enfance"),
        ("Secrétariat de la mairie", "le service «\u00a0Secrétariat de la mairie\u00a0»"),
    ],
)
def test_a_service_is_named_in_a_sentence(units, name, words):
    service = ServiceFactory()
    service.name = name
    service.phone = ""
    service.save()
    read, _relations = read_units(activities=[units[0].activity_id], units=[])
    (unit,) = read.values()
    assert unit.service.named == unit.service.address == words


def test_whether_there_is_a_draft(home):
    assert not has_draft(family=home.family.pk)
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    assert has_draft(family=home.family.pk)
