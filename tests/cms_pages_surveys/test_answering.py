"""Filling in a form: for whom, when, how many times, and what is kept."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms_pages.surveys.enums import FieldKind, Respondents
from cms_pages.surveys.fields import TRAP
from cms_pages.surveys.models import Answer, FormField, FormPage
from cms_pages.surveys.tasks import erase_old_answers
from portal.domain.audit.models import AuditEntry
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from tests.cms_pages_surveys.conftest import NOW
from tests.cms_pages_surveys.factories import make_form
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household, household
from tests.domain.families.factories import MemberFactory

pytestmark = pytest.mark.django_db

GOOD = {"vous_pouvez_aider": ["tenir un stand", "ranger, balayer"], "un_mot": "Avec plaisir"}


def send(client: Client, page: FormPage, data: Any = None, *, status: int = 302) -> str:
    response = client.post(page.url, GOOD if data is None else data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response["Location"] if status == 302 else response.content.decode()


def read(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


@pytest.mark.exigence("B24")
def test_a_family_answers_and_keeps_a_number(family: Household, parent: Client) -> None:
    page = make_form(thanks="Le planning arrive lundi.")
    html = read(parent, page.url)
    assert "Vous pouvez aider" in html
    assert "<legend>" in html
    location = send(parent, page, GOOD | {"votre_enfant": str(family.child.pk)})
    answer = Answer.objects.get()
    assert location == f"{page.url}?recu={answer.number}"
    html = read(parent, location)
    assert answer.number in html
    assert "Le planning arrive lundi." in html
    assert (answer.family, answer.child, answer.by, answer.single) == (
        family.family,
        family.child,
        family.parent,
        True,
    )
    procedure = Procedure.objects.get()
    assert (procedure.reference, procedure.child) == (answer.number, family.child)
    assert "Fête de l’école" in read(parent, "/famille/demarches/")
    mail = OutgoingMail.objects.get()
    assert answer.number in mail.text
    assert "Avec plaisir" not in mail.text + mail.html
    assert AuditEntry.objects.get(verb="answer_form").family_key == family.family.pk
    detail = read(parent, f"/famille/formulaires/{answer.number}/")
    assert "tenir un stand, ranger, balayer" in detail
    assert "Avec plaisir" in detail


@pytest.mark.exigence("B24")
def test_an_answer_is_changed_until_the_closing(family: Household, parent: Client) -> None:
    page = make_form(closes_at=NOW + timedelta(days=1))
    send(parent, page)
    html = read(parent, page.url)
    assert "Votre famille a déjà répondu" in html
    assert "Avec plaisir" in html
    assert 'value="tenir un stand"' in html
    send(parent, page, GOOD | {"un_mot": "Finalement non"})
    answer = Answer.objects.get()
    assert answer.form_data["un_mot"] == "Finalement non"
    assert answer.changed_at == NOW
    assert Procedure.objects.count() == 1
    assert OutgoingMail.objects.count() == 2
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        assert "Ce formulaire est fermé" in read(parent, page.url)
        assert "Ce formulaire est fermé" in send(parent, page, status=409)
    answer.refresh_from_db()
    assert answer.form_data["un_mot"] == "Finalement non"


def test_both_parents_share_the_answer(family: Household, client: Client) -> None:
    other = MemberFactory(family=family.family, adult__user=UserFactory(), parent=True).adult.user
    page = make_form()
    client.force_login(family.parent)
    send(client, page)
    client.force_login(other)
    send(client, page, GOOD | {"un_mot": "Moi aussi"})
    assert Answer.objects.get().by == other


def test_several_answers_when_the_form_says_so(family: Household, parent: Client) -> None:
    page = make_form(one_per_family=False)
    send(parent, page)
    send(parent, page)
    assert Answer.objects.filter(single=False).count() == 2


def test_the_database_refuses_a_second_single_answer(family: Household, clock: None) -> None:
    page = make_form()
    Answer.objects.create(page=page, form_data={}, family=family.family, single=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(page=page, form_data={}, family=family.family, single=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(page=page, form_data={}, single=True)
    again = Answer(page=page, form_data={}, family=family.family, single=True)
    with pytest.raises(ValidationError, match="déjà répondu"):
        again.validate_constraints()


@pytest.mark.exigence("B24")
def test_an_anonymous_survey_keeps_nobody(family: Household, parent: Client) -> None:
    page = make_form(respondents=Respondents.ANYBODY, questions=[{"label": "Avis", "field_type": FieldKind.SHORT}])
    visitor = Client()
    send(visitor, page, {"avis": "bien"})
    send(parent, page, {"avis": "très bien"})
    for answer in Answer.objects.all():
        assert (answer.family, answer.by, answer.child, answer.single) == (None, None, None, False)
    assert not OutgoingMail.objects.exists()
    assert not Procedure.objects.exists()
    assert not AuditEntry.objects.filter(verb="answer_form").exists()


def test_a_visitor_is_asked_to_sign_in(clock: None, client: Client, db: None) -> None:
    page = make_form()
    html = read(client, page.url)
    assert "Connectez-vous" in html
    assert f"?next={page.url}" in html
    assert "<textarea" not in html
    assert send(client, page).startswith("/compte/connexion/")
    assert not Answer.objects.exists()


def test_a_form_addressed_to_families_does_not_exist_for_others(family: Household, client: Client) -> None:
    page = make_form(audience="families")
    assert client.get(page.url)["Location"].startswith("/compte/connexion/?next=")
    assert client.post(page.url, GOOD).status_code == 302
    chosen = make_form(audience="chosen", audience_levels=["CP"])
    client.force_login(family.parent)
    assert client.get(page.url).status_code == 200
    assert client.get(chosen.url).status_code == 404
    assert client.post(chosen.url, GOOD).status_code == 404


def test_who_may_only_look_does_not_answer(family: Household, client: Client) -> None:
    page = make_form()
    member = MemberFactory(
        family=family.family, adult__user=UserFactory(), parent=True, can_edit=False, can_book=False, can_pay=False
    )
    client.force_login(member.adult.user)
    assert "Vous ne pouvez pas répondre" in read(client, page.url)
    send(client, page, status=403)
    assert not Answer.objects.exists()


def test_the_child_of_another_family_is_refused(family: Household, parent: Client) -> None:
    other = household()
    page = make_form()
    html = send(parent, page, GOOD | {"votre_enfant": str(other.child.pk)}, status=422)
    assert "ce choix n’est plus proposé" in html
    assert not Answer.objects.exists()


def test_another_family_does_not_read_the_answer(family: Household, parent: Client) -> None:
    page = make_form()
    send(parent, page)
    number = Answer.objects.get().number
    stranger = Client()
    stranger.force_login(household().parent)
    assert stranger.get(f"/famille/formulaires/{number}/").status_code == 404
    assert "sous le numéro" not in read(stranger, f"{page.url}?recu={number}")
    assert "sous le numéro" not in read(stranger, f"{page.url}?recu=x%00")
    assert "Avec plaisir" not in read(stranger, page.url)


def test_mistakes_are_named_and_what_was_typed_stays(family: Household, parent: Client) -> None:
    questions = [
        {"label": "Jour", "field_type": FieldKind.DATE},
        {"label": "Combien", "field_type": FieldKind.NUMBER},
        {"label": "Mobile", "field_type": FieldKind.PHONE},
        {"label": "Courriel", "field_type": FieldKind.MAIL},
        {"label": "Repas", "field_type": FieldKind.RADIO, "choices": "oui\nnon"},
        {"label": "J’accepte", "field_type": FieldKind.CONSENT},
    ]
    page = make_form(questions=questions)
    names = [question.clean_name for question in page.questions]
    wrong = dict(zip(names, ["31/02/2026", "beaucoup", "12", "claire@", "peut-être", ""], strict=True))
    html = send(parent, page, wrong, status=422)
    assert 'id="erreurs"' in html
    for said in (
        "indiquez une date qui existe",
        "indiquez un nombre",
        "un numéro à dix chiffres",
        "une adresse mail complète",
        "ce choix n’est plus proposé",
        "cochez la case",
        'value="beaucoup"',
        'value="claire@"',
        'aria-invalid="true"',
    ):
        assert said in html, said
    right = dict(
        zip(names, ["07/09/2026", "1 234,5", "+33 6 12 34 56 78", "claire@exemple.fr", "oui", "on"], strict=True)
    )
    send(parent, page, right)
    data = Answer.objects.get().form_data
    assert [data[name] for name in names] == [
        "2026-09-07",
        "1234.5",
        "06 12 34 56 78",
        "claire@exemple.fr",
        "oui",
        True,
    ]


def test_places_run_out_for_those_who_have_not_answered(family: Household, parent: Client) -> None:
    page = make_form(places=1)
    assert "Il reste 1 place." in read(parent, page.url)
    send(parent, page)
    stranger = Client()
    stranger.force_login(household().parent)
    assert "Toutes les places sont prises" in read(stranger, page.url)
    assert "Toutes les places sont prises" in send(stranger, page, status=409)
    send(parent, page, GOOD | {"un_mot": "changé"})
    assert Answer.objects.get().form_data["un_mot"] == "changé"


def test_opening_is_waited_for(family: Household, parent: Client) -> None:
    page = make_form(opens_at=NOW + timedelta(hours=1))
    assert "n’est pas encore ouvert" in read(parent, page.url)
    send(parent, page, status=409)
    assert not Answer.objects.exists()


def test_robots_are_stopped_by_the_trap_and_by_the_pace(db: None, clock: None, client: Client) -> None:
    page = make_form(respondents=Respondents.ANYBODY, questions=[{"label": "Avis", "field_type": FieldKind.SHORT}])
    assert "comme le font les robots" in send(client, page, {"avis": "x", TRAP: "rue"}, status=422)
    for _ in range(59):
        send(client, page, {"avis": "x"})
    html = send(client, page, {"avis": "gardé tel quel"}, status=429)
    assert "Trop d’envois" in html
    assert 'value="gardé tel quel"' in html
    assert Answer.objects.count() == 59


def test_a_form_page_is_kept_by_no_cache(db: None, clock: None, client: Client) -> None:
    page = make_form()
    assert "no-store" in client.get(page.url)["Cache-Control"]
    assert client.put(page.url).status_code == 405


@pytest.mark.exigence("B24")
def test_answers_are_erased_at_their_time(family: Household, parent: Client) -> None:
    page = make_form(kept_until=NOW.date() + timedelta(days=10), closes_at=NOW + timedelta(days=1))
    assert "18\u00a0septembre 2026" in read(parent, page.url)
    send(parent, page)
    with time_machine.travel(NOW + timedelta(days=10), tick=False):
        erase_old_answers()
        assert Answer.objects.count() == 1
    with time_machine.travel(NOW + timedelta(days=11), tick=False):
        erase_old_answers()
        erase_old_answers()
    assert not Answer.objects.exists()
    assert Procedure.objects.get().reference == ""
    assert AuditEntry.objects.get(verb="erase_form_answers").after["removed"] == 1


def test_home_and_lists_say_what_waits(family: Household, parent: Client) -> None:
    page = make_form(closes_at=NOW + timedelta(days=3))
    assert "Fête de l’école" in read(parent, "/famille/")
    assert "Réponse attendue avant" in read(parent, "/famille/")
    assert 'href="/famille/formulaires/"' in read(parent, "/famille/")
    assert "Fête de l’école" in read(parent, "/famille/formulaires/")
    send(parent, page)
    assert "Fête de l’école" not in read(parent, "/famille/")
    assert "répondu" in read(parent, "/famille/formulaires/")


def test_the_list_costs_the_same_for_many_forms(family: Household, parent: Client) -> None:
    send(parent, make_form())
    read(parent, "/famille/formulaires/")
    with CaptureQueriesContext(connection) as one:
        read(parent, "/famille/formulaires/")
    for _ in range(4):
        page = make_form()
        send(parent, page)
    read(parent, "/famille/formulaires/")  # what is known of the site is read again after a publication
    with CaptureQueriesContext(connection) as many:
        read(parent, "/famille/formulaires/")
    assert len(many) == len(one), [query["sql"][:150] for query in many]


def test_whose_answers_they_are_does_not_change(family: Household, parent: Client) -> None:
    page = make_form()
    send(parent, page)
    page.respondents = Respondents.ANYBODY
    with pytest.raises(ValidationError, match="Des familles ont déjà répondu"):
        page.clean()


def test_choices_are_asked_of_the_agent() -> None:
    with pytest.raises(ValidationError, match="au moins deux choix"):
        FormField(label="Repas", field_type=FieldKind.RADIO, choices="oui\n oui ").clean()
