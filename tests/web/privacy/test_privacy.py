"""« Mes données », through HTTP."""

import zipfile
from io import BytesIO

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.notices.models import Notice
from portal.domain.privacy.models import DataExport, ErasureRequest
from portal.web.privacy.tasks import prepare, prepare_pending
from tests.domain.accounts.factories import PASSWORD, UserFactory
from tests.domain.families.factories import MemberFactory
from tests.domain.privacy.town import HIDDEN, NOW, plant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def frozen(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def town():
    return plant()


@pytest.fixture
def signed_in(client, town):
    client.force_login(town.user)
    return client


@pytest.mark.exigence("B37")
def test_the_copy_is_asked_prepared_and_taken_once_against_the_password(signed_in, town):
    assert signed_in.post(reverse("privacy:export"), {"password": PASSWORD}).status_code == 302
    prepare(DataExport.objects.get().pk)
    export = DataExport.objects.get()
    assert Notice.objects.filter(user=town.user, title="La copie de vos données est prête").exists()
    url = reverse("privacy:download", args=[export.key])
    assert url in signed_in.get(reverse("privacy:index")).content.decode()
    assert signed_in.post(url, {"password": "faux"}).status_code == 422
    answer = signed_in.post(url, {"password": PASSWORD})
    assert answer["Content-Disposition"] == 'attachment; filename="mes-donnees.zip"'
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        pdf = archive.read("mes-donnees.pdf")
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert "Bernadette" in words
    assert "sentier du Guet" in words
    assert [word for word in HIDDEN if word in words] == []
    assert signed_in.post(url, {"password": PASSWORD}).status_code == 422


def test_a_lost_message_is_found_by_the_next_run(signed_in):
    signed_in.post(reverse("privacy:export"), {"password": PASSWORD})
    prepare_pending()
    assert DataExport.objects.get().state == "ready"


def test_the_other_parent_does_not_take_the_copy(signed_in, client, town):
    signed_in.post(reverse("privacy:export"), {"password": PASSWORD})
    prepare_pending()
    other = UserFactory(username="marc")
    MemberFactory(family=town.family, adult__user=other, parent=True)
    client.force_login(other)
    url = reverse("privacy:download", args=[DataExport.objects.get().key])
    assert client.get(url).status_code == client.post(url, {"password": PASSWORD}).status_code == 404


def test_guessing_the_password_has_an_end(signed_in):
    for _try in range(10):
        signed_in.post(reverse("privacy:export"), {"password": "faux"})
    answer = signed_in.post(reverse("privacy:export"), {"password": PASSWORD})
    assert "attendez une heure" in answer.content.decode()
    assert not DataExport.objects.exists()


def test_the_erasure_is_asked_after_reading_the_list(signed_in, town):
    url = reverse("privacy:erasure")
    page = signed_in.get(url).content.decode()
    assert "Ce qui sera effacé" in page
    assert "l’autre foyer garde l’enfant" in page
    assert signed_in.post(url, {"password": PASSWORD}).status_code == 422
    for _time in range(2):
        assert signed_in.post(url, {"password": PASSWORD, "understood": "on"}).status_code == 302
    assert ErasureRequest.objects.get().family_key == town.family.pk
    assert "Le service vous répond" in signed_in.get(reverse("privacy:index")).content.decode()


def test_a_relative_does_not_ask_for_erasure(client, town):
    relative = UserFactory(username="tante")
    MemberFactory(family=town.family, adult__user=relative, relative=True)
    client.force_login(relative)
    data = {"password": PASSWORD, "understood": "on"}
    assert client.post(reverse("privacy:erasure"), data).status_code == 403


def test_closing_signs_out_for_good(signed_in, town):
    answer = signed_in.post(reverse("privacy:close"), {"password": PASSWORD, "understood": "on"})
    assert answer.status_code == 302
    assert not User.objects.get(pk=town.user.pk).is_active
    assert signed_in.get(reverse("privacy:index")).status_code == 302


@pytest.mark.exigence("B36")
def test_the_history_costs_the_same_for_thirty_lines_as_for_two(signed_in, town):
    def note(lines: int) -> None:
        for _line in range(lines):
            record(verb="send_paper", target=town.family, by=town.user, at=NOW, family_key=town.family.pk)

    note(2)
    signed_in.get(reverse("privacy:history"))
    with CaptureQueriesContext(connection) as few:
        page = signed_in.get(reverse("privacy:history")).content.decode()
    assert "Pièce transmise" in page
    assert "Vous" in page
    note(60)
    with CaptureQueriesContext(connection) as many:
        assert "Suivant" in signed_in.get(reverse("privacy:history"), {"page": "abc"}).content.decode()
    assert len(many) == len(few)
