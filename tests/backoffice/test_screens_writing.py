"""What agents change: the line of the journal, the refusals in words, the verbs of the domain behind the forms."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from portal.domain.activities.enums import RelationKind
from portal.domain.activities.models import (
    Activity,
    CalendarSettings,
    PlacePool,
    PublicHoliday,
    SchoolHoliday,
    Service,
    Structure,
    Unit,
    UnitRelation,
)
from portal.domain.activities.services import seed_calendar
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import DayPlaces
from portal.domain.families.models import School
from portal.domain.tariffs.models import Tariff, TariffVersion, UnitTariff
from tests.backoffice.desk import GESTION, REGIE, address, delete, errors_of, last_entry, said, save, sign_in, words
from tests.domain.activities.factories import (
    ActivityFactory,
    PlacePoolFactory,
    ServiceFactory,
    StructureFactory,
    UnitFactory,
)
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.families.factories import SchoolFactory
from tests.domain.tariffs.factories import TariffFactory, TariffVersionFactory, UnitTariffFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("september"),
]

MONDAY, TUESDAY = date(2026, 9, 14), date(2026, 9, 15)


@pytest.fixture
def september() -> Any:
    """Monday 7 September 2026, ten o'clock in Paris."""
    with time_machine.travel(datetime(2026, 9, 7, 8, tzinfo=UTC), tick=False):
        yield


# The journal


@pytest.mark.exigence("B36")
def test_what_an_agent_creates_is_in_the_journal(client: Client) -> None:
    agent = sign_in(client, GESTION)

    response = save(client, "activites/services", code="sports", name="Service des sports", phone="01 99 00 11 22")

    assert response.status_code == 302
    service = Service.objects.get(code="sports")
    entry = last_entry()
    assert (entry.by, entry.verb, entry.target, entry.target_key) == (
        agent,
        "create",
        "activities.service",
        str(service.pk),
    )
    assert entry.at == datetime(2026, 9, 7, 8, tzinfo=UTC)
    assert entry.before == {}
    assert entry.after == {"code": "sports", "name": "Service des sports", "phone": "01 99 00 11 22"}
    assert said(response) == "C’est enregistré\u00a0: Service des sports."


@pytest.mark.exigence("B36")
def test_what_an_agent_corrects_is_in_the_journal_with_the_values_before(client: Client) -> None:
    sign_in(client, GESTION)
    old, new = StructureFactory(name="Groupe scolaire"), StructureFactory(name="Groupe scolaire")
    activity = ActivityFactory(structure=old, name="Restaurant scolaire")

    save(client, "activites/activites", activity.pk, structure=new.pk, min_age="3", levels=["CP", "CE1"])

    entry = last_entry()
    assert (entry.verb, entry.target_key) == ("change", str(activity.pk))
    assert entry.before == {"structure": f"Groupe scolaire (n°\u00a0{old.pk})", "min_age": None, "levels": []}
    assert entry.after == {"structure": f"Groupe scolaire (n°\u00a0{new.pk})", "min_age": 3, "levels": ["CP", "CE1"]}


def test_saving_without_a_change_writes_nothing_in_the_journal(client: Client) -> None:
    sign_in(client, GESTION)
    unit = priced_unit(pools=[PlacePoolFactory()], booking_deadline={"kind": "never"})

    assert save(client, "activites/unites", unit.pk).status_code == 302
    assert save(client, "activites/activites", unit.activity_id).status_code == 302
    assert save(client, "activites/places", unit.pools.get().pk).status_code == 302

    assert not AuditEntry.objects.exists()


@pytest.mark.exigence("B36")
def test_what_an_agent_deletes_is_in_the_journal(client: Client) -> None:
    sign_in(client, GESTION)
    holiday = PublicHoliday.objects.create(name="Fête locale", day=date(2026, 9, 21))

    response = delete(client, "calendrier/feries", holiday.pk)

    assert response.status_code == 302
    assert not PublicHoliday.objects.exists()
    entry = last_entry()
    assert (entry.verb, entry.target, entry.target_key) == ("delete", "activities.publicholiday", str(holiday.pk))
    assert entry.before["name"] == "Fête locale"
    assert said(response) == "C’est supprimé\u00a0: Fête locale."


def test_nothing_is_saved_when_the_journal_cannot_be_written(client: Client) -> None:
    sign_in(client, GESTION)
    service = ServiceFactory(name="Service Enfance")

    with (
        patch("portal.backoffice.screens.audited.record", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        save(client, "activites/services", service.pk, name="Autre nom")

    service.refresh_from_db()
    assert service.name == "Service Enfance"


# Refusals


def test_a_structure_in_use_stays_and_says_what_depends_on_it(client: Client) -> None:
    sign_in(client, GESTION)
    structure = ActivityFactory(structure__name="Restaurant").structure
    ActivityFactory(structure=structure)

    response = delete(client, "activites/structures", structure.pk)

    assert response.status_code == 302
    assert said(response) == "«\u00a0Restaurant\u00a0» n’est pas supprimé\u00a0: 2\u00a0activités en dépendent."
    assert Structure.objects.filter(pk=structure.pk).exists()
    assert not AuditEntry.objects.exists()


def test_what_families_booked_is_not_deleted_and_no_child_is_named(client: Client) -> None:
    sign_in(client, REGIE)
    unit = priced_unit()
    book(household(unit), [MONDAY, TUESDAY])
    version = TariffVersion.objects.get()

    response = delete(client, "tarifs/versions", version.pk)

    assert "ce prix a servi à 2\u00a0réservations" in said(response)
    assert "Hugo" not in said(response)
    assert TariffVersion.objects.exists()
    assert "1\u00a0version d’un tarif" in said(delete(client, "tarifs/tarifs", version.tariff_id))


def test_a_school_that_an_activity_names_is_not_deleted(client: Client) -> None:
    """Activities name schools by code: the database would let it go."""
    sign_in(client, GESTION)
    school = SchoolFactory(code="centre")
    ActivityFactory(school_codes=["centre"])

    response = delete(client, "familles/ecoles", school.pk)

    assert "1\u00a0activité la nomme" in said(response)
    assert School.objects.exists()


def test_a_code_that_exists_is_refused_at_its_field(client: Client) -> None:
    sign_in(client, GESTION)
    ServiceFactory(code="enfance")

    response = save(client, "activites/services", code="enfance", name="Encore un")

    assert errors_of(response) == {"code": ["Un objet Service avec ce champ Code existe déjà."]}
    assert 'value="Encore un"' in response.content.decode()


def test_constraints_speak_french_on_the_form(client: Client) -> None:
    sign_in(client, GESTION)
    late = save(
        client, "calendrier/vacances", name="Toussaint", zone="A", starts_on="2026-10-25", ends_on="2026-10-24"
    )

    assert errors_of(late) == {"__all__": ["Les vacances finissent après avoir commencé."]}
    assert "Les vacances finissent après avoir commencé." in late.content.decode()
    assert not SchoolHoliday.objects.exists()


def test_two_agents_who_save_the_same_thing_at_once_are_told(client: Client) -> None:
    sign_in(client, GESTION)

    with patch("portal.backoffice.screens.base.PortalModelAdmin.store", side_effect=IntegrityError):
        response = save(client, "activites/services", code="sports", name="Service des sports")

    assert errors_of(response)["__all__"][0].startswith("Un autre agent vient d’enregistrer")


def test_a_date_that_cannot_be_read_is_refused_not_replaced(client: Client) -> None:
    sign_in(client, GESTION)

    response = save(client, "calendrier/feries", name="Fête", day="trente")

    assert list(errors_of(response)) == ["day"]
    assert not PublicHoliday.objects.exists()


# The offer


def test_codes_stay_as_they_were_created(client: Client) -> None:
    """The profile and the commands find things by code."""
    sign_in(client, GESTION)
    unit = priced_unit(code="repas")
    other = ActivityFactory()

    save(client, "activites/unites", unit.pk, code="autre", activity=other.pk, name="Repas chaud")

    unit.refresh_from_db()
    assert (unit.code, unit.name) == ("repas", "Repas chaud")
    assert unit.activity_id != other.pk


def test_a_unit_is_created_with_its_tariff(client: Client) -> None:
    sign_in(client, GESTION)
    activity, pool, tariff = ActivityFactory(), PlacePoolFactory(), TariffFactory(name="Repas enfant")

    response = save(
        client,
        "activites/unites",
        activity=activity.pk,
        code="repas",
        name="Repas",
        order="1",
        weekdays=["1", "2", "4", "5"],
        pools=[pool.pk],
        tariff=tariff.pk,
    )

    assert response.status_code == 302, errors_of(response)
    unit = Unit.objects.get()
    assert unit.weekdays == [1, 2, 4, 5]
    assert unit.booking_deadline is None
    assert list(unit.pools.all()) == [pool]
    assert UnitTariff.objects.get(unit=unit).tariff == tariff
    assert last_entry().after["tariff"] == "Repas enfant"


def test_a_unit_without_a_day_is_refused(client: Client) -> None:
    sign_in(client, GESTION)

    response = save(client, "activites/unites", priced_unit().pk, weekdays=[])

    assert errors_of(response) == {"weekdays": ["Choisissez au moins un jour de la semaine."]}


def test_a_unit_that_is_booked_keeps_its_pools(client: Client) -> None:
    sign_in(client, GESTION)
    unit = priced_unit(pools=[PlacePoolFactory(name="Salle du bas")])
    book(household(unit), [MONDAY])

    response = save(client, "activites/unites", unit.pk, pools=[PlacePoolFactory().pk])

    assert errors_of(response)["pools"][0].startswith("Cette unité compte déjà 1\u00a0place dans\u00a0: Salle du bas.")
    assert [pool.name for pool in unit.pools.all()] == ["Salle du bas"]


@pytest.mark.exigence("P33", "P34")
def test_a_unit_says_what_it_is_to_others_unless_bookings_contradict_it(client: Client) -> None:
    sign_in(client, GESTION)
    meal = priced_unit()
    lunch = priced_unit(activity=meal.activity, code="pause", name="Temps méridien")
    book(household(meal, lunch), [MONDAY])

    refused = save(client, "activites/unites", meal.pk, together=[lunch.pk])

    (reason,) = errors_of(refused)["together"]
    assert reason.startswith("1\u00a0réservation à venir contredit ce lien")
    assert "le lundi 14\u00a0septembre 2026" in reason
    assert not UnitRelation.objects.exists()

    response = save(client, "activites/unites", meal.pk, excludes=[lunch.pk])

    assert response.status_code == 302, errors_of(response)
    assert UnitRelation.objects.get().kind == RelationKind.EXCLUSIVE
    entry = last_entry()
    assert (entry.verb, entry.after) == ("set_unit_relations", {"relations": ["exclut Cantine, Temps méridien"]})
    page = client.get(address("activites/unites", "inspect", lunch.pk))
    assert "exclut\u00a0: Cantine, Repas" in words(page)


@pytest.mark.exigence("P54")
def test_a_new_capacity_reaches_the_days_already_asked_for(client: Client) -> None:
    agent = sign_in(client, GESTION)
    pool = PlacePoolFactory(capacity=40)
    unit = priced_unit(pools=[pool])
    book(household(unit), [MONDAY])

    response = save(client, "activites/places", pool.pk, capacity="25", name="Salle du bas")

    assert response.status_code == 302, errors_of(response)
    pool.refresh_from_db()
    assert (pool.capacity, pool.name) == (25, "Salle du bas")
    assert DayPlaces.objects.get(pool=pool, day=MONDAY).capacity == 25
    verbs = {entry.verb: entry for entry in AuditEntry.objects.filter(by=agent)}
    assert set(verbs) == {"set_capacity", "change"}
    assert "capacity" not in verbs["change"].after


def test_a_capacity_under_what_is_taken_is_refused_and_nothing_moves(client: Client) -> None:
    sign_in(client, GESTION)
    pool = PlacePoolFactory(capacity=40, name="Salle")
    unit = priced_unit(pools=[pool])
    book(household(unit), [MONDAY])
    book(household(unit), [MONDAY])

    response = save(client, "activites/places", pool.pk, capacity="1", name="Salle du bas")

    assert "2\u00a0places déjà prises" in errors_of(response)["capacity"][0]
    pool.refresh_from_db()
    assert (pool.capacity, pool.name) == (40, "Salle")
    assert not AuditEntry.objects.exists()


def test_no_limit_is_an_empty_capacity(client: Client) -> None:
    sign_in(client, GESTION)

    save(client, "activites/places", code="salle", name="Salle", capacity="")

    assert PlacePool.objects.get().capacity is None
    assert "sans limite" in client.get(address("activites/places")).content.decode()


def test_a_school_that_is_not_described_any_more_stays_on_its_activity(client: Client) -> None:
    sign_in(client, GESTION)
    SchoolFactory(code="centre")
    activity = ActivityFactory(school_codes=["centre", "ancienne"])

    save(client, "activites/activites", activity.pk, min_age="3")

    assert set(Activity.objects.get().school_codes) == {"centre", "ancienne"}


# The calendar


def test_a_date_that_an_agent_saves_is_not_replaced_by_a_later_loading(client: Client) -> None:
    agent = sign_in(client, GESTION)
    at = datetime(2026, 9, 7, 8, tzinfo=UTC)
    seed_calendar(zone="A", from_year=2026, to_year=2026, by=agent, at=at)
    holiday = SchoolHoliday.objects.get(zone="A", starts_on__year=2026, name__contains="Toussaint")
    armistice = PublicHoliday.objects.get(day=date(2026, 11, 11))

    save(client, "calendrier/vacances", holiday.pk, ends_on="2026-11-03")
    save(client, "calendrier/feries", armistice.pk, name="Armistice de 1918")
    save(client, "calendrier/feries", name="Fête patronale", day="2026-09-21")
    seed_calendar(zone="A", from_year=2026, to_year=2026, by=agent, at=at)

    holiday.refresh_from_db()
    armistice.refresh_from_db()
    assert (holiday.edited, holiday.ends_on) == (True, date(2026, 11, 3))
    assert (armistice.edited, armistice.name) == (True, "Armistice de 1918")
    assert PublicHoliday.objects.get(day=date(2026, 9, 21)).edited


def test_the_dates_of_a_new_zone_are_loaded_with_it(client: Client) -> None:
    sign_in(client, GESTION)

    response = save(client, "calendrier/zone", zone="C")

    assert response.status_code == 302
    assert SchoolHoliday.objects.filter(zone="C", starts_on__year=2026).exists()
    assert "dates chargées" in said(response)
    assert client.get(address("calendrier/zone", "create")).status_code == 302
    assert CalendarSettings.objects.get().zone == "C"


# Tariffs


def test_a_price_that_served_does_not_change_and_the_way_out_is_said(client: Client) -> None:
    sign_in(client, REGIE)
    unit = priced_unit(price="4.30")
    book(household(unit), [MONDAY])
    version = TariffVersion.objects.get()

    price = save(client, "tarifs/versions", version.pk, unit_price="4,50")
    moved = save(client, "tarifs/versions", version.pk, valid_from="2020-01-01")
    note = save(client, "tarifs/versions", version.pk, deliberation="délibération du 2 juin 2015")

    assert errors_of(price)["unit_price"][0].startswith("Ce prix a servi à 1\u00a0réservation.")
    assert "Ajoutez plutôt une version" in errors_of(moved)["valid_from"][0]
    assert note.status_code == 302
    version.refresh_from_db()
    assert (version.unit_price, version.deliberation) == (Decimal("4.30"), "délibération du 2 juin 2015")


def test_two_versions_on_one_day_are_refused_in_words(client: Client) -> None:
    sign_in(client, REGIE)
    version = TariffVersionFactory()

    response = save(
        client, "tarifs/versions", tariff=version.tariff_id, valid_from=str(version.valid_from), unit_price="5,00"
    )

    assert errors_of(response) == {"__all__": ["Ce tarif a déjà une version à cette date."]}


def test_a_unit_changes_its_tariff_and_never_loses_it(client: Client) -> None:
    sign_in(client, REGIE)
    link = UnitTariffFactory()
    lonely = UnitFactory()
    other = Tariff.objects.create(code="autre", name="Autre")

    page = client.get(address("tarifs/unites", "create"))
    save(client, "tarifs/unites", link.pk, tariff=other.pk)

    assert list(page.context["form"].fields["unit"].queryset) == [lonely]
    link.refresh_from_db()
    assert link.tariff == other
    assert client.post(address("tarifs/unites", "delete", link.pk)).headers["Location"] == "/gestion/"
    assert UnitTariff.objects.filter(pk=link.pk).exists()
