"""The administration limits an agent, who then finds nobody of elsewhere: on a telephone, without script."""

import pytest
from playwright.sync_api import expect

from portal.backoffice.roles import Role
from tests.backoffice.desk import make_agent
from tests.domain.activities.factories import ActivityFactory, StructureFactory
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.families.factories import ChildLinkFactory
from tests.e2e.test_desk import sign_in
from tests.harness.browser import PHONE, PageFactory, nothing_scrolls_sideways

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("B43")]


def test_an_agent_is_limited_and_finds_nobody_of_elsewhere(transactional_db: None, open_page: PageFactory) -> None:
    for name, number in (("Le Bourg", "4127"), ("La Gare", "5236")):
        link = ChildLinkFactory(family__number=number)
        activity = ActivityFactory(structure=StructureFactory(name=name))
        EnrolmentFactory(child=link.child, family=link.family, activity=activity)
    make_agent(username="alix", first_name="Alix")
    make_agent(Role.MANAGEMENT, username="nadia", first_name="Nadia", last_name="Perrin")

    boss = open_page(width=PHONE, javascript=False)
    sign_in(boss, "alix", "/gestion/perimetres/")
    nothing_scrolls_sideways(boss)
    boss.get_by_role("link", name="Nadia Perrin").click()
    boss.get_by_label("seulement les structures cochées").check()
    boss.get_by_role("button", name="Enregistrer").click()
    expect(boss.get_by_text("Cochez au moins une structure")).to_be_visible()
    boss.get_by_label("Le Bourg").check()
    nothing_scrolls_sideways(boss)
    boss.get_by_role("button", name="Enregistrer").click()
    expect(boss.get_by_role("row", name="Nadia Perrin")).to_contain_text("Le Bourg")

    agent = open_page(width=PHONE, javascript=False)
    sign_in(agent, "nadia", "/gestion/familles/chercher/?q=vuillet")
    expect(agent.get_by_text("4127")).to_be_visible()
    expect(agent.get_by_text("5236")).to_have_count(0)
    assert agent.goto("/gestion/familles/5236/").status == 404  # type: ignore[union-attr]  # the page answers
