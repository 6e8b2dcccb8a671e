"""What people, bad luck and bad people send: each gets its sentence in French, nothing is lost, nothing breaks.

Everything goes through HTTP, against a real database; `raise_request_exception` is off, so that a breakdown is seen as
the visitor would see it, a 500.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.accounts.models import User
from portal.domain.bookings import expiry
from portal.domain.bookings.models import BasketLine, Booking, DayPlaces, Receipt
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.services import queue_mail
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory
from tests.domain.activities.factories import ClosureFactory
from tests.web.accounts.journeys import CHECK_URL, DOSSIER_URL, PARENT, PARENT_URL, fill, known_family, links, send
from tests.web.planning.reading import BASKET, PLANNING, Page, Reader, plain
from tests.web.planning.scene import NOW
from tests.web.two_families import ACTIVATION_TOKEN, OPEN_DAY, Town, build, rehearsal

pytestmark = pytest.mark.django_db

EDIT = f"{PLANNING}?mois=2026-09&modifier=1"
SAVE, VERIFY, VALIDATE = ("suite", "enregistrer"), ("suite", "verifier"), ("suite", "valider")
HTMX = {"HX-Request": "true"}

#: The Friday on which the week of 14 September is closed.
TOO_LATE = datetime(2026, 9, 11, 0, 0, 0, tzinfo=PARIS)

NUL = "Vu\x00illet"
LONG = "a" * 100_000
EMOJI = "👩‍👧‍👦🍝"
RIGHT_TO_LEFT = "\u202etelliuV\u202c"
TAGS = "<script>alert(1)</script>"
SQL = "'; DROP TABLE families_family; --"
NASTY = (
    NUL,
    LONG,
    EMOJI,
    RIGHT_TO_LEFT,
    TAGS,
    SQL,
    "%00",
    "${7*7}",
    "{{ 7*7 }}",
    "\r\nSet-Cookie: a=b",
    "9" * 5_000,
    "-1",
    " ",
)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def town(clock: time_machine.Traveller) -> Town:
    return build()


def reader_of(user: User | None) -> Reader:
    """Somebody and a browser of their own."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return Reader(client)


@pytest.fixture
def parent(town: Town) -> Reader:
    return reader_of(town.owner)


def draft(town: Town) -> dict[str, str]:
    """The wishes of the first family's draft: code → wish."""
    lines = BasketLine.objects.filter(basket__family=town.family)
    return {f"{line.child_id}.{line.unit_id}.{line.day}": line.wish for line in lines}


def words(response: Any) -> str:
    return Page(response, "").text()


def assert_standing(response: Any, *statuses: int) -> None:
    """An answer, and not a breakdown; in French when it is a page."""
    assert response.status_code in (statuses or (200, 302, 400, 403, 404, 405, 410, 413, 422, 429))


# -- creating an account ------------------------------------------------------------------


@pytest.mark.exigence("A10", "A11")
@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "9999"},
        {"number": "904127"},
        {"name": "Quatremer"},
        {"contact_email": "dossier904127@quatremer.example"},
        {"number": "904127", "name": "Quatremer"},
    ],
    ids=["nobody's number", "another family's number", "another name", "another mail", "half of another family"],
)
def test_a_wrong_or_foreign_dossier_gets_one_neutral_sentence_and_keeps_what_was_typed(
    town: Town, wrong: dict[str, str]
) -> None:
    known_family()
    visitor = reader_of(None)
    visitor.client.post(PARENT_URL, PARENT)
    typed = {"number": "4127", "name": "vuillet", "contact_email": "claire@famille.example"} | wrong
    answer = visitor.client.post(DOSSIER_URL, typed)
    page = Page(answer, DOSSIER_URL)
    assert answer.status_code == 422
    assert page.text("[role=alert]")
    for value in typed.values():
        assert f'value="{value}"' in answer.content.decode()
    said = page.text()
    for fact in ("n’existe pas", "inconnu", "autre famille", "déjà un compte"):
        assert fact not in said
    assert page.soup.title is not None
    assert page.soup.title.get_text().startswith("Erreur")
    assert visitor.client.get(PARENT_URL).content.decode().count('value="Claire"') == 1


def test_a_number_that_cannot_be_one_is_named(clock: time_machine.Traveller, subtests: pytest.Subtests) -> None:
    visitor = reader_of(None)
    visitor.client.post(PARENT_URL, PARENT)
    for number, sentence in {
        "": "Indiquez le numéro de dossier.",
        "12": "de 3 à 6 chiffres",
        "1234567": "de 3 à 6 chiffres",
        "41 27 bis": "de 3 à 6 chiffres",
        "٤١٢٧": "de 3 à 6 chiffres",
        "4127\x00": "nul",
    }.items():
        with rehearsal(subtests, number):
            typed = {"number": number, "name": "Vuillet", "contact_email": "a@b.example"}
            answer = visitor.client.post(DOSSIER_URL, typed)
            assert answer.status_code == 422
            assert sentence in words(answer)


@pytest.mark.exigence("A20", "A22")
def test_an_expired_link_says_until_when_it_was_good_and_what_to_do(town: Town, clock: time_machine.Traveller) -> None:
    url = reverse("accounts:activate", args=[ACTIVATION_TOKEN])
    visitor = reader_of(None).client
    assert visitor.get(url).status_code == 200
    clock.shift(timedelta(hours=24))
    for answer in (visitor.get(url), visitor.post(url, {"password": PASSWORD})):
        assert answer.status_code == 410
        assert "Ce lien a expiré" in words(answer)
        assert reverse("account_signup") in answer.content.decode()
    assert not User.objects.get(username="candidat").is_active


def test_a_garbled_link_does_not_work_and_says_so(clock: time_machine.Traveller, subtests: pytest.Subtests) -> None:
    visitor = reader_of(None).client
    said = {"accounts:activate": "Ce lien ne fonctionne pas", "accounts:joining": "Cette demande est close"}
    for token in ("x", "..", "6aa31234.", "6aa31234.%00", "é" * 200, "a" * 5_000, "zzzzzzzz.x", "ffffffffff.x", "0.0"):
        with rehearsal(subtests, token):
            for name, sentence in said.items():
                url = reverse(name, args=[token])
                for answer in (visitor.get(url), visitor.post(url)):
                    assert_standing(answer, 410)
                    assert Page(answer, url).text("h1") == sentence


@pytest.mark.exigence("A18")
def test_a_registration_sent_twice_is_one_account_and_one_mail(clock: time_machine.Traveller) -> None:
    known_family()
    TermsVersionFactory(number=3)
    visitor = reader_of(None).client
    fill(visitor, terms=3)
    token = visitor.get(CHECK_URL)
    assert token.status_code == 200
    first, second = send(visitor), send(visitor)
    assert first["Location"] == second["Location"]
    assert visitor.get(second["Location"]).status_code == 200
    assert User.objects.filter(username="claire").count() == 1
    assert OutgoingMail.objects.count() == 1
    (link,) = links("activation")
    opened, again = (
        visitor.post(link, {"password": PASSWORD}),
        reader_of(None).client.post(link, {"password": PASSWORD}),
    )
    assert opened.status_code == 302
    assert again.status_code == 410
    assert "Ce compte est déjà actif" in words(again)


def test_two_windows_that_register_the_same_address_tell_nobody(clock: time_machine.Traveller) -> None:
    known_family()
    TermsVersionFactory(number=3)
    one, other = reader_of(None).client, reader_of(None).client
    fill(one, terms=3)
    fill(other, terms=3)
    answers = [send(one), send(other)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert User.objects.filter(email="claire@famille.example").count() == 1


# -- enrolling ----------------------------------------------------------------------------


def enrol_url(town: Town) -> str:
    return reverse("enrolments:enrol", args=[town.not_enrolled.pk, town.wednesday.activity.code])


def test_an_enrolment_sent_twice_is_one_enrolment(town: Town, parent: Reader) -> None:
    form = {"starts_on": "2026-09-16", f"jours_{town.wednesday.pk}": ["3"]}
    first, second = parent.client.post(enrol_url(town), form), parent.client.post(enrol_url(town), form)
    other = reader_of(town.other_parent).client.post(enrol_url(town), form)
    assert first["Location"] == second["Location"] == other["Location"]
    assert Enrolment.objects.filter(child=town.not_enrolled).count() == 1
    assert parent.client.get(first["Location"]).status_code == 200


ABSURD_DAYS = (
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-13-01",
    "demain",
    "2026-09-16T10:00",
    NUL,
    LONG,
)


def test_an_absurd_day_of_entry_is_refused_with_words_and_the_week_stays_ticked(
    town: Town, parent: Reader, subtests: pytest.Subtests
) -> None:
    url, week = enrol_url(town), f"jours_{town.wednesday.pk}"
    for typed in ABSURD_DAYS:
        with rehearsal(subtests, typed):
            answer = parent.client.post(url, {"starts_on": typed, week: ["3"]})
            page = Page(answer, url)
            assert_standing(answer, 200, 422)
            assert page.text("[role=alert]")
            assert page.all(f'input[name="{week}"][value="3"][checked]')
            assert not Enrolment.objects.filter(child=town.not_enrolled).exists()


def test_an_absurd_weekday_is_refused_with_words(town: Town, parent: Reader, subtests: pytest.Subtests) -> None:
    for weekday in ("0", "8", "-1", "3.5", "x", "３", NUL, "9" * 5_000):
        with rehearsal(subtests, weekday):
            form = {"starts_on": "2026-09-16", f"jours_{town.wednesday.pk}": ["3", weekday]}
            answer = parent.client.post(enrol_url(town), form)
            assert_standing(answer, 200, 422)
            assert "Choisissez des jours parmi ceux qui sont proposés" in words(answer)
            assert not Enrolment.objects.filter(child=town.not_enrolled).exists()


def test_a_foreign_child_is_nobody(town: Town) -> None:
    """In the address, in the query, in a tick, in a period, in « Pourquoi non ? », in the recap."""
    stranger, before = reader_of(town.stranger).client, town.ledger()
    child, cell = town.enrolled, town.code(OPEN_DAY)
    period = {
        "suite": "periode",
        "p_sens": "add",
        "p_activite": str(town.canteen.pk),
        "p_du": "2026-09-14",
        "p_au": "2026-12-18",
        "p_jour": ["1"],
        "p_enfant": [str(child.pk)],
    }
    answers = {
        "choose": stranger.get(reverse("enrolments:choose", args=[child.pk])),
        "enrol": stranger.post(enrol_url(town), {"starts_on": "2026-09-16"}),
        "filter": stranger.get(f"{PLANNING}?enfant={child.pk}"),
        "tick": stranger.post(EDIT, town.tick(OPEN_DAY)),
        "untick": stranger.post(EDIT, town.untick(OPEN_DAY, unit=town.evening)),
        "htmx": stranger.post(f"{PLANNING}cocher/", town.tick(OPEN_DAY), headers=HTMX),
        "why": stranger.get(reverse("planning:why", args=[cell])),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 404)
    refused = stranger.post(EDIT, period)
    assert refused.status_code == 422
    assert "choix" in words(refused)
    assert_standing(stranger.post(BASKET, {"retirer": cell}), 302)
    assert_standing(stranger.post(BASKET, {"suite": "valider", "brouillon": town.token}), 302)
    shown = stranger.get(reverse("enrolments:index"), {"enfant": child.pk})
    assert "Ildefonse" not in words(shown)
    assert town.ledger() == before


# -- the clock moves between the page and the press ---------------------------------------


@pytest.mark.exigence("P52")
def test_a_deadline_passed_meanwhile_is_said_with_its_instant(
    town: Town, parent: Reader, clock: time_machine.Traveller
) -> None:
    clock.move_to(TOO_LATE - timedelta(seconds=1))
    page = parent.get(EDIT)
    assert page.box(town.code(OPEN_DAY)) is not None
    before = draft(town)
    clock.move_to(TOO_LATE)
    page = parent.press(page, SAVE, tick=[town.code(OPEN_DAY), town.code(date(2026, 9, 29))])
    assert "Un jour a été laissé de côté" in page.text("#avis")
    assert "jeudi 10 septembre 2026 à 23 h 59" in page.text("#avis")
    assert draft(town) == before | {town.code(date(2026, 9, 29)): "add"}


@pytest.mark.exigence("P20", "P52")
def test_the_last_second_of_thursday_still_counts(town: Town, parent: Reader, clock: time_machine.Traveller) -> None:
    clock.move_to(TOO_LATE - timedelta(seconds=1))
    page = parent.press(parent.get(EDIT), SAVE, tick=[town.code(OPEN_DAY)])
    assert page.all("#avis .wait") == []
    assert draft(town)[town.code(OPEN_DAY)] == "add"


def test_a_deadline_passed_before_the_validation_leaves_that_line_out_and_keeps_the_others(
    town: Town, parent: Reader, clock: time_machine.Traveller
) -> None:
    parent.press(parent.get(EDIT), SAVE, tick=[town.code(OPEN_DAY)])
    page = parent.get(BASKET)
    clock.move_to(TOO_LATE)
    page = parent.press(page, VALIDATE)
    assert page.text("h1") == "C’est enregistré"
    assert "Un jour n’a pas pu être enregistré" in page.text()
    assert "mardi 15 septembre 2026" in page.text(".notice.wait")
    assert Booking.objects.booked().filter(day=date(2026, 9, 22), unit=town.canteen).count() == 2
    assert not Booking.objects.booked().filter(day=OPEN_DAY, unit=town.canteen).exists()


def test_when_every_line_has_become_impossible_nothing_is_given_and_the_draft_stays(
    town: Town, parent: Reader, clock: time_machine.Traveller
) -> None:
    page, before, receipts = parent.get(BASKET), draft(town), Receipt.objects.count()
    clock.move_to(datetime(2026, 9, 18, 9, 0, tzinfo=PARIS))
    page = parent.press(page, VALIDATE)
    assert "Rien n’a été validé" in page.text("#avis")
    assert "Chaque ligne dit pourquoi" in page.text()
    assert (draft(town), Receipt.objects.count()) == (before, receipts)


@pytest.mark.parametrize("wish", ["add", "remove"])
def test_a_day_closed_meanwhile_is_named_with_its_reason(town: Town, parent: Reader, wish: str) -> None:
    """An agent closes the canteen while the page is open: a new wish falls out, a cancellation still goes."""
    page = parent.get(EDIT)
    ClosureFactory(reason="grève du personnel", starts_on=OPEN_DAY, ends_on=OPEN_DAY)
    if wish == "add":
        page = parent.press(page, SAVE, tick=[town.code(OPEN_DAY)])
        assert "laissé de côté" in page.text("#avis")
        assert "grève du personnel" in page.text("#avis")
        assert town.code(OPEN_DAY) not in draft(town)
    else:
        evening = town.code(OPEN_DAY, unit=town.evening)
        page = parent.press(page, SAVE, untick=[evening])
        assert draft(town)[evening] == "remove"


def test_a_day_closed_before_the_validation_falls_out_of_the_receipt(town: Town, parent: Reader) -> None:
    page = parent.get(BASKET)
    ClosureFactory(reason="grève du personnel", starts_on=date(2026, 9, 22), ends_on=date(2026, 9, 22))
    recap = parent.get(BASKET)
    assert "2 jours seront laissés de côté" in recap.text(".notice.wait")
    page = parent.press(page, VALIDATE)
    assert page.text("h1") == "C’est enregistré"
    assert "grève du personnel" in page.text(".notice.wait")
    assert not Booking.objects.booked().filter(day=date(2026, 9, 22), unit=town.canteen).exists()


@pytest.mark.exigence("P57")
def test_a_basket_expired_meanwhile_loses_no_choice(town: Town, parent: Reader, clock: time_machine.Traveller) -> None:
    planning, recap, before = parent.get(EDIT), parent.get(BASKET), draft(town)
    clock.shift(timedelta(hours=1))
    assert "ne sont plus retenues" in parent.get(BASKET).text()
    page = parent.press(planning, SAVE, tick=[town.code(OPEN_DAY)])
    assert draft(town) == before | {town.code(OPEN_DAY): "add"}
    assert page.all("#avis .wait") == []
    page = parent.press(recap, VALIDATE)
    assert page.url == BASKET
    assert "Vous avez changé ce brouillon dans une autre fenêtre" in page.text("#avis")
    page = parent.press(page, VALIDATE)
    assert page.text("h1") == "C’est enregistré"


def test_a_basket_expired_while_others_took_the_places_says_which_day(
    town: Town, parent: Reader, clock: time_machine.Traveller
) -> None:
    recap = parent.get(BASKET)
    clock.shift(timedelta(hours=1))
    expiry.release_lapsed_drafts(at=NOW + timedelta(hours=1))
    DayPlaces.objects.filter(day=date(2026, 9, 22)).update(taken=19)
    page = parent.press(recap, VALIDATE)
    assert page.text("h1") == "C’est enregistré"
    assert page.text(".notice.wait").startswith("Un jour n’a pas pu être enregistré")
    assert "complet" in page.text(".notice.wait")
    assert Booking.objects.booked().filter(day=date(2026, 9, 22), unit=town.canteen).count() == 1


# -- several windows, several people ------------------------------------------------------


@pytest.mark.exigence("P57", "P59")
def test_a_validation_sent_twice_gives_one_receipt(town: Town, parent: Reader) -> None:
    page, receipts, mails = parent.get(BASKET), Receipt.objects.count(), OutgoingMail.objects.count()
    first, second = parent.press(page, VALIDATE), parent.press(page, VALIDATE)
    other = reader_of(town.other_parent).press(page, VALIDATE)
    assert first.url == second.url == other.url
    assert Receipt.objects.count() == receipts + 1
    assert OutgoingMail.objects.count() == mails + 1


def test_two_windows_that_tick_the_same_box_ask_once(town: Town, parent: Reader) -> None:
    one, other, before = parent.get(EDIT), parent.get(EDIT), draft(town)
    parent.press(one, SAVE, tick=[town.code(OPEN_DAY)])
    parent.press(other, SAVE, tick=[town.code(OPEN_DAY)])
    assert draft(town) == before | {town.code(OPEN_DAY): "add"}


def test_two_windows_that_untick_the_same_box_end_without_it(town: Town, parent: Reader) -> None:
    pending = town.code(date(2026, 9, 22))
    one, other = parent.get(EDIT), parent.get(EDIT)
    parent.press(one, SAVE, untick=[pending])
    parent.press(other, SAVE, untick=[pending])
    assert pending not in draft(town)


def test_two_windows_that_untick_the_same_booking_cancel_it_once(town: Town, parent: Reader) -> None:
    booked = town.code(OPEN_DAY, unit=town.evening)
    one, other = parent.get(EDIT), parent.get(EDIT)
    parent.press(one, SAVE, untick=[booked])
    parent.press(other, SAVE, untick=[booked])
    assert draft(town)[booked] == "remove"


def test_a_window_validates_while_the_other_edits_and_nothing_comes_back(town: Town, parent: Reader) -> None:
    edited, recap = parent.get(EDIT), parent.get(BASKET)
    parent.press(recap, VALIDATE)
    page = parent.press(edited, SAVE, tick=[town.code(OPEN_DAY)])
    assert "a été validé ou effacé depuis une autre fenêtre" in page.text("#avis")
    assert draft(town) == {town.code(OPEN_DAY): "add"}
    assert Booking.objects.booked().filter(day=date(2026, 9, 22), unit=town.canteen).count() == 2


def test_a_window_throws_away_what_the_other_is_about_to_validate(town: Town, parent: Reader) -> None:
    recap, receipts = parent.get(BASKET), Receipt.objects.count()
    parent.client.post(reverse("basket:clear"))
    page = parent.press(recap, VALIDATE)
    assert "Rien n’a été validé" in page.text("#avis")
    assert Receipt.objects.count() == receipts


@pytest.mark.exigence("P57")
def test_what_the_other_parent_changed_meanwhile_is_said_and_kept(town: Town, parent: Reader) -> None:
    mine, theirs, before = parent.get(EDIT), reader_of(town.other_parent), draft(town)
    theirs.press(theirs.get(EDIT), SAVE, tick=[town.code(date(2026, 9, 17))])
    page = parent.press(mine, SAVE, tick=[town.code(OPEN_DAY)])
    assert "Marc a changé ce brouillon à 22 h 40" in page.text("#avis")
    assert "Rien n’est perdu" in page.text("#avis")
    assert draft(town) == before | {town.code(OPEN_DAY): "add", town.code(date(2026, 9, 17)): "add"}


def test_a_recap_is_not_validated_over_what_the_other_parent_added(town: Town, parent: Reader) -> None:
    recap, theirs, receipts = parent.get(BASKET), reader_of(town.other_parent), Receipt.objects.count()
    theirs.press(theirs.get(EDIT), SAVE, tick=[town.code(OPEN_DAY)])
    page = parent.press(recap, VALIDATE)
    assert page.url == BASKET
    assert "Marc a changé ce brouillon à 22 h 40" in page.text("#avis")
    assert Receipt.objects.count() == receipts


def test_an_unknown_or_garbled_basket_key_validates_nothing(
    town: Town, parent: Reader, subtests: pytest.Subtests
) -> None:
    before, key = town.ledger(), str(town.basket.key)
    unknown = ("", ":", "x", "x:1", f"{uuid4()}:1", str(uuid4()), NUL, LONG, EMOJI)
    garbled = (
        key,
        f"{key}:",
        f"{key}:-1",
        f"{key}:999999999999",
        f"{key}:١",
        f"{key}:1:1",
        f"{{{key}}}:1",
        f"urn:{key}",
    )
    for token in unknown + garbled:
        with rehearsal(subtests, token):
            answer = parent.client.post(BASKET, {"suite": "valider", "brouillon": token}, follow=True)
            assert answer.status_code == 200
            assert Page(answer, BASKET).text("#avis")
            assert town.ledger() == before


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
    boxes = f"{town.enrolled.pk}.{town.canteen.pk}.2026-01-01.{'0' * 400}"
    dense = parent.client.post(EDIT, {"montre": [boxes] * 5_000})
    assert_standing(dense, 302, 400)
    assert town.ledger() == before


def test_a_form_of_another_age_with_thousands_of_boxes_is_refused(town: Town, parent: Reader) -> None:
    """No page shows so many: nobody makes the server work through millions."""
    lines = [f"{town.enrolled.pk}.{unit}.2026-01-01.{'0' * 400}" for unit in range(1, 5_000)]
    answer = parent.client.post(EDIT, {"montre": lines})
    assert answer.status_code == 400


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


# -- at random ----------------------------------------------------------------------------

FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KEYS = st.sampled_from(["mois", "jour", "vue", "par", "enfant", "activite", "modifier", "x"])
VALUES = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"\d{1,5}-\d{1,3}(-\d{1,3})?", fullmatch=True),
    st.sampled_from(["mois", "quinzaine", "semaine", "jour", "enfant", "activite", "1"]),
    st.integers().map(str),
    st.dates().map(str),
)
CELLS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"\d{0,20}\.\d{0,20}\.\d{4}-\d{2}-\d{2}(\.[01-]{0,40})?", fullmatch=True),
    st.builds("{}.{}.{}".format, st.integers(0, 400), st.integers(0, 400), st.dates()),
)


@FUZZ
@given(query=st.lists(st.tuples(KEYS, VALUES), max_size=5))
def test_no_address_of_the_planning_breaks(town: Town, parent: Reader, query: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        for url in (PLANNING, f"{PLANNING}?modifier=1"):
            data: dict[str, list[str]] = {}
            for key, value in query:
                data.setdefault(key, []).append(value)
            assert_standing(
                parent.client.get(url.split("?")[0], data | ({"modifier": ["1"]} if "?" in url else {})), 200, 404
            )
        transaction.set_rollback(True)


@FUZZ
@given(
    shown=st.lists(st.tuples(st.one_of(CELLS, st.none()), st.text("01-", max_size=35)), max_size=4),
    sent=st.lists(CELLS, max_size=4),
    button=st.tuples(st.sampled_from(["suite", "aller", "vue", "par", "seul", "cocher", "brouillon"]), VALUES),
    htmx=st.booleans(),
)
def test_no_tick_breaks(
    town: Town,
    parent: Reader,
    shown: list[tuple[str | None, str]],
    sent: list[str],
    button: tuple[str, str],
    htmx: bool,
) -> None:
    first = town.code(OPEN_DAY)
    form = {
        "montre": [f"{cell or first}.{marks}" for cell, marks in shown],
        "jour": [*sent, first],
        button[0]: button[1],
    }
    with transaction.atomic():
        url, headers = (f"{PLANNING}cocher/", HTMX) if htmx else (EDIT, {})
        assert_standing(parent.client.post(url, form, headers=headers), 200, 302, 400, 404)
        transaction.set_rollback(True)
