"""The usual stops of a child, one day elsewhere, back to the usual; who may, until when, and what is kept of it."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from portal.domain.audit.models import AuditEntry
from portal.domain.consents.enums import Answer, ConsentKind
from portal.domain.consents.models import Consent
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import ActingSession, FamilyMember
from portal.domain.kernel.clock import PARIS
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.models import StopChoice, StopException
from portal.domain.transport.queries import Asked, child_lines, day_stops
from portal.domain.transport.rules import Wanted
from portal.domain.transport.services import StopRefused, choose_day, choose_stops, forget_day
from tests.domain.bookings.factories import book
from tests.domain.consents.factories import ConsentTextFactory
from tests.domain.transport.conftest import AT, LATER, OCTOBER, SEPTEMBER
from tests.domain.transport.factories import bus_line, driver, enrolment_of, rider, stop

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B30")]


def choose(home, line, outward="marche", homeward="marche", *, at=AT, by=None, release=Release.COLLECTED, **options):
    wanted = Wanted(
        stop(line, outward).pk if outward else None, stop(line, homeward).pk if homeward else None, release
    )
    return choose_stops(
        family=home.family,
        enrolment=enrolment_of(home),
        line=line.pk,
        wanted=wanted,
        by=by or home.parent,
        at=at,
        **options,
    )


def elsewhere(home, line, day, outward="vignes", homeward=None, *, at=AT, **options):
    wanted = Wanted(stop(line, outward).pk if outward else None, stop(line, homeward).pk if homeward else None)
    return choose_day(
        family=home.family,
        enrolment=enrolment_of(home),
        line=line.pk,
        day=day,
        wanted=wanted,
        by=home.parent,
        at=at,
        **options,
    )


def names(home, day):
    asked = Asked(enrolment_of(home).pk, home.unit.pk, day)
    found = day_stops([asked])[asked]
    return [each.stop.name if each.stop else "" for each in found.ways]


def test_a_first_choice_counts_from_the_first_day_whatever_the_deadline(home, line):
    choice = choose(home, line, "moulin", "vignes")
    assert choice.since == enrolment_of(home).starts_on
    assert names(home, SEPTEMBER) == ["École du Moulin", "Cité des Vignes"]


def test_a_change_leaves_the_days_past_the_deadline_of_the_bus_as_they_were(home, line):
    choose(home, line, "marche")
    assert choose(home, line, "vignes").since == date(2026, 10, 1)
    assert names(home, SEPTEMBER)[0] == "Place du Marché"
    assert names(home, OCTOBER)[0] == "Cité des Vignes"


@pytest.mark.parametrize(
    ("at", "since"),
    [
        (datetime(2026, 9, 20, 23, 59, 59, tzinfo=PARIS), date(2026, 10, 1)),
        (datetime(2026, 9, 21, 0, 0, tzinfo=PARIS), date(2026, 10, 29)),
    ],
)
def test_the_20th_still_counts_for_october_and_the_21st_does_not(home, line, at, since):
    """The last Wednesday of October is the 28th: the day after is the first that may still change."""
    choose(home, line, "marche")
    assert choose(home, line, "vignes", at=at).since == since


def test_the_last_word_before_it_counts_replaces_the_one_before(home, line):
    choose(home, line, "marche")
    choose(home, line, "vignes")
    choose(home, line, "moulin", None)
    assert list(StopChoice.objects.order_by("since").values_list("outward__code", flat=True)) == ["marche", "moulin"]


def test_coming_back_to_the_stop_in_force_forgets_the_change_to_come(home, line):
    choose(home, line, "marche")
    choose(home, line, "vignes")
    choose(home, line, "marche")
    assert names(home, OCTOBER) == ["Place du Marché", "Place du Marché"]


def test_the_same_choice_twice_is_written_and_told_once(home, line):
    assert choose(home, line) == choose(home, line)
    assert AuditEntry.objects.filter(verb="choose_stops").count() == 1


def test_the_journal_keeps_the_stop_before_and_after_by_name(home, line):
    choose(home, line, "marche")
    choose(home, line, "vignes", None)
    entry = AuditEntry.objects.filter(verb="choose_stops").latest("pk")
    assert (entry.before["outward"], entry.after["outward"], entry.after["homeward"]) == (
        "Place du Marché",
        "Cité des Vignes",
        "",
    )
    assert entry.family_key == home.family.pk


def test_a_stop_of_another_line_is_refused_beside_its_field(home, line):
    other = bus_line()
    with pytest.raises(StopRefused) as refused:
        choose_stops(
            family=home.family,
            enrolment=enrolment_of(home),
            line=line.pk,
            wanted=Wanted(stop(other, "marche").pk),
            by=home.parent,
            at=AT,
        )
    assert refused.value.field == Way.OUTWARD
    assert not StopChoice.objects.exists()


def test_postgresql_itself_refuses_a_stop_of_another_line(home, line):
    with pytest.raises(IntegrityError, match="same_line"):
        misplace(home, line, stop(bus_line(), "marche"))


@pytest.mark.parametrize("code", ["centre", "moulin"])
def test_the_centre_and_a_stop_without_return_are_not_for_the_way_back(home, line, code):
    with pytest.raises(StopRefused) as refused:
        choose(home, line, "marche", code)
    assert refused.value.field == Way.HOMEWARD


def test_no_stop_at_all_is_no_choice(home, line):
    with pytest.raises(StopRefused, match="à l’aller, au retour, ou les deux"):
        choose(home, line, None, None)


def test_leaving_alone_needs_the_authorisation_of_the_dossier(home, line, monkeypatch):
    with pytest.raises(StopRefused, match="l’autorisation de rentrer seul") as refused:
        choose(home, line, release=Release.ALONE)
    assert refused.value.field == "release"
    allow_alone(home)
    assert choose(home, line, release=Release.ALONE).release == Release.ALONE


def test_without_return_there_is_nobody_to_leave_to(home, line):
    allow_alone(home)
    assert choose(home, line, "marche", None, release=Release.ALONE).release == Release.COLLECTED


def test_one_day_elsewhere_until_the_deadline_of_that_day(home, line):
    choose(home, line)
    elsewhere(home, line, OCTOBER, "vignes", None)
    assert names(home, OCTOBER) == ["Cité des Vignes", ""]
    assert names(home, LATER) == ["Place du Marché", "Place du Marché"]
    with pytest.raises(StopRefused, match="20"):
        elsewhere(home, line, SEPTEMBER)


def test_said_again_one_day_keeps_the_last_word(home, line):
    choose(home, line)
    elsewhere(home, line, OCTOBER, "vignes")
    elsewhere(home, line, OCTOBER, "moulin")
    assert StopException.objects.get().outward.code == "moulin"


def test_back_to_the_usual_stop_until_the_same_deadline(home, line):
    choose(home, line)
    elsewhere(home, line, OCTOBER)
    after = datetime(2026, 9, 21, tzinfo=PARIS)
    options = {"family": home.family, "enrolment": enrolment_of(home), "line": line.pk, "by": home.parent}
    with pytest.raises(StopRefused):
        forget_day(day=OCTOBER, at=after, **options)
    assert forget_day(day=OCTOBER, at=AT, **options) is True
    assert forget_day(day=OCTOBER, at=AT, **options) is False
    assert names(home, OCTOBER)[0] == "Place du Marché"


def test_a_day_without_bus_has_no_stop(home, line):
    with pytest.raises(StopRefused, match="ne circule pas"):
        elsewhere(home, line, date(2026, 10, 8))


def test_who_may_only_look_chooses_nothing(home, line):
    FamilyMember.objects.update(can_book=False)
    with pytest.raises(NotAllowed):
        choose(home, line)


def test_the_child_of_another_family_is_not_theirs(home, line):
    other = rider()
    with pytest.raises(NotAllowed):
        choose_stops(
            family=other.family,
            enrolment=enrolment_of(home),
            line=line.pk,
            wanted=Wanted(stop(line, "marche").pk),
            by=other.parent,
            at=AT,
        )


def test_a_line_of_another_activity_is_not_theirs(home, line):
    with pytest.raises(NotAllowed):
        choose(home, bus_line())


def test_an_agent_passes_over_the_deadline_with_a_reason_that_the_journal_keeps(home, line):
    choose(home, line)
    agent = driver()
    ActingSession.objects.create(
        agent=agent, family=home.family, reason="au téléphone", started_at=AT, expires_at=AT + timedelta(hours=1)
    )
    with pytest.raises(PermissionDenied):
        choose(home, line, "vignes", reason="déménagement")
    choice = choose(home, line, "vignes", by=agent, reason="déménagement")
    assert choice.since == AT.date()
    assert AuditEntry.objects.filter(verb="choose_stops").latest("pk").after["reason"] == "déménagement"


def test_the_days_booked_without_stop_are_said_to_be_chosen(home, line):
    book(home, [OCTOBER])
    found = child_lines([enrolment_of(home)], today=AT.date())
    assert [each.is_to_choose for each in found] == [True]
    choose(home, line)
    assert not child_lines([enrolment_of(home)], today=AT.date())[0].is_to_choose


@pytest.mark.parametrize("children", [1, 4])
def test_reading_the_stops_of_a_family_costs_the_same_for_one_child_or_four(
    calendar, django_assert_num_queries, children
):
    home = rider(children=children)
    bus_line(home.unit)
    for position in range(children):
        book(home, [OCTOBER, LATER], child=position)
    enrolments = [enrolment_of(home, child=position) for position in range(children)]
    with django_assert_num_queries(8):
        child_lines(enrolments, today=AT.date())


def allow_alone(home):
    """The family said yes to going home alone."""
    text = ConsentTextFactory(type__kind=ConsentKind.ALONE, type__code="rentre-seul", type__use="")
    Consent.objects.create(
        child=home.child, text=text, answer=Answer.GRANTED, by=home.parent, family=home.family, at=AT
    )


@transaction.atomic
def misplace(home, line, elsewhere):
    """A stop of another line, written by somebody who forgot every verb."""
    StopChoice.objects.create(
        enrolment=enrolment_of(home), line=line, outward=elsewhere, since=SEPTEMBER, at=AT, by=home.parent
    )
    connection.check_constraints()
