"""One answer per family and a limited number of them, while everybody sends at once."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cms_pages.surveys import services
from cms_pages.surveys.enums import FieldKind, Moment, Respondents
from cms_pages.surveys.models import Answer, FormPage
from cms_pages.surveys.services import MovedMeanwhile, NotTaken, Respondent, answer_form
from portal.domain.families.models import Family
from portal.domain.merging.services import PlanChanged, merge, plan_merge
from portal.domain.procedures.models import Procedure
from tests.cms_pages_surveys.factories import make_form
from tests.domain.bookings.factories import household
from tests.domain.merging.agents import make_merger
from tests.harness.races import run_together, successes

NOW = datetime(2026, 9, 8, 10, tzinfo=UTC)
WORD = [{"label": "Mot", "field_type": FieldKind.SHORT}]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


def answer(page: FormPage, who: Respondent, word: str = "oui") -> Answer:
    return answer_form(page=FormPage.objects.get(pk=page.pk), data={"mot": word}, files={}, who=who, at=NOW)


@pytest.mark.exigence("B24")
def test_a_family_that_sends_ten_times_at_once_has_one_answer(transactional_db: None) -> None:
    page = make_form(questions=WORD)
    home = household(parents=2)
    people = [Respondent(user=user, family=home.family) for user in (home.parent, *home.others)]
    results = run_together(*[lambda each=each: answer(page, people[each % 2], str(each)) for each in range(10)])
    assert successes(results) == results
    assert Answer.objects.count() == 1
    assert Procedure.objects.count() == 1


@pytest.mark.exigence("B24")
def test_the_last_places_go_to_as_many_as_there_are(transactional_db: None) -> None:
    page = make_form(questions=WORD, places=3)
    homes = [household() for _ in range(8)]
    results = run_together(
        *[lambda home=home: answer(page, Respondent(user=home.parent, family=home.family)) for home in homes]
    )
    refused = [result for result in results if isinstance(result, NotTaken)]
    assert (len(successes(results)), len(refused)) == (3, 5)
    assert {each.moment for each in refused} == {Moment.FULL}
    assert Answer.objects.count() == 3


def test_without_the_lock_more_are_taken_than_there_are_places(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race exists: what the lock is for."""
    page = make_form(questions=WORD, places=1, respondents=Respondents.ANYBODY)
    monkeypatch.setattr(services, "lock_form", lambda page: None)
    taken = 0
    for _ in range(5):
        Answer.objects.all().delete()
        results = run_together(*[lambda: answer(page, Respondent())] * 8)
        taken = max(taken, len(successes(results)))
        if taken > 1:
            break
    assert taken > 1


def race_of_a_merge(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], Family, Family]:
    """A family answers while an agent makes its dossier one with another; the answer dawdles before it is written."""
    page, homes = make_form(questions=WORD), [household(), household()]
    kept, absorbed = (home.family for home in homes)
    plan = plan_merge(kept=kept, duplicate=absorbed, at=NOW)
    agent = make_merger()
    wait = services.lock_form

    def slowly(page: FormPage) -> None:
        wait(page)
        time.sleep(0.5)

    monkeypatch.setattr(services, "lock_form", slowly)

    def merging() -> object:
        time.sleep(0.2)
        return merge(kept=kept, duplicate=absorbed, expected=plan.digest, by=agent, at=NOW)

    results = run_together(lambda: answer(page, Respondent(user=homes[1].parent, family=absorbed)), merging)
    return results, kept, absorbed


@pytest.mark.exigence("B24", "B54")
def test_without_the_lock_an_answer_stays_in_the_absorbed_dossier(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "lock_respondent", lambda who: None)
    _results, _kept, absorbed = race_of_a_merge(monkeypatch)
    assert Answer.objects.get().family == absorbed


@pytest.mark.exigence("B24", "B54")
def test_an_answer_sent_during_a_merge_is_the_kept_dossiers_or_refused(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (answered, merged), kept, absorbed = race_of_a_merge(monkeypatch)
    # The answer came first: the plan that the agent read is not that of now any more, nothing is made one.
    assert isinstance(answered, Answer)
    assert isinstance(merged, PlanChanged)
    plan = plan_merge(kept=kept, duplicate=absorbed, at=NOW)
    merge(kept=kept, duplicate=absorbed, expected=plan.digest, by=make_merger(), at=NOW)
    assert Answer.objects.get().family == kept
    with pytest.raises(MovedMeanwhile):
        answer(FormPage.objects.get(), Respondent(user=answered.by, family=absorbed))
    assert Answer.objects.count() == 1
