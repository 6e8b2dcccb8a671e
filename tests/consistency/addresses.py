"""Every address of the portal: whose objects its arguments name, who may open it, what it may change.

`test_every_url` tries each of them, and fails on an address without an entry here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.cms_pages_surveys.factories import answer_of
from tests.web.two_families import ACTIVATION_TOKEN, JOINING_TOKEN, OPEN_DAY, Town

READ = frozenset({"GET", "HEAD"})
FORM = READ | {"POST"}
POST = frozenset({"POST"})


def _nothing(_town: Town) -> dict[str, Any]:
    return {}


def _no_arguments(_town: Town) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Address:
    """What an address is, with arguments that name objects of the first family.

    `public` holds the reason why a visitor may open it, empty when they must sign in first. `theirs`: the arguments
    name objects of the first family, so that to anybody else they do not exist. `owner` and `sent` are the answers to
    the owner's GET and POST, `without_family` those to an account that has none; `form` is what the POST carries.
    `every_method`: a view of allauth's, which answers any of them. `without_token`: why its form needs no token.
    """

    methods: frozenset[str] = READ
    arguments: Callable[[Town], tuple[Any, ...]] = _no_arguments
    public: str = ""
    theirs: bool = False
    owner: frozenset[int] = frozenset({200})
    sent: frozenset[int] = frozenset({302})
    form: Callable[[Town], Mapping[str, Any]] = _nothing
    every_method: bool = False
    without_token: str = ""
    without_family: frozenset[int] = frozenset({403})
    html: bool = True
    query: str = ""
    inline_style: bool = False

    def url(self, town: Town, name: str) -> str:
        return reverse(name, args=self.arguments(town)) + self.query


OK, GONE_ON = frozenset({200}), frozenset({302})
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
    "enrolments:choose": Address(arguments=lambda town: (town.not_enrolled.pk,), theirs=True),
    "enrolments:enrol": Address(
        FORM,
        lambda town: (town.not_enrolled.pk, town.wednesday.activity.code),
        theirs=True,
        form=lambda town: {"starts_on": "2026-09-16", f"jours_{town.wednesday.pk}": ["3"]},
    ),
    "enrolments:detail": Address(arguments=lambda town: (town.enrolment.pk,), theirs=True),
    "planning:index": Address(FORM, form=lambda town: town.tick(OPEN_DAY), theirs=True, query="?modifier=1"),
    "planning:tick": Address(POST, form=lambda town: town.tick(OPEN_DAY), theirs=True),
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
