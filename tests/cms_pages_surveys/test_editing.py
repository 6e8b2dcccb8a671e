"""What the editing screen of a form accepts and refuses."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from cms_pages.surveys.editing import MAX_FILE_QUESTIONS
from cms_pages.surveys.enums import FieldKind
from cms_pages.surveys.models import FormPage
from portal.backoffice.roles import Role, load_roles
from tests.cms_pages_surveys.factories import home
from tests.domain.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(clock: None, client: Client) -> Client:
    agent = UserFactory(agent=True)
    home()
    agent.groups.add(load_roles()[Role.COMMUNICATION])
    client.force_login(agent)
    return client


def create(editor: Client, *kinds: str, **changed: Any) -> Any:
    questions = [
        {"label": f"Question {rank}", "field_type": kind, "required": "on", "choices": "", "help_text": ""}
        for rank, kind in enumerate(kinds)
    ]
    data: dict[str, Any] = {
        "title": "Fête",
        "slug": "fete",
        "lead": "",
        "form_fields": inline_formset(questions),
        "respondents": "families",
        "one_per_family": "on",
        "opens_at": "",
        "closes_at": "",
        "places": "",
        "audience": "families",
        "present_from": "",
        "present_until": "",
        "submit_label": "Envoyer",
        "thanks": "",
        "purpose": "organiser la fête",
        "readers": "le service",
        "kept_until": "2027-09-08",
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
        "action-publish": "action-publish",
    }
    address = reverse("wagtailadmin_pages:add", args=["surveys", "formpage", home().pk])
    return editor.post(address, nested_form_data(data | changed))


def refused(response: Any) -> str:
    assert response.status_code == 200
    assert not FormPage.objects.exists()
    return str(response.context["form"].errors).replace("\u00a0", " ")


def test_some_questions_may_ask_for_files(editor: Client) -> None:
    response = create(editor, *[FieldKind.FILE] * MAX_FILE_QUESTIONS, FieldKind.SHORT)

    assert response.status_code == 302, response.context["form"].errors
    assert len(FormPage.objects.get().questions) == MAX_FILE_QUESTIONS + 1


def test_too_many_are_refused_and_what_was_typed_stays(editor: Client) -> None:
    response = create(editor, *[FieldKind.FILE] * (MAX_FILE_QUESTIONS + 1))

    assert "6 questions, 5 au plus" in refused(response)
    assert "Question 5" in response.content.decode()


def test_some_families_need_a_criterion(editor: Client) -> None:
    assert "donnez au moins un critère" in refused(create(editor, FieldKind.SHORT, audience="chosen"))
