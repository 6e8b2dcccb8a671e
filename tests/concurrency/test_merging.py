"""Two agents at once, and a family that books while its dossier is being merged or put away.

First the race of two merges, shown with the locks taken away; then the locks.
"""

from datetime import timedelta
from threading import Barrier

import pytest

from portal.domain.bookings.models import Basket, Booking
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket
from portal.domain.families.models import Family
from portal.domain.health.access import Unknown
from portal.domain.health.enums import Section
from portal.domain.health.models import HealthSheet
from portal.domain.health.services import save_health_section
from portal.domain.merging import services
from portal.domain.merging.archiving import ArchiveRefused, archive_family
from portal.domain.merging.services import MergeRefused, PlanChanged, merge, plan_merge
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_places
from tests.domain.health.factories import ANSWERS
from tests.domain.merging.agents import make_merger
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.exigence("B54", "B55")]

LATER = AT + timedelta(hours=1)


@pytest.fixture
def homes(transactional_db):
    canteen = priced_unit(pools=[PlacePoolFactory(capacity=4)])
    return [household(canteen), household(canteen)]


def merging(kept, duplicate, *, at=AT):
    digest = plan_merge(kept=kept, duplicate=duplicate, at=at).digest
    agent = make_merger()
    return lambda: merge(kept=kept, duplicate=duplicate, expected=digest, by=agent, at=at)


def without_lock(monkeypatch):
    """No lock; the two merges wait for each other when both have read, and when both have written.

    Without luck: neither commits before the other has looked for what it leaves behind.
    """
    monkeypatch.setattr(services, "lock", lambda concerned: None)
    for step in ("_close", "_write_down"):
        monkeypatch.setattr(services, step, together(getattr(services, step)))


def together(step):
    meeting = Barrier(2)

    def awaited(*args, **kwargs):
        meeting.wait(timeout=30)
        step(*args, **kwargs)

    return awaited


def test_without_the_lock_two_dossiers_absorb_each_other(homes, monkeypatch):
    one, other = (home.family for home in homes)
    for home in homes:  # nothing to move: neither waits for a row of the other
        home.family.child_links.all().delete()
        home.family.members.all().delete()
        home.child.enrolments.all().delete()
    without_lock(monkeypatch)
    results = run_together(merging(one, other), merging(other, one))
    assert len(successes(results)) == 2
    assert not Family.objects.filter(archived_at=None).exists()  # nobody has a dossier any more


def test_two_agents_merge_the_same_two_dossiers_in_both_directions(homes):
    one, other = (home.family for home in homes)
    results = run_together(merging(one, other), merging(other, one))
    assert len(successes(results)) == 1
    refused = next(result for result in results if isinstance(result, Exception))
    assert isinstance(refused, MergeRefused)
    survivor = Family.objects.get(archived_at=None)
    assert survivor.child_links.count() == 2


def test_two_agents_press_the_same_button(homes):
    one, other = (home.family for home in homes)
    results = run_together(merging(one, other), merging(one, other))
    assert len(successes(results)) == 1


def tick(home, at):
    return lambda: change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=at)


def confirm(home, at):
    key = str(Basket.objects.get(family=home.family).key)

    def call():
        try:
            return confirm_basket(family=home.family, key=key, by=home.parent, at=at)
        except NothingToConfirm as nothing:
            return nothing

    return call


def left_behind(family):
    return Booking.objects.filter(family=family).count() + Basket.objects.filter(family=family).count()


@pytest.mark.parametrize("attempt", range(6))
def test_a_validation_during_a_merge_is_moved_or_refused_whole(homes, attempt):
    kept, twice = homes
    tick(twice, AT)()
    results = run_together(merging(kept.family, twice.family, at=LATER), confirm(twice, LATER))

    assert not isinstance(results[1], BaseException) or isinstance(results[1], NothingToConfirm), results
    if isinstance(results[0], Exception):
        assert isinstance(results[0], PlanChanged), results
        assert Family.objects.get(pk=twice.family.pk).archived_at is None
    else:
        assert left_behind(twice.family) == 0
    check_places()
    check_drafts()


@pytest.mark.parametrize("attempt", range(6))
def test_days_chosen_during_a_merge_stop_it_or_are_refused(homes, attempt):
    kept, twice = homes
    results = run_together(merging(kept.family, twice.family), tick(twice, AT))

    if isinstance(results[0], Exception):
        assert isinstance(results[0], PlanChanged), results
    else:
        assert left_behind(twice.family) == 0
    check_places()


def test_a_dossier_is_not_put_away_while_its_family_books(homes):
    home = homes[0]
    agent = make_merger()
    results = run_together(
        lambda: archive_family(family=home.family, reason="Déménagement", by=agent, at=AT), tick(home, AT)
    )
    assert isinstance(results[0], ArchiveRefused)
    assert Family.objects.get(pk=home.family.pk).archived_at is None
    check_places()


@pytest.mark.parametrize("attempt", range(4))
def test_a_health_sheet_written_during_a_merge_is_not_left_behind(transactional_db, attempt):
    home = household(children=2)
    kept, twice = home.children

    def write():
        section = Section.DOCTOR
        return save_health_section(
            family=home.family, child=twice, section=section, values=ANSWERS[section], by=home.parent, at=AT
        )

    merged, written = run_together(merging(kept, twice), write)

    if isinstance(merged, Exception):
        assert isinstance(merged, PlanChanged), merged
    else:
        assert isinstance(written, Unknown), written
        assert not HealthSheet.objects.filter(child=twice).exists()
