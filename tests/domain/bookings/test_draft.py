"""The draft: differences, places held meanwhile, time that runs, two parents and two windows."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Basket, BasketLine, DayPlaces
from portal.domain.bookings.queries import load_draft, load_planning
from portal.domain.bookings.services import (
    change_draft,
    discard_draft,
    extend_draft,
    release_lapsed_drafts,
    remove_line,
    resume_draft,
)
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.calendar import month_range
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join, priced_unit
from tests.domain.tariffs.factories import TariffVersionFactory

LATER = AT + timedelta(minutes=5)
EXPIRED = AT + timedelta(minutes=20)

pytestmark = pytest.mark.django_db


def change(home, add=(), remove=(), *, by=None, at=AT):
    return change_draft(family=home.family, add=[*add], remove=[*remove], by=by or home.parent, at=at)


def counts(pool, day=MONDAY):
    row = DayPlaces.objects.filter(pool=pool, day=day).first()
    return (row.taken, row.held) if row else (0, 0)


@pytest.mark.exigence("P13", "P26", "P31", "P42", "P43", "P46", "P57", "C9")
def test_ticking_holds_a_place_at_the_price_of_the_day(home, pool):
    outcome = change(home, [home.code(MONDAY), home.code(TUESDAY, child=1)])
    draft = outcome.draft
    assert (outcome.changed, outcome.left_out) == (2, ())
    assert (draft.additions, draft.removals, draft.amount) == (2, 0, Decimal("8.60"))
    assert (draft.expires_at, draft.lapsed, draft.version) == (AT + timedelta(minutes=20), False, 1)
    assert (draft.changed_by, draft.changed_at) == ("Claire", AT)
    assert [(line.child_name, line.label, line.day, line.tariff_name) for line in draft.lines] == [
        ("Hugo", "Cantine", MONDAY, "Repas enfant"),
        ("Léna", "Cantine", TUESDAY, "Repas enfant"),
    ]
    assert counts(pool) == (0, 1)
    line = BasketLine.objects.get(day=MONDAY)
    assert (line.holding, line.unit_price, line.added_by) == (True, Decimal("4.30"), home.parent)
    assert line.explanation


@pytest.mark.exigence("P58", "P25", "P44")
def test_unticking_a_booked_day_is_a_pending_cancellation_at_the_price_it_was_booked(home, pool):
    book(home, [MONDAY], price="3.90")
    draft = change(home, remove=[home.code(MONDAY)]).draft
    assert (draft.removals, draft.amount) == (1, Decimal("-3.90"))
    assert counts(pool) == (1, 0)  # the place is the family's until it validates


@pytest.mark.exigence("P51", "C9")
@pytest.mark.parametrize("booked", [True, False])
def test_ticking_then_unticking_leaves_nothing(home, pool, booked):
    if booked:
        book(home, [MONDAY])
    code = home.code(MONDAY)
    first, then = ({"remove": [code]}, {"add": [code]}) if booked else ({"add": [code]}, {"remove": [code]})
    change(home, **first)
    outcome = change(home, **then, at=LATER)
    assert (outcome.changed, outcome.draft.is_empty) == (1, True)
    assert not Basket.objects.exists()
    assert counts(pool) == ((1, 0) if booked else (0, 0))


def test_what_the_books_already_say_is_no_wish(home):
    book(home, [MONDAY])
    outcome = change(home, [home.code(MONDAY)], [home.code(TUESDAY)])
    assert (outcome.changed, outcome.left_out, outcome.draft.is_empty) == (0, (), True)


def test_ticked_and_unticked_at_once_is_no_difference(home):
    outcome = change(home, [home.code(MONDAY)], [home.code(MONDAY)])
    assert (outcome.changed, outcome.draft.is_empty) == (0, True)


@pytest.mark.exigence("C9", "B3")
def test_two_parents_and_two_windows_merge(canteen):
    home = household(canteen, children=2, parents=2)
    mother, father = home.parent, home.others[0]
    book(home, [FRIDAY])
    change(home, [home.code(MONDAY)], by=mother)
    # The father's page was opened before: his form says nothing of Monday, and unticks Friday.
    change(home, [home.code(TUESDAY)], [home.code(FRIDAY)], by=father, at=LATER)
    # The mother's other window ticks what is already wished: nothing more.
    outcome = change(home, [home.code(TUESDAY)], by=mother, at=LATER)
    draft = outcome.draft
    assert (outcome.changed, draft.version) == (0, 2)
    assert (draft.changed_at, draft.changed_by) == (LATER, father.first_name)
    assert [(line.wish, line.day) for line in draft.lines] == [
        (Wish.ADD, MONDAY),
        (Wish.ADD, TUESDAY),
        (Wish.REMOVE, FRIDAY),
    ]


@pytest.mark.exigence("P40", "B1")
def test_a_full_day_is_left_out_and_the_others_stand(home, canteen):
    for _ in range(2):
        book(household(canteen), [MONDAY])
    outcome = change(home, [home.code(MONDAY), home.code(TUESDAY)])
    assert outcome.changed == 1
    (left,) = outcome.left_out
    assert (left.code, left.child_name, left.label, left.day, left.refusal.rule) == (
        home.code(MONDAY),
        "Hugo",
        "Cantine",
        MONDAY,
        Rule.FULL,
    )


def test_the_last_place_goes_to_one_child_only(home, canteen, pool):
    book(household(canteen), [MONDAY])
    outcome = change(home, [home.code(MONDAY), home.code(MONDAY, child=1)])
    assert (outcome.changed, len(outcome.left_out), counts(pool)) == (1, 1, (1, 1))


def test_places_held_by_a_live_draft_are_full_for_others_not_for_the_family(home, canteen, pool):
    change(home, [home.code(MONDAY), home.code(MONDAY, child=1)])
    other = household(canteen)
    assert change(other, [other.code(MONDAY)]).left_out[0].refusal.rule is Rule.FULL
    cells = {
        row.child.pk: row.cells[MONDAY]
        for row in load_planning(family=home.family, user=home.parent, days=month_range(2026, 9), at=AT).rows
    }
    assert all((cell.editable, cell.checked, cell.refusal) == (True, True, None) for cell in cells.values())


def test_a_unit_takes_all_its_pools_or_none():
    meal, club = PlacePoolFactory(capacity=1), PlacePoolFactory(capacity=5)
    day_out = priced_unit(pools=[meal, club])
    home, other = household(day_out), household(day_out)
    book(home, [MONDAY])
    assert change(other, [other.code(MONDAY)]).left_out[0].refusal.rule is Rule.FULL
    assert (counts(meal), counts(club)) == ((1, 0), (1, 0))
    assert change(other, [other.code(TUESDAY)]).changed == 1
    assert (counts(meal, TUESDAY), counts(club, TUESDAY)) == ((0, 1), (0, 1))


def test_a_place_may_move_from_one_child_to_the_other_on_a_full_day(home, canteen, pool):
    book(home, [MONDAY])
    book(household(canteen), [MONDAY])
    outcome = change(home, [home.code(MONDAY, child=1)], [home.code(MONDAY)])
    assert (outcome.changed, outcome.left_out) == (2, ())
    assert (counts(pool), BasketLine.objects.get(wish=Wish.ADD).holding) == ((2, 0), False)
    assert [line.refusal for line in outcome.draft.lines] == [None, None]
    # Without the cancellation, the place is not there any more: the line says so instead of lying.
    draft = change(home, [home.code(MONDAY)], at=LATER).draft
    (line,) = draft.lines
    assert (line.refusal.rule, draft.additions, draft.is_empty) == (Rule.FULL, 0, False)


@pytest.mark.exigence("P20")
def test_a_day_past_its_deadline_is_left_out(home):
    outcome = change(home, [home.code(FRIDAY)], at=datetime(2026, 9, 11, tzinfo=PARIS))
    assert (outcome.changed, outcome.left_out[0].refusal.rule) == (0, Rule.DEADLINE_PASSED)
    assert not Basket.objects.exists()


# Out of reach


@pytest.mark.parametrize("code", ["", "1.2", "x.y.z", "1.1.2026-13-01"])
def test_a_garbled_code_is_unknown(home, code):
    with pytest.raises(UnknownCell):
        change(home, [code])


def test_a_foreign_child_is_unknown_and_nothing_is_written(home, canteen):
    stranger = household(canteen)
    for codes in ([home.code(MONDAY), stranger.code(MONDAY)], [f"{home.child.pk}.999999.2026-09-14"]):
        with pytest.raises(UnknownCell):
            change(home, codes)
        with pytest.raises(UnknownCell):
            change(home, [], codes)
    assert not BasketLine.objects.exists()


def test_somebody_else_has_no_draft_here(home, canteen):
    stranger = household(canteen)
    with pytest.raises(UnknownCell):
        change(home, [home.code(MONDAY)], by=stranger.parent)


def test_who_may_only_look_changes_nothing(home):
    FamilyMember.objects.update(can_book=False)
    outcome = change(home, [home.code(MONDAY)])
    assert (outcome.changed, outcome.left_out[0].refusal.rule) == (0, Rule.NO_RIGHT)


def test_two_households_of_a_child_have_a_draft_each(home, canteen, pool):
    other = household(canteen, enrolled=False)
    join(other.family, home.child)
    other.children[0] = home.child
    change(home, [home.code(MONDAY)])
    outcome = change(other, [other.code(MONDAY)])
    assert (outcome.changed, counts(pool), Basket.objects.count()) == (1, (0, 2), 2)


# Time


@pytest.mark.exigence("P57", "C9")
def test_every_change_and_every_extension_gives_twenty_minutes_more(home, settings):
    change(home, [home.code(MONDAY)])
    assert change(home, [home.code(TUESDAY)], at=LATER).draft.expires_at == LATER + timedelta(minutes=20)
    settings.DRAFT_MINUTES = 30
    outcome = extend_draft(family=home.family, by=home.parent, at=EXPIRED)
    assert (outcome.draft.expires_at, outcome.draft.version) == (EXPIRED + timedelta(minutes=30), 2)


def test_a_refused_wish_does_not_prolong_the_draft(home):
    change(home, [home.code(MONDAY)])
    outcome = change(home, [home.code(date(2026, 9, 16))], at=LATER)
    assert outcome.draft.expires_at == AT + timedelta(minutes=20)


@pytest.mark.exigence("P57")
def test_a_lapsed_draft_keeps_its_choices_and_gives_its_places_back(home, pool):
    book(home, [FRIDAY])
    change(home, [home.code(MONDAY)], [home.code(FRIDAY)])
    assert release_lapsed_drafts(at=EXPIRED - timedelta(seconds=1)) == 0
    assert release_lapsed_drafts(at=EXPIRED) == 1
    assert release_lapsed_drafts(at=EXPIRED) == 0
    draft = load_draft(family=home.family, at=EXPIRED)
    assert (draft.lapsed, draft.additions, draft.removals) == (True, 1, 1)
    assert (counts(pool), counts(pool, FRIDAY)) == ((0, 0), (1, 0))
    assert not BasketLine.objects.filter(holding=True).exists()


def test_resuming_takes_the_places_again_and_says_what_fell_out(home, canteen, pool):
    change(home, [home.code(MONDAY), home.code(TUESDAY), home.code(NEXT_MONDAY)])
    release_lapsed_drafts(at=EXPIRED)
    for _ in range(2):
        book(household(canteen), [TUESDAY])
    outcome = resume_draft(family=home.family, by=home.parent, at=EXPIRED)
    assert [left.day for left in outcome.left_out] == [TUESDAY]
    assert outcome.left_out[0].refusal.rule is Rule.FULL
    assert [line.day for line in outcome.draft.lines] == [MONDAY, NEXT_MONDAY]
    assert (outcome.draft.lapsed, outcome.draft.version) == (False, 2)
    assert (counts(pool), counts(pool, TUESDAY)) == ((0, 1), (2, 0))


def test_resuming_asks_every_rule_again(home, pool):
    book(home, [FRIDAY])
    change(home, [home.code(MONDAY), home.code(NEXT_MONDAY)], [home.code(FRIDAY)])
    friday = datetime(2026, 9, 11, 8, tzinfo=PARIS)
    outcome = resume_draft(family=home.family, by=home.parent, at=friday)
    assert {left.day: left.refusal.rule for left in outcome.left_out} == {
        MONDAY: Rule.DEADLINE_PASSED,
        FRIDAY: Rule.DEADLINE_PASSED,
    }
    assert [line.day for line in outcome.draft.lines] == [NEXT_MONDAY]
    assert (counts(pool), counts(pool, NEXT_MONDAY)) == ((0, 0), (0, 1))


def test_a_draft_of_which_nothing_is_left_disappears_with_its_reasons(home, pool):
    change(home, [home.code(MONDAY)])
    outcome = resume_draft(family=home.family, by=home.parent, at=datetime(2026, 9, 11, tzinfo=PARIS))
    assert (len(outcome.left_out), outcome.draft.is_empty, counts(pool)) == (1, True, (0, 0))
    assert not Basket.objects.exists()


def test_any_change_of_a_lapsed_draft_brings_it_back_to_life(home, canteen, pool):
    change(home, [home.code(MONDAY)])
    release_lapsed_drafts(at=EXPIRED)
    outcome = change(home, [home.code(TUESDAY)], at=EXPIRED)
    assert (outcome.draft.lapsed, outcome.draft.additions) == (False, 2)
    assert (counts(pool), counts(pool, TUESDAY)) == ((0, 1), (0, 1))


def test_a_full_day_asked_of_a_lapsed_draft_is_left_out_and_the_others_are_held_again(home, canteen, pool):
    change(home, [home.code(MONDAY)])
    book(household(canteen), [TUESDAY])
    book(household(canteen), [TUESDAY])
    release_lapsed_drafts(at=EXPIRED)
    outcome = change(home, [home.code(TUESDAY)], at=EXPIRED)
    assert (outcome.changed, [left.day for left in outcome.left_out]) == (0, [TUESDAY])
    assert (outcome.draft.lapsed, outcome.draft.additions) == (False, 1)
    # The count and the line that it counts are written together.
    assert (counts(pool), BasketLine.objects.get().holding, Basket.objects.get().lapsed_at) == ((0, 1), True, None)


def test_a_draft_over_its_time_but_not_released_yet_keeps_its_places_when_resumed(home, pool):
    change(home, [home.code(MONDAY)])
    outcome = resume_draft(family=home.family, by=home.parent, at=EXPIRED)
    assert (outcome.draft.lapsed, outcome.left_out, counts(pool)) == (False, (), (0, 1))


def test_prices_are_fixed_while_the_draft_lives_and_taken_anew_when_it_is_resumed(home, canteen):
    change(home, [home.code(MONDAY)])
    TariffVersionFactory(tariff=canteen.tariff_link.tariff, valid_from=date(2026, 9, 10), unit_price=Decimal("4.45"))
    assert load_draft(family=home.family, at=LATER).amount == Decimal("4.30")
    # Nothing is hidden: once its time is over, the draft shows the price that would be asked.
    assert load_draft(family=home.family, at=EXPIRED).amount == Decimal("4.45")
    assert resume_draft(family=home.family, by=home.parent, at=EXPIRED).draft.amount == Decimal("4.45")
    assert BasketLine.objects.get().unit_price == Decimal("4.45")


@pytest.mark.exigence("P57", "B1")
def test_who_needs_a_place_does_not_wait_for_beat(home, canteen, pool):
    change(home, [home.code(MONDAY), home.code(MONDAY, child=1)])
    other = household(canteen)
    seen = load_planning(family=other.family, user=other.parent, days=month_range(2026, 9), at=EXPIRED)
    assert seen.rows[0].cells[MONDAY].editable  # what lapsed is not shown as full
    assert change(other, [other.code(MONDAY)], at=EXPIRED).changed == 1
    assert counts(pool) == (0, 1)
    assert load_draft(family=home.family, at=EXPIRED).lapsed


# Taking back


@pytest.mark.exigence("P51")
def test_a_line_is_taken_out_of_the_recap(home, pool):
    change(home, [home.code(MONDAY), home.code(TUESDAY)])
    outcome = remove_line(family=home.family, code=home.code(MONDAY), by=home.parent, at=LATER)
    assert (outcome.changed, [line.day for line in outcome.draft.lines]) == (1, [TUESDAY])
    assert counts(pool) == (0, 0)
    again = remove_line(family=home.family, code=home.code(MONDAY), by=home.parent, at=LATER)
    assert (again.changed, again.draft.additions) == (0, 1)
    with pytest.raises(UnknownCell):
        remove_line(family=home.family, code="n’importe quoi", by=home.parent, at=LATER)


@pytest.mark.exigence("P51", "P55")
def test_throwing_everything_away_releases_everything(home, pool):
    book(home, [FRIDAY])
    change(home, [home.code(MONDAY), home.code(TUESDAY)], [home.code(FRIDAY)])
    assert discard_draft(family=home.family, by=home.parent, at=LATER) == 3
    assert discard_draft(family=home.family, by=home.parent, at=LATER) == 0
    assert not Basket.objects.exists()
    assert (counts(pool), counts(pool, FRIDAY)) == ((0, 0), (1, 0))


def test_no_draft_costs_one_query(home, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert load_draft(family=home.family, at=AT).is_empty


def test_a_draft_line_of_a_child_who_left_the_dossier_falls_out(home):
    change(home, [home.code(MONDAY), home.code(THURSDAY, child=1)])
    home.children[1].links.all().delete()
    draft = load_draft(family=home.family, at=LATER)
    assert [(line.child_name, line.refusal and line.refusal.rule) for line in draft.lines] == [
        ("Hugo", None),
        ("Léna", Rule.NO_RIGHT),
    ]
