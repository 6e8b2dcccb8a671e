"""Days that a limit counts, on the page: what is left, why a day is too many, what a missing day stops."""

from datetime import date

import pytest

from portal.domain.bookings.models import Booking, Receipt
from tests.domain.activities.factories import BookingLimitFactory
from tests.web.planning.reading import BASKET, PLANNING, Reader, draft_codes
from tests.web.planning.scene import code

EDIT = f"{PLANNING}?mois=2026-09&modifier=1"
TUESDAY, THURSDAY, FRIDAY = date(2026, 9, 15), date(2026, 9, 17), date(2026, 9, 18)
VALIDATE = ("suite", "valider")


@pytest.fixture
def two_evenings(evening):
    Booking.objects.filter(unit=evening).delete()
    return BookingLimitFactory(activity=evening.activity, units=[evening])


def test_a_tick_says_how_many_days_are_left_and_closes_the_others(reader: Reader, hugo, evening, two_evenings):
    page = reader.get(EDIT)
    first = reader.tick_by_htmx(page, tick=[code(hugo, evening, TUESDAY)])
    left = "Hugo, Accueil du soir (soir) : encore 1 jour possible la semaine du 14 septembre 2026."
    assert left in first.text("[hx-swap-oob*=annonce]")
    assert left in first.text("#brouillon")  # the bar is what a phone shows, wherever the page is
    second = reader.tick_by_htmx(reader.get(EDIT), tick=[code(hugo, evening, THURSDAY)])
    assert "le nombre permis est atteint" in second.text("#brouillon")
    closed = f"innerHTML:td:has(#c{code(hugo, evening, FRIDAY).replace('.', '-')})"
    assert closed in [str(piece["hx-swap-oob"]) for piece in second.all("[hx-swap-oob]")]
    # Taking a day back opens the others again, without another page.
    third = reader.tick_by_htmx(reader.get(EDIT), untick=[code(hugo, evening, THURSDAY)])
    assert closed in [str(piece["hx-swap-oob"]) for piece in third.all("[hx-swap-oob]")]
    assert third.box(code(hugo, evening, FRIDAY)) is not None


def test_without_script_the_days_too_many_are_left_out_with_their_reason(reader: Reader, hugo, evening, two_evenings):
    days = [code(hugo, evening, day) for day in (TUESDAY, THURSDAY, FRIDAY)]
    page = reader.press(reader.get(EDIT), ("suite", "enregistrer"), tick=days[:1])
    assert "encore 1 jour possible la semaine du 14 septembre 2026" in page.text("#avis")
    page = reader.press(page, ("suite", "enregistrer"), tick=days)
    assert set(draft_codes()) == set(days[:2])
    assert "Un jour a été laissé de côté" in page.text("#avis")
    assert "Hugo a déjà 2 jours la semaine du 14 septembre 2026" in page.text("#avis")
    assert page.box(days[2]) is None
    why = reader.get(f"{PLANNING}pourquoi/{days[2]}/")
    assert why.text("h1") == "Le nombre permis est atteint"
    assert "2 jours par semaine au plus" in why.text("main")


def test_a_page_without_limit_says_nothing_of_it(reader: Reader, hugo, evening):
    answer = reader.tick_by_htmx(reader.get(EDIT), tick=[code(hugo, evening, TUESDAY)])
    assert "possible" not in answer.text("#brouillon")


def test_a_missing_day_is_said_on_the_recap_and_stops_the_validation(reader: Reader, hugo, evening):
    Booking.objects.filter(unit=evening).delete()
    BookingLimitFactory(floor=True, activity=evening.activity, units=[evening])
    reader.press(reader.get(EDIT), ("suite", "enregistrer"), tick=[code(hugo, evening, TUESDAY)])
    recap = reader.get(BASKET)
    assert "Il manque des jours pour valider" in recap.text("main")
    assert "il manque 1 jour la semaine du 14 septembre 2026" in recap.text("main")
    (link,) = [link for link in recap.all("main .notice a") if "Choisir des jours" in link.get_text()]
    assert reader.get(str(link["href"])).box(code(hugo, evening, THURSDAY)) is not None

    refused = reader.press(recap, VALIDATE)
    assert refused.url == BASKET
    assert "Rien n’a été validé" in refused.text("#avis")
    assert not Receipt.objects.exists()
    assert set(draft_codes()) == {code(hugo, evening, TUESDAY)}

    reader.press(reader.get(EDIT), ("suite", "enregistrer"), tick=[code(hugo, evening, THURSDAY)])
    assert "Il manque" not in reader.get(BASKET).text("main")
    assert reader.press(reader.get(BASKET), VALIDATE).text("h1") == "C’est enregistré"
