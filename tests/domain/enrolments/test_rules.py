"""Who may enrol: age, level, school, period and window."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from portal.domain.activities.enums import AgeReference
from portal.domain.enrolments.rules import Applicant, Conditions, earliest_start, reference_day, why_not_enrol
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule

CANTEEN = Conditions(name="Restaurant scolaire", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 2))
HUGO = Applicant(first_name="Hugo", birth_date=date(2017, 11, 3), level="CM1", school_code="centre")
AT = datetime(2026, 9, 9, 10, 0, tzinfo=PARIS)


def answer(conditions, applicant=HUGO, *, starts_on=date(2026, 9, 14), at=AT):
    return why_not_enrol(conditions, applicant, starts_on=starts_on, at=at, today=at.date())


def having(**changes):
    return replace(CANTEEN, **changes)


def test_nothing_stands_against_a_child_without_conditions():
    assert answer(CANTEEN) is None


@pytest.mark.exigence("I12")
@pytest.mark.parametrize(
    ("reference", "day"),
    [
        (AgeReference.DAY, date(2026, 9, 14)),
        (AgeReference.SCHOOL_START, date(2026, 9, 1)),
        (AgeReference.CALENDAR_END, date(2026, 12, 31)),
    ],
)
def test_the_age_is_taken_on_the_day_the_activity_chooses(reference, day):
    assert reference_day(having(age_reference=reference), starts_on=date(2026, 9, 14)) == day


@pytest.mark.exigence("I12")
@pytest.mark.parametrize(
    ("birth", "allowed"),
    [(date(2020, 9, 1), True), (date(2020, 9, 2), False), (date(2014, 9, 2), True), (date(2014, 9, 1), False)],
)
def test_age_bounds_are_inclusive_on_the_reference_day(birth, allowed):
    conditions = having(min_age=6, max_age=11)
    refusal = answer(conditions, Applicant(first_name="Léa", birth_date=birth))
    assert (refusal is None) is allowed
    if refusal:
        assert refusal.rule == Rule.AGE
        assert "de 6 à 11\u00a0ans" in refusal.sentence
        assert "Léa" in refusal.sentence


@pytest.mark.exigence("I11")
def test_an_activity_that_is_over_refuses_with_its_last_day():
    refusal = answer(CANTEEN, at=datetime(2027, 7, 3, 9, tzinfo=PARIS), starts_on=date(2027, 7, 3))
    assert refusal.rule == Rule.AFTER_END
    assert "2\u00a0juillet 2027" in refusal.sentence


@pytest.mark.exigence("I19")
def test_a_level_outside_the_list_is_refused_and_an_unknown_one_says_so():
    nursery = having(levels=("PS", "MS", "GS"))
    assert answer(nursery).rule == Rule.LEVEL
    unknown = answer(nursery, Applicant(first_name="Noé", birth_date=date(2023, 1, 1)))
    assert "niveau de Noé n’est pas encore connu" in unknown.sentence


@pytest.mark.exigence("I13", "I20")
def test_only_pupils_of_the_attached_school_are_accepted():
    assert answer(having(school_codes=("centre",))) is None
    assert answer(having(school_codes=("montagne",))).rule == Rule.SCHOOL


@pytest.mark.exigence("I42")
def test_enrolment_opens_and_closes_at_its_instants():
    conditions = having(
        opens_at=datetime(2026, 3, 10, 8, 30, tzinfo=PARIS), closes_at=datetime(2026, 8, 21, tzinfo=PARIS)
    )
    day = date(2026, 9, 1)
    assert answer(conditions, at=datetime(2026, 3, 10, 8, 29, tzinfo=PARIS), starts_on=day).rule == Rule.NOT_YET_OPEN
    assert answer(conditions, at=datetime(2026, 3, 10, 8, 30, tzinfo=PARIS), starts_on=day) is None
    assert answer(conditions, at=datetime(2026, 8, 20, 23, 59, 59, tzinfo=PARIS), starts_on=day) is None
    assert answer(conditions, at=datetime(2026, 8, 21, tzinfo=PARIS), starts_on=day).rule == Rule.ENROLMENT_CLOSED


@pytest.mark.exigence("I25")
@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (date(2026, 8, 31), Rule.OUTSIDE_ENROLMENT),
        (date(2027, 7, 3), Rule.OUTSIDE_ENROLMENT),
        (date(2026, 9, 8), Rule.DAY_PAST),
        (date(2026, 9, 9), None),
        (date(2027, 7, 2), None),
    ],
)
def test_the_wished_entry_lies_between_today_and_the_end(day, rule):
    refusal = answer(CANTEEN, starts_on=day)
    assert (refusal.rule if refusal else None) == rule


def test_the_earliest_entry_is_today_or_the_first_day():
    assert earliest_start(CANTEEN, today=date(2026, 6, 1)) == date(2026, 9, 1)
    assert earliest_start(CANTEEN, today=date(2026, 10, 5)) == date(2026, 10, 5)
