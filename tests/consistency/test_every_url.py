"""Every address of the portal against everybody: visitor, owner, another family, agent, account without family.

An address without an entry in `addresses.ADDRESSES` fails the suite.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.html import escape

from portal.domain.accounts.models import TermsAcceptance, User
from tests.consistency.addresses import ADDRESSES, DEMO
from tests.web.planning.scene import NOW
from tests.web.two_families import NUMBER, OPEN_DAY, Town, build, rehearsal

pytestmark = pytest.mark.django_db

#: Not ours: the agents' door (tried as a whole below), the pages of the site and their files, which Wagtail serves.
NOT_OURS = ("gestion/", "fichiers/", "_util/", r"^((?:[\w\-]+/)*)$")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

NAMES = sorted(ADDRESSES)
CLOSED = [name for name in NAMES if not ADDRESSES[name].public]
OPEN = [name for name in NAMES if ADDRESSES[name].public]
THEIRS = [name for name in NAMES if ADDRESSES[name].theirs]
WITH_GET = [name for name in NAMES if "GET" in ADDRESSES[name].methods]
WITH_POST = [name for name in NAMES if "POST" in ADDRESSES[name].methods]


def every_pattern(
    resolver: URLResolver | None = None, prefix: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, Any]]:
    """Every address of the site: how it is written, its full name, its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address, ":".join((*spaces, entry.name or "")), entry.callback
        else:
            yield from every_pattern(entry, address, (*spaces, *filter(None, [entry.namespace])))


OURS = [(address, name) for address, name, _view in every_pattern() if not address.startswith(NOT_OURS)]


@pytest.fixture
def town() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield build()


def signed_in(user: User | None, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if user is not None:
        client.force_login(user)
    return client


def ask(client: Client, method: str, url: str, form: Mapping[str, Any] | None = None) -> HttpResponse:
    """One request; only a POST carries the form."""
    send = getattr(client, method.lower())
    answer: Any = send(url, form or {}) if method == "POST" else send(url)
    return answer


def body(answer: HttpResponse) -> str:
    return answer.content.decode(errors="replace")


def assert_silent(answer: HttpResponse, town: Town, *, but: str = "") -> None:
    """No word of the first family in the answer, its headers included.

    What the asker wrote themselves tells them nothing: `but`, and the address they asked for, which a page repeats
    for the way back from the sign-in and from the switch of languages.
    """
    said = body(answer) + str(dict(answer.headers))
    asked = answer.wsgi_request.get_full_path()  # type: ignore[attr-defined]  # set by the test client
    for written in filter(None, (escape(asked), asked, quote(asked), but)):
        said = said.replace(written, "")
    assert [word for word in town.secrets if word in said] == []


def assert_unmoved(town: Town, before: Mapping[str, list[Any]]) -> None:
    """Not one row about the first family is other than it was."""
    after = town.ledger()
    assert [table for table in before if after[table] != before[table]] == []


# -- the table ----------------------------------------------------------------------------


def test_every_address_of_ours_has_an_entry() -> None:
    missing = [f"{address} ({name})" for address, name in OURS if name not in ADDRESSES]
    assert missing == [], (
        "Adresses sans entrée dans ADDRESSES (tests/consistency/addresses.py) : "
        f"{', '.join(missing)}. Dites à qui appartiennent leurs arguments, et si un visiteur peut les ouvrir."
    )
    gone = sorted(set(ADDRESSES) - {name for _address, name in OURS})
    assert gone == [], f"Entrées de ADDRESSES qui ne mènent plus nulle part : {', '.join(gone)}"


def test_an_address_with_arguments_names_the_first_family() -> None:
    """An entry cannot escape the trial of the second family by forgetting to say `theirs`."""
    forgotten = [
        name
        for address, name in OURS
        if ("<" in address or "(?P" in address) and not (ADDRESSES[name].theirs or ADDRESSES[name].public)
    ]
    assert forgotten == []


# -- (a) a visitor ------------------------------------------------------------------------


def test_a_visitor_is_sent_to_sign_in(town: Town, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for name in CLOSED:
        with rehearsal(subtests, name):
            url = ADDRESSES[name].url(town, name)
            for method in METHODS:
                answer = ask(signed_in(None), method, url, ADDRESSES[name].form(town))
                assert answer.status_code == 302, method
                assert answer["Location"].startswith("/compte/connexion/?next="), method
                assert_silent(answer, town)
            assert_unmoved(town, before)


def test_a_visitor_opens_what_is_public_and_reads_nothing_of_a_family(town: Town, subtests: pytest.Subtests) -> None:
    for name in OPEN:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            method = "GET" if "GET" in address.methods else "POST"
            answer = ask(signed_in(None), method, address.url(town, name), address.form(town))
            assert answer.status_code in {200, 302, 404, 410}
            if address.public != DEMO:
                assert_silent(answer, town)


# -- (b) another family -------------------------------------------------------------------


def test_for_another_family_what_is_theirs_does_not_exist(town: Town, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for name in THEIRS:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            client, url = signed_in(town.stranger), address.url(town, name)
            own_page = not address.arguments(town)  # the planning: the page is everybody's, the ticks are not
            for method in sorted(address.methods):
                answer = ask(client, method, url, address.form(town))
                assert answer.status_code == (200 if own_page and method != "POST" else 404), method
                assert_silent(answer, town)
            assert_unmoved(town, before)


@pytest.mark.parametrize("who", ["stranger", "agent", "orphan"])
def test_nobody_else_reads_nor_changes_anything_of_the_family(town: Town, subtests: pytest.Subtests, who: str) -> None:
    """Whatever the method; accounts without family are told so."""
    user = getattr(town, who)
    before = town.ledger()
    for name in CLOSED:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            client, url = signed_in(user), address.url(town, name)
            for method in METHODS:
                answer = ask(client, method, url, address.form(town))
                assert answer.status_code < 500, method
                assert_silent(answer, town)
                if answer.status_code == 302:
                    assert_silent(ask(client, "GET", answer["Location"]), town)
                if who != "stranger" and method in address.methods:
                    assert answer.status_code in address.without_family, method
            assert_unmoved(town, before)


def test_an_account_that_waits_for_the_dossier_reads_nothing_of_it(town: Town, subtests: pytest.Subtests) -> None:
    """Its number apart, which they typed themselves."""
    town.applicant.is_active = True
    town.applicant.save()
    TermsAcceptance.objects.create(user=town.applicant, version=town.terms, accepted_at=NOW)
    before = town.ledger()
    for name in CLOSED:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            client, url = signed_in(town.applicant), address.url(town, name)
            for method in sorted(address.methods):
                answer = ask(client, method, url, address.form(town))
                assert answer.status_code in address.without_family, method
                assert_silent(answer, town, but=NUMBER)
            if name != "accounts:ask_contact":  # writes to the contact address again, and keeps the new link
                assert_unmoved(town, before)


@pytest.mark.parametrize("chosen", ["pk", "-1", "text", "list"])
def test_a_session_that_names_another_family_is_not_believed(
    town: Town, subtests: pytest.Subtests, chosen: str
) -> None:
    """The choice of a family is kept in the session: a wrong one is no choice at all."""
    forged = {"pk": town.family.pk, "-1": -1, "text": str(town.family.pk), "list": [town.family.pk]}
    client = signed_in(town.stranger)
    session = client.session
    session["family_id"] = forged[chosen]
    session.save()
    for name in ("home:index", "planning:index", "basket:index", "enrolments:index", "procedures:index"):
        with rehearsal(subtests, name):
            answer = client.get(reverse(name))
            assert answer.status_code == 200
            assert_silent(answer, town)


# -- (d) the owner ------------------------------------------------------------------------


def test_the_owner_reads_their_pages_and_sends_their_forms(town: Town, subtests: pytest.Subtests) -> None:
    for name in NAMES:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            url = address.url(town, name)
            if "GET" in address.methods:
                assert ask(signed_in(town.owner), "GET", url).status_code in address.owner
            if "POST" in address.methods:
                assert ask(signed_in(town.owner), "POST", url, address.form(town)).status_code in address.sent


# -- (e) somebody close who may only look -------------------------------------------------

#: Every address of a family that takes a form: all of them are tried by the relative.
FAMILY_FORMS = [
    name for name in WITH_POST if name in CLOSED and not name.startswith(("account_", "accounts:", "mfa_"))
]


def _forged(town: Town) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every button of every form, as somebody without the right could send it."""
    pending, removal = town.code(OPEN_DAY.replace(day=22)), town.code(OPEN_DAY.replace(day=22), unit=town.evening)
    yield "a tick", "planning:index", town.tick(OPEN_DAY)
    yield "a tick by htmx", "planning:tick", town.tick(OPEN_DAY)
    yield "a booking given back", "planning:index", town.untick(OPEN_DAY, unit=town.evening)
    yield "a wish of the draft taken back", "planning:index", {"montre": [f"{pending}.1"], "jour": []}
    yield "the same by htmx", "planning:tick", {"montre": [f"{pending}.1"], "jour": []}
    yield "a cancellation taken back", "planning:index", {"montre": [f"{removal}.0"], "jour": [removal]}
    weeks = {"p_du": "2026-09-14", "p_au": "2026-12-18", "p_jour": ["1", "2"], "p_enfant": [str(town.enrolled.pk)]}
    for sense, unit in (("add", town.canteen), ("remove", town.evening)):
        form = {"suite": "periode", "p_sens": sense, "p_activite": unit.pk, **weeks}
        yield f"a period, {sense}", "planning:index", form
    for button in ("garder", "reprendre", "effacer", "verifier"):
        yield f"« {button} » of the planning", "planning:index", {"suite": button}
        yield f"« {button} » of the recap", "basket:index", {"suite": button}
    yield "a validation", "basket:index", {"suite": "valider", "brouillon": town.token}
    yield "a line taken out", "basket:index", {"retirer": pending}
    yield "the draft thrown away", "basket:clear", {}
    yield "more time", "planning:keep", {}
    yield "all news read, which is about the reader alone", "news:read_all", {}
    yield "an enrolment", "enrolments:enrol", {"starts_on": "2026-09-16", f"jours_{town.wednesday.pk}": ["3"]}


@pytest.mark.exigence("C5")
@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=45)], ids=["draft alive", "draft lapsed"])
def test_a_relative_who_may_only_look_changes_nothing(town: Town, subtests: pytest.Subtests, later: timedelta) -> None:
    before = town.ledger()
    tried = set()
    forged = list(_forged(town))
    # Parts that have no button of their own above: their usual form, as the owner sends it.
    others = sorted(set(FAMILY_FORMS) - {name for _what, name, _form in forged})
    forged += [(f"the form of {name}", name, dict(ADDRESSES[name].form(town))) for name in others]
    with time_machine.travel(NOW + later, tick=False):
        for what, name, form in forged:
            with rehearsal(subtests, what):
                tried.add(name)
                answer = signed_in(town.relative).post(ADDRESSES[name].url(town, name), form)
                assert answer.status_code in {200, 302, 403, 404, 422}
                assert_unmoved(town, before)
    assert tried == set(FAMILY_FORMS)


# -- (f) (g) methods ----------------------------------------------------------------------


def test_a_method_that_has_no_meaning_is_refused(town: Town, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for name in NAMES:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            client = signed_in(None if address.public else town.owner)
            for method in sorted(set(METHODS) - address.methods):
                answer = ask(client, method, address.url(town, name))
                if address.every_method:  # allauth's views: OPTIONS lists, PUT is a form without answers
                    assert answer.status_code < 500, method
                else:
                    assert answer.status_code == 405, method
                    assert set(answer["Allow"].split(", ")) == address.methods, method
            assert_unmoved(town, before)


def test_head_works_where_get_does(town: Town, subtests: pytest.Subtests) -> None:
    for name in WITH_GET:
        with rehearsal(subtests, name):
            user = None if ADDRESSES[name].public else town.owner
            url = ADDRESSES[name].url(town, name)
            got, headed = ask(signed_in(user), "GET", url), ask(signed_in(user), "HEAD", url)
            assert headed.status_code == got.status_code
            assert headed.content == b""


# -- forms from elsewhere -----------------------------------------------------------------


def test_a_form_from_elsewhere_is_refused(town: Town, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for name in WITH_POST:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            client = signed_in(None if address.public else town.owner, enforce_csrf_checks=True)
            url, form = address.url(town, name), dict(address.form(town))
            without = client.post(url, form)
            if address.without_token:
                assert without.status_code in address.sent
                assert_unmoved(town, before)
                continue
            assert without.status_code == 403
            assert "formulaire" in body(without)
            form["csrfmiddlewaretoken"] = "a" * 64
            forged = client.post(url, form, headers={"Origin": "https://ailleurs.example"})
            assert forged.status_code == 403
            assert_unmoved(town, before)


# -- headers ------------------------------------------------------------------------------

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle\s*=|\son(?:click|change|load|submit|error|input|focus)\s*=|javascript:",
    re.IGNORECASE,
)


def assert_dressed(answer: HttpResponse, *, inline_style: bool = False) -> None:
    """The headers of an HTML page, and nothing inline that its policy would refuse."""
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if " " in part.strip()
    )
    assert policy["default-src"] in {"'self'", "'none'"}
    assert "unsafe-eval" not in str(policy)
    assert "frame-ancestors" in policy
    if inline_style:  # a mail in its frame: it runs nothing, by two locks
        assert policy["default-src"] == "'none'"
        assert "script-src" not in policy
        assert "allow-scripts" not in policy["sandbox"]
    else:
        assert "unsafe-inline" not in str(policy)
        assert policy["object-src"] == "'none'"
        assert policy["base-uri"] == "'self'"
        assert policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert INLINE.search(body(answer)) is None
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer", "strict-origin"}
    assert answer["X-Frame-Options"] in ({"SAMEORIGIN"} if inline_style else {"DENY"})


def test_every_page_carries_its_armour(town: Town, subtests: pytest.Subtests) -> None:
    for name in WITH_GET:
        with rehearsal(subtests, name):
            address = ADDRESSES[name]
            for user in (None, town.owner, town.stranger):
                answer = ask(signed_in(user), "GET", address.url(town, name))
                if answer.content and answer["Content-Type"].startswith("text/html"):
                    assert_dressed(answer, inline_style=address.inline_style)


@pytest.mark.parametrize("url", ["/famille/nulle-part/", "/nulle-part/", "/famille/planning/?enfant=x"])
def test_error_pages_carry_theirs(town: Town, url: str) -> None:
    answer = signed_in(town.owner).get(url)
    assert answer.status_code == 404
    assert_dressed(answer)


def test_a_page_of_a_family_is_kept_by_no_cache(town: Town, subtests: pytest.Subtests) -> None:
    """A public page too, when it shows at its top the name and number of who reads."""
    for name in WITH_GET:
        with rehearsal(subtests, name):
            answer = ask(signed_in(town.owner), "GET", ADDRESSES[name].url(town, name))
            if name in CLOSED or NUMBER in body(answer):
                kept = answer.headers.get("Cache-Control", "")
                assert "private" in kept
                assert "no-store" in kept
