"""Preparing and sending a rentrée: what is refused falls out, the rest stands, twice is once."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from portal.domain.activities.enums import Audience, EnrolmentMode, RelationKind, ValidationMode
from portal.domain.activities.models import Activity, EnrolmentWindow
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.access import NotAllowed
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from portal.domain.rentree.enums import LineState
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeRecap
from portal.domain.rentree.services import (
    NothingToSend,
    RentreeChanged,
    forget_rentree,
    save_rentree,
    validate_rentree,
)
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory, UnitRelationFactory
from tests.domain.bookings.invariants import check_places
from tests.domain.families.factories import MemberFactory
from tests.domain.rentree.scene import AT, FIRST, YEAR, rentree_scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]

NBSP = "\u00a0"


def send(scene, *answers, key=None, at=AT, by=None, **more):
    return validate_rentree(
        family=scene.family, year=YEAR, key=key or uuid4(), answers=answers, by=by or scene.parent, at=at, **more
    )


def save(scene, *answers, at=AT, by=None):
    return save_rentree(family=scene.family, year=YEAR, answers=answers, by=by or scene.parent, at=at)


@pytest.mark.exigence("C8")
def test_one_validation_enrols_every_child_in_every_activity():
    scene = rentree_scene(children=3, stems=("cantine", "garderie"))
    recap = send(
        scene, *(scene.answer(stem, 1, 2, child=child) for child in range(3) for stem in ("cantine", "garderie"))
    )
    assert Enrolment.objects.filter(activity__code__endswith="2027", state=EnrolmentState.ACCEPTED).count() == 6
    lines = list(recap.lines.order_by("rank"))
    assert [(line.child_name, line.label) for line in lines[:3]] == [
        ("Hugo", "Cantine 2027/2028"),
        ("Hugo", "Garderie 2027/2028"),
        ("Léna", "Cantine 2027/2028"),
    ]
    assert {line.state for line in lines} == {LineState.ACCEPTED}
    assert all(line.booked == Booking.objects.filter(enrolment=line.enrolment).count() > 60 for line in lines)
    assert lines[0].computation.startswith(f"{lines[0].booked}{NBSP}×{NBSP}4,30{NBSP}€ = ")
    assert recap.number == "RE-2027-00001"
    # One mail for all, one démarche for each enrolment and one for the whole.
    mail = OutgoingMail.objects.get()
    assert mail.subject == f"Rentrée 2027/2028{NBSP}: votre récapitulatif n°{NBSP}RE-2027-00001"
    for text in (mail.text, mail.html):
        assert "RE-2027-00001" in text
        assert lines[0].computation in text
        assert "lundi et mardi" in text
    assert Procedure.objects.count() == 7
    assert Procedure.objects.get(reference=recap.number).title == f"Rentrée 2027/2028{NBSP}: Hugo, Léna et Noé"
    assert AuditEntry.objects.get(verb="validate_rentree").family_key == scene.family.pk


@pytest.mark.exigence("C8")
def test_what_is_refused_falls_out_with_its_reason_and_the_others_stand():
    scene = rentree_scene(children=2, stems=("cantine", "garderie"))
    Activity.objects.filter(code="garderie-2027").update(min_age=14)
    recap = send(scene, scene.answer("garderie", 1), scene.answer("cantine", 1), scene.answer("cantine", 2, child=1))
    states = {(line.child_name, line.activity.code): line for line in recap.lines.select_related("activity")}
    refused = states["Hugo", "garderie-2027"]
    assert (refused.state, refused.enrolment, refused.booked) == (LineState.REFUSED, None, 0)
    assert "14" in refused.reason
    assert states["Hugo", "cantine-2027"].state == states["Léna", "cantine-2027"].state == LineState.ACCEPTED
    assert refused.reason in OutgoingMail.objects.get().text
    # It stays in the preparation; what was granted left it.
    kept = RentreeAnswer.objects.get()
    assert (kept.activity.code, kept.wanted) == ("garderie-2027", True)


@pytest.mark.exigence("C8")
def test_sent_twice_it_is_enrolled_once():
    scene = rentree_scene(parents=2)
    key = uuid4()
    first = send(scene, scene.answer("cantine", 1), key=key)
    again = send(scene, scene.answer("cantine", 1), key=key, at=AT + timedelta(seconds=2))
    by_other = send(scene, scene.answer("cantine", 1), key=key, by=scene.others[0])
    assert first == again == by_other
    assert RentreeRecap.objects.count() == OutgoingMail.objects.count() == 1
    assert Enrolment.objects.filter(activity__code="cantine-2027").count() == 1
    check_places()


def test_a_second_validation_has_a_name_of_its_own():
    scene = rentree_scene(stems=("cantine", "garderie"))
    key = save(scene, scene.answer("cantine", 1), scene.answer("garderie", wanted=False)).key
    send(scene, scene.answer("cantine", 1), scene.answer("garderie", wanted=False), key=key)
    draft = RentreeDraft.objects.get()
    assert draft.key != key
    # What was not wanted is remembered, so that last year is not proposed again.
    assert [(each.activity.code, each.wanted) for each in draft.answers.all()] == [("garderie-2027", False)]
    second = send(scene, scene.answer("garderie", 2), key=draft.key)
    assert second.number == "RE-2027-00002"
    assert not RentreeAnswer.objects.exists()


def test_nothing_wanted_or_possible_writes_nothing():
    scene = rentree_scene(enrolment_opens_at=datetime(2027, 7, 1, 8, tzinfo=PARIS))
    with pytest.raises(NothingToSend) as nothing:
        send(scene, scene.answer("cantine", wanted=False))
    assert nothing.value.answers == ()
    with pytest.raises(NothingToSend) as nothing:
        send(scene, scene.answer("cantine", 1))
    assert [each.refusal.rule for each in nothing.value.answers] == [Rule.NOT_YET_OPEN]
    for model in (RentreeDraft, RentreeRecap, OutgoingMail, Booking, Procedure):
        assert not model.objects.exists()


def test_why_nothing_was_sent_is_said_in_the_language_of_the_screen():
    scene = rentree_scene(enrolment_opens_at=datetime(2027, 7, 1, 8, tzinfo=PARIS))
    with translation.override("en"), pytest.raises(NothingToSend) as nothing:
        send(scene, scene.answer("cantine", 1))
    (answer,) = nothing.value.answers
    assert "1 July 2027" in answer.refusal.sentence.replace("\u00a0", " ")
    assert not Procedure.objects.exists()


def test_what_is_not_open_yet_waits_in_the_preparation():
    scene = rentree_scene(stems=("cantine", "garderie"))
    Activity.objects.filter(code="garderie-2027").update(enrolment_opens_at=datetime(2027, 7, 1, 8, tzinfo=PARIS))
    recap = send(scene, scene.answer("cantine", 1), scene.answer("garderie", 2))
    waiting = recap.lines.get(state=LineState.REFUSED)
    assert (
        waiting.reason
        == f"Les inscriptions à «{NBSP}Garderie 2027/2028{NBSP}» ouvrent le jeudi 1er{NBSP}juillet 2027 à 8{NBSP}h."
    )
    draft = RentreeDraft.objects.get()
    later = send(scene, scene.answer("garderie", 2), key=draft.key, at=datetime(2027, 7, 1, 8, tzinfo=PARIS))
    assert later.lines.get().state == LineState.ACCEPTED


def test_a_request_that_an_agent_answers_is_received_and_books_nothing():
    scene = rentree_scene(validation_mode=ValidationMode.AGENT)
    line = send(scene, scene.answer("cantine", 1)).lines.get()
    assert (line.state, line.booked) == (LineState.REQUESTED, 0)
    assert line.enrolment.state == EnrolmentState.REQUESTED
    assert line.week == [["Repas", [1]]]


def test_a_whole_year_activity_books_all_that_it_serves():
    scene = rentree_scene(enrolment_mode=EnrolmentMode.WHOLE_YEAR)
    line = send(scene, scene.answer("cantine")).lines.get()
    assert line.week == [["Repas", [1, 2, 4, 5]]]
    assert line.booked > 130


def test_the_last_place_of_a_day_goes_to_the_first_child():
    pool = PlacePoolFactory(capacity=1)
    scene = rentree_scene(children=2, pools=[pool])
    recap = send(scene, scene.answer("cantine", 1), scene.answer("cantine", 1, child=1))
    first, second = recap.lines.order_by("rank")
    assert first.booked > 30
    assert second.booked == 0
    assert len(second.left_out) == first.booked
    assert {each["rule"] for each in second.left_out} == {Rule.FULL.value}
    assert set(DayPlaces.objects.filter(pool=pool).values_list("taken", flat=True)) == {1}
    check_places()


def test_a_unit_that_needs_another_finds_it_in_the_same_validation_whatever_the_order():
    scene = rentree_scene(stems=("car", "centre"))
    UnitRelationFactory(kind=RelationKind.DEPENDENT, unit=scene.new["car"], other=scene.new["centre"])
    recap = send(scene, scene.answer("car", 1, 2), scene.answer("centre", 1))
    car, centre = recap.lines.order_by("rank")
    assert car.booked == centre.booked > 30
    assert {each["rule"] for each in car.left_out} == {Rule.DEPENDENT.value}


def test_units_that_go_together_are_counted_once_each():
    scene = rentree_scene(stems=("repas", "pause"))
    UnitRelationFactory(unit=scene.new["repas"], other=scene.new["pause"])
    recap = send(scene, scene.answer("repas", 1), scene.answer("pause", 1))
    one, other = recap.lines.order_by("rank")
    assert one.booked == other.booked == Booking.objects.filter(enrolment=one.enrolment).count()
    assert one.cost == other.cost == Decimal("4.30") * one.booked


def test_a_brother_enrolled_by_the_same_validation_opens_the_window_of_siblings():
    scene = rentree_scene(stems=("cantine", "garderie"), children=2)
    shared = scene.new["cantine"].activity.structure
    Activity.objects.filter(code="garderie-2027").update(
        structure=shared, enrolment_opens_at=datetime(2027, 8, 1, tzinfo=PARIS)
    )
    EnrolmentWindow.objects.create(
        activity=scene.new["garderie"].activity, audience=Audience.SIBLINGS, opens_at=AT - timedelta(days=1)
    )
    Enrolment.objects.filter(activity__code__endswith="2026").delete()
    recap = send(scene, scene.answer("cantine", 1), scene.answer("garderie", 1, child=1))
    assert {line.state for line in recap.lines.all()} == {LineState.ACCEPTED}


@pytest.mark.exigence("C8")
def test_a_preparation_keeps_every_answer_for_both_parents():
    scene = rentree_scene(stems=("cantine", "garderie"), parents=2)
    save(scene, scene.answer("cantine", 1, 4, starts_on=date(2027, 10, 4)), scene.answer("garderie", wanted=False))
    draft = save(scene, scene.answer("garderie", 2), by=scene.others[0])
    answers = {each.activity.code: each for each in draft.answers.all()}
    assert answers["cantine-2027"].pattern == {str(scene.new["cantine"].pk): [1, 4]}
    assert answers["cantine-2027"].starts_on == date(2027, 10, 4)
    assert answers["garderie-2027"].wanted
    assert (draft.version, draft.changed_by) == (2, scene.others[0])
    assert not Enrolment.objects.filter(activity__code__endswith="2027").exists()


def test_a_preparation_changed_by_the_other_parent_is_shown_again():
    scene = rentree_scene(parents=2)
    draft = save(scene, scene.answer("cantine", 1))
    save(scene, scene.answer("cantine", 2), by=scene.others[0])
    with pytest.raises(RentreeChanged):
        send(scene, scene.answer("cantine", 1), key=draft.key, version=draft.version)
    with pytest.raises(RentreeChanged):
        send(scene, scene.answer("cantine", 1), key=uuid4())
    assert not RentreeRecap.objects.exists()


def test_a_preparation_is_forgotten():
    scene = rentree_scene()
    save(scene, scene.answer("cantine", 1))
    assert forget_rentree(family=scene.family, year=YEAR, by=scene.parent, at=AT)
    assert not forget_rentree(family=scene.family, year=YEAR, by=scene.parent, at=AT)
    assert not RentreeAnswer.objects.exists()


def test_whoever_may_not_book_prepares_and_sends_nothing():
    scene = rentree_scene()
    grandmother = UserFactory()
    MemberFactory(family=scene.family, relative=True, adult__user=grandmother)
    for verb in (save, send):
        with pytest.raises(NotAllowed):
            verb(scene, scene.answer("cantine", 1), by=grandmother)


def test_a_child_of_another_family_is_never_enrolled():
    scene, foreign = rentree_scene(stems=("cantine",)), rentree_scene(stems=("garderie",))
    stolen = foreign.answer("garderie", 1)
    with pytest.raises(NothingToSend):
        send(scene, stolen)
    save(scene, stolen)
    assert not RentreeAnswer.objects.exists()


def test_the_day_of_entry_is_respected():
    scene = rentree_scene()
    line = send(scene, scene.answer("cantine", 1, starts_on=date(2027, 11, 8))).lines.get()
    assert line.starts_on == date(2027, 11, 8)
    assert min(Booking.objects.values_list("day", flat=True)) == date(2027, 11, 8)
    assert line.starts_on > FIRST


def test_the_days_of_all_the_children_are_booked_in_the_same_queries():
    """Each enrolment is asked for in its own queries; reading and booking the days cost the same for three."""
    one, three = rentree_scene(stems=("cantine",)), rentree_scene(children=3, stems=("garderie",))

    def booking(scene, count, stem):
        answers = [scene.answer(stem, 1, 2, 4, 5, child=child) for child in range(count)]
        with CaptureQueriesContext(connection) as queries:
            send(scene, *answers)
        return [each["sql"] for each in queries if re.search(r"dayplaces|_unit|booking", each["sql"].lower())]

    assert len(booking(three, 3, "garderie")) - len(booking(one, 1, "cantine")) <= 12
