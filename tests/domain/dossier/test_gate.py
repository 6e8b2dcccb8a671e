"""An incomplete dossier holds enrolment requests back or closes booking (guides 000 and 002)."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.bookings.held import decide_held_enrolments
from portal.domain.bookings.models import Booking
from portal.domain.bookings.services import change_draft, confirm_basket, enrol_and_book
from portal.domain.dossier.models import RequirementEffect, YearlySettings
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.families import requirements
from portal.domain.families.requirements import Asked, Effect, Requirement, Standing, register_requirements
from portal.domain.kernel.refusals import Rule, WayOutKind
from portal.domain.notices.models import Notice
from portal.domain.procedures.models import Procedure
from tests.web.planning.scene import NOW, Scene, code, days_of, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("D3", "B11")]


class Source:
    """A requirement whose standing the test moves."""

    effect = Effect.HOLDS
    standing = Standing.MISSING

    def __call__(self, asked: Asked) -> Iterable[Requirement]:
        return [
            Requirement("papers.test", f"Assurance de {child.first_name}", self.standing, self.effect, child.pk)
            for child in asked.children
        ]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(requirements, "_sources", {})
    asked = Source()
    register_requirements("test", asked, may_block=lambda: asked.effect is Effect.BLOCKS)
    return asked


@pytest.fixture
def wednesday() -> Callable[[], object]:
    return make_unit(
        "Mercredi",
        name="Journée",
        weekdays=[3],
        code="mercredi-2026",
        enrolment_mode=EnrolmentMode.PATTERN,
    )


def enrol(scene: Scene, child: object, unit: object) -> object:
    return enrol_and_book(
        family=scene.family,
        child=child,
        activity=unit.activity,
        starts_on=NOW.date(),
        pattern={unit.pk: frozenset({3})},
        by=scene.user,
        at=NOW,
    )


def test_a_request_waits_then_is_accepted_and_booked_once_the_dossier_is_complete(source, wednesday) -> None:
    scene = Scene()
    child = scene.child("Hugo")
    outcome = enrol(scene, child, wednesday)
    enrolment = outcome.enrolment
    assert (enrolment.state, enrolment.held_since) == (EnrolmentState.REQUESTED, NOW)
    assert not Booking.objects.exists()
    system, later = User.objects.system(), NOW + timedelta(days=1)
    assert decide_held_enrolments(family=scene.family, by=system, at=later) == 0
    source.standing = Standing.SENT
    assert decide_held_enrolments(family=scene.family, by=system, at=later) == 1
    assert decide_held_enrolments(family=scene.family, by=system, at=later) == 0
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.held_since) == (EnrolmentState.ACCEPTED, None)
    assert Booking.objects.filter(enrolment=enrolment).exists()
    assert Procedure.objects.get(reference=str(enrolment.pk)).state == "accepted"
    assert Notice.objects.filter(user=scene.user, title__contains="acceptée").count() == 1


def test_what_only_informs_holds_nothing(source, wednesday) -> None:
    source.effect = Effect.INFORMS
    scene = Scene()
    assert enrol(scene, scene.child("Hugo"), wednesday).enrolment.state == EnrolmentState.ACCEPTED


def test_a_blocking_dossier_refuses_days_with_its_way_out_and_keeps_those_booked(source) -> None:
    source.effect = Effect.BLOCKS
    scene = Scene()
    unit, child = make_unit(), scene.child("Hugo")
    scene.enrol(child, unit)
    booked = scene.book(child, unit, days_of((2026, 9), [1], 3)) or Booking.objects.all()
    change = change_draft(
        family=scene.family, add=[code(child, unit, NOW.date() + timedelta(days=8))], remove=[], by=scene.user, at=NOW
    )
    (left,) = change.left_out
    assert left.refusal.rule == Rule.INCOMPLETE_FILE
    assert left.refusal.way_out.kind == WayOutKind.COMPLETE_FILE
    assert "assurance de Hugo" in left.refusal.sentence
    assert booked.count() == Booking.objects.count() > 0


def test_a_draft_made_before_falls_at_its_validation(source) -> None:
    source.effect, source.standing = Effect.BLOCKS, Standing.DONE
    scene = Scene()
    unit, child = make_unit(), scene.child("Hugo")
    scene.enrol(child, unit)
    change = change_draft(
        family=scene.family, add=[code(child, unit, NOW.date() + timedelta(days=8))], remove=[], by=scene.user, at=NOW
    )
    source.standing = Standing.EXPIRED
    with pytest.raises(Exception, match="1 wishes left out"):
        confirm_basket(family=scene.family, key=change.draft.key, by=scene.user, at=NOW)


@pytest.mark.parametrize("effect", list(Effect))
def test_the_town_decides_what_a_lack_does_where_the_source_leaves_it_to_the_town(
    effect: Effect, monkeypatch: pytest.MonkeyPatch, wednesday
) -> None:
    monkeypatch.setattr(requirements, "_sources", {})
    register_requirements("contacts", Source())
    RequirementEffect.objects.create(source="contacts", effect=effect.value)
    scene = Scene()
    unit, child = make_unit(), scene.child("Hugo")
    scene.enrol(child, unit)
    day = code(child, unit, NOW.date() + timedelta(days=8))
    left = change_draft(family=scene.family, add=[day], remove=[], by=scene.user, at=NOW).left_out
    assert [each.refusal.rule for each in left] == ([Rule.INCOMPLETE_FILE] if effect is Effect.BLOCKS else [])
    state = enrol(scene, child, wednesday).enrolment.state
    assert state == (EnrolmentState.ACCEPTED if effect is Effect.INFORMS else EnrolmentState.REQUESTED)


@pytest.mark.exigence("D37")
def test_the_town_may_want_the_yearly_update_first(wednesday) -> None:
    YearlySettings.objects.create(
        school_year=2026,
        opens_on=NOW.date() - timedelta(days=9),
        closes_on=NOW.date() + timedelta(days=9),
        gates_enrolments=True,
    )
    scene = Scene()
    assert enrol(scene, scene.child("Hugo"), wednesday).enrolment.held_since == NOW
