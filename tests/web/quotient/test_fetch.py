"""Asking the CAF or the MSA: each answer of the administration is a page in French with a way out."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount

from portal.domain.audit.models import AuditEntry
from portal.domain.families.models import Adult, Family
from portal.domain.quotients import particulier
from portal.domain.quotients.enums import FetchOutcome, QuotientSource, QuotientState
from portal.domain.quotients.models import Quotient, QuotientFetch, QuotientPolicy
from portal.domain.quotients.particulier import Identity, ParticulierError, ask_by_identity, read_answer
from tests.domain.quotients.factories import DefinitionFactory, PolicyFactory
from tests.fakes import franceconnect
from tests.fakes import particulier as fake_particulier
from tests.fakes.franceconnect import FakeFranceConnect
from tests.fakes.particulier import FakeParticulier
from tests.web.two_families import Town

pytestmark = pytest.mark.django_db

ROOT = "/famille/dossier/quotient-familial/"
FETCH = f"{ROOT}recuperer/"


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def api(settings: Any) -> Iterator[FakeParticulier]:
    with fake_particulier.running() as fake:
        settings.API_PARTICULIER_URL = fake.url
        settings.API_PARTICULIER_TOKEN = fake_particulier.TOKEN
        settings.API_PARTICULIER_RECIPIENT = fake_particulier.RECIPIENT
        settings.API_PARTICULIER_TIMEOUT = 2
        yield fake


@pytest.fixture
def owner(town: Town, client: Any, api: FakeParticulier) -> Any:
    PolicyFactory(api_enabled=True)
    QuotientPolicy.objects.update(api_enabled=True)
    DefinitionFactory()
    Adult.objects.filter(user=town.owner).update(first_name="Claire", last_name="Vuillet")
    client.force_login(town.owner)
    return client


def identity(**options: str) -> dict[str, str]:
    return {
        "last_name": "VUILLET",
        "first_names": "Claire Louise",
        "sex": "F",
        "birth": "1989-12-03",
        "abroad": "france",
        "place": "39470",
        "agreed": "on",
    } | options


@pytest.mark.exigence("B6", "D5")
def test_a_parent_who_agrees_has_their_quotient_at_once(owner: Any, api: FakeParticulier, town: Town) -> None:
    answer = owner.post(FETCH, identity())

    assert answer["Location"] == f"{FETCH}reponse/"
    page = text_of(owner.get(answer["Location"]))
    assert "Votre quotient est à jour" in page
    assert "842" in page
    quotient = Quotient.objects.get(family=town.family)
    assert (quotient.source, quotient.state, quotient.month) == (
        QuotientSource.API,
        QuotientState.ACCEPTED,
        date(2026, 8, 1),
    )
    (asked,) = api.asked
    assert asked["prenoms[]"] == ["Claire", "Louise"]
    assert asked["codeCogInseeCommuneNaissance"] == ["39470"]
    assert asked["recipient"] == [fake_particulier.RECIPIENT]


@pytest.mark.exigence("B6")
def test_a_neighbours_quotient_waits_for_an_agent(owner: Any, api: FakeParticulier) -> None:
    owner.post(FETCH, identity(last_name="MARTIN", first_names="Axelle"))

    assert Quotient.objects.get().state == QuotientState.SENT
    assert "le service le vérifie" in text_of(owner.get(f"{FETCH}reponse/"))
    assert "150" not in text_of(owner.get(f"{FETCH}reponse/"))


def test_somebody_born_abroad_gives_a_country(owner: Any, api: FakeParticulier) -> None:
    owner.post(FETCH, identity(last_name="LISA", first_names="Mona", abroad="ailleurs", place="99127"))

    assert api.asked[0]["codeCogInseePaysNaissance"] == ["99127"]
    assert "codeCogInseeCommuneNaissance" not in api.asked[0]
    assert Quotient.objects.get().value == 4270


@pytest.mark.parametrize(
    "options", [{"place": "39220X"}, {"place": "99127"}, {"abroad": "ailleurs", "place": "39470"}, {"agreed": ""}]
)
def test_nothing_is_asked_without_agreement_or_a_good_code(
    owner: Any, api: FakeParticulier, options: dict[str, str]
) -> None:
    assert owner.post(FETCH, identity(**options)).status_code == 422
    assert api.asked == []


@pytest.mark.exigence("B6")
@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (404, FetchOutcome.NOT_FOUND, "Aucun dossier Caf ou MSA"),
        (409, FetchOutcome.CONFLICT, "déjà en cours"),
        (422, FetchOutcome.WRONG, "incomplète"),
        (429, FetchOutcome.TOO_MANY, "Trop de demandes"),
        (401, FetchOutcome.CLOSED, "n’a pas accès"),
        (403, FetchOutcome.CLOSED, "n’a pas accès"),
        (502, FetchOutcome.DOWN, "ne répondent pas"),
        (503, FetchOutcome.DOWN, "ne répondent pas"),
        (504, FetchOutcome.DOWN, "ne répondent pas"),
        (301, FetchOutcome.DOWN, "ne répondent pas"),
    ],
)
def test_each_refusal_has_its_words_and_its_way_out(
    owner: Any, api: FakeParticulier, status: int, outcome: FetchOutcome, words: str
) -> None:
    api.status = status
    owner.post(FETCH, identity())

    page = text_of(owner.get(f"{FETCH}reponse/"))
    assert words in page
    assert "Déclarer mon quotient" in page
    assert QuotientFetch.objects.get().outcome == outcome
    assert not Quotient.objects.exists()


def test_an_unknown_person_and_a_dossier_without_value(owner: Any) -> None:
    owner.post(FETCH, identity(last_name="LEFEBVRE"))
    owner.post(FETCH, identity(last_name="NEANT"))
    owner.post(FETCH, identity(last_name="ZERO"))

    assert list(QuotientFetch.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "not_found",
        "no_value",
        "found",
    ]
    assert Quotient.objects.get().value == 0


def test_a_server_that_is_gone_or_slow_is_a_page(owner: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_PARTICULIER_URL = "http://127.0.0.1:9"
    owner.post(FETCH, identity())
    assert "ne répondent pas" in text_of(owner.get(f"{FETCH}reponse/"))

    def slow(*_args: Any, **_options: Any) -> None:
        raise requests.Timeout("https://particulier/?nomNaissance=VUILLET")

    monkeypatch.setattr(particulier.requests, "get", slow)
    owner.post(FETCH, identity())
    assert QuotientFetch.objects.filter(outcome=FetchOutcome.DOWN).count() == 2


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"data": null}',
        '{"data": {"quotient_familial": {"valeur": "beaucoup", "annee": 2026, "mois": 8}}}',
        '{"data": {"quotient_familial": {"valeur": -5, "annee": 2026, "mois": 8}}}',
        '{"data": {"quotient_familial": {"valeur": 5, "annee": 2026, "mois": 13}}}',
        '{"data": {"quotient_familial": {"valeur": NaN, "annee": 2026, "mois": 8}}}',
    ],
)
def test_an_answer_that_cannot_be_read_is_an_outage(owner: Any, api: FakeParticulier, body: str) -> None:
    api.body = body
    owner.post(FETCH, identity())

    assert QuotientFetch.objects.get().outcome == FetchOutcome.DOWN


@pytest.mark.exigence("B6")
def test_neither_token_nor_identity_is_written_anywhere(
    owner: Any, api: FakeParticulier, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    with caplog.at_level(logging.INFO):
        owner.post(FETCH, identity())
        settings.API_PARTICULIER_URL = "http://127.0.0.1:9"
        owner.post(FETCH, identity())
    written = caplog.text + json.dumps(list(AuditEntry.objects.values("before", "after")))
    written += str(list(QuotientFetch.objects.values()))

    # Whole words: the key of a row or the microseconds of an instant may hold these digits.
    secrets = (fake_particulier.TOKEN, "VUILLET", "Louise", "39470", "842")
    assert [word for word in secrets if re.search(rf"\b{re.escape(word)}\b", written)] == []
    secret = Identity("VUILLET", ("Claire",), date(1989, 12, 3), "F", birth_place="39470")
    assert repr(secret) == "Identity()"
    with pytest.raises(ParticulierError) as error:
        ask_by_identity(secret)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    assert "VUILLET" not in str(error.value)


def test_questions_are_counted(owner: Any, api: FakeParticulier) -> None:
    api.status = 404
    for _ in range(5):
        assert owner.post(FETCH, identity()).status_code == 302
    answer = owner.post(FETCH, identity())

    assert answer.status_code == 422
    assert "Trop de demandes" in text_of(answer)
    assert len(api.asked) == 5


def test_without_the_setting_or_the_towns_wish_there_is_no_page(owner: Any, settings: Any, town: Town) -> None:
    QuotientPolicy.objects.update(api_enabled=False)
    assert owner.get(FETCH).status_code == 404
    QuotientPolicy.objects.update(api_enabled=True)
    settings.API_PARTICULIER_TOKEN = ""
    assert owner.get(FETCH).status_code == 404
    assert "à la Caf ou à la MSA" not in text_of(owner.get(ROOT))


def test_a_relative_asks_nothing(owner: Any, town: Town, api: FakeParticulier) -> None:
    owner.force_login(town.relative)

    assert owner.post(FETCH, identity()).status_code == 403
    assert api.asked == []


def test_the_msa_is_told_from_the_caf() -> None:
    found = read_answer(fake_particulier.PEOPLE["ROUX"])

    assert (found.authority, found.value) == ("msa", Decimal(150))
    assert found.people[0].birth == "1987-06-00"


# -- by FranceConnect ---------------------------------------------------------------------


@pytest.fixture
def fc(settings: Any) -> Iterator[FakeFranceConnect]:
    with franceconnect.running() as fake:
        settings.FRANCECONNECT_URL = fake.issuer
        settings.FRANCECONNECT_CLIENT_ID = franceconnect.CLIENT
        settings.FRANCECONNECT_SECRET = franceconnect.SECRET
        settings.PORTAL_BASE_URL = "http://testserver"
        yield fake


def go_and_back(client: Any) -> Any:
    answer = client.post(f"{FETCH}franceconnect/")
    outside = requests.get(answer["Location"], allow_redirects=False, timeout=5)
    parts = urlsplit(outside.headers["Location"])
    return client.get(parts.path, dict(parse_qsl(parts.query)))


@pytest.mark.exigence("B6", "B21")
def test_the_token_of_franceconnect_asks_in_the_way_back(
    owner: Any, api: FakeParticulier, fc: FakeFranceConnect, town: Town
) -> None:
    answer = go_and_back(owner)

    assert answer["Location"] == f"{FETCH}reponse/"
    assert api.bearers == fc.tokens
    assert "cnaf_quotient_familial" in fc.asked[0]["scope"]
    assert Quotient.objects.get(family=town.family).state == QuotientState.ACCEPTED
    assert not SocialAccount.objects.exists()
    assert owner.session["_auth_user_id"] == str(town.owner.pk)


def test_another_identity_than_the_linked_one_is_refused(
    owner: Any, api: FakeParticulier, fc: FakeFranceConnect, town: Town
) -> None:
    SocialAccount.objects.create(user=town.owner, provider="franceconnect", uid="une-autre-personne")

    assert go_and_back(owner)["Location"] == ROOT
    assert api.asked == []


def test_the_dossier_that_came_back_is_the_one_that_left(
    owner: Any, api: FakeParticulier, fc: FakeFranceConnect, town: Town
) -> None:
    answer = owner.post(f"{FETCH}franceconnect/")
    outside = requests.get(answer["Location"], allow_redirects=False, timeout=5)
    Family.objects.filter(pk=town.family.pk)
    town.first.family.members.all().delete()
    parts = urlsplit(outside.headers["Location"])
    back = owner.get(parts.path, dict(parse_qsl(parts.query)))

    assert back.status_code == 403
    assert api.asked == []
