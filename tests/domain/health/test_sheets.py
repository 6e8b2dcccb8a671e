"""Filling, certifying, confirming: who may, once a year, and what is told."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Child, ChildLink
from portal.domain.families.requirements import Asked, Standing
from portal.domain.health.access import Unknown, child_of
from portal.domain.health.enums import ReadingScreen, Section
from portal.domain.health.models import HealthReading, HealthSheet, VaccineBooklet
from portal.domain.health.queries import care_of, needs_of
from portal.domain.health.requirements import requirements
from portal.domain.health.rules import CERTIFICATION_VERSION, SheetState
from portal.domain.health.services import (
    SheetIncomplete,
    SheetRefused,
    VaccinesRefused,
    confirm_health_sheet,
    copy_doctor,
    fill_health_sheet,
    read_sheet,
    record_vaccines,
    save_health_section,
)
from portal.domain.health.vaccines import Dose, Vaccine
from portal.domain.kernel.clock import PARIS
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.health.factories import ANSWERS, begin_sheet, filled_sheet, reader
from tests.web.planning.scene import NOW, Scene

pytestmark = pytest.mark.django_db

LAST_YEAR = NOW - timedelta(days=365)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def child(scene: Scene) -> Child:
    return scene.child("Noé", birth_date=date(2023, 3, 13), level="PS")


@pytest.mark.exigence("D10", "D16")
def test_a_sheet_is_certified_by_a_person_on_a_text_with_a_date(scene: Scene, child: Child) -> None:
    sheet = filled_sheet(scene.family, child, by=scene.user, at=NOW)
    assert (sheet.certified_by, sheet.certified_at, sheet.text_version) == (scene.user, NOW, CERTIFICATION_VERSION)
    assert sheet.answers.doctor_name == "Dr Bouvet"
    procedure = Procedure.objects.get(kind="health")
    assert procedure.title == "Fiche sanitaire de Noé"
    assert procedure.state == "recorded"


def test_what_is_typed_is_kept_before_the_end(scene: Scene, child: Child) -> None:
    save_health_section(
        family=scene.family,
        child=child,
        section=Section.DOCTOR,
        values=ANSWERS[Section.DOCTOR],
        by=scene.user,
        at=NOW,
    )
    care = care_of(child=child, at=NOW)
    assert care.state is SheetState.STARTED
    assert care.begun.doctor_name == "Dr Bouvet"
    with pytest.raises(SheetIncomplete) as refused:
        fill_health_sheet(family=scene.family, child=child, by=scene.user, at=NOW)
    assert refused.value.missing == ("allergies", "diet", "needs", "treatment")


def test_certifying_twice_writes_once(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    fill_health_sheet(family=scene.family, child=child, by=scene.user, at=NOW + timedelta(seconds=2))
    assert Procedure.objects.filter(kind="health").count() == 1
    assert HealthSheet.objects.get().certified_at == NOW


def test_nothing_is_certified_without_answers(scene: Scene, child: Child) -> None:
    with pytest.raises(SheetRefused, match="Rien n’est encore rempli"):
        fill_health_sheet(family=scene.family, child=child, by=scene.user, at=NOW)


@pytest.mark.exigence("D14", "D29")
@pytest.mark.parametrize(
    ("day", "state"),
    [
        (datetime(2026, 7, 31, 23, 59, tzinfo=PARIS), SheetState.COMPLETE),
        (datetime(2026, 8, 1, 0, 0, tzinfo=PARIS), SheetState.TO_CONFIRM),
        (datetime(2026, 9, 1, 8, 0, tzinfo=PARIS), SheetState.TO_CONFIRM),
        (datetime(2027, 7, 31, 23, 59, tzinfo=PARIS), SheetState.TO_CONFIRM),
        (datetime(2027, 8, 1, 0, 0, tzinfo=PARIS), SheetState.TO_FILL),
    ],
)
def test_a_sheet_lasts_its_school_year(scene: Scene, child: Child, day: datetime, state: SheetState) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=datetime(2025, 9, 2, 9, tzinfo=PARIS))
    assert care_of(child=child, at=day).state is state


@pytest.mark.exigence("D14")
def test_last_year_is_carried_over_only_by_an_act(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=LAST_YEAR)
    assert HealthSheet.objects.filter(school_year=2026).count() == 0
    sheet = confirm_health_sheet(family=scene.family, child=child, by=scene.user, at=NOW)
    assert sheet.unchanged
    assert sheet.school_year == 2026
    assert sheet.answers.diet == "no_pork"
    confirm_health_sheet(family=scene.family, child=child, by=scene.user, at=NOW)
    assert Procedure.objects.filter(kind="health").count() == 2


def test_a_sheet_of_two_years_ago_is_not_confirmed(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=NOW - timedelta(days=730))
    with pytest.raises(SheetRefused, match="remplissez celle-ci"):
        confirm_health_sheet(family=scene.family, child=child, by=scene.user, at=NOW)


def test_changes_since_last_year_are_shown(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=LAST_YEAR)
    save_health_section(
        family=scene.family, child=child, section=Section.DIET, values={"diet": "all"}, by=scene.user, at=NOW
    )
    care = care_of(child=child, at=NOW)
    assert care.changed == ("diet",)
    assert care.begun.doctor_name == "Dr Bouvet"


def test_the_doctor_is_copied_to_drafts_only(scene: Scene, child: Child) -> None:
    other = scene.child("Léna")
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    assert copy_doctor(family=scene.family, child=child, to=[child, other], by=scene.user, at=NOW) == 1
    care = care_of(child=other, at=NOW)
    assert care.begun.doctor_name == "Dr Bouvet"
    assert care.state is SheetState.STARTED


@pytest.mark.exigence("D15")
def test_missing_vaccines_start_three_months_that_nothing_restarts(scene: Scene, child: Child) -> None:
    known = {Vaccine.POLIO: Dose(dates=(date(2023, 6, 1),))}
    record_vaccines(family=scene.family, child=child, doses=known, by=scene.user, at=NOW)
    again = known | {Vaccine.TETANUS: Dose(dates=(date(2023, 6, 1),))}
    record_vaccines(family=scene.family, child=child, doses=again, by=scene.user, at=NOW + timedelta(days=30))
    assert care_of(child=child, at=NOW).provisional_until == date(2026, 12, 9)
    found = {each.code: each for each in _asked(scene, NOW + timedelta(days=92))}
    assert found["health.vaccines"].standing is Standing.EXPIRED
    full = {vaccine: Dose(dates=(date(2023, 6, 1),)) for vaccine in Vaccine}
    record_vaccines(family=scene.family, child=child, doses=full, by=scene.user, at=NOW + timedelta(days=31))
    assert VaccineBooklet.objects.get().provisional_from is None


def test_a_vaccine_before_the_birth_is_refused(scene: Scene, child: Child) -> None:
    with pytest.raises(VaccinesRefused, match="Poliomyélite"):
        record_vaccines(
            family=scene.family,
            child=child,
            doses={Vaccine.POLIO: Dose(dates=(date(2013, 6, 1),))},
            by=scene.user,
            at=NOW,
        )
    assert not VaccineBooklet.objects.exists()


@pytest.mark.exigence("B3")
def test_who_reaches_a_sheet(scene: Scene, child: Child) -> None:
    """Both parents of both households; not a relative, not a household that only looks, not a stranger."""
    separated = Scene(family=FamilyFactory(), user=UserFactory(username="samir"))
    link = ChildLinkFactory(family=separated.family, child=child)
    relative = UserFactory(username="tante")
    MemberFactory(family=scene.family, adult=AdultFactory(user=relative), relative=True)
    stranger = Scene(family=FamilyFactory(), user=UserFactory(username="autre"))
    for user, family in (
        (scene.user, scene.family),
        (scene.other_parent(), scene.family),
        (separated.user, separated.family),
    ):
        assert child_of(user=user, family=family, child_id=child.pk) == child
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    assert HealthSheet.objects.visible_to(separated.user).count() == 1
    assert HealthSheet.objects.visible_to(relative).count() == 0
    assert HealthSheet.objects.visible_to(stranger.user).count() == 0
    with pytest.raises(NotAllowed):
        child_of(user=relative, family=scene.family, child_id=child.pk)
    ChildLink.objects.filter(pk=link.pk).update(can_edit=False, can_book=False, can_pay=False)
    with pytest.raises(NotAllowed):
        child_of(user=separated.user, family=separated.family, child_id=child.pk)
    with pytest.raises(Unknown):
        child_of(user=stranger.user, family=stranger.family, child_id=child.pk)
    with pytest.raises(Unknown):
        save_health_section(
            family=stranger.family, child=child, section=Section.DIET, values={"diet": "all"}, by=stranger.user, at=NOW
        )


def test_a_reading_leaves_one_line(scene: Scene, child: Child) -> None:
    agent = reader()
    read_sheet(child=child, screen=ReadingScreen.FILE, by=agent, at=NOW)
    reading = HealthReading.objects.get()
    assert (reading.child, reading.agent, reading.at, reading.screen) == (child, agent, NOW, "file")


def test_an_agent_without_the_permission_reads_nothing(scene: Scene, child: Child) -> None:
    agent = UserFactory(username="regie", agent=True)
    with pytest.raises(NotAllowed):
        read_sheet(child=child, screen=ReadingScreen.FILE, by=agent, at=NOW)
    assert not HealthReading.objects.exists()


def test_badges_cost_the_same_for_one_child_and_for_many(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    children = [child.pk]
    for number in range(6):
        other = scene.child(f"Enfant{number}")
        filled_sheet(scene.family, other, by=scene.user, at=NOW)
        children.append(other.pk)
    with CaptureQueriesContext(connection) as queries:
        found = needs_of(children, at=NOW)
    assert len(queries) == 2
    assert found[child.pk] == ("sans porc", "lunettes")


def _asked(scene: Scene, at: datetime) -> list:
    children = list(Child.objects.filter(links__family=scene.family))
    return list(requirements(Asked(family=scene.family, children=children, activities={}, at=at)))


@pytest.mark.exigence("D10")
def test_the_dossier_asks_for_the_sheet_in_a_constant_number_of_queries(scene: Scene, child: Child) -> None:
    found = {each.code: each for each in _asked(scene, NOW)}
    assert found["health.sheet"].label == "Fiche sanitaire de Noé"
    assert found["health.sheet"].standing is Standing.MISSING
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    assert {each.code: each.standing for each in _asked(scene, NOW)}["health.sheet"] is Standing.DONE
    for number in range(4):
        scene.child(f"Enfant{number}")
    with CaptureQueriesContext(connection) as queries:
        _asked(scene, NOW)
    assert len(queries) <= 6


def test_the_other_household_is_told_without_a_word_of_health(scene: Scene, child: Child) -> None:
    separated = Scene(family=FamilyFactory(), user=UserFactory(username="samir"))
    ChildLinkFactory(family=separated.family, child=child)
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    notice = separated.user.notices.get()
    assert notice.title == "Fiche sanitaire de Noé mise à jour"
    begin_sheet(separated.family, child, by=separated.user, at=NOW)
