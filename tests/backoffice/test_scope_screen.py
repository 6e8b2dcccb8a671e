"""« Périmètre des agents »: read and changed by the administration, without script, refusals with what was ticked."""

import pytest
from django.test import Client

from portal.backoffice.roles import Role
from portal.domain.scope.models import AgentLimit
from tests.backoffice.desk import is_refused, make_agent, said, sign_in, words
from tests.backoffice.test_screens_access import menu_of
from tests.domain.activities.factories import StructureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B43")]

LIST = "/gestion/perimetres/"


def test_the_administration_limits_and_frees_an_agent(client: Client) -> None:
    sign_in(client)
    agent, here = make_agent(Role.MANAGEMENT, first_name="Ana", last_name="Roy"), StructureFactory(name="Le Bourg")
    assert "Ana Roygestiontoute la commune" in " ".join(words(client.get(LIST)).split())
    page = f"{LIST}{agent.pk}/"
    wrong = client.post(page, {"reach": "structures"})
    assert wrong.status_code == 422
    assert "Cochez au moins une structure" in words(wrong)
    assert "Une de ces structures" in words(client.post(page, {"reach": "structures", "structures": [10**6]}))
    saved = client.post(page, {"reach": "structures", "structures": [here.pk]})
    assert said(saved) == "Le périmètre est enregistré."
    assert [limit.structure for limit in AgentLimit.objects.filter(agent=agent)] == [here]
    assert "Ana RoygestionLe Bourg" in " ".join(words(client.get(LIST)).split())
    assert client.get(page).context["form"].initial == {"reach": "structures", "structures": [here.pk]}
    assert said(client.post(page, {"reach": "commune", "structures": [here.pk]})) == "Le périmètre est enregistré."
    assert not AgentLimit.objects.exists()
    assert "Périmètre des agents" in menu_of(client)


def test_nobody_changes_their_own_nor_that_of_the_administration(client: Client) -> None:
    me, here = sign_in(client), StructureFactory()
    for other in (me, make_agent()):
        page = client.get(f"{LIST}{other.pk}/")
        assert page.status_code == 200
        assert b'name="reach"' not in page.content
        refused = client.post(f"{LIST}{other.pk}/", {"reach": "structures", "structures": [here.pk]})
        assert refused.status_code == 422
    assert not AgentLimit.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_no_role_opens_it(client: Client, role: Role) -> None:
    agent = sign_in(client, role)
    for page in (LIST, f"{LIST}{agent.pk}/"):
        assert is_refused(client.get(page))
    assert is_refused(client.post(f"{LIST}{agent.pk}/", {"reach": "commune"}))
    assert "Périmètre des agents" not in menu_of(client)
