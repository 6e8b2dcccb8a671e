"""The family's pages of the quotient: what they show, what they take, whose they are."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from portal.domain.quotients.enums import QuotientState
from portal.domain.quotients.models import Quotient, QuotientPolicy, QuotientProof
from tests.domain.quotients.factories import DefinitionFactory, PolicyFactory, QuotientFactory
from tests.web.planning.scene import NOW
from tests.web.quotient.scene import photo, proof_key
from tests.web.two_families import Town

pytestmark = pytest.mark.django_db

ROOT = "/famille/dossier/quotient-familial/"
DECLARE = f"{ROOT}declarer/"


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def owner(town: Town, client: Any) -> Any:
    PolicyFactory()
    DefinitionFactory()
    client.force_login(town.owner)
    return client


def form(**options: Any) -> dict[str, Any]:
    return {"value": "842", "month": "2026-08-01", "key": str(uuid.uuid4())} | options


@pytest.mark.exigence("D4", "D5")
def test_without_quotient_the_highest_tariff_is_announced(owner: Any) -> None:
    page = text_of(owner.get(ROOT))

    assert "Aucun quotient fourni" in page
    assert "Le tarif le plus élevé s’applique" in page


@pytest.mark.exigence("D4", "D5")
def test_a_parent_declares_with_several_files(owner: Any, town: Town) -> None:
    answer = owner.post(DECLARE, form(value="1 049,33", proofs=[photo(), photo("verso.jpg", "black")]))

    assert (answer.status_code, answer["Location"]) == (302, ROOT)
    quotient = Quotient.objects.get()
    assert (quotient.family, quotient.value, quotient.month) == (town.family, Decimal("1049.33"), date(2026, 8, 1))
    page = text_of(owner.get(ROOT))
    assert "1 049,33" in page
    assert "à vérifier par le service" in page
    assert "verso.jpg" in page


def test_the_form_sent_twice_is_one_declaration(owner: Any) -> None:
    sent = form()
    owner.post(DECLARE, sent)
    assert owner.post(DECLARE, sent).status_code == 302

    assert Quotient.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"value": ""}, "est à remplir"),
        ({"value": "beaucoup"}, "indiquez un nombre"),
        ({"value": "-3"}, "842|supérieure|positif"),
        ({"month": "2020-01-01"}, "choisissez-en un autre"),
        ({"month": "n’importe quoi"}, "choisissez-en un autre"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(owner: Any, options: dict[str, str], words: str) -> None:
    answer = owner.post(DECLARE, form(**options))

    assert answer.status_code == 422
    assert any(word in text_of(answer) for word in words.split("|"))
    assert not Quotient.objects.exists()


def test_a_missing_or_hostile_proof_is_an_error_of_the_field(owner: Any) -> None:
    QuotientPolicy.objects.update(proof_required=True)
    missing = owner.post(DECLARE, form())
    hostile = owner.post(DECLARE, form(proofs=[photo("page.html"), _page()]))

    assert missing.status_code == hostile.status_code == 422
    assert "Joignez un justificatif" in text_of(missing)
    assert "erreurs" in text_of(hostile)
    assert not Quotient.objects.exists()


def _page() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("attestation.pdf", b"<html><script>alert(1)</script></html>")


def test_zero_is_shown_as_a_value(owner: Any, town: Town) -> None:
    QuotientFactory(family=town.family, accepted=True, value=Decimal(0))

    page = text_of(owner.get(ROOT))
    assert '<strong class="price">0</strong>' in page
    assert "tarif le plus élevé" not in page


def test_refused_expired_and_asked_say_what_to_do(owner: Any, town: Town) -> None:
    QuotientFactory(family=town.family, accepted=True, valid_from=date(2025, 9, 1), valid_until=date(2026, 8, 31))
    assert "Expiré depuis le 1er septembre 2026" in text_of(owner.get(ROOT))
    assert "Mettre à jour mon quotient familial" in text_of(owner.get("/famille/"))

    asked = QuotientFactory(family=town.family, asked=True)
    assert "Il manque le verso." in text_of(owner.get(ROOT))
    asked.delete()
    QuotientFactory(family=town.family, refused=True)
    assert "n’est pas lisible" in text_of(owner.get(ROOT))


def test_the_town_computes_from_resources(owner: Any) -> None:
    DefinitionFactory(town=True)
    answer = owner.post(
        f"{DECLARE}?sorte=commune",
        {
            "montant_revenus": "36 444",
            "montant_prestations": "331",
            "couple": "couple",
            "children": "3",
            "month": "2026-08-01",
            "key": str(uuid.uuid4()),
        },
    )

    assert answer.status_code == 302
    assert Quotient.objects.get().value == 842
    assert owner.get(f"{DECLARE}?sorte=inconnue").status_code == 404


def test_the_estimate_keeps_nothing(owner: Any) -> None:
    asked = {"montant_revenus": "36444", "montant_prestations": "331", "couple": "couple", "children": "3"}

    assert "Environ 842" in text_of(owner.get(f"{ROOT}estimer/", asked))
    assert owner.get(f"{ROOT}estimer/", asked | {"children": "x"}).status_code == 422
    assert not Quotient.objects.exists()


# -- whose --------------------------------------------------------------------------------


def test_a_proof_is_its_familys_alone(owner: Any, town: Town) -> None:
    key = proof_key(town.family, town.owner)
    url = reverse("quotient:proof", args=[key])

    answer = owner.get(url)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private, no-store")
    assert answer.content.startswith(b"\xff\xd8")
    for other in (town.stranger, town.orphan, town.agent):
        owner.force_login(other)
        assert owner.get(url).status_code in {403, 404}


def test_another_family_sees_nothing_of_it(owner: Any, town: Town) -> None:
    QuotientFactory(family=town.family, accepted=True, value=Decimal(8421))
    owner.force_login(town.stranger)

    assert "8 421" not in text_of(owner.get(ROOT))


def test_a_relative_reads_and_declares_nothing(owner: Any, town: Town) -> None:
    QuotientFactory(family=town.family, accepted=True)
    owner.force_login(town.relative)

    page = text_of(owner.get(ROOT))
    assert "Déclarer" not in page
    assert owner.get(DECLARE).status_code == 403
    assert owner.post(DECLARE, form()).status_code == 403
    assert Quotient.objects.get().state == QuotientState.ACCEPTED


def test_a_long_history_costs_no_more(owner: Any, town: Town, django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        owner.get(ROOT)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            owner.get(ROOT)
        return len(queries)

    QuotientFactory(family=town.family, refused=True)
    few = count()
    for _ in range(6):
        old = QuotientFactory(family=town.family, refused=True)
        assert not QuotientProof.objects.filter(quotient=old).exists()
    assert count() == few


def test_the_filter_writes_values_as_the_french_do() -> None:
    from portal.web.templatetags.quotients import quotient

    assert [quotient(Decimal(each)) for each in ("0", "842", "1049.33", "0.05")] == [
        "0",
        "842",
        "1\u202f049,33",
        "0,05",
    ]
    assert quotient(None) == ""


def test_the_rubric_of_the_dossier(town: Town, rf: Any) -> None:
    from portal.web.quotient.connections import rubric

    DefinitionFactory()
    request = rf.get("/")
    request.user, request.family = town.owner, town.family
    with time_machine.travel(NOW, tick=False):
        assert rubric(request).badge == "à fournir"
        QuotientFactory(family=town.family, accepted=True)
        drawn = rubric(request)
    assert (drawn.badge, drawn.badge_kind) == ("vérifié par le service", "good")
    assert drawn.context["current"].value == 842
