"""Forms and addresses that no page of ours writes: garbled, absurd, enormous. Never a 500, never a change."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.domain.mails.services import queue_mail
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory
from tests.web.accounts.journeys import DOSSIER_URL, PARENT, PARENT_URL
from tests.web.adversary import (
    EDIT,
    EMOJI,
    HTMX,
    LONG,
    NASTY,
    NUL,
    SQL,
    TAGS,
    assert_standing,
    draft,
    enrol_url,
    reader_of,
    words,
)
from tests.web.planning.reading import BASKET, PLANNING, Page, Reader, plain
from tests.web.planning.scene import NOW
from tests.web.two_families import ACTIVATION_TOKEN, OPEN_DAY, Town, rehearsal

pytestmark = pytest.mark.django_db


# -- codes, dates, periods ----------------------------------------------------------------

CODES = (
    "",
    "x",
    "..",
    "1",
    "1.2",
    "1.2.3",
    "0.0.2026-09-15",
    "-1.2.2026-09-15",
    "1.2.2026-02-30",
    "1.2.0000-01-01",
    "1.2.0001-01-01",
    "1.2.9999-12-31",
    "1.2.2026-9-15",
    "999999999999999999.1.2026-09-15",
    "9999999999999999999999.1.2026-09-15",
    "1.999999999999999999.2026-09-15",
    "١.٢.2026-09-15",
    "1.2.٢٠٢٦-09-15",
    "1.2.2026-09-15\n",
    "1.2.2026-09-15\x00",
    "1.2.2026-09-15.1",
    TAGS,
    SQL,
    EMOJI,
    LONG,
)


def test_garbled_codes_are_refused_and_change_nothing(town: Town, parent: Reader, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for garbled in CODES:
        with rehearsal(subtests, garbled):
            for form in (
                {"montre": [garbled], "jour": [garbled]},
                {"montre": [f"{garbled}.0"], "jour": [garbled]},
                {"montre": [f"{garbled}.1"], "jour": []},
                {"jour": [garbled]},
                {"cocher": garbled},
            ):
                assert_standing(parent.client.post(EDIT, form), 200, 302, 400, 404)
                assert_standing(parent.client.post(f"{PLANNING}cocher/", form, headers=HTMX), 200, 302, 400, 404)
            assert_standing(parent.client.post(BASKET, {"retirer": garbled}), 302, 404)
            assert_standing(parent.client.get(f"{PLANNING}pourquoi/{quote(garbled)}/"), 404)
            assert town.ledger() == before


def test_a_tick_on_an_absurd_day_is_refused(town: Town, parent: Reader, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for day in ("0001-01-01", "1999-12-31", "2000-01-01", "2100-01-01", "9999-12-30", "9999-12-31"):
        with rehearsal(subtests, day):
            cell = f"{town.enrolled.pk}.{town.canteen.pk}.{day}"
            for marks in ("0", "1", "0" * 400):
                answer = parent.client.post(EDIT, {"montre": [f"{cell}.{marks}"], "jour": [cell]})
                assert_standing(answer, 302, 400, 404)
            assert_standing(parent.client.get(reverse("planning:why", args=[cell])), 404)
            assert town.ledger() == before


QUERIES = (
    "mois=0000-01",
    "mois=0001-01",
    "mois=9999-12",
    "mois=2026-13",
    "mois=2026-00",
    "mois=٢٠٢٦-٠٩",
    "mois=",
    "mois=septembre",
    "vue=jour&jour=0001-01-01",
    "vue=jour&jour=9999-12-31",
    "vue=semaine&jour=0001-01-01",
    "vue=semaine&jour=9999-12-31",
    "vue=quinzaine&jour=2026-02-30",
    "vue=siecle",
    "par=rien",
    "activite=x",
    "activite=-1",
    "activite=99999999999999999999999",
    f"activite={'9' * 5_000}",
    "modifier=2",
    "mois=%00",
    "mois=%F0%9F%8D%9D",
    "mois=2026-09&mois=2026-10",
    "page=-1&etat=x",
    "%00=%00",
    "vue[]=mois&vue=mois",
)


def test_absurd_addresses_of_the_planning_are_answered(town: Town, parent: Reader, subtests: pytest.Subtests) -> None:
    for query in QUERIES:
        with subtests.test(query[:60]):
            for edit in ("", "&modifier=1"):
                answer = parent.client.get(f"{PLANNING}?{query}{edit}")
                assert_standing(answer, 200)
                assert_standing(parent.client.post(f"{PLANNING}?{query}{edit}", {"aller": "1"}), 302)
                assert_standing(parent.client.post(f"{PLANNING}garder/?{query}"), 302)
    for child in ("x", "-1", "0", "99999999999999999999999", "9" * 5_000, "%00", "١"):
        with subtests.test(f"enfant={child[:10]}"):
            assert_standing(parent.client.get(f"{PLANNING}?enfant={child}"), 404)


def test_a_period_that_does_not_exist_is_said_and_replaced_by_this_month(
    parent: Reader, subtests: pytest.Subtests
) -> None:
    for query in ("mois=0001-01", "mois=9999-12", "mois=2026-13", "vue=jour&jour=2026-02-30", "vue=siecle"):
        with rehearsal(subtests, query):
            page = parent.get(f"{PLANNING}?{query}")
            assert "La période demandée n’existe pas" in page.text("main")
            assert "septembre 2026" in page.text("main")


def _period(town: Town, **changes: Any) -> dict[str, Any]:
    return {
        "suite": "periode",
        "p_sens": "add",
        "p_activite": str(town.canteen.pk),
        "p_du": "2026-09-14",
        "p_au": "2026-10-02",
        "p_jour": ["1", "2"],
        "p_enfant": [str(town.enrolled.pk)],
    } | changes


WRONG_PERIODS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"p_sens": ""}, "Choisissez de réserver ou d’annuler"),
    ({"p_sens": "x"}, "choix"),
    ({"p_activite": ""}, "Choisissez une activité"),
    ({"p_activite": "999999999"}, "choix"),
    ({"p_activite": "toutes"}, "Pour réserver, choisissez une activité"),
    ({"p_du": ""}, "Indiquez le premier jour"),
    ({"p_du": "2026-02-30"}, "Indiquez le premier jour"),
    ({"p_du": "0000-01-01"}, "Indiquez le premier jour"),
    ({"p_du": NUL}, "Indiquez le premier jour"),
    ({"p_au": "9999-99-99"}, "Indiquez le dernier jour"),
    ({"p_au": "2026-09-01"}, "Le dernier jour vient avant le premier"),
    ({"p_au": "9999-12-31"}, "Choisissez un an au plus"),
    ({"p_jour": []}, "Cochez au moins un jour de la semaine"),
    ({"p_jour": ["9"]}, "choix"),
    ({"p_enfant": []}, "Cochez au moins un enfant"),
    ({"p_enfant": ["999999999"]}, "choix"),
)


@pytest.mark.exigence("P21")
def test_a_wrong_period_is_named_and_shown_again(town: Town, parent: Reader, subtests: pytest.Subtests) -> None:
    before = town.ledger()
    for changes, sentence in WRONG_PERIODS:
        with rehearsal(subtests, changes):
            form = _period(town, **changes)
            answer = parent.client.post(EDIT, form)
            page = Page(answer, EDIT)
            assert answer.status_code == 422
            assert sentence in page.text("[role=alert]")
            assert page.all("details[open] [name=p_sens]")
            for field in {"p_du", "p_au"} - {name for name in changes if changes[name] == NUL}:
                assert page.all(f'[name={field}][value="{form[field]}"]') or not form[field]
            for field in {"p_jour", "p_enfant"} - changes.keys():
                assert [box["value"] for box in page.all(f"[name={field}][checked]")] == form[field]
            assert town.ledger() == before


def test_a_period_of_another_age_changes_nothing_and_says_so(
    town: Town, parent: Reader, subtests: pytest.Subtests
) -> None:
    before = draft(town)
    for year in ("0001", "1900", "2030", "9999"):
        for sense in ("add", "remove"):
            with rehearsal(subtests, f"{sense} {year}"):
                form = _period(town, p_sens=sense, p_du=f"{year}-01-01", p_au=f"{year}-12-31")
                answer = parent.client.post(EDIT, form, follow=True)
                assert_standing(answer, 200, 422)
                assert draft(town) == before
                assert Page(answer, EDIT).all("#avis *, [role=alert]")


# -- the size and the letter of what is sent ----------------------------------------------

TEXT_FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "sign in": ("/compte/connexion/", {"login": "claire", "password": PASSWORD}),
    "who": (PARENT_URL, PARENT),
    "reset": ("/compte/mot-de-passe/", {"email": "claire@famille.example"}),
    "link again": ("/compte/activation/renvoyer/", {"email": "claire@famille.example"}),
    "activation": (f"/compte/activation/{ACTIVATION_TOKEN}/", {"password": PASSWORD}),
}


@pytest.mark.parametrize("form", TEXT_FIELDS)
def test_anything_typed_in_a_text_field_is_answered(town: Town, form: str, subtests: pytest.Subtests) -> None:
    url, good = TEXT_FIELDS[form]
    for field in good:
        for value in NASTY:
            with subtests.test(f"{field} {value[:12]!r}"):
                answer = reader_of(None).client.post(
                    url, good | {field: value}, REMOTE_ADDR=f"192.0.2.{hash(value) % 250}"
                )
                assert_standing(answer, 200, 302, 400, 422, 429)
                if answer.status_code != 302:
                    assert TAGS not in answer.content.decode()


def test_anything_typed_about_the_dossier_is_answered(town: Town, subtests: pytest.Subtests) -> None:
    good = {"number": "4127", "name": "vuillet", "contact_email": "claire@famille.example"}
    visitor = reader_of(None).client
    visitor.post(PARENT_URL, PARENT)
    for field in good:
        for value in NASTY:
            with subtests.test(f"{field} {value[:12]!r}"):
                answer = visitor.post(DOSSIER_URL, good | {field: value})
                assert_standing(answer, 422, 429)
                assert TAGS not in answer.content.decode()


def test_anything_in_a_hidden_field_or_a_button_is_answered(
    town: Town, parent: Reader, subtests: pytest.Subtests
) -> None:
    before = town.ledger()
    for field in (
        "suite",
        "aller",
        "vue",
        "par",
        "seul",
        "cocher",
        "brouillon",
        "f_enfant",
        "f_activite",
        "montre",
        "jour",
    ):
        for value in NASTY:
            with rehearsal(subtests, (field, value[:20])):
                assert_standing(parent.client.post(EDIT, {field: value}), 302, 400, 404, 422)
                form = {"suite": "afficher", field: value}
                assert_standing(parent.client.post(EDIT, form), 302, 400, 404, 422)
                assert_standing(parent.client.post(f"{PLANNING}cocher/", {field: value}, headers=HTMX), 200, 400, 404)
                assert town.ledger() == before
    for field in ("suite", "retirer", "brouillon"):
        for value in NASTY:
            with rehearsal(subtests, ("recap", field, value[:20])):
                assert_standing(parent.client.post(BASKET, {field: value}), 302, 404)
                assert town.ledger() == before


ADDRESSES = (
    "/famille/panier/recu/{}/",
    "/famille/panier/recu/{}/pdf/",
    "/famille/planning/pourquoi/{}/",
    "/famille/inscriptions/{}/",
    "/famille/inscriptions/nouvelle/{}/",
    "/famille/inscriptions/nouvelle/1/{}/",
    "/famille/{}/",
    "/compte/{}/",
    "/compte/mot-de-passe/{}/",
    "/demo/courriels/{}/",
    "/demo/composants/erreurs/{}/",
    "/{}/",
    "/{}",
)
PIECES = (
    "%00",
    "%F0%9F%8D%9D",
    "%FF",
    "99999999999999999999",
    "9" * 4_400,
    "..%2f..%2f",
    "%0d%0aa:b",
    "a-b",
    "a" * 3_000,
    "١",
    "-1",
    "%25",
    "%3Cscript%3E",
)


@pytest.mark.parametrize("who", ["owner", None])
def test_any_piece_of_an_address_is_answered(town: Town, who: str | None, subtests: pytest.Subtests) -> None:
    client = reader_of(getattr(town, who) if who else None).client
    for address in ADDRESSES:
        for piece in PIECES:
            with subtests.test(f"{address} {piece[:24]}"):
                assert_standing(client.get(address.format(piece)), 200, 301, 302, 400, 404)


ELSEWHERE = (
    "x",
    "home:index",
    "//ailleurs.example",
    "///ailleurs.example",
    "https://ailleurs.example/",
    " https://ailleurs.example",
    "\\\\ailleurs.example",
    "/\\ailleurs.example",
    "javascript:alert(1)",
    "\r\na: b",
    "/\r\na: b",
    "/%00",
    NUL,
    LONG,
)


def test_the_page_to_come_back_to_is_ours_or_nothing(town: Town, subtests: pytest.Subtests) -> None:
    TermsVersionFactory(number=2)
    terms_url = reverse("accounts:terms")
    for wanted in ELSEWHERE:
        with rehearsal(subtests, wanted):
            owner = reader_of(town.owner).client
            assert_standing(owner.get(terms_url, {"next": wanted}), 200)
            form = {"next": wanted, "accepted": "on", "version": "2"}
            credentials = {"login": town.owner.username, "password": PASSWORD, "next": wanted}
            for answer in (
                owner.post(terms_url, form),
                owner.get(terms_url, {"next": wanted}),
                reader_of(None).client.post("/compte/connexion/", credentials),
                reader_of(town.owner).client.get("/compte/connexion/", {"next": wanted}),
            ):
                assert_standing(answer, 302)
                assert re.match(r"/(?![/\\])", answer["Location"])


def test_a_huge_form_is_refused_without_breaking(town: Town, parent: Reader) -> None:
    before = town.ledger()
    many = parent.client.post(EDIT, {"jour": [f"1.1.2026-09-{day % 28 + 1:02d}" for day in range(12_000)]})
    assert_standing(many, 400, 413)
    assert "n’a pas été comprise" in words(many)
    heavy = parent.client.post(EDIT, {"montre": [LONG] * 40})
    assert_standing(heavy, 400, 413)
    assert town.ledger() == before


def test_a_form_of_thousands_of_boxes_is_refused(town: Town, parent: Reader) -> None:
    """No page shows so many: nobody makes the server work through millions, different or all alike."""
    child = town.enrolled.pk
    for units in (range(1, 500), [town.canteen.pk] * 500):
        lines = [f"{child}.{unit}.2026-01-01.{'0' * 400}" for unit in units]
        assert parent.client.post(EDIT, {"montre": lines}).status_code == 400


def test_a_key_sent_twice_is_read_once_or_all_together(town: Town, parent: Reader) -> None:
    cell, before = town.code(OPEN_DAY), draft(town)
    form = {
        "montre": [f"{cell}.0", f"{cell}.0"],
        "jour": [cell, cell, cell],
        "suite": ["enregistrer", "enregistrer"],
        "brouillon": [town.token, town.token],
    }
    assert_standing(parent.client.post(EDIT, form), 302)
    assert draft(town) == before | {cell: "add"}
    twice = {"suite": ["garder", "valider"], "brouillon": ["x", town.token]}
    assert_standing(parent.client.post(BASKET, twice), 302)
    form = {"starts_on": ["hier", "2026-09-16"], f"jours_{town.wednesday.pk}": ["3", "3"]}
    assert_standing(parent.client.post(enrol_url(town), form), 200, 302)


def test_boxes_that_contradict_each_other_change_nothing_twice(town: Town, parent: Reader) -> None:
    """The same cell shown ticked and free: whatever is understood, one wish at most comes of it."""
    cell = town.code(OPEN_DAY)
    for marks in (("0", "1"), ("1", "0")):
        assert_standing(
            parent.client.post(EDIT, {"montre": [f"{cell}.{mark}" for mark in marks], "jour": [cell]}), 302
        )
    assert list(draft(town)).count(cell) <= 1


def test_a_body_that_is_no_form_is_answered(town: Town, parent: Reader, subtests: pytest.Subtests) -> None:
    for kind, content in (
        ("application/json", b'{"montre": ["x"]}'),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing"),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%ZZ&&&=="),
        ("application/x-www-form-urlencoded; charset=utf-7", b"a=b"),
        ("text/plain", b"\x00" * 1_000),
        ("", b"x"),
    ):
        with subtests.test(kind):
            for url in (EDIT, BASKET, enrol_url(town), f"{PLANNING}cocher/"):
                answer = parent.client.generic("POST", url, content, content_type=kind)
                assert_standing(answer, 200, 302, 400, 422)


@pytest.mark.exigence("P48")
def test_a_form_that_lost_its_token_says_how_to_send_it_again(town: Town) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.owner)
    before = town.ledger()
    for url, form in ((EDIT, town.tick(OPEN_DAY)), (BASKET, {"suite": "valider", "brouillon": town.token})):
        answer = client.post(url, form)
        assert answer.status_code == 403
        said = plain(words(answer))
        assert "rien n’a été changé" in said
        assert "Rechargez la page" in said
    assert town.ledger() == before


def test_a_mail_from_elsewhere_never_becomes_an_address_or_a_header(town: Town) -> None:
    """A name with a line break reaches no header of a mail."""
    for subject in ("Bonjour\r\nBcc: tous@ailleurs.example", "Bonjour\nTo: x@ailleurs.example"):
        with transaction.atomic():
            mail = queue_mail(kind="account", recipient="a@famille.example", subject=subject, text="x", at=NOW)
            assert "\n" not in mail.subject
            transaction.set_rollback(True)
