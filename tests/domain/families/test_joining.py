"""From an open account to an open dossier: who gets in, and by which mailbox."""

import re
from datetime import timedelta

import pytest

from portal.domain.accounts.services import WrongPassword
from portal.domain.audit.models import AuditEntry
from portal.domain.families.access import Right, find_family, may
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Child, Family, FamilyMember, Registration
from portal.domain.families.queries import read_joining_request
from portal.domain.families.registration import (
    DossierClaim,
    activate_parent,
)
from portal.domain.families.services import (
    ConfirmationRefused,
    Joining,
    ask_contact_again,
    confirm_joining,
    decline_joining,
)
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD
from tests.domain.families.factories import (
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
)
from tests.domain.families.parents import CONTACT, ELSEWHERE, NOON, activate, last_token, mailed, register, vuillet
from tests.harness.races import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture
def family() -> Family:
    return vuillet()


@pytest.mark.exigence("A8", "A10")
def test_the_reader_of_the_contact_address_becomes_the_person_the_town_knows(family: Family) -> None:
    register()
    welcome = activate()
    assert welcome.joining == Joining.JOINED
    person = Adult.objects.get(user=welcome.user)
    assert person.first_name == "Claire"
    assert find_family(user=welcome.user) == family
    assert Child.objects.visible_to(welcome.user).count() == 1
    assert Adult.objects.count() == 2
    assert not Registration.objects.exists()


def test_a_first_name_written_otherwise_is_still_the_person_of_that_mailbox(family: Family) -> None:
    register(first_name="Marie-Claire", last_name="Vuillet-Martin")
    assert Adult.objects.get(user=activate().user).first_name == "Claire"
    assert Adult.objects.count() == 2


def test_the_other_parent_gets_an_account_too(family: Family) -> None:
    register()
    activate()
    register(email="marc@famille.example", first_name="Marc", last_name="Martin")
    marc = activate().user
    assert Adult.objects.get(user=marc).first_name == "Marc"
    assert find_family(user=marc) == family


def test_somebody_the_town_does_not_know_enters_by_the_contact_address_with_full_rights(family: Family) -> None:
    register(first_name="Sofia", last_name="Ferrand")
    sofia = activate().user
    member = FamilyMember.objects.get(adult__user=sofia)
    assert (member.role, member.adult.first_name, member.adult.phone) == (AdultRole.PARENT, "Sofia", "06 39 98 12 34")
    assert may(user=sofia, family=family, right=Right.BOOK)
    assert Adult.objects.get(first_name="Claire").user is None


def test_the_first_person_of_an_empty_dossier_is_its_holder() -> None:
    FamilyFactory.create(number="4127", name="Vuillet", contact_email=CONTACT)
    register()
    assert FamilyMember.objects.get(adult__user=activate().user).role == AdultRole.HOLDER


def test_three_facts_without_a_known_mailbox_open_nothing_yet(family: Family) -> None:
    register(email=ELSEWHERE)
    welcome = activate()
    assert welcome.joining == Joining.AWAITS_CONTACT
    assert welcome.user.is_active
    assert find_family(user=welcome.user) is None
    assert not Child.objects.visible_to(welcome.user).exists()
    assert mailed()[-1] == (CONTACT, "Un compte demande à rejoindre votre dossier")


def test_the_contact_address_opens_the_dossier(family: Family) -> None:
    register(email=ELSEWHERE)
    user = activate().user
    token = last_token()
    asked = read_joining_request(token=token, at=NOON)
    assert asked is not None
    assert (asked.applicant, asked.email) == ("Claire Vuillet", ELSEWHERE)
    assert confirm_joining(token=token, at=NOON + timedelta(hours=95)) == Joining.JOINED
    assert find_family(user=user) == family
    assert Adult.objects.get(user=user).email == CONTACT
    with pytest.raises(ConfirmationRefused):
        confirm_joining(token=token, at=NOON)


def test_the_contact_address_may_refuse(family: Family) -> None:
    register(email=ELSEWHERE)
    user = activate().user
    decline_joining(token=last_token(), at=NOON)
    assert find_family(user=user) is None
    assert not Registration.objects.exists()
    assert AuditEntry.objects.filter(verb="decline_joining").exists()


def test_a_contact_link_lapses_and_may_be_asked_again(family: Family) -> None:
    register(email=ELSEWHERE)
    user = activate().user
    first, late = last_token(), NOON + timedelta(hours=96)
    assert read_joining_request(token=first, at=late) is None
    with pytest.raises(ConfirmationRefused):
        confirm_joining(token=first, at=late)
    assert ask_contact_again(by=user, at=late) is True
    assert confirm_joining(token=last_token(), at=late) == Joining.JOINED
    assert ask_contact_again(by=user, at=late) is False


def test_the_link_goes_to_the_dossier_when_the_address_given_may_not_open_it(family: Family) -> None:
    MemberFactory.create(
        family=family,
        adult__first_name="Odile",
        adult__last_name="Prost",
        adult__email="odile@famille.example",
        relative=True,
    )
    register(email=ELSEWHERE, first_name="Ines", claim=DossierClaim("4127", "Prost", "odile@famille.example"))
    assert activate().joining == Joining.AWAITS_CONTACT
    assert mailed()[-1][0] == CONTACT


def test_a_relative_enters_as_themselves_with_their_own_rights_only(family: Family) -> None:
    MemberFactory.create(
        family=family,
        adult__first_name="Odile",
        adult__last_name="Prost",
        adult__email="odile@famille.example",
        relative=True,
    )
    register(
        email="odile@famille.example",
        first_name="Odile",
        last_name="Prost",
        claim=DossierClaim("4127", "Prost", "odile@famille.example"),
    )
    odile = activate().user
    assert find_family(user=odile) == family
    assert not may(user=odile, family=family, right=Right.BOOK)


def test_the_mailbox_of_a_relative_does_not_make_somebody_else_a_parent(family: Family) -> None:
    MemberFactory.create(
        family=family,
        adult__first_name="Odile",
        adult__last_name="Prost",
        adult__email="odile@famille.example",
        relative=True,
    )
    register(email="odile@famille.example", first_name="Sofia", last_name="Ferrand")
    assert activate().joining == Joining.AWAITS_CONTACT


def test_a_dossier_without_any_trusted_address_is_opened_by_the_service(family: Family) -> None:
    MemberFactory.create(
        family=family,
        adult__first_name="Odile",
        adult__last_name="Prost",
        adult__email="odile@famille.example",
        relative=True,
    )
    Family.objects.update(contact_email="")
    Adult.objects.exclude(first_name="Odile").update(email="")
    register(email=ELSEWHERE, claim=DossierClaim("4127", "Prost", "odile@famille.example"))
    assert activate().joining == Joining.AWAITS_CONTACT
    assert [mail for mail in mailed() if "rejoindre" in mail[1]] == []


def test_two_accounts_never_become_the_same_person(family: Family) -> None:
    register()
    first = last_token()
    register(email="claire.bis@famille.example")
    assert activate_parent(token=first, password=PASSWORD, at=NOON).joining == Joining.JOINED
    second = [mail for mail in OutgoingMail.objects.all() if mail.recipient == "claire.bis@famille.example"][-1]
    token = re.findall(r"/compte/activation/([^/\s]+)/", second.text)[0]
    welcome = activate_parent(token=token, password=PASSWORD, at=NOON)
    assert welcome.joining == Joining.ACCOUNT_EXISTS
    assert find_family(user=welcome.user) is None
    assert mailed()[-1] == (CONTACT, "Vous avez déjà un compte")


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_accounts_that_open_at_once_never_become_the_same_person(family: Family) -> None:
    Adult.objects.filter(first_name="Claire").update(email="claire.bis@famille.example")
    tokens = []
    for email in (CONTACT, "claire.bis@famille.example"):
        register(email=email)
        tokens.append(last_token())
    results = run_together(
        *[lambda token=token: activate_parent(token=token, password=PASSWORD, at=NOON).joining for token in tokens]
    )
    assert sorted(results) == [Joining.ACCOUNT_EXISTS, Joining.JOINED]


@pytest.mark.exigence("A8")
def test_a_second_family_sees_nothing(family: Family) -> None:
    other = FamilyFactory.create(number="5200", name="Durand", contact_email="durand@famille.example")
    child = ChildLinkFactory.create(family=other, child=ChildFactory.create(first_name="Lina")).child
    register()
    claire = activate().user
    register(
        email="durand@famille.example",
        first_name="Paul",
        last_name="Durand",
        claim=DossierClaim("5200", "Durand", "durand@famille.example"),
    )
    paul = activate().user
    assert list(Child.objects.visible_to(paul)) == [child]
    assert child not in Child.objects.visible_to(claire)
    assert list(Family.objects.visible_to(claire)) == [family]


def test_a_wrong_password_at_activation_writes_nothing(family: Family) -> None:
    register()
    with pytest.raises(WrongPassword):
        activate_parent(token=last_token(), password="quatre marmottes au soleil", at=NOON)
    assert Registration.objects.exists()
    assert not Adult.objects.filter(user__isnull=False).exists()
