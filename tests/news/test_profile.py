"""What a profile says of the news: for whom, how long, which event, which alert."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from cms_pages.audiences import Audience
from news.models import NewsPage
from portal.backoffice.profiles import ProfileRefused, load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import start_of_day
from tests.communes.small import ProfileFolder
from tests.news.conftest import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 8)


def profile(tmp_path: Path, extra: str) -> ProfileFolder:
    folder = ProfileFolder(tmp_path / "essai")
    return folder.change('file = "ouverture.md"\n', f'file = "ouverture.md"\n{extra}\n')


def load(folder: ProfileFolder, *, at: Any = NOW) -> NewsPage:
    with time_machine.travel(at, tick=False):
        load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=at)
        return NewsPage.objects.get()


def test_an_item_for_some_with_its_event_and_alert(tmp_path: Path) -> None:
    folder = profile(
        tmp_path,
        'service = "enfance"\nactivities = ["restaurant"]\nschools = ["ecole"]\nlevels = ["CP"]\nimportant = true\n'
        'pinned = "attention"\npinned_days = 10\nevent_in_days = 5\nevent_days = 3\nevent_starts_at = "18:00"\n'
        'event_place = "Salle des fêtes"\nexpires_in_days = 20',
    )
    item = load(folder)

    assert item.audience == Audience.CHOSEN
    assert [activity.short_name for activity in item.audience_activities.all()] == ["Cantine"]
    assert [school.code for school in item.audience_schools.all()] == ["ecole"]
    assert item.audience_levels == ["CP"]
    assert item.service is not None
    assert item.service.code == "enfance"
    assert item.important
    assert (item.pinned_from, item.pinned_until) == (start_of_day(TODAY), start_of_day(TODAY + timedelta(days=10)))
    assert (item.event_on, item.event_until) == (TODAY + timedelta(days=5), TODAY + timedelta(days=7))
    assert item.event_starts_at == time(18)
    assert item.expire_at == start_of_day(TODAY + timedelta(days=21))

    # Loaded again a week later, nothing moves: families have read it.
    revision = item.latest_revision_id
    again = load(folder, at=NOW + timedelta(days=7))
    assert again.latest_revision_id == revision
    assert again.event_on == item.event_on


def test_criteria_that_change_in_the_profile_change_the_item(tmp_path: Path) -> None:
    folder = profile(tmp_path, 'levels = ["CP"]')
    load(folder)
    item = load(folder.change('levels = ["CP"]\n\n', 'activities = ["restaurant"]\n\n'))

    assert item.audience_levels == []
    assert item.audience_activities.count() == 1


@pytest.mark.parametrize(
    ("extra", "where", "words"),
    [
        ('activities = ["zut"]', "activities", "« zut » n’est pas une activité"),
        ('schools = ["zut"]', "schools", "n’est pas une école"),
        ('service = "zut"', "service", "n’est pas un service"),
        ('image = "zut"', "image", "n’est pas une image"),
        ('levels = ["zut"]', "levels", "zut"),
        ('audience = "chosen"', "audience", "attend un critère"),
        ('audience = "public"\nlevels = ["CP"]', "audience", "ne va pas avec un critère"),
        ('event_place = "Lac"', "items", "sans jour"),
        ("event_on = 2026-10-01\nevent_in_days = 3", "event_in_days", "répète"),
        ('pinned = "zut"', "pinned", "zut"),
    ],
)
def test_a_wrong_key_is_refused_with_its_place(tmp_path: Path, extra: str, where: str, words: str) -> None:
    with pytest.raises(ProfileRefused) as refused:
        read_profile(profile(tmp_path, extra).path)

    assert any(where in problem.path and words in problem.reason for problem in refused.value.problems), [
        (problem.path, problem.reason) for problem in refused.value.problems
    ]
