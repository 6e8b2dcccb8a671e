"""Guide 004 (Colomars): from the kind of activity to the person, days of July by family and by activity, a removal."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child
from portal.domain.kernel.clock import PARIS
from tests.e2e.households import Pupil, choose, complete, household, press, settled, sign_in, tick
from tests.harness.browser import DESKTOP, PHONE, PageFactory, nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2023, 5, 31, 10, 0, tzinfo=PARIS)
JULY = "/famille/planning/?mois=2023-07"


@pytest.fixture
def parent(live_server: LiveServer, settings: Any, tmp_path: Path) -> Iterator[User]:
    """Lya and Mael; nothing is missing in the dossier."""
    settings.PORTAL_BASE_URL = live_server.url
    settings.PRIVATE_ROOT = tmp_path / "private"
    load_town("colomars", at=NOW)
    with time_machine.travel(NOW, tick=True):
        user, family, children = household(
            Pupil("Lya", date(2016, 5, 4), "CP", "elementaire"),
            Pupil("Mael", date(2014, 9, 4), "CE2", "elementaire"),
            year=2022,
            at=NOW,
        )
        complete(family, children.values(), by=user, at=NOW)
        yield user


@pytest.mark.exigence("I6", "I7", "I10", "I25", "I50", "I52", "P5", "P8", "P37", "P40", "P42", "P43", "P67", "P70")
@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)], ids=["390px-nojs", "1280px-js"])
def test_the_summer_is_chosen_booked_and_the_enrolment_removed(
    open_page: PageFactory, live_server: LiveServer, parent: User, width: int, javascript: bool
) -> None:
    page = sign_in(open_page, live_server, parent, now=NOW, width=width, javascript=javascript)
    main = page.get_by_role("main")
    lya = Child.objects.get(first_name="Lya")

    # The activity first, then the person, and the wished day of entry.
    page.goto("/famille/inscriptions/")
    page.get_by_role("link", name="Partir d’une activité").click()
    page.get_by_label("Lya", exact=True).check()
    settled(page)
    choose(page.get_by_label("Activité *"), "Vacances, été 2022/2023")
    settled(page)
    press(page, "Continuer")
    nothing_scrolls_sideways(page)
    expect(main.get_by_label("Date d’entrée souhaitée").first).to_be_visible()
    press(page, "Enregistrer les inscriptions cochées")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    page.goto("/famille/inscriptions/")
    expect(main).to_contain_text("Accueil de loisirs")

    # July opens on the 10th; before it there is nothing to tick.
    page.goto(f"{JULY}&modifier=1")
    expect(main).to_contain_text("ouverte à partir du 10\u00a0juillet 2023")
    nothing_scrolls_sideways(page)
    day_out = Unit.objects.get(activity__code="ete-2022", code="journee")
    for day in (10, 11, 12, 17):
        tick(page, lya, day_out, date(2023, 7, day))
    page.locator('button[name="suite"][value="verifier"]').click()
    expect(main).to_contain_text("lundi 17\u00a0juillet 2023")
    press(page, "Valider mes")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 4

    # The same days by activity, every child on one line.
    page.goto(f"{JULY}&par=activite")
    expect(main).to_contain_text("Lya")
    nothing_scrolls_sideways(page)

    # Within the delay of the règlement the enrolment itself is removed, and says what becomes of its days.
    page.goto(f"/famille/inscriptions/{Enrolment.objects.get().pk}/")
    page.get_by_role("link", name="Supprimer cette inscription").click()
    expect(main).to_contain_text("4")
    nothing_scrolls_sideways(page)
    press(page, "Supprimer")
    assert not Booking.objects.filter(state=BookingState.BOOKED).exists()
