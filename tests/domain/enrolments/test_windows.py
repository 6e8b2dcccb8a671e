"""Windows of enrolment: for whom, until when, and the instant that is shown is the one that is enforced."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.activities.deadlines import DayOfMonth, DaysBefore, PeriodWindow, PeriodWindows
from portal.domain.activities.enums import Audience
from portal.domain.activities.models import EnrolmentWindow
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.queries import list_offers
from portal.domain.enrolments.rules import Applicant, Conditions, earliest_start, open_until, why_not_enrol
from portal.domain.enrolments.services import EnrolmentRefused, request_enrolment
from portal.domain.enrolments.windows import EntryWindow, NoCalendar, openings, why_not_now
from portal.domain.kernel.clock import PARIS, paris_date, shift, to_utc
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import ActivityFactory
from tests.domain.bookings.factories import household
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory

SECOND = timedelta(seconds=1)
NONE = NoCalendar()


def paris(*values):
    return datetime(*values, tzinfo=PARIS)


EVERYBODY = EntryWindow(key=1, opens_at=paris(2026, 6, 1, 8), closes_at=paris(2026, 8, 21))
RESIDENTS = EntryWindow(
    key=2, audience=Audience.RESIDENTS, label="les habitants de Val-Fleuri", opens_at=paris(2026, 5, 15, 8)
)
MONTHLY = EntryWindow(key=3, opens_at=paris(2026, 8, 21), entry=DayOfMonth(day=20))


def ask(windows, at, *, day=date(2026, 9, 1), theirs=frozenset()):
    return why_not_now("Accueil du soir", windows, theirs, day=day, at=at, calendar=NONE)


@pytest.mark.exigence("B12")
def test_a_window_for_some_opens_earlier_for_them_and_says_to_the_others_when_theirs_does():
    both = [EVERYBODY, RESIDENTS]
    early = paris(2026, 5, 20, 9)
    assert ask(both, early, theirs={2}) is None
    refusal = ask(both, early)
    assert (refusal.rule, refusal.since) == (Rule.NOT_YET_OPEN, EVERYBODY.opens_at)
    assert "1er\u00a0juin 2026 à 8\u00a0h" in refusal.sentence
    assert "déjà ouvertes pour les habitants de Val-Fleuri" in refusal.sentence
    before = ask(both, paris(2026, 5, 1), theirs={2})
    assert "ouvrent pour vous le" in before.sentence
    assert before.since == RESIDENTS.opens_at


@pytest.mark.exigence("I43")
def test_a_second_period_runs_each_month_until_the_20th_for_the_next_one():
    both = [EVERYBODY, MONTHLY]
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert ask(both, paris(2026, 8, 20, 23, 59, 59)) is None
    assert ask(both, paris(2026, 9, 20, 23, 59, 59), day=october) is None
    late = ask(both, paris(2026, 9, 21), day=october)
    assert (late.rule, late.since) == (Rule.ENROLMENT_CLOSED, paris(2026, 9, 21))
    assert "on pouvait s’inscrire jusqu’au dimanche 20\u00a0septembre 2026 à 23\u00a0h\u00a059" in late.sentence
    assert ask(both, paris(2026, 9, 21), day=november) is None
    conditions = Conditions("Soir", date(2026, 9, 1), date(2027, 7, 2), windows=(MONTHLY,))
    at = paris(2026, 9, 21, 10)
    child = Applicant("Hugo", date(2018, 3, 12))
    assert earliest_start(conditions, today=at.date(), applicant=child, at=at) == november
    assert open_until(conditions, child, day=november, at=at) == paris(2026, 10, 20, 23, 59)


@pytest.mark.exigence("I44")
def test_each_holiday_has_its_own_dates():
    autumn = PeriodWindow("Automne", date(2026, 10, 17), date(2026, 11, 1), closes=date(2026, 10, 1))
    winter = PeriodWindow(
        "Noël", date(2026, 12, 19), date(2027, 1, 3), opens=date(2026, 11, 3), closes=date(2026, 12, 3)
    )
    windows = [EntryWindow(key=4, entry=PeriodWindows((autumn, winter)))]
    assert ask(windows, paris(2026, 10, 1, 23, 59), day=date(2026, 10, 19)) is None
    assert ask(windows, paris(2026, 10, 2), day=date(2026, 10, 19)).since == paris(2026, 10, 2)
    assert ask(windows, paris(2026, 10, 2), day=date(2026, 12, 21)).since == paris(2026, 11, 3)
    assert "aucune période d’inscription" in ask(windows, paris(2026, 10, 2), day=date(2027, 4, 5)).sentence
    (said,) = openings(windows)
    assert "Noël" in said


def test_dates_that_bound_nothing_do_not_open_what_windows_keep_for_some():
    conditions = Conditions("Club", date(2026, 9, 1), date(2027, 7, 2), windows=(RESIDENTS,))
    child, at = Applicant("Hugo", date(2018, 3, 12)), paris(2026, 6, 1)

    def why(asking):
        return why_not_enrol(conditions, asking, starts_on=date(2026, 9, 1), at=at, today=at.date())

    assert why(child).rule == Rule.ENROLMENT_CLOSED
    assert why(replace(child, windows=frozenset({2}))) is None


minutes = st.integers(0, 60 * 24 * 400).map(lambda number: shift(paris(2026, 1, 1), timedelta(minutes=number)))
entries = st.one_of(
    st.none(),
    st.builds(DayOfMonth, day=st.integers(1, 31)),
    st.builds(DaysBefore, days=st.integers(0, 40), inclusive=st.booleans()),
)


@st.composite
def windows_of_all_sorts(draw):
    bounds = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)), key=to_utc)
    return EntryWindow(
        key=draw(st.integers(1, 3)),
        audience=draw(st.sampled_from([Audience.EVERYONE, Audience.RESIDENTS])),
        opens_at=draw(st.sampled_from([None, bounds[0]])),
        closes_at=draw(st.sampled_from([None, bounds[1]])),
        entry=draw(entries),
    )


@pytest.mark.exigence("B12", "I42", "I43")
@settings(max_examples=300, deadline=None)
@given(
    windows=st.lists(windows_of_all_sorts(), min_size=1, max_size=4),
    theirs=st.frozensets(st.integers(1, 3)),
    day=st.dates(date(2026, 1, 1), date(2027, 3, 1)),
    at=minutes,
)
def test_the_instant_shown_is_the_instant_enforced(windows, theirs, day, at):
    refusal = ask(windows, at, day=day, theirs=theirs)
    mine = [each for each in windows if each.concerns(theirs)]
    assert (refusal is None) == any(each.on(day, NONE).allows(at) for each in mine)
    if refusal is None or refusal.since is None:
        return
    if refusal.rule == Rule.NOT_YET_OPEN:
        # Closed up to that instant, open from it.
        assert ask(windows, refusal.since, day=day, theirs=theirs) is None
        assert ask(windows, shift(refusal.since, -SECOND), day=day, theirs=theirs) is not None
        assert at < refusal.since
    else:
        # Open to the last second before, and never again.
        assert ask(windows, shift(refusal.since, -SECOND), day=day, theirs=theirs) is None
        assert ask(windows, refusal.since, day=day, theirs=theirs) is not None
        assert at >= refusal.since


AT = paris(2026, 5, 20, 9)


@pytest.fixture
def club(db):
    """Open to everybody on 1 June, on 15 May to some."""
    return ActivityFactory(enrolment_opens_at=paris(2026, 6, 1), enrolment_closes_at=paris(2026, 8, 21))


def some(activity, **values):
    return EnrolmentWindow.objects.create(activity=activity, opens_at=paris(2026, 5, 15), **values)


def enrol(home, activity, at=AT):
    return request_enrolment(
        family=home.family,
        child=home.child,
        activity=activity,
        starts_on=activity.starts_on,
        pattern={},
        by=home.parent,
        at=at,
    )


def is_open(home, activity, at=AT):
    """What the page says is what the verb does."""
    (found,) = list_offers(family=home.family, user=home.parent, at=at, child=home.child.pk)
    (offer,) = [each for each in found.offers if each.activity == activity]
    if offer.refusal is None:
        enrol(home, activity, at).delete()
        return True
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(home, activity, at)
    assert refused.value.refusal.sentence == offer.refusal.sentence
    return False


@pytest.mark.exigence("B12")
def test_residents_enrol_first(club):
    some(club, audience=Audience.RESIDENTS, towns=["Val-Fleuri", "Saint-Élie"])
    assert is_open(household(town="SAINT ELIE"), club)
    assert not is_open(household(town="Ailleurs"), club)
    assert not is_open(household(town=""), club)
    assert is_open(household(town="Ailleurs"), club, at=paris(2026, 6, 1))


@pytest.mark.exigence("B12")
def test_families_whose_paper_was_accepted_enrol_first(club):
    kind = PaperTypeFactory(code="employeur", name="Attestation d’employeur", activities=["autre"])
    some(club, audience=Audience.PAPER, paper_code="employeur", label="les parents qui travaillent")
    home = household()
    assert not is_open(home, club)
    PaperFactory(type=kind, family=home.family)
    assert not is_open(home, club)  # sent is not accepted
    PaperFactory(type=kind, family=home.family, accepted=True)
    assert is_open(home, club)


@pytest.mark.exigence("B12")
def test_brothers_and_sisters_of_an_enrolled_child_enrol_first(club):
    some(club, audience=Audience.SIBLINGS)
    home = household(children=2)
    assert not is_open(home, club)
    sister = home.children[1]
    there = EnrolmentFactory(child=sister, family=home.family, activity=ActivityFactory(structure=club.structure))
    assert is_open(home, club)
    there.state = EnrolmentState.REQUESTED
    there.save()
    assert not is_open(home, club)


def test_windows_cost_the_list_four_queries_whatever_their_number(club, django_assert_max_num_queries):
    home = household(children=2)
    for number in range(3):
        activity = ActivityFactory(code=f"atelier-{number}", structure=club.structure)
        some(activity, audience=Audience.SIBLINGS)
        some(activity, audience=Audience.PAPER, paper_code="employeur")
        some(
            activity, audience=Audience.RESIDENTS, towns=["Val-Fleuri"], entry_rule={"kind": "day_of_month", "day": 20}
        )
    with django_assert_max_num_queries(14) as few:
        list_offers(family=home.family, user=home.parent, at=AT)
    for number in range(3, 8):
        some(ActivityFactory(code=f"atelier-{number}", structure=club.structure), audience=Audience.SIBLINGS)
    with django_assert_max_num_queries(len(few)):
        list_offers(family=home.family, user=home.parent, at=AT)
    assert paris_date(AT) == date(2026, 5, 20)
