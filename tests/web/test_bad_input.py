"""What people and bad luck send: each gets its sentence in French, nothing is lost, nothing breaks.

Everything goes through HTTP, against a real database. What no honest page would send is in `test_bad_forms`.
"""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.bookings import expiry
from portal.domain.bookings.models import Booking, DayPlaces, Receipt
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory
from tests.domain.activities.factories import ClosureFactory
from tests.web.accounts.journeys import CHECK_URL, DOSSIER_URL, PARENT, PARENT_URL, fill, known_family, links, send
from tests.web.adversary import (
    EDIT,
    EMOJI,
    HTMX,
    LONG,
    NUL,
    SAVE,
    VALIDATE,
    assert_standing,
    draft,
    enrol_url,
    reader_of,
    words,
)
from tests.web.planning.reading import BASKET, PLANNING, Page, Reader
from tests.web.planning.scene import NOW
from tests.web.two_families import ACTIVATION_TOKEN, OPEN_DAY, Town, rehearsal

pytestmark = pytest.mark.django_db

#: The Friday on which the week of 14 September is closed.
TOO_LATE = datetime(2026, 9, 11, 0, 0, 0, tzinfo=PARIS)


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
