"""The families' screens of authorisations, through HTTP."""

from datetime import datetime

import pytest
import time_machine
from django.urls import reverse

from portal.domain.consents.enums import ImageUse
from portal.domain.consents.models import Consent
from portal.domain.consents.queries import image_right
from portal.domain.consents.services import publish_text
from portal.domain.kernel.clock import PARIS
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.consents.factories import ConsentTextFactory
from tests.domain.families.factories import ChildLinkFactory, MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def frozen():
    with time_machine.travel(datetime(2026, 9, 9, 10, 0, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def parent():
    return UserFactory()


@pytest.fixture
def family(parent):
    return MemberFactory(adult__user=parent).family


@pytest.fixture
def children(family):
    return [
        ChildLinkFactory(family=family, child__first_name=name, order=order).child
        for order, name in enumerate(("Hugo", "Léna"))
    ]


@pytest.fixture
def text():
    return ConsentTextFactory()


@pytest.fixture
def signed_in(client, parent, children, text):
    client.force_login(parent)
    return client


def url_of(child):
    return reverse("consents:child", args=[child.pk])


def granted(children):
    return list(image_right(children=children, use=ImageUse.WEBSITE).values())


@pytest.mark.exigence("D17", "D18")
def test_the_same_answers_for_the_other_child_too(signed_in, children, text):
    answer = signed_in.post(url_of(children[0]), {f"texte_{text.pk}": "oui", "children": [str(children[1].pk)]})
    assert answer.status_code == 302
    assert granted(children) == [True, True]
    page = signed_in.get(url_of(children[1])).content.decode()
    assert "réponse de Claire Vuillet" in page
    assert "texte n° 1" in page


def test_nothing_is_ticked_before_somebody_answers(signed_in, children):
    assert "checked" not in signed_in.get(url_of(children[0])).content.decode()


def test_silence_on_a_compulsory_question_is_an_error_not_a_yes(signed_in, children):
    answer = signed_in.post(url_of(children[0]), {})
    assert answer.status_code == 422
    assert "répondez oui ou non" in answer.content.decode()
    assert granted(children) == [False, False]


def test_sent_twice_is_one_demarche(signed_in, children, text):
    for _time in range(2):
        signed_in.post(url_of(children[0]), {f"texte_{text.pk}": "non"})
    assert Consent.objects.count() == 1
    assert Procedure.objects.count() == 1


def test_an_answer_to_a_text_that_changed_is_asked_again(signed_in, children, text, parent):
    publish_text(kind=text.type, text="Autre texte.", by=parent, at=datetime(2026, 9, 9, 9, tzinfo=PARIS))
    answer = signed_in.post(url_of(children[0]), {f"texte_{text.pk}": "oui"})
    assert answer.status_code == 422
    assert "Autre texte." in answer.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.exigence("D17")
def test_the_other_parent_sees_who_refused(signed_in, client, family, children, text):
    signed_in.post(url_of(children[0]), {f"texte_{text.pk}": "non"})
    marc = UserFactory(username="marc", first_name="Marc")
    MemberFactory(family=family, adult__user=marc, parent=True)
    client.force_login(marc)
    page = client.get(url_of(children[0])).content.decode()
    assert "réponse de Claire Vuillet" in page
    assert "si l’un refuse, c’est refusé" in page
    client.post(url_of(children[0]), {f"texte_{text.pk}": "oui"})
    assert granted(children[:1]) == [False]


def test_another_familys_child_does_not_exist(signed_in, text):
    child = ChildLinkFactory().child
    assert signed_in.get(url_of(child)).status_code == 404
    assert signed_in.post(url_of(child), {f"texte_{text.pk}": "oui"}).status_code == 404


def test_another_familys_child_among_the_others_is_refused(signed_in, children, text):
    foreign = ChildLinkFactory().child
    answer = signed_in.post(url_of(children[0]), {f"texte_{text.pk}": "oui", "children": [str(foreign.pk)]})
    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_a_relative_reads_and_does_not_answer(client, family, children, text):
    relative = UserFactory(username="tante")
    MemberFactory(family=family, adult__user=relative, relative=True)
    client.force_login(relative)
    assert "Enregistrer mes réponses" not in client.get(url_of(children[0])).content.decode()
    assert client.post(url_of(children[0]), {f"texte_{text.pk}": "oui"}).status_code == 403
