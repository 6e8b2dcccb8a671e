"""What the desk does of the ways in: its queues, its section of a family's file, the profile's section."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.backoffice.desk.areas.entries import ContactForm, FirstContacts, Joinings
from portal.backoffice.desk.registry import AlreadyDecided, Wanted, file_sections, queues
from portal.domain.accounts.models import EntrySettings, User
from portal.domain.families.access import find_family
from portal.domain.families.models import Family, Registration
from portal.domain.families.services import Joining, confirm_joining
from portal.domain.joining.invitations import invite_adult
from portal.domain.joining.models import FirstContact
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import MemberFactory
from tests.domain.families.parents import ELSEWHERE, NOON, activate, last_token, register, vuillet
from tests.domain.joining.factories import NOON as AT
from tests.domain.joining.factories import confirmed, dossier

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 9, 8, 8, tzinfo=UTC)


@pytest.fixture
def agent() -> User:
    return UserFactory.create(agent=True, is_superuser=True)


def test_both_queues_are_on_the_desk() -> None:
    assert {"first_contacts", "joinings"} <= {queue.code for queue in queues()}


def test_an_agent_without_the_permission_sees_nothing() -> None:
    confirmed()
    nobody = UserFactory.create(agent=True)
    queue = FirstContacts()
    assert queue.count(nobody) == 0
    assert queue.waiting(nobody, limit=10) == []
    assert queue.panel(nobody, 1, at=AT) is None


def test_the_panel_says_who_and_offers_the_dossier_that_looks_alike(agent: User) -> None:
    MemberFactory.create(family__number="5002", adult__email="salome@famille.example")
    contact = confirmed()

    panel = FirstContacts().panel(agent, contact.pk, at=AT)

    assert panel is not None
    facts = dict(panel.facts)
    assert facts["Adresse mail, vérifiée"] == "salome@famille.example"
    assert "Robin Quentrec" in facts["Enfant"]
    assert "même adresse mail" in facts["Doublon possible"]
    assert isinstance(panel.form, ContactForm)
    assert len(panel.form.fields["dossier"].choices) == 2  # type: ignore[attr-defined]  # a ChoiceField


def test_a_second_answer_says_who_answered_first(agent: User) -> None:
    contact = confirmed()
    queue = FirstContacts()
    queue.accept(contact.pk, cleaned={"dossier": ""}, by=agent, at=AT)

    with pytest.raises(AlreadyDecided, match=f"Déjà traitée par {agent}"):
        queue.refuse(contact.pk, reason="Non.", by=agent, at=AT)
    with pytest.raises(AlreadyDecided):
        queue.ask_again(contact.pk, message="Et ?", by=agent, at=AT)
    assert Family.objects.count() == 1


def test_the_queue_costs_the_same_for_one_and_for_many(agent: User, django_assert_num_queries: object) -> None:
    confirmed()
    queue = FirstContacts()
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture
        assert len(queue.waiting(agent, limit=50)) == 1
    for _number in range(4):
        confirmed()
    with django_assert_num_queries(1):  # type: ignore[operator]  # a fixture
        assert len(queue.waiting(agent, limit=50)) == 5


@pytest.mark.exigence("A5")
def test_where_an_agent_looks_first_an_account_waits_for_them(agent: User) -> None:
    EntrySettings.objects.create(pk=1, self_creation="approval")
    vuillet()
    register()
    welcome = activate()
    assert welcome.joining == Joining.AWAITS_AGENT
    assert find_family(user=welcome.user) is None
    queue = Joinings()
    wish = Registration.objects.get()
    assert [line.key for line in queue.waiting(agent, limit=10)] == [wish.pk]
    panel = queue.panel(agent, wish.pk, at=LATER)
    assert panel is not None
    assert "Claire Vuillet" in dict(panel.facts)["Adultes du dossier"]

    queue.accept(wish.pk, cleaned={}, by=agent, at=LATER)

    assert find_family(user=welcome.user) == panel.family
    assert Notice.objects.filter(user=welcome.user).exists()
    with pytest.raises(AlreadyDecided):
        queue.accept(wish.pk, cleaned={}, by=agent, at=LATER)


def test_a_refused_account_is_told_why_and_stays_outside(agent: User) -> None:
    EntrySettings.objects.create(pk=1, self_creation="approval")
    vuillet()
    register()
    user = activate().user
    queue = Joinings()
    wish = Registration.objects.get()

    queue.refuse(wish.pk, reason="Le service ne vous connaît pas.", by=agent, at=LATER)

    assert find_family(user=user) is None
    assert "Le service ne vous connaît pas." in OutgoingMail.objects.order_by("-pk")[0].text
    with pytest.raises(AlreadyDecided):
        queue.refuse(wish.pk, reason="Encore.", by=agent, at=LATER)


def test_the_contact_address_comes_before_the_agent(agent: User) -> None:
    """An account whose mailbox the town does not know waits for the contact address, then for the agent."""
    EntrySettings.objects.create(pk=1, self_creation="approval")
    vuillet()
    register(email=ELSEWHERE, first_name="Nadia", last_name="Roy")
    assert activate().joining == Joining.AWAITS_CONTACT
    assert Joinings().count(agent) == 0

    assert confirm_joining(token=last_token(), at=NOON) == Joining.AWAITS_AGENT
    assert Joinings().count(agent) == 1


def test_the_file_of_a_family_says_who_may_enter(agent: User) -> None:
    family, marc, _owner = dossier()
    invite_adult(adult=marc, family=family, by=agent, at=AT)

    section = next(each for each in file_sections(agent, family, AT) if each.title == "Accès au portail")
    facts = dict(section.facts)
    assert facts["Claire Vuillet"] == "a un compte"
    assert facts["Marc Martin"] == "n’a pas de compte"
    assert "valable" in facts["Invitation à marc@famille.example"]
    late = next(
        each for each in file_sections(agent, family, AT + timedelta(days=9)) if each.title == "Accès au portail"
    )
    assert "expirée" in dict(late.facts)["Invitation à marc@famille.example"]


def test_first_contacts_arrive_when_their_address_is_confirmed(agent: User) -> None:
    early = confirmed()
    FirstContact.objects.filter(pk=early.pk).update(asked_at=AT - timedelta(days=3), confirmed_at=AT)
    rows = FirstContacts().lines(agent, Wanted(at=LATER), rank=0)
    assert rows is not None
    (line,) = FirstContacts().waiting(agent, limit=1)
    assert [row[2] for row in rows] == [line.arrived_at] == [AT]
