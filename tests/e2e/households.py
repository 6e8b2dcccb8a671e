"""A family as the reader of a guide has one: an account, children, the school of each. And what its hands do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.accounts.queries import latest_terms
from portal.domain.accounts.services import accept_terms
from portal.domain.activities.models import Unit
from portal.domain.consents.queries import load_sheets
from portal.domain.consents.services import answer_consents
from portal.domain.families.models import Child, Family, FamilyMember, School
from portal.domain.health.enums import DocumentKind
from portal.domain.papers.enums import PaperForm
from portal.domain.papers.queries import asked_papers
from portal.domain.papers.services import agree_to_rules, hand_in_paper
from tests.domain.accounts.factories import UserFactory
from tests.domain.contacts.factories import KinshipFactory
from tests.domain.families.factories import (
    AdultFactory,
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolingFactory,
)
from tests.domain.health.factories import filled_sheet, sent_document
from tests.domain.papers.factories import photo
from tests.harness.browser import PageFactory, let_in


@dataclass(frozen=True)
class Pupil:
    """A child to be born: the level says the age, the code the school of the profile."""

    first_name: str
    birth_date: date
    level: str
    school: str


def household(*pupils: Pupil, year: int, at: datetime) -> tuple[User, Family, dict[str, Child]]:
    """A parent who accepted the town's terms, with these children in the order given."""
    user: User = UserFactory(username="claire", first_name="Claire", last_name="Vuillet")
    family: Family = FamilyFactory()
    MemberFactory(family=family, adult=AdultFactory(user=user, first_name="Claire"))
    children = {}
    for order, pupil in enumerate(pupils):
        child = ChildFactory(first_name=pupil.first_name, birth_date=pupil.birth_date)
        ChildLinkFactory(family=family, child=child, order=order)
        SchoolingFactory(
            child=child, level=pupil.level, school=School.objects.get(code=pupil.school), school_year=year
        )
        children[pupil.first_name] = child
    terms = latest_terms(at=at)
    if terms is not None:
        accept_terms(version=terms, by=user, at=at)
    return user, family, children


def complete(family: Family, children: Iterable[Child], *, by: User, at: datetime) -> None:
    """Give what a town may ask of these children: kinship, authorisations, health sheet, papers."""
    children = list(children)
    for line in asked_papers(family=family, children=children, activities={}, at=at):
        given: dict[str, Any] = {"family": family, "type": line.type, "child": line.child, "by": by, "at": at}
        if line.type.form == PaperForm.AGREEMENT:
            agree_to_rules(version=line.type.text_version, **given)
        elif line.type.is_required:
            hand_in_paper(uploads=[photo()], **given)
    for child in children:
        for member in FamilyMember.objects.filter(family=family).select_related("adult"):
            KinshipFactory(adult=member.adult, child=child)
        (sheet,) = load_sheets(children=[child], at=at, user=by)
        texts = {asked.text.pk: True for asked in sheet.asked}
        answer_consents(family=family, children=[child], answers=texts, by=by, at=at)
        filled_sheet(family, child, by=by, at=at)
        sent_document(family, child, kind=DocumentKind.BOOKLET, by=by, at=at)


def sign_in(open_page: PageFactory, live_server: LiveServer, user: User, *, now: datetime, **options: Any) -> Page:
    """A page of this user whose clock is that of the server."""
    page = open_page(**options)
    page.context.clock.install(time=now)
    return let_in(page, user, live_server.url)


def sign_in_as(page: Page, name: str, *, towards: str = "/famille/") -> None:
    """Sign in by the form with one of the accounts of the sample families."""
    page.goto(f"/compte/connexion/?next={towards}")
    page.get_by_role("main").locator("input[name=login]").fill(name)
    page.get_by_role("main").locator("input[name=password]").fill(f"{name}-demo-2026")
    press(page, "Me connecter")
    page.wait_for_url(f"**{towards}")


def press(page: Page, name: str) -> None:
    """Press a button of the page itself, not of its header."""
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def choose(select: Locator, words: str) -> None:
    """Choose the first option that contains these words."""
    labels = [" ".join(each.split()) for each in select.locator("option").all_text_contents()]
    select.select_option(index=next(rank for rank, label in enumerate(labels) if words in label))


def settled(page: Page) -> None:
    """Wait until the page has its answer: somebody who reads before going on."""
    expect(page.locator(".htmx-request")).to_have_count(0)


def tick(page: Page, child: Child, unit: Unit, day: date) -> None:
    """Touch a cell of the planning being edited; on a phone its week is chosen first."""
    if page.viewport_size is not None and page.viewport_size["width"] < 700:
        jump = page.locator(f'.week-jump a[href="#s{day.isocalendar().week}"]')
        if jump.count():
            jump.click()
    page.locator(f'label.cell:has(input[value="{child.pk}.{unit.pk}.{day.isoformat()}"])').click()
    settled(page)
