"""Every address of the portal.

`test_every_url` tries each of them, and fails on an address without an entry here or in `areas/`, where each part of
the portal declares its own.
"""

import importlib
from pathlib import Path

from tests.cms_pages_surveys.factories import answer_of
from tests.consistency.address import FORM, GONE_ON, OK, POST, READ, Address
from tests.web.two_families import ACTIVATION_TOKEN, JOINING_TOKEN, OPEN_DAY

__all__ = ["ADDRESSES", "FORM", "GONE_ON", "OK", "POST", "READ", "Address"]

SIGN_UP = "un compte se crée sans compte"
RESET = "on a perdu son mot de passe"
LINK = "le lien d’un courriel : son jeton fait foi"
OPEN_DATA = "les menus et les calendriers sont des données ouvertes"
NO_MENU = frozenset({404})  # the two families have no canteen menu
PROBE = "une sonde n’a pas de compte"
LIBRARY = "un document public se lit sans compte ; un autre mène à la connexion"
DEMO = "n’existe que dans la démonstration, où tout est inventé"

ADDRESSES: dict[str, Address] = {
    # the account
    "account_login": Address(FORM, public="c’est la porte", owner=GONE_ON, every_method=True),
    "account_logout": Address(FORM, public="sortir ne demande rien", every_method=True),
    "account_inactive": Address(public="dit à qui a le bon mot de passe que le compte attend", owner=GONE_ON),
    "account_signup": Address(FORM, public=SIGN_UP, owner=GONE_ON),
    "accounts:signup_dossier": Address(FORM, public=SIGN_UP, owner=GONE_ON),
    "accounts:signup_terms": Address(FORM, public=SIGN_UP, owner=GONE_ON),
    "accounts:signup_check": Address(FORM, public=SIGN_UP, owner=GONE_ON),
    "accounts:signup_sent": Address(public=SIGN_UP, owner=GONE_ON),
    "account_reset_password": Address(
        FORM, public=RESET, every_method=True, form=lambda town: {"email": town.owner.email}
    ),
    "account_reset_password_done": Address(public=RESET, every_method=True),
    "account_reset_password_from_key": Address(
        FORM, lambda town: town.reset_key, public=LINK, owner=OK | GONE_ON, sent=OK | GONE_ON, every_method=True
    ),
    "account_reset_password_from_key_done": Address(public=RESET, every_method=True),
    "accounts:ask_link": Address(FORM, public=SIGN_UP, form=lambda town: {"email": "quelqu.un@famille.example"}),
    "accounts:activate": Address(FORM, lambda _town: (ACTIVATION_TOKEN,), public=LINK, sent=frozenset({422})),
    "accounts:joining": Address(FORM, lambda _town: (JOINING_TOKEN,), public=LINK, sent=OK),
    "accounts:ask_contact": Address(POST, without_family=GONE_ON),
    "accounts:welcome": Address(without_family=OK),
    "accounts:terms": Address(FORM, owner=GONE_ON, without_family=GONE_ON),
    "language:choose": Address(
        POST, public="choisir sa langue ne demande rien", without_token="une page gardée en cache le porte"
    ),
    # the family
    "home:index": Address(without_family=OK),
    "procedures:index": Address(),
    "enrolments:index": Address(),
    "enrolments:start": Address(),
    "enrolments:together": Address(
        FORM,
        query="?activite=mercredi-2026",
        form=lambda town: {
            "enfant": [str(town.not_enrolled.pk)],
            f"e{town.not_enrolled.pk}-starts_on": "2026-09-16",
            f"e{town.not_enrolled.pk}-jours_{town.wednesday.pk}": ["3"],
        },
    ),
    "enrolments:done": Address(owner=GONE_ON),
    "enrolments:choose": Address(arguments=lambda town: (town.not_enrolled.pk,), theirs=True),
    "enrolments:enrol": Address(
        FORM,
        lambda town: (town.not_enrolled.pk, town.wednesday.activity.code),
        theirs=True,
        form=lambda town: {"starts_on": "2026-09-16", f"jours_{town.wednesday.pk}": ["3"]},
    ),
    "enrolments:detail": Address(arguments=lambda town: (town.enrolment.pk,), theirs=True),
    "enrolments:remove": Address(FORM, arguments=lambda town: (town.enrolment.pk,), theirs=True),
    "enrolments:answer": Address(
        POST, arguments=lambda town: (town.enrolment.pk,), theirs=True, form=lambda _town: {"answer": "Le mardi."}
    ),
    "enrolments:confirmation": Address(arguments=lambda town: (town.enrolment.pk,), theirs=True, html=False),
    "planning:index": Address(FORM, form=lambda town: town.tick(OPEN_DAY), theirs=True, query="?modifier=1"),
    "planning:tick": Address(POST, form=lambda town: town.tick(OPEN_DAY), theirs=True),
    "planning:paper": Address(html=False),
    "planning:keep": Address(POST),
    "planning:why": Address(arguments=lambda town: (town.code(),), theirs=True),
    "basket:index": Address(FORM, form=lambda town: {"suite": "valider", "brouillon": town.token}),
    "basket:clear": Address(FORM),
    "basket:receipt": Address(arguments=lambda town: (town.receipt.number,), theirs=True),
    "basket:receipt_pdf": Address(arguments=lambda town: (town.receipt.number,), theirs=True, html=False),
    # the public space
    "surveys:index": Address(),
    "surveys:answer": Address(arguments=lambda town: (answer_of(town.family),), theirs=True),
    "search:index": Address(public="la recherche dans les pages publiques", query="?q=cantine"),
    "news:family": Address(),
    "news:read_all": Address(POST),
    # the menus
    "menus:schema": Address(public=OPEN_DATA, html=False),
    "menus:ics": Address(arguments=lambda _town: ("cantine",), public=OPEN_DATA, owner=NO_MENU, html=False),
    "menus:json": Address(arguments=lambda _town: ("cantine",), public=OPEN_DATA, owner=NO_MENU, html=False),
    "menus:csv": Address(arguments=lambda _town: ("cantine",), public=OPEN_DATA, owner=NO_MENU, html=False),
    "menus:scdl": Address(arguments=lambda _town: ("cantine",), public=OPEN_DATA, owner=NO_MENU, html=False),
    "menus:week_pdf": Address(
        arguments=lambda _town: ("cantine", "2026-S38"), public=OPEN_DATA, owner=NO_MENU, html=False
    ),
    "menus:month_pdf": Address(
        arguments=lambda _town: ("cantine", 2026, 9), public=OPEN_DATA, owner=NO_MENU, html=False
    ),
    "menus:calendar_ics": Address(arguments=lambda _town: ("vacances-scolaires",), public=OPEN_DATA, html=False),
    "menus:calendar_json": Address(arguments=lambda _town: ("fermetures",), public=OPEN_DATA, html=False),
    # the library
    "library:file": Address(
        arguments=lambda _town: ("aucun", 1, "aucun.pdf"), public=LIBRARY, owner=frozenset({404}), html=False
    ),
    "library:latest": Address(arguments=lambda _town: ("aucun",), public=LIBRARY, owner=frozenset({404}), html=False),
    "library:family": Address(),
    "library:picture": Address(
        arguments=lambda _town: ("aucune.png",),
        public="les images des pages publiques",
        owner=frozenset({404}),
        html=False,
    ),
    # the house
    "health:live": Address(public=PROBE, html=False),
    "health:ready": Address(public=PROBE, html=False),
    "cms_pages:robots": Address(public="ce que les moteurs de recherche lisent", html=False),
    "cms_pages:sitemap": Address(public="ce que les moteurs de recherche lisent", html=False),
    "design:theme": Address(public="la couleur de la commune", html=False),
    "design:components": Address(public=DEMO),
    "design:error_page": Address(arguments=lambda _town: ("404",), public=DEMO, owner=frozenset({404})),
    "outbox:index": Address(public=DEMO),
    "outbox:detail": Address(arguments=lambda town: (town.mail.pk,), public=DEMO),
    "outbox:shaped": Address(arguments=lambda town: (town.mail.pk,), public=DEMO, inline_style=True),
}

for _path in sorted((Path(__file__).parent / "areas").glob("*.py")):
    ADDRESSES |= importlib.import_module(f"tests.consistency.areas.{_path.stem}").ADDRESSES
