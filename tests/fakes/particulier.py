"""An API Particulier of one's own, on 127.0.0.1, with the shape and people of its public staging data."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.fakes.serving import serving

TOKEN, RECIPIENT = "jeton-de-test", "21390470000016"


def answer(
    value: int | None, *, people: list[dict[str, Any]], children: list[dict[str, Any]], provider: str = "CNAF"
) -> dict[str, Any]:
    """The body of a 200."""
    return {
        "data": {
            "quotient_familial": {
                "fournisseur": provider,
                "valeur": value,
                "annee": 2026,
                "mois": 8,
                "annee_calcul": 2026,
                "mois_calcul": 9,
            },
            "allocataires": people,
            "enfants": children,
            "adresse": {"code_postal_ville": "13005 MARSEILLE"},
        },
        "links": {},
        "meta": {},
    }


def person(last: str, firsts: str, birth: str, sex: str = "F") -> dict[str, Any]:
    return {"nom_naissance": last, "nom_usage": None, "prenoms": firsts, "date_naissance": birth, "sexe": sex}


#: By name of birth. Vuillet is the family of the tests; the others are public examples.
PEOPLE: dict[str, dict[str, Any]] = {
    "VUILLET": answer(
        842,
        people=[person("VUILLET", "CLAIRE LOUISE", "1989-12-03")],
        children=[person("VUILLET", "HUGO", "2018-03-12", "M")],
    ),
    "MARTIN": answer(150, people=[person("MARTIN", "AXELLE", "1989-12-03")], children=[]),
    "LISA": answer(4270, people=[person("LISA", "MONA", "2012-04-00")], children=[]),
    "ROUX": answer(150, people=[person("ROUX", "JEANNE STEPHANIE", "1987-06-00")], children=[], provider="MSA"),
    "ZERO": answer(0, people=[person("VUILLET", "CLAIRE", "1989-12-03")], children=[]),
    "NEANT": answer(None, people=[], children=[]),
}


def refusal(code: str, title: str) -> str:
    return json.dumps(
        {"errors": [{"code": code, "title": title, "detail": title, "source": None, "meta": {"provider": "CNAV"}}]}
    )


class FakeParticulier:
    """The state of the server: `status` forces an answer, `asked` keeps the questions."""

    def __init__(self) -> None:
        self.status = 200
        self.body: str | None = None
        self.asked: list[dict[str, list[str]]] = []
        self.bearers: list[str] = []
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    fake: ClassVar[FakeParticulier]

    def log_message(self, *_args: Any) -> None:
        """Nothing of it is written."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.fake.asked.append(query)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.fake.bearers.append(bearer)
        code, body = self._answer(parts.path, query, bearer)
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def _answer(self, path: str, query: dict[str, list[str]], bearer: str) -> tuple[int, str]:
        if self.fake.body is not None:
            return self.fake.status, self.fake.body
        if self.fake.status != 200:
            return self.fake.status, refusal(str(self.fake.status), "Erreur")
        if query.get("recipient") != [RECIPIENT]:
            return 422, refusal("00202", "recipient")
        if path == "/v3/dss/quotient_familial/france_connect":
            good = bearer and bearer != TOKEN
            return (200, json.dumps(PEOPLE["VUILLET"])) if good else (401, refusal("51501", "jeton"))
        if path != "/v3/dss/quotient_familial/identite" or bearer != TOKEN:
            return 401, refusal("00101", "jeton")
        needed = ("nomNaissance", "prenoms[]", "sexeEtatCivil", "codeCogInseePaysNaissance")
        if any(name not in query for name in needed):
            return 422, refusal("00364", "paramètre")
        if query["codeCogInseePaysNaissance"] == ["99100"] and "codeCogInseeCommuneNaissance" not in query:
            return 422, refusal("00366", "commune")
        found = PEOPLE.get(query["nomNaissance"][0].upper())
        return (200, json.dumps(found)) if found else (404, refusal("37003", "Dossier allocataire absent CNAF"))


@contextmanager
def running() -> Iterator[FakeParticulier]:
    """The server, on a free port, until the end of the block."""
    fake = FakeParticulier()
    with serving(type("Handler", (_Handler,), {"fake": fake})) as fake.url:
        yield fake
