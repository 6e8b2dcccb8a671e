"""What agents say of units: refused when it contradicts itself or what is booked; the wall of the database."""

import pytest
from django.db import IntegrityError, transaction

from portal.domain.activities.enums import RelationKind
from portal.domain.activities.models import UnitRelation
from portal.domain.activities.relations import Edge
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings import merging
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.bookings.relating import RelationsRefused, relations_of, set_relations, set_unit_relations
from portal.domain.merging.registry import Fate
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import UnitRelationFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def units():
    return [priced_unit(activity__short_name=name) for name in ("Matin", "Midi", "Soir")]


def tie(unit, *, together=(), excludes=(), needs=()):
    return set_unit_relations(
        unit=unit,
        together=[other.pk for other in together],
        excludes=[other.pk for other in excludes],
        needs=[other.pk for other in needs],
        by=UserFactory(),
        at=AT,
    )


def reason(**relations):
    with pytest.raises(RelationsRefused) as refused:
        tie(**relations)
    return refused.value.field, str(refused.value).replace("\u00a0", " ")


def test_relations_are_read_from_both_sides_and_written_in_the_journal(units):
    one, two, three = units
    assert tie(one, together=[two], needs=[three]) == 2
    assert relations_of(two).together == {one.pk}
    assert relations_of(three).needed_by == {one.pk}
    assert tie(one, together=[two], needs=[three]) == 0
    # What needs a unit is not its own to say.
    assert tie(three) == 0
    assert tie(one, excludes=[two]) == 3
    assert UnitRelation.objects.get().kind == RelationKind.EXCLUSIVE
    assert AuditEntry.objects.filter(verb="set_unit_relations").count() == 2


def test_relations_that_contradict_themselves_are_refused(units):
    one, two, three = units
    tie(one, needs=[two])
    tie(two, needs=[three])
    assert reason(unit=three, needs=[one]) == (
        "needs",
        "Ces unités ont besoin l’une de l’autre en rond : « Matin, Repas », « Midi, Repas » et « Soir, Repas ».",
    )
    assert reason(unit=one, together=[three], excludes=[three])[1] == (
        "« Matin, Repas » et « Soir, Repas » ont déjà un autre lien : gardez-en un seul."
    )
    assert reason(unit=two, needs=[three], together=[one])[1].endswith("ont déjà un autre lien : gardez-en un seul.")
    assert reason(unit=one, together=[one])[1] == "Une unité n’a pas de lien avec elle-même."
    assert reason(unit=one, needs=[two], excludes=[three])[1] == (
        "Plus personne ne pourrait réserver « Matin, Repas » : tout ce dont elle a besoin l’exclut."
    )


def test_relations_that_bookings_to_come_contradict_are_refused_with_the_days(units):
    one, two, three = units
    home = household(*units)
    book(home, [MONDAY, TUESDAY], unit=0)
    book(home, [MONDAY], unit=1)
    assert reason(unit=one, excludes=[two]) == (
        "excludes",
        "1 réservation à venir contredit ce lien, « Matin, Repas » et « Midi, Repas » : les deux le même jour, "
        "le lundi 14 septembre 2026. Changez-les d’abord avec les familles.",
    )
    assert "l’une sans l’autre, le mardi 15 septembre 2026" in reason(unit=one, together=[two])[1]
    assert "2 réservations à venir contredisent ce lien" in reason(unit=one, needs=[three])[1]
    assert tie(two, needs=[one]) == 1
    assert not UnitRelation.objects.exclude(unit=two).exists()


def test_several_units_at_once_keep_what_is_not_named(units):
    one, two, three = units
    edges = [Edge(RelationKind.EXCLUSIVE, two.pk, one.pk)]
    assert set_relations(units=[one.pk, two.pk], edges=edges, by=UserFactory(), at=AT) == 1
    assert set_relations(units=[one.pk, two.pk], edges=edges, by=UserFactory(), at=AT) == 0
    tie(three, needs=[one])
    assert relations_of(one).excludes == {two.pk}


@pytest.mark.exigence("P34")
def test_the_database_refuses_two_that_exclude_each_other_whoever_writes(units):
    one, two, three = units
    home = household(*units)
    UnitRelationFactory(unit=one, other=two, exclusive=True)
    UnitRelationFactory(unit=three, other=two, exclusive=True)
    book(home, [MONDAY], unit=0)
    book(home, [MONDAY], unit=2)  # exclusion does not spread
    book(home, [TUESDAY], unit=1)
    with pytest.raises(IntegrityError, match="excludes another one"), transaction.atomic():
        book(home, [MONDAY], unit=1)
    with pytest.raises(IntegrityError, match="excludes another one"), transaction.atomic():
        Booking.objects.filter(day=TUESDAY).update(day=MONDAY)
    Booking.objects.filter(day=MONDAY).update(state=BookingState.CANCELLED, cancelled_at=AT, cancelled_by=home.parent)
    Booking.objects.filter(day=TUESDAY).update(day=MONDAY)


def test_two_records_of_a_child_are_not_merged_over_units_that_exclude_each_other(units):
    one, two, three = units
    kept, duplicate = household(*units), household(*units)
    UnitRelationFactory(unit=two, other=one, exclusive=True)
    book(kept, [MONDAY, TUESDAY], unit=0)
    book(duplicate, [MONDAY], unit=1)
    book(duplicate, [TUESDAY], unit=2)
    lines = merging._plan_bookings(kept.child.pk, duplicate.child.pk, AT)
    assert [line.what.replace("\u00a0", " ") for line in lines if line.fate is Fate.BLOCKS] == [
        "Restaurant scolaire 2026/2027 le lundi 14 septembre 2026, avec une unité qui l’exclut sur l’autre fiche"
    ]
