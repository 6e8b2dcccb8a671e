"""The rentrée of three children in a real browser, in one sitting, with every click counted."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment, RegularWeek
from portal.domain.rentree.models import RentreeAnswer, RentreeRecap
from tests.domain.accounts.factories import UserFactory
from tests.domain.rentree.scene import AT, RentreeScene, rentree_scene
from tests.harness.browser import PageFactory, let_in, nothing_scrolls_sideways

pytestmark = pytest.mark.e2e

Opener = Callable[..., Page]


class Hand:
    """What a parent does with a finger or a mouse; `clicks` is what it cost them."""

    def __init__(self) -> None:
        self.clicks = 0

    def press(self, target: Locator) -> None:
        target.click()
        self.clicks += 1


@pytest.fixture
def scene(live_server: LiveServer) -> Iterator[RentreeScene]:
    with time_machine.travel(AT, tick=True):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
        yield rentree_scene(children=3, stems=("cantine", "garderie"))


@pytest.fixture
def opened(open_page: PageFactory, live_server: LiveServer, scene: RentreeScene) -> Opener:
    def signed_in(**options: object) -> Page:
        page = open_page(**options)
        page.context.clock.install(time=AT)
        return let_in(page, scene.parent, live_server.url)

    return signed_in


def box(page: Page, scene: RentreeScene, stem: str, weekday: int, child: int = 0) -> Locator:
    """The label of one weekday of one activity of one child."""
    unit = scene.new[stem]
    name = f"e{scene.children[child].pk}-a{unit.activity_id}-jours_{unit.pk}"
    return page.locator(f'label.choice:has(input[name="{name}"][value="{weekday}"])')


@pytest.mark.exigence("C8")
def test_three_children_are_enrolled_in_six_activities_by_three_clicks(
    opened: Opener, scene: RentreeScene, width: int, javascript: bool
) -> None:
    page, hand = opened(width=width, javascript=javascript), Hand()
    page.goto("/famille/")
    hand.press(page.get_by_role("link", name="Préparer la rentrée 2027/2028"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Rentrée 2027/2028")
    nothing_scrolls_sideways(page)
    before = page.locator("#estimation .price").first.inner_text()
    # One thing changes: Hugo eats on Thursdays too.
    hand.press(box(page, scene, "cantine", 4))
    if javascript:
        expect(page.locator("#estimation .price").first).not_to_have_text(before)
    hand.press(page.get_by_role("button", name="Valider la rentrée"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Rentrée 2027/2028\u00a0: c’est enregistré")
    nothing_scrolls_sideways(page)
    for name in ("Hugo", "Léna", "Noé"):
        expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()
    # docs/performance.md gives this figure.
    assert hand.clicks == 3
    recap = RentreeRecap.objects.get()
    assert [line.week for line in recap.lines.order_by("rank")][0] == [["Repas", [1, 2, 4]]]
    assert Enrolment.objects.filter(activity__code__endswith="2027").count() == 6
    assert Booking.objects.count() > 400


@pytest.mark.exigence("C8")
def test_what_was_begun_on_a_phone_is_finished_on_another_day(
    opened: Opener, scene: RentreeScene, width: int, javascript: bool
) -> None:
    page = opened(width=width, javascript=javascript)
    page.goto("/famille/rentree/")
    box(page, scene, "garderie", 5, child=2).click()
    page.get_by_role("button", name="Garder et continuer plus tard").click()
    expect(page.get_by_text("Vos réponses sont gardées.")).to_be_visible()
    assert RentreeAnswer.objects.count() == 6
    page.goto("/famille/rentree/")
    expect(box(page, scene, "garderie", 5, child=2).locator("input")).to_be_checked()
    nothing_scrolls_sideways(page)


@pytest.mark.exigence("B13")
def test_a_week_is_changed_from_a_date_on_and_validated(
    opened: Opener, scene: RentreeScene, width: int, javascript: bool
) -> None:
    enrolment = Enrolment.objects.get(child=scene.child, activity=scene.old["cantine"].activity)
    page = opened(width=width, javascript=javascript)
    page.goto("/famille/planning/semaine/")
    nothing_scrolls_sideways(page)
    page.locator(f'a[href$="/semaine/{enrolment.pk}/"]').click()
    page.locator('label.choice:has(input[value="5"])').click()
    page.get_by_role("button", name="Voir ce que cela change").click()
    expect(page.get_by_role("heading", name="Ce que cela change")).to_be_visible()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Mettre dans mon brouillon").click()
    expect(page.get_by_text("nouvelle semaine habituelle à partir du")).to_be_visible()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Valider m").click()
    expect(page.get_by_role("heading", name="C’est enregistré")).to_be_visible()
    week = RegularWeek.objects.get()
    assert {(each.unit_id, each.weekday) for each in week.days.all()} >= {(scene.old["cantine"].pk, 5)}
