"""One answer for each question, in order, with the fact, the rule, the instant and a way out."""

from datetime import date, datetime, timedelta

import pytest

from portal.domain.activities.enums import ServiceDays
from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.grid import take_picture
from portal.domain.bookings.loading import Scope, load_children
from portal.domain.bookings.policy import why_not
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import ChildLink, FamilyMember
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule, WayOutKind
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY
from tests.domain.bookings.factories import book, household, join, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory

NBSP = "\u00a0"
CONTACT = f"Vous pouvez contacter le service Enfance au 01{NBSP}99{NBSP}00{NBSP}12{NBSP}34."

pytestmark = pytest.mark.django_db


def ask(home, day=MONDAY, *, wish=Wish.ADD, child=0, unit=0, at=AT, **options):
    picture = take_picture(family=home.family, user=home.parent, scope=Scope(DateRange(day, day)), at=at)
    return why_not(
        picture.context,
        wish=wish,
        child_id=home.children[child].pk,
        unit_id=home.units[unit].pk,
        day=day,
        at=at,
        **options,
    )


def alter(thing, **values):
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save()


def test_an_open_day_is_allowed(home):
    assert ask(home) is None


def test_a_booked_day_may_be_given_back(home):
    book(home, [MONDAY])
    assert ask(home, wish=Wish.REMOVE) is None


def test_who_may_only_look_is_told_so(home):
    FamilyMember.objects.update(can_book=False)
    refusal = ask(home)
    assert refusal.rule is Rule.NO_RIGHT
    assert refusal.sentence == (
        f"Pour Hugo, vous consultez le planning sans pouvoir le modifier{NBSP}: ce droit dépend du dossier. {CONTACT}"
    )
    assert refusal.way_out.kind is WayOutKind.CONTACT_SERVICE


def test_a_household_may_hold_the_right_for_one_child_only(home):
    ChildLink.objects.filter(child=home.children[1]).update(can_book=False)
    assert ask(home) is None
    assert ask(home, child=1).rule is Rule.NO_RIGHT


def test_a_day_booked_by_the_other_household_is_its_own_to_cancel(home, canteen):
    other = household(canteen, enrolled=False)
    join(other.family, home.child)
    book(home, [MONDAY])
    other.children[0] = home.child
    assert ask(other).rule is Rule.ALREADY_BOOKED
    refusal = ask(other, wish=Wish.REMOVE)
    assert (refusal.rule, refusal.sentence) == (
        Rule.NO_RIGHT,
        f"Ce jour a été réservé par un autre foyer, qui seul peut l’annuler. {CONTACT}",
    )


def test_a_cancellation_needs_a_booking(home):
    assert ask(home, wish=Wish.REMOVE).rule is Rule.NOT_BOOKED


@pytest.mark.exigence("P38", "I1")
def test_without_enrolment_the_way_out_is_to_enrol(canteen):
    home = household(canteen, enrolled=False)
    book_elsewhere = household(canteen)  # the unit is known to the town, not to this family
    assert book_elsewhere
    picture = take_picture(
        family=home.family,
        user=home.parent,
        scope=Scope(DateRange(MONDAY, MONDAY), activities=[canteen.activity_id]),
        at=AT,
    )
    refusal = why_not(picture.context, wish=Wish.ADD, child_id=home.child.pk, unit_id=canteen.pk, day=MONDAY, at=AT)
    assert refusal.rule is Rule.NOT_ENROLLED
    assert refusal.sentence == (
        f"Hugo n’a pas d’inscription à «{NBSP}Restaurant scolaire 2026/2027{NBSP}»{NBSP}: "
        "l’inscription vient avant les jours."
    )
    assert (refusal.way_out.kind, refusal.way_out.label) == (WayOutKind.ENROL, "Inscrire Hugo")


def test_a_requested_enrolment_books_nothing_yet(canteen):
    home = household(canteen, enrolled=False)
    EnrolmentFactory(child=home.child, family=home.family, activity=canteen.activity, requested=True)
    refusal = ask(home)
    assert refusal.rule is Rule.NOT_ENROLLED
    assert "attend la réponse du service" in refusal.sentence


@pytest.mark.exigence("P39")
@pytest.mark.parametrize("wish", list(Wish))
def test_a_read_only_activity_is_seen_and_not_changed(home, canteen, wish):
    if wish == Wish.REMOVE:
        book(home, [MONDAY])
    alter(canteen.activity, editable_by_families=False)
    refusal = ask(home, wish=wish)
    assert refusal.rule is Rule.READ_ONLY_ACTIVITY
    assert refusal.sentence == f"Les jours de cette activité ne se changent pas en ligne. {CONTACT}"


@pytest.mark.exigence("P37", "P67")
def test_before_the_opening(home, canteen):
    refusal = ask(home, date(2026, 9, 1))
    assert refusal.rule is Rule.BEFORE_OPENING
    assert refusal.sentence == f"Cette activité est ouverte à partir du 2{NBSP}septembre 2026."
    assert refusal.way_out.kind is WayOutKind.CHOOSE_OTHER_DAY


def test_after_the_end(home):
    refusal = ask(home, date(2027, 7, 5))
    assert (refusal.rule, refusal.sentence) == (
        Rule.AFTER_END,
        f"Cette activité se termine le 2{NBSP}juillet 2027.",
    )


def test_outside_the_enrolment(home):
    alter(home.child.enrolments.get(), starts_on=NEXT_MONDAY, ends_on=date(2026, 12, 18))
    assert ask(home, NEXT_MONDAY) is None
    before, after = ask(home), ask(home, date(2026, 12, 21))
    assert (before.rule, before.sentence) == (
        Rule.OUTSIDE_ENROLMENT,
        f"Pour Hugo, l’inscription commence le 21{NBSP}septembre 2026.",
    )
    assert after.sentence == f"Pour Hugo, l’inscription s’est terminée le 18{NBSP}décembre 2026."


def test_a_weekday_that_is_not_served(home):
    assert ask(home, date(2026, 9, 16)).rule is Rule.NOT_OFFERED


@pytest.mark.exigence("P68", "B33")
@pytest.mark.parametrize(
    ("day", "rule", "words"),
    [
        (date(2027, 3, 29), Rule.PUBLIC_HOLIDAY, "férié"),
        (date(2026, 10, 19), Rule.SCHOOL_HOLIDAY, "les jours d’école"),
    ],
)
def test_holidays(home, calendar, day, rule, words):
    refusal = ask(home, day)
    assert refusal.rule is rule
    assert words in refusal.sentence


def test_a_holiday_activity_is_closed_in_term(home, canteen, calendar):
    alter(canteen.activity, service_days=ServiceDays.HOLIDAYS)
    assert ask(home, date(2026, 10, 19)) is None
    assert ask(home).rule is Rule.TERM_TIME


@pytest.mark.exigence("P68", "C2")
def test_a_closure_gives_its_reason(home):
    ClosureFactory(reason="réunion d'équipe", starts_on=MONDAY, ends_on=MONDAY)
    refusal = ask(home)
    assert (refusal.rule, refusal.sentence) == (
        Rule.CLOSED_DAY,
        f"Fermé le 14{NBSP}septembre 2026{NBSP}: réunion d’équipe.",
    )


def test_a_booked_day_that_closes_afterwards_can_still_be_given_back(home):
    book(home, [MONDAY])
    ClosureFactory(starts_on=MONDAY, ends_on=MONDAY)
    assert ask(home, wish=Wish.REMOVE) is None


def test_not_yet_open_says_from_when(home, canteen):
    alter(canteen.activity, booking_deadline={"kind": "rolling_opening", "amount": 3})
    refusal = ask(home)
    assert refusal.rule is Rule.NOT_YET_OPEN
    assert refusal.since == datetime(2026, 9, 11, tzinfo=PARIS)
    assert f"ouvre le vendredi 11{NBSP}septembre 2026 à 0{NBSP}h" in refusal.sentence
    assert refusal.way_out.kind is WayOutKind.COME_BACK_LATER


@pytest.mark.exigence("P16", "P20", "C2", "P14")
def test_past_the_deadline_the_sentence_gives_fact_rule_instant_and_way_out(home):
    refusal = ask(home, FRIDAY, at=datetime(2026, 9, 11, tzinfo=PARIS))
    assert refusal.rule is Rule.DEADLINE_PASSED
    assert refusal.sentence == (
        f"Ce jour ne se modifie plus en ligne. Les jours se changent jusqu’au jeudi 23{NBSP}h{NBSP}59 de la semaine "
        f"précédente{NBSP}: fermé depuis le jeudi 10{NBSP}septembre 2026 à 23{NBSP}h{NBSP}59. {CONTACT}"
    )
    assert refusal.since == datetime(2026, 9, 10, 23, 59, tzinfo=PARIS)
    assert refusal.article == "règlement intérieur, article 5"
    assert refusal.way_out.label == "Contacter le service Enfance"
    assert refusal.way_out.params["phone"] == "01 99 00 12 34"


@pytest.mark.exigence("P21", "P33")
def test_booking_and_cancelling_have_rules_of_their_own(home, canteen):
    book(home, [MONDAY])
    alter(canteen.activity, cancellation_deadline={"kind": "days_before", "days": 10})
    assert ask(home, child=1) is None
    refusal = ask(home, wish=Wish.REMOVE)
    assert refusal.sentence.startswith("Ce jour ne s’annule plus en ligne. Les jours s’annulent jusqu’à ")


def test_the_deadline_of_the_unit_comes_before_that_of_its_activity(home, canteen):
    alter(canteen, booking_deadline={"kind": "days_before", "days": 30})
    assert ask(home).rule is Rule.DEADLINE_PASSED
    book(home, [MONDAY], child=1)
    assert ask(home, child=1, wish=Wish.REMOVE) is None


def test_a_day_gone_never_changes_even_without_deadline(home, canteen):
    alter(canteen.activity, booking_deadline={"kind": "always"}, cancellation_deadline={"kind": "always"})
    tuesday = date(2026, 9, 8)
    assert ask(home, tuesday, at=datetime(2026, 9, 8, 23, 59, tzinfo=PARIS)) is None
    refusal = ask(home, tuesday)
    assert (refusal.rule, refusal.sentence) == (Rule.DAY_PAST, f"Ce jour est passé. {CONTACT}")


def test_a_day_without_price_is_not_booked(home, canteen):
    canteen.tariff_link.tariff.versions.update(valid_from=NEXT_MONDAY)
    assert ask(home, NEXT_MONDAY) is None
    assert ask(home).rule is Rule.NO_PRICE


@pytest.mark.exigence("P40", "B1")
def test_a_full_day_says_how_many_places_there_were(home, canteen):
    for _ in range(2):
        book(household(canteen), [MONDAY])
    refusal = ask(home)
    assert refusal.rule is Rule.FULL
    assert refusal.sentence == (
        f"Ce jour est complet{NBSP}: les 2{NBSP}places sont prises ou retenues. "
        f"Vous pouvez choisir un autre jour ou contacter le service Enfance au 01{NBSP}99{NBSP}00{NBSP}12{NBSP}34."
    )
    assert refusal.way_out.kind is WayOutKind.CHOOSE_OTHER_DAY


def test_a_pool_without_any_place_is_full_from_the_start():
    home = household(priced_unit(pools=[PlacePoolFactory(capacity=0)]))
    assert ask(home).rule is Rule.FULL


def test_an_enrolment_books_what_is_never_changed_on_line(home, canteen):
    alter(canteen.activity, booking_deadline={"kind": "never"}, editable_by_families=False)
    assert ask(home).rule is Rule.READ_ONLY_ACTIVITY
    assert ask(home, enrolling=True) is None
    alter(canteen.activity, booking_deadline={"kind": "weekday_before", "weekday": 4})
    assert ask(home, date(2026, 9, 10), enrolling=True).rule is Rule.DEADLINE_PASSED


def test_a_cell_that_the_family_does_not_know_has_no_answer(home, canteen):
    stranger = household(canteen)
    picture = take_picture(family=home.family, user=home.parent, scope=Scope(DateRange(MONDAY, MONDAY)), at=AT)
    for child, unit in ((stranger.child.pk, canteen.pk), (home.child.pk, canteen.pk + 1000)):
        with pytest.raises(UnknownCell):
            why_not(picture.context, wish=Wish.ADD, child_id=child, unit_id=unit, day=MONDAY, at=AT)


@pytest.mark.exigence("C2")
def test_every_refusal_has_a_way_out(home, canteen, calendar):
    ClosureFactory(starts_on=NEXT_MONDAY, ends_on=NEXT_MONDAY)
    book(home, [MONDAY])
    for _ in range(2):
        book(household(canteen), [FRIDAY])
    days = DateRange(date(2026, 8, 24), date(2026, 11, 13))
    picture = take_picture(family=home.family, user=home.parent, scope=Scope(days), at=AT)
    rules = set()
    for day in days:
        for wish in Wish:
            for child in home.children:
                refusal = why_not(picture.context, wish=wish, child_id=child.pk, unit_id=canteen.pk, day=day, at=AT)
                if refusal is not None:
                    rules.add(refusal.rule)
                    assert refusal.way_out is not None
                    assert refusal.way_out.label
                    assert refusal.sentence[0].isupper()
                    assert refusal.sentence.endswith(".")
                    assert "'" not in refusal.sentence
    assert {Rule.FULL, Rule.CLOSED_DAY, Rule.DEADLINE_PASSED, Rule.SCHOOL_HOLIDAY, Rule.NOT_OFFERED} <= rules


@pytest.mark.exigence("C3")
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_deadline_shown_is_the_deadline_enforced(home, seconds):
    instant = datetime(2026, 9, 10, 23, 59, 59, tzinfo=PARIS) + timedelta(seconds=1 + seconds)
    assert (ask(home, at=instant) is None) == (seconds < 0)


@pytest.mark.parametrize("person", [True, False])
@pytest.mark.parametrize("household_right", [True, False])
@pytest.mark.parametrize("see", [True, False])
def test_the_rights_are_those_of_the_families(home, person, household_right, see):
    FamilyMember.objects.update(can_see=see or person, can_book=person, can_edit=False, can_pay=False)
    ChildLink.objects.filter(child=home.child).update(
        can_see=see or household_right, can_book=household_right, can_edit=False, can_pay=False
    )
    children = load_children(family=home.family, user=home.parent, school_year=2026)
    for right, mine in (
        (Right.SEE, set(children)),
        (Right.BOOK, {pk for pk, child in children.items() if child.may_book}),
    ):
        theirs = children_with(user=home.parent, family=home.family, right=right)
        assert mine == set(theirs.values_list("pk", flat=True))
