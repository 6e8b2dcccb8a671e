"""A run compares what is found with what was known; what agents say of it stays until it changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Basket, BasketLine, DayPlaces
from portal.domain.reconciliation import queries, registry, running, services
from portal.domain.reconciliation.enums import Severity, Trigger
from portal.domain.reconciliation.models import Finding, Run
from portal.domain.reconciliation.registry import Check, Found, RepairRefused, Seen, find_check
from portal.domain.reconciliation.running import run_checks
from tests.domain.activities.factories import PlacePoolFactory, StructureFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_places
from tests.domain.families.factories import FamilyFactory
from tests.domain.reconciliation.scene import reconciler

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C20", "B35")]

LATER, MUCH_LATER = AT + timedelta(hours=1), AT + timedelta(days=1)


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One check that finds what the test says: sentences by key."""
    said: dict[str, str] = {}

    def find(_scene: Any) -> Seen:
        return Seen([Found(key, sentence) for key, sentence in said.items()], len(said))

    only = Check("essai", "Essais", "Essai", "Rien.", "Rien.", Severity.BLOCKING, find)
    monkeypatch.setattr(registry, "_checks", {"essai": only})
    return said


@pytest.fixture
def agent(db: None) -> User:
    return reconciler()


def run(at: Any = AT) -> Run:
    done = run_checks(trigger=Trigger.NIGHT, by=User.objects.system(), at=at)
    assert done is not None
    return done


def state() -> queries.State:
    return queries.states(queries.last_run())[0]


def test_new_findings_are_told_from_old_ones_and_those_that_are_gone_stay_as_history(wrong: dict[str, str]) -> None:
    wrong |= {"a": "A", "b": "B"}
    run()
    run(LATER)
    assert (state().new, state().old) == (2, 0)

    wrong.pop("a")
    wrong["c"] = "C"
    done = run(MUCH_LATER)

    assert (state().new, state().old) == (1, 1)
    assert done.results["essai"]["new"] == 1
    gone = Finding.objects.get(key="a")
    assert (gone.first_seen_at, gone.last_seen_at, gone.gone_at) == (AT, LATER, MUCH_LATER)

    wrong["a"] = "A"
    run(MUCH_LATER + timedelta(days=1))
    assert Finding.objects.filter(key="a").count() == 2


def test_a_finding_set_aside_comes_back_only_when_it_changes(wrong: dict[str, str], agent: User) -> None:
    wrong["a"] = "Il manque une place"
    run()
    services.set_aside(finding=Finding.objects.get().pk, reason="  vu avec   la famille ", by=agent, at=AT)
    run(LATER)
    assert (state().open, state().aside, state().is_well, queries.count_blocking()) == (0, 1, True, 0)
    assert Finding.objects.get().reason == "vu avec la famille"

    wrong["a"] = "Il manque deux places"
    run(MUCH_LATER)

    assert (state().open, state().aside) == (1, 0)
    assert Finding.objects.get().reason == ""
    assert AuditEntry.objects.filter(verb="set_finding_aside", by=agent).exists()


def test_setting_aside_asks_why_and_is_taken_back(wrong: dict[str, str], agent: User) -> None:
    wrong["a"] = "A"
    run()
    key = Finding.objects.get().pk
    with pytest.raises(services.ReasonMissing):
        services.set_aside(finding=key, reason=" \x00 ", by=agent, at=AT)
    services.set_aside(finding=key, reason="rien à faire", by=agent, at=AT)

    services.take_back(finding=key, by=agent, at=LATER)
    services.take_back(finding=key, by=agent, at=LATER)

    assert state().open == 1
    assert AuditEntry.objects.filter(verb="take_finding_back").count() == 1


def test_a_check_that_fails_is_told_and_keeps_what_it_had_found(
    wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wrong["a"] = "A"
    run()

    def broken(_scene: Any) -> Seen:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return Seen()

    failing = Check("essai", "Essais", "Essai", "Rien.", "Rien.", Severity.LOOK, broken)
    other = Check("autre", "Essais", "Autre", "Rien.", "Rien.", Severity.LOOK, lambda _scene: Seen())
    monkeypatch.setattr(registry, "_checks", {"essai": failing, "autre": other})
    run(LATER)

    failed, fine = sorted(queries.states(queries.last_run()), key=lambda each: each.is_well)
    assert (failed.failed, failed.is_well, failed.open) == (True, False, 1)
    assert fine.is_well
    assert "could not be done" in caplog.text


def test_beyond_a_thousand_findings_are_counted_and_not_written(wrong: dict[str, str]) -> None:
    many = 1003

    def find(_scene: Any) -> Seen:
        return Seen([Found(f"k{rank}", "x") for rank in range(registry.MOST)], many)

    crowd = Check("essai", "Essais", "Essai", "Rien.", "Rien.", Severity.LOOK, find)
    registry.register_checks(crowd)
    run()

    assert (state().open, state().beyond) == (1000, 3)


def test_a_run_asks_as_many_queries_whatever_it_finds(wrong: dict[str, str]) -> None:
    counts = []
    for size in (1, 2, 60):
        wrong |= {f"k{rank}": "x" for rank in range(size)}
        with CaptureQueriesContext(connection) as asked:
            run(AT + timedelta(minutes=size))
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_the_checks_ask_as_many_queries_whatever_the_bookings(db: None) -> None:
    unit = priced_unit(pools=[PlacePoolFactory()])
    counts = []
    for _family in range(2):
        for home in [household(unit) for _ in range(3)]:
            book(home, [MONDAY, TUESDAY])
        with CaptureQueriesContext(connection) as asked:
            for check in registry.checks():
                check.find(registry.Scene(AT))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 2 * len(registry.checks()) + 15


def test_whoever_has_not_the_role_or_sees_a_part_of_the_town_does_nothing(wrong: dict[str, str]) -> None:
    from portal.domain.scope.models import AgentLimit
    from tests.domain.accounts.factories import UserFactory

    wrong["a"] = "A"
    run()
    key = Finding.objects.get().pk
    limited = reconciler("limite")
    AgentLimit.objects.create(agent=limited, structure=StructureFactory())
    for agent in (UserFactory(username="autre", agent=True), User.objects.get(pk=limited.pk)):
        with pytest.raises(PermissionDenied):
            services.set_aside(finding=key, reason="x", by=agent, at=AT)
        with pytest.raises(PermissionDenied):
            services.repair(finding=key, by=agent, at=AT)
        with pytest.raises(PermissionDenied):
            services.ask_run(by=agent, at=AT)


# What is repaired


def wrong_count(*, capacity: int = 4) -> Finding:
    unit = priced_unit(pools=[PlacePoolFactory()])
    home = household(unit, children=2)
    for child in range(2):
        book(home, [MONDAY], child=child)
    DayPlaces.objects.update(taken=0, capacity=capacity)
    run()
    return Finding.objects.get(check_code="places_taken")


def test_counting_a_day_again_gives_what_the_bookings_say(agent: User) -> None:
    found = wrong_count()

    services.repair(finding=found.pk, by=agent, at=LATER)

    check_places()
    assert DayPlaces.objects.get().taken == 2
    lines = AuditEntry.objects.filter(verb__in=["recount_places", "repair_finding"]).order_by("verb")
    assert [(line.verb, line.by, line.before.get("taken"), line.after.get("taken")) for line in lines] == [
        ("recount_places", agent, 0, 2),
        ("repair_finding", agent, None, None),
    ]
    run(MUCH_LATER)
    assert not Finding.objects.live().filter(check_code="places_taken").exists()
    with pytest.raises(Finding.DoesNotExist):
        services.repair(finding=found.pk, by=agent, at=MUCH_LATER)


def test_a_day_with_more_children_than_places_is_not_counted_again(agent: User) -> None:
    found = wrong_count(capacity=1)

    with pytest.raises(RepairRefused, match="1\u00a0place"):
        services.repair(finding=found.pk, by=agent, at=LATER)

    assert Finding.objects.live().filter(pk=found.pk).exists()
    assert not AuditEntry.objects.filter(verb="repair_finding").exists()


@pytest.mark.parametrize("marked", [False, True])
def test_an_abandoned_draft_gives_its_places_back_and_keeps_its_choices(agent: User, marked: bool) -> None:
    from portal.domain.bookings.services import change_draft

    home = household(priced_unit(pools=[PlacePoolFactory()]))
    change_draft(family=home.family, add=[home.code(TUESDAY)], remove=[], by=home.parent, at=AT)
    if marked:
        Basket.objects.update(lapsed_at=AT)
    run(LATER)
    found = Finding.objects.get(check_code="lapsed_holds")

    services.repair(finding=found.pk, by=agent, at=LATER)

    check_places()
    assert not BasketLine.objects.get().holding
    assert DayPlaces.objects.get().held == 0


def test_what_nothing_repairs_by_itself_is_left_alone(wrong: dict[str, str], agent: User) -> None:
    wrong["a"] = "A"
    run()
    with pytest.raises(Finding.DoesNotExist):
        services.repair(finding=Finding.objects.get().pk, by=agent, at=LATER)
    assert find_check("essai").repair is None


# The doors


def test_one_run_at_a_time(wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch, agent: User) -> None:
    monkeypatch.setattr(running, "_alone", lambda: False)
    assert run_checks(trigger=Trigger.NIGHT, by=agent, at=AT) is None
    with pytest.raises(CommandError) as stopped:
        call_command("reconcile")
    assert stopped.value.returncode == 2
    monkeypatch.setattr(services, "is_running", lambda: True)
    with pytest.raises(services.Running):
        services.ask_run(by=agent, at=AT)


def test_the_lock_of_a_run_is_seen_while_it_lasts(db: None) -> None:
    assert not running.is_running()
    assert running._alone()
    assert running.is_running()


def test_an_agent_asks_for_a_run(wrong: dict[str, str], agent: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.ask_run(by=agent, at=AT)

    done = Run.objects.get()
    assert (done.trigger, done.by) == (Trigger.AGENT, agent)


def test_the_command_says_what_is_wrong_and_fails_only_for_what_is_blocking(
    wrong: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("reconcile")
    assert "Essai\u00a0: rien à signaler" in capsys.readouterr().out

    wrong["booking.7"] = "Un jour de trop."
    with pytest.raises(CommandError, match="1\u00a0constat touche à ce qui sera facturé") as stopped:
        call_command("reconcile")
    assert stopped.value.returncode == 1
    assert "Un jour de trop. [booking.7]" in capsys.readouterr().out

    services_agent = reconciler()
    services.set_aside(finding=Finding.objects.get().pk, reason="vu", by=services_agent, at=AT)
    call_command("reconcile")


def test_findings_go_with_their_family_and_old_ones_with_time(wrong: dict[str, str]) -> None:
    from portal.domain.privacy.registry import erasures, retentions

    wrong |= {"a": "A", "b": "B"}
    run()
    family = FamilyFactory()
    Finding.objects.filter(key="a").update(family=family)
    (erasure,) = (each for each in erasures() if each.code == "reconciliation")
    erasure.execute(family.pk, User.objects.system(), AT)
    assert set(Finding.objects.values_list("key", flat=True)) == {"b"}

    wrong.clear()
    run(LATER)
    kept = {each.code: each for each in retentions() if each.code.startswith("reconciliation")}
    due = AT.date() + timedelta(days=2)
    for each in kept.values():
        keys = [expired.key for expired in each.find(due, 100)]
        assert each.erase(keys, User.objects.system(), AT) == len(keys) > 0
    assert not Finding.objects.exists()
    assert not Run.objects.exists()
