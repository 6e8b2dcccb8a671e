"""Asking API Particulier v3 for the quotient of a person (CAF and MSA): one call, nothing kept, nothing logged.

The token, the identity and the answer never reach a log or a message of an exception: errors are raised without their
cause, because the addresses that `requests` quotes hold the identity. Source: OpenAPI of particulier.api.gouv.fr.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import requests
from django.conf import settings

from portal.domain.quotients.enums import Authority, FetchOutcome
from portal.domain.quotients.rules import Person

FRANCE = "99100"
_PATH = "/v3/dss/quotient_familial/"
_OUTCOMES = {
    400: FetchOutcome.WRONG,
    401: FetchOutcome.CLOSED,
    403: FetchOutcome.CLOSED,
    404: FetchOutcome.NOT_FOUND,
    409: FetchOutcome.CONFLICT,
    422: FetchOutcome.WRONG,
    429: FetchOutcome.TOO_MANY,
}


class ParticulierError(Exception):
    """No quotient: `outcome` says why. It carries nothing of the person."""

    def __init__(self, outcome: FetchOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Identity:
    """What the civil register knows of the person who receives the benefits. Never written anywhere.

    `birth_place` is the INSEE code of the commune (not its postcode), empty for somebody born abroad; `country` the
    INSEE code of the country. `sex` is M or F.
    """

    last_name: str = field(repr=False)
    first_names: tuple[str, ...] = field(repr=False)
    birth: date | None = field(repr=False)
    sex: str = field(repr=False)
    birth_place: str = field(default="", repr=False)
    country: str = field(default=FRANCE, repr=False)
    usual_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The quotient, the month it refers to, who gave it, and the people of that household (to compare, never kept)."""

    value: Decimal
    month: date
    authority: Authority
    people: tuple[Person, ...] = field(default=(), repr=False)


def is_configured() -> bool:
    """Whether the town has its token and its SIRET."""
    return bool(settings.API_PARTICULIER_TOKEN and settings.API_PARTICULIER_RECIPIENT)


def ask_by_identity(identity: Identity) -> Found:
    """The quotient of that person. Raises ParticulierError."""
    params: list[tuple[str, str]] = [
        ("nomNaissance", identity.last_name),
        *(("prenoms[]", name) for name in identity.first_names),
        ("sexeEtatCivil", identity.sex),
        ("codeCogInseePaysNaissance", identity.country),
    ]
    if identity.usual_name:
        params.append(("nomUsage", identity.usual_name))
    if identity.birth is not None:
        params += [
            ("anneeDateNaissance", str(identity.birth.year)),
            ("moisDateNaissance", str(identity.birth.month)),
            ("jourDateNaissance", str(identity.birth.day)),
        ]
    if identity.country == FRANCE:
        params.append(("codeCogInseeCommuneNaissance", identity.birth_place))
    return _ask("identite", params, settings.API_PARTICULIER_TOKEN)


def ask_by_franceconnect(token: str) -> Found:
    """The quotient of the person who has just come by FranceConnect: its token lives a minute. Raises
    ParticulierError.
    """
    return _ask("france_connect", [], token)


def _ask(mode: str, params: list[tuple[str, str]], token: str) -> Found:
    try:
        # No redirection: the token goes to that server and to no other.
        answer = requests.get(
            f"{settings.API_PARTICULIER_URL.rstrip('/')}{_PATH}{mode}",
            params=[*params, ("recipient", settings.API_PARTICULIER_RECIPIENT)],
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=settings.API_PARTICULIER_TIMEOUT,
            allow_redirects=False,
        )
        body = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        raise ParticulierError(FetchOutcome.DOWN) from None
    if body is None:
        raise ParticulierError(_OUTCOMES.get(answer.status_code, FetchOutcome.DOWN))
    return read_answer(body)


def read_answer(body: Any) -> Found:
    """What the answer says. A quotient that is null is “no value”, zero is zero. Raises ParticulierError."""
    try:
        data = body["data"]
        quotient = data["quotient_familial"]
        raw = quotient["valeur"]
        if raw is None or raw == "":
            raise ParticulierError(FetchOutcome.NO_VALUE)
        value = Decimal(str(raw))
        month = date(int(quotient["annee"]), int(quotient["mois"]), 1)
        people = tuple(_person(each) for block in ("allocataires", "enfants") for each in (data.get(block) or ()))
        authority = Authority.MSA if quotient.get("fournisseur") == "MSA" else Authority.CAF
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
        raise ParticulierError(FetchOutcome.DOWN) from None
    if not value.is_finite() or not 0 <= value < 100_000:
        raise ParticulierError(FetchOutcome.DOWN)
    return Found(value=value.quantize(Decimal("0.01")), month=month, authority=authority, people=people)


def _person(data: Mapping[str, Any]) -> Person:
    names = tuple(str(data[key]) for key in ("nom_naissance", "nom_usage") if data.get(key))
    return Person(str(data.get("prenoms") or ""), names, str(data.get("date_naissance") or ""))
