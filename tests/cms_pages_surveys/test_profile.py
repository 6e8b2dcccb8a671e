"""Forms in a profile: built once, then the agents'."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from cms_pages.surveys.models import FormPage
from portal.backoffice.profiles import load_profile, read_profile
from portal.backoffice.profiles.problems import ProfileRefused
from portal.domain.accounts.models import User
from tests.cms_pages_surveys.conftest import NOW
from tests.communes.small import ProfileFolder

pytestmark = pytest.mark.django_db

FORM = """
[[forms]]
slug = "fete"
title = "Fête de l’école"
closes = "06-10"
purpose = "organiser la fête"
kept_days = 30
[[forms.questions]]
label = "Votre enfant"
kind = "child"
[[forms.questions]]
label = "Vous pouvez aider"
kind = "checkboxes"
choices = ["tenir un stand", "ranger, balayer"]
"""


def load(folder: ProfileFolder) -> None:
    load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=NOW)


def test_a_form_is_built_with_its_questions(tmp_path: Path) -> None:
    folder = ProfileFolder(tmp_path / "essai")
    folder.add(FORM)
    with time_machine.travel(NOW, tick=False):
        load(folder)
        load(folder)
        page = FormPage.objects.get()
    assert page.live
    assert page.closes_at == datetime(2027, 6, 10, 22, tzinfo=UTC)
    assert page.kept_until in {date(2027, 7, 10), date(2027, 7, 11)}
    assert [(each.clean_name, each.field_type) for each in page.questions] == [
        ("votre_enfant", "child"),
        ("vous_pouvez_aider", "checkboxes"),
    ]
    assert page.questions[1].choices == "tenir un stand\nranger, balayer"


def test_choices_are_checked(tmp_path: Path) -> None:
    folder = ProfileFolder(tmp_path / "essai")
    folder.add(FORM.replace('choices = ["tenir un stand", "ranger, balayer"]', 'choices = ["tenir un stand"]'))
    with pytest.raises(ProfileRefused, match="au moins deux choix"):
        read_profile(folder.path)
