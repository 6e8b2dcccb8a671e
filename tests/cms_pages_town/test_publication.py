"""From draft to page: directly, or through somebody who reads it again."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, Workflow, WorkflowPage

from cms_pages.models import ContentPage
from portal.backoffice.roles import PUBLICATION_WORKFLOW, Role, is_publication_checked, load_roles, set_publication
from portal.domain.accounts.models import User
from tests.cms_pages.conftest import town
from tests.domain.accounts.factories import UserFactory

__all__ = ["town"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def colleague(role: Role, name: str) -> tuple[Client, User]:
    user: User = UserFactory(agent=True, username=name, email=f"{name}@mairie.example")
    user.groups.add(Group.objects.get(name=role.value))
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def writer() -> tuple[Client, User]:
    return colleague(Role.COMMUNICATION, "redactrice")


@pytest.fixture
def reader() -> tuple[Client, User]:
    return colleague(Role.VALIDATION, "relectrice")


def page() -> ContentPage:
    found: ContentPage = ContentPage.objects.get(slug="reglement")
    return found


def send(client: Client, **buttons: str) -> Any:
    """The form of the page with a new title, by one of its buttons."""
    form = {
        "title": "Règlement nouveau",
        "slug": "reglement",
        "lead": "",
        "role": "",
        "seo_title": "",
        "search_description": "",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "1000",
        **buttons,
    }
    return client.post(f"/gestion/pages/{page().pk}/edit/", form, follow=True)


def answer_task(client: Client, action: str, task: Any, comment: str = "") -> Any:
    """The button of the reader, or of whoever tries."""
    address = reverse("wagtailadmin_pages:workflow_action", args=[page().pk, action, task.pk])
    return client.post(address, {"comment": comment}, follow=True)


def test_the_profile_chooses_and_publishes_directly_unless_it_says_otherwise() -> None:
    assert not is_publication_checked()
    assert not WorkflowPage.objects.exists()


def test_directly_communication_publishes(writer: tuple[Client, User]) -> None:
    assert page().permissions_for_user(writer[1]).can_publish()
    send(writer[0], **{"action-publish": "1"})
    assert page().title == "Règlement nouveau"


def test_with_validation_communication_writes_and_does_not_publish(writer: tuple[Client, User]) -> None:
    set_publication(checked=True)
    writer = writer[0], User.objects.get(pk=writer[1].pk)
    allowed = page().permissions_for_user(writer[1])

    assert allowed.can_edit()
    assert not allowed.can_publish()
    assert not allowed.can_unpublish()
    send(writer[0], **{"action-publish": "1"})
    assert page().title == "Règlement"
    assert page().has_unpublished_changes


def test_with_validation_a_page_goes_from_one_to_the_other_and_both_are_told(
    writer: tuple[Client, User], reader: tuple[Client, User], django_capture_on_commit_callbacks: Any
) -> None:
    set_publication(checked=True)
    with django_capture_on_commit_callbacks(execute=True):
        send(writer[0], **{"action-submit": "1"})
    state = page().current_workflow_state
    assert state is not None
    told = [message for message in mail.outbox if message.to == [reader[1].email]]
    assert len(told) == 1
    assert_french(told[0])
    assert page().title == "Règlement"

    mail.outbox.clear()
    task = state.current_task_state
    with django_capture_on_commit_callbacks(execute=True):
        answer = answer_task(reader[0], "approve", task, "Très clair.")
    assert answer.status_code == 200
    assert page().title == "Règlement nouveau"
    told = [message for message in mail.outbox if message.to == [writer[1].email]]
    assert len(told) == 1
    assert_french(told[0])


def assert_french(message: Any) -> None:
    words = f"{message.subject} {message.body}"
    for english in (" has been ", "You can ", "approved", "submitted", "Page has", " review"):
        assert english not in words, words
    assert "http://localhost" in words or "/gestion/pages/" in words


def test_a_refusal_comes_back_to_the_writer_with_its_reason(
    writer: tuple[Client, User], reader: tuple[Client, User], django_capture_on_commit_callbacks: Any
) -> None:
    set_publication(checked=True)
    with django_capture_on_commit_callbacks(execute=True):
        send(writer[0], **{"action-submit": "1"})
    mail.outbox.clear()
    task = page().current_workflow_state.current_task_state
    with django_capture_on_commit_callbacks(execute=True):
        answer_task(reader[0], "reject", task, "Il manque la date.")
    assert page().title == "Règlement"
    (told,) = [message for message in mail.outbox if message.to == [writer[1].email]]
    assert_french(told)
    assert "Il manque la date." in told.body


def test_the_writer_cannot_approve_their_own_page(writer: tuple[Client, User]) -> None:
    set_publication(checked=True)
    send(writer[0], **{"action-submit": "1"})
    task = page().current_workflow_state.current_task_state
    answer = answer_task(writer[0], "approve", task)
    assert answer.redirect_chain
    assert page().title == "Règlement"
    assert page().workflow_in_progress


def test_one_may_change_ones_mind_as_often_as_one_likes(writer: tuple[Client, User]) -> None:
    for checked in (True, True, False, True, False, False):
        set_publication(checked=checked)
        load_roles()
        assert is_publication_checked() is checked
        user = User.objects.get(pk=writer[1].pk)
        assert page().permissions_for_user(user).can_publish() is not checked
        assert Workflow.objects.filter(name=PUBLICATION_WORKFLOW).count() == 1
        assert WorkflowPage.objects.count() == int(checked)


def test_another_way_chosen_by_an_administrator_for_the_whole_site_stays() -> None:
    theirs = Workflow.objects.create(name="La nôtre")
    WorkflowPage.objects.create(page=Page.get_first_root_node(), workflow=theirs)
    set_publication(checked=True)
    assert WorkflowPage.objects.get().workflow == theirs


@pytest.mark.parametrize("checked", [True, False])
def test_validation_publishes_and_takes_down_in_both(reader: tuple[Client, User], checked: bool) -> None:
    set_publication(checked=checked)
    allowed = page().permissions_for_user(User.objects.get(pk=reader[1].pk))
    assert allowed.can_publish()
    assert allowed.can_unpublish()
