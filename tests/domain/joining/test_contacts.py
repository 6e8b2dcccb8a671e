"""First contacts: nobody reads them before the mailbox answers, an agent decides once."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from portal.domain.accounts.enums import InvitedBy
from portal.domain.accounts.models import EntrySettings
from portal.domain.accounts.purges import run_purges
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Child, ChildLink, Family, FamilyMember
from portal.domain.joining.contacts import (
    ContactDecided,
    ContactRefused,
    accept_first_contact,
    answer_first_contact,
    ask_first_contact_again,
    confirm_first_contact,
    find_lookalikes,
    refuse_first_contact,
)
from portal.domain.joining.enums import ContactState
from portal.domain.joining.models import FirstContact, Invitation
from portal.domain.joining.privacy import UNCONFIRMED_KEPT
from portal.domain.mails.models import OutgoingMail
from portal.domain.privacy.registry import retentions
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.joining.factories import HOUSEHOLD, NOON, confirmed, last_link, submitted

pytestmark = pytest.mark.django_db

ROBIN_BIRTH = date(2022, 4, 3)


@pytest.mark.exigence("A4")
def test_an_agent_sees_a_first_contact_only_once_its_mailbox_answered() -> None:
    contact = submitted()
    assert not FirstContact.objects.awaiting().exists()
    token = last_link("premiere-demande/confirmer")

    with pytest.raises(ContactRefused):
        confirm_first_contact(token=token, at=NOON + timedelta(hours=48))
    with pytest.raises(ContactRefused):
        confirm_first_contact(token="6a9c1234.autre", at=NOON)
    confirm_first_contact(token=token, at=NOON)

    assert FirstContact.objects.awaiting().get() == contact
    with pytest.raises(ContactRefused):
        confirm_first_contact(token=token, at=NOON)


def test_the_same_form_sent_twice_is_one_contact_and_one_mail() -> None:
    key = uuid4()
    submitted(key=key)
    submitted(key=key)

    assert FirstContact.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.exigence("A4", "A23")
def test_accepting_opens_a_dossier_with_the_next_number_and_invites() -> None:
    FamilyFactory.create(number="0412")
    FamilyFactory.create(number="6001")
    agent = UserFactory.create(agent=True)
    contact = confirmed()

    family = accept_first_contact(contact=contact.pk, by=agent, at=NOON)

    assert family.number == "6002"
    assert (family.name, family.contact_email, family.postcode) == ("Quentrec", "salome@famille.example", "39220")
    assert FamilyMember.objects.get(family=family).role == AdultRole.HOLDER
    assert ChildLink.objects.get(family=family).child.first_name == "Robin"
    invitation = Invitation.objects.get()
    assert (invitation.origin, invitation.email) == (InvitedBy.FIRST_CONTACT, "salome@famille.example")
    assert Procedure.objects.get(family=family).title == "Première demande"
    with pytest.raises(ContactDecided) as decided:
        accept_first_contact(contact=contact.pk, by=agent, at=NOON)
    assert decided.value.contact.decided_by == agent
    assert Family.objects.count() == 3


def test_lookalikes_share_a_mailbox_or_a_child() -> None:
    twin = ChildLinkFactory.create(
        family__number="5001",
        child__first_name="ROBIN",
        child__last_name="Quentrec",
        child__birth_date=ROBIN_BIRTH,
    ).family
    same_mail = MemberFactory.create(family__number="5002", adult__email="Salome@famille.example").family
    FamilyFactory.create(number="5003")
    ChildLinkFactory.create(
        family__number="5004", child__first_name="Robin", child__last_name="Autre", child__birth_date=ROBIN_BIRTH
    )

    assert [like.family for like in find_lookalikes(contact=confirmed())] == [twin, same_mail]


def test_attaching_recognises_who_is_there() -> None:
    link = ChildLinkFactory.create(
        family__number="5001",
        child__first_name="Robin",
        child__last_name="Quentrec",
        child__birth_date=ROBIN_BIRTH,
    )
    salome = MemberFactory.create(family=link.family, adult__first_name="Salomé", adult__last_name="Quentrec")
    agent = UserFactory.create(agent=True)

    family = accept_first_contact(contact=confirmed().pk, by=agent, at=NOON, attach_to=link.family)

    assert family == link.family
    assert Child.objects.count() == 1
    assert Invitation.objects.get().adult == salome.adult
    assert Family.objects.count() == 1


def test_a_refusal_is_mailed_with_its_reason_and_is_the_last_word() -> None:
    agent = UserFactory.create(agent=True)
    contact = confirmed()

    refuse_first_contact(contact=contact.pk, reason="Vous habitez une autre commune.", by=agent, at=NOON)

    assert "Vous habitez une autre commune." in OutgoingMail.objects.latest("pk").text
    for verb in (refuse_first_contact, ask_first_contact_again):
        with pytest.raises(ContactDecided):
            verb(
                contact=contact.pk, by=agent, at=NOON, **{"reason" if verb is refuse_first_contact else "message": "x"}
            )
    assert not Family.objects.exists()


def test_a_question_is_answered_behind_its_link_and_comes_back_to_the_agents() -> None:
    agent = UserFactory.create(agent=True)
    contact = confirmed()
    ask_first_contact_again(contact=contact.pk, message="Quelle école ?", by=agent, at=NOON)
    assert not FirstContact.objects.awaiting().exists()

    token = last_link("premiere-demande/repondre")
    answer_first_contact(token=token, answer="Celle du centre.", at=NOON)

    assert FirstContact.objects.awaiting().get().answer == "Celle du centre."
    with pytest.raises(ContactRefused):
        answer_first_contact(token=token, answer="Une autre.", at=NOON)


def test_a_commune_may_close_this_way() -> None:
    EntrySettings.objects.create(pk=1, first_contact=False)
    with pytest.raises(ContactRefused):
        submitted()
    assert HOUSEHOLD.email not in str(OutgoingMail.objects.values())


def test_what_nobody_confirmed_goes_with_the_hourly_purge_and_the_rest_after_a_year() -> None:
    kept, lapsed = confirmed(), submitted()
    run_purges(at=lapsed.confirm_until + UNCONFIRMED_KEPT)
    assert FirstContact.objects.get() == kept

    rule = next(each for each in retentions() if each.code == "first_contacts")
    assert rule.days == 365
    old = (NOON + timedelta(days=365)).date()
    assert [each.key for each in rule.find(old, 10)] == [kept.pk]
    assert rule.erase([kept.pk], UserFactory.create(agent=True), NOON) == 1
    assert not FirstContact.objects.filter(state=ContactState.WAITING).exists()
