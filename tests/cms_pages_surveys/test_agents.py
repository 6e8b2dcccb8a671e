"""Who reads which answers, on every address; the list, the figures, the exports."""

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cms_pages.surveys.agents import harmless
from cms_pages.surveys.enums import FieldKind, Respondents
from cms_pages.surveys.models import Answer, AnswerFile, FormPage
from cms_pages.surveys.queries import statistics
from portal.backoffice.roles import Role, load_roles
from portal.domain.audit.models import AuditEntry
from tests.cms_pages_surveys.factories import make_form
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household

pytestmark = pytest.mark.django_db

SECRET = "Allergie de Léna"


@pytest.fixture
def linked(family: Household) -> FormPage:
    """A form of families, with one answer and a file."""
    page = make_form()
    answer = Answer.objects.create(
        page=page,
        family=family.family,
        single=True,
        form_data={
            "votre_enfant": {"key": 1, "name": "Hugo"},
            "vous_pouvez_aider": ["tenir un stand"],
            "un_mot": SECRET,
        },
    )
    AnswerFile.objects.create(
        answer=answer,
        question="piece",
        name="piece.pdf",
        kind="application/pdf",
        size=4,
        file=ContentFile(b"%PDF", name="piece.pdf"),
    )
    return page


@pytest.fixture
def nameless(clock: None) -> FormPage:
    """An anonymous survey with one answer."""
    page = make_form(
        title="Votre avis",
        respondents=Respondents.ANYBODY,
        questions=[{"label": "Avis", "field_type": FieldKind.SHORT}],
    )
    Answer.objects.create(page=page, form_data={"avis": "Rien à redire"})
    return page


@pytest.fixture
def agents(db: None) -> dict[str, Client]:
    """One browser for each role, and an administrator's."""
    groups = load_roles()
    browsers = {}
    for role in Role:
        user = UserFactory(username=role.value, is_staff=True)
        user.groups.add(groups[role])
        browsers[role.value] = Client()
        browsers[role.value].force_login(user)
    browsers["admin"] = Client()
    browsers["admin"].force_login(UserFactory(username="admin", is_staff=True, is_superuser=True))
    return browsers


def addresses(page: FormPage) -> list[str]:
    """Every address that shows answers of a form."""
    submissions = reverse("wagtailforms:list_submissions", args=[page.pk])
    answer = page.answers.get()
    found = [
        submissions,
        f"{submissions}?export=csv",
        f"{submissions}?export=xlsx",
        reverse("wagtailforms:list_submissions_results", args=[page.pk]),
        reverse("surveys_figures", args=[page.pk]),
        f"{reverse('wagtailforms:delete_submissions', args=[page.pk])}?selected-submissions={answer.pk}",
    ]
    return found + [reverse("surveys_download", args=[file.pk]) for file in answer.files.all()]


READERS = {"linked": {"gestion", "admin"}, "nameless": {"gestion", "communication", "validation", "admin"}}


@pytest.mark.exigence("B24")
@pytest.mark.parametrize("which", READERS)
def test_each_address_opens_to_its_readers_only(
    request: pytest.FixtureRequest, agents: dict[str, Client], which: str
) -> None:
    page: FormPage = request.getfixturevalue(which)
    for url in addresses(page):
        for role, browser in agents.items():
            answer = browser.get(url)
            body = answer.getvalue() if answer.streaming else answer.content
            if role in READERS[which]:
                assert answer.status_code == 200, (role, url)
            else:
                assert answer.status_code in {302, 403, 404}, (role, url)
                assert SECRET.encode() not in body
                assert b"%PDF" not in body


def test_the_list_of_forms_shows_what_may_be_read(
    linked: FormPage, nameless: FormPage, agents: dict[str, Client]
) -> None:
    html = agents["communication"].get(reverse("wagtailforms:index")).content.decode()
    assert "Votre avis" in html
    assert "Fête de l’école" not in html
    html = agents["gestion"].get(reverse("wagtailforms:index")).content.decode()
    assert "Votre avis" in html
    assert "Fête de l’école" in html


def test_a_form_made_anonymous_afterwards_stays_closed(linked: FormPage, agents: dict[str, Client]) -> None:
    FormPage.objects.filter(pk=linked.pk).update(respondents=Respondents.ANYBODY)
    for url in addresses(linked):
        assert agents["communication"].get(url).status_code in {302, 403}, url


def test_deleting_needs_its_right_and_is_written_down(linked: FormPage, agents: dict[str, Client]) -> None:
    ticked = f"selected-submissions={linked.answers.get().pk}"
    url = f"{reverse('wagtailforms:delete_submissions', args=[linked.pk])}?{ticked}"
    assert agents["communication"].post(url).status_code in {302, 403}
    assert Answer.objects.exists()
    assert agents["gestion"].post(f"{url}&selected-submissions=x&selected-submissions={'9' * 30}").status_code == 302
    assert not Answer.objects.exists()
    assert not AnswerFile.objects.exists()
    assert AuditEntry.objects.get(verb="delete_form_answers").after["removed"] == 1


def test_a_form_that_has_answers_is_not_deleted(linked: FormPage, agents: dict[str, Client]) -> None:
    url = reverse("wagtailadmin_pages:delete", args=[linked.pk])
    assert agents["admin"].post(url).status_code == 302
    assert FormPage.objects.filter(pk=linked.pk).exists()
    parent = reverse("wagtailadmin_pages:delete", args=[linked.get_parent().pk])
    agents["admin"].post(parent)
    assert FormPage.objects.filter(pk=linked.pk).exists()


def test_the_list_shows_families_words_and_files(linked: FormPage, agents: dict[str, Client]) -> None:
    url = reverse("wagtailforms:list_submissions", args=[linked.pk])
    html = agents["gestion"].get(url).content.decode()
    for said in ("Vuillet", "4127", "Hugo", "tenir un stand", SECRET, linked.answers.get().number):
        assert said in html, said
    assert SECRET in agents["gestion"].get(url, {"q": "allergie"}).content.decode()
    assert SECRET in agents["gestion"].get(url, {"q": "4127"}).content.decode()
    assert SECRET not in agents["gestion"].get(url, {"q": "rien de tel"}).content.decode()
    assert agents["gestion"].get(url, {"q": "'%_\\\x00"}).status_code == 200


def test_the_list_costs_the_same_for_many_answers(nameless: FormPage, agents: dict[str, Client]) -> None:
    url = reverse("wagtailforms:list_submissions", args=[nameless.pk])
    agents["gestion"].get(url)
    with CaptureQueriesContext(connection) as one:
        agents["gestion"].get(url)
    for _ in range(9):
        Answer.objects.create(page=nameless, form_data={"avis": "Encore"})
    with CaptureQueriesContext(connection) as many:
        agents["gestion"].get(url)
    assert len(many) == len(one)


@pytest.mark.parametrize("value", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_runs_nothing(nameless: FormPage, agents: dict[str, Client], value: str) -> None:
    assert harmless(value) == f"'{value}"
    Answer.objects.filter(page=nameless).update(form_data={"avis": value})
    url = reverse("wagtailforms:list_submissions", args=[nameless.pk])
    csv = agents["gestion"].get(f"{url}?export=csv").getvalue().decode()
    assert f"'{value.strip()}" in csv or f"'{value}" in csv
    book = load_workbook(io.BytesIO(agents["gestion"].get(f"{url}?export=xlsx").getvalue()))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert AuditEntry.objects.filter(verb="export_form_answers").count() == 2


@pytest.mark.exigence("B24")
def test_choices_are_counted(family: Household, agents: dict[str, Client]) -> None:
    page = make_form(
        questions=[
            {"label": "Jour", "field_type": FieldKind.RADIO, "choices": "lundi\nmardi"},
            {"label": "Accord", "field_type": FieldKind.CONSENT, "required": False},
        ]
    )
    for data in ({"jour": "lundi", "accord": True}, {"jour": "lundi", "accord": False}, {"jour": "jeudi"}, {}):
        Answer.objects.create(page=page, form_data=data)
    day, consent = statistics(page)
    assert [(share.label, share.count, share.percent) for share in day.shares] == [
        ("lundi", 2, 67),
        ("mardi", 0, 0),
        ("jeudi", 1, 33),
    ]
    assert [(share.label, share.count) for share in consent.shares] == [("oui", 1), ("non", 1)]
    html = agents["gestion"].get(reverse("surveys_figures", args=[page.pk])).content.decode()
    assert "67&nbsp;%" in html
    assert '<rect class="part" width="67"' in html


def test_a_download_is_a_file_to_save_and_is_written_down(linked: FormPage, agents: dict[str, Client]) -> None:
    joined = AnswerFile.objects.get()
    answer = agents["gestion"].get(reverse("surveys_download", args=[joined.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="piece.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.getvalue() == b"%PDF"
    assert AuditEntry.objects.get(verb="download_form_file").family_key == linked.answers.get().family_id
    assert agents["gestion"].get(reverse("surveys_download", args=[joined.pk + 1])).status_code == 404


def test_an_editor_builds_and_previews_a_form(linked: FormPage, agents: dict[str, Client]) -> None:
    html = agents["communication"].get(reverse("wagtailadmin_pages:edit", args=[linked.pk])).content.decode()
    assert "nature de la réponse" in html.lower()
    assert "à quoi servent les réponses" in html.lower()
    for mode in ("form", "landing"):
        shown: Any = linked.make_preview_request(preview_mode=mode)
        text = (
            shown.render().content.decode()
            if hasattr(shown, "render") and not shown.is_rendered
            else shown.content.decode()
        )
        assert "Vous pouvez aider" in text
        assert SECRET not in text
