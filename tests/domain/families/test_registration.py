"""From the form to the dossier: who gets in, who does not, and what nobody learns."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import Activation, TermsAcceptance, User
from portal.domain.accounts.services import ActivationRefused, WrongPassword, purge_unactivated_accounts
from portal.domain.audit.models import AuditEntry
from portal.domain.families.access import Right, find_family, may
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Child, Family, FamilyMember, Registration
from portal.domain.families.queries import read_joining_request
from portal.domain.families.registration import (
    Applicant,
    DossierClaim,
    RegistrationRefused,
    Welcome,
    activate_parent,
    check_claim,
    register_parent,
    resend_activation,
)
from portal.domain.families.services import (
    ConfirmationRefused,
    Joining,
    ask_contact_again,
    confirm_joining,
    decline_joining,
)
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, TermsVersionFactory, UserFactory
from tests.domain.families.factories import (
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
)
from tests.harness.races import run_together, successes

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)
CONTACT = "claire@famille.example"
ELSEWHERE = "claire.pro@travail.example"
CLAIM = DossierClaim(number="4127", name="Vuillet", contact_email=CONTACT)

pytestmark = pytest.mark.django_db


@pytest.fixture
def family() -> Family:
    """The dossier 4127 of Claire Vuillet and Marc Martin; the contact address is Claire's."""
    family = FamilyFactory.create(number="4127", name="Vuillet", contact_email=CONTACT)
    MemberFactory.create(family=family, adult__first_name="Claire", adult__last_name="Vuillet", adult__email=CONTACT)
    MemberFactory.create(
        family=family,
        adult__first_name="Marc",
        adult__last_name="Martin",
        adult__email="marc@famille.example",
        parent=True,
    )
    ChildLinkFactory.create(family=family)
    return family


def register(
    *,
    email: str = CONTACT,
    first_name: str = "Claire",
    last_name: str = "Vuillet",
    claim: DossierClaim = CLAIM,
    key: UUID | None = None,
    at: datetime = NOON,
    **changes: Any,
) -> None:
    register_parent(
        key=key or uuid4(),
        applicant=Applicant(
            first_name=first_name,
            last_name=last_name,
            email=email,
            password_hash=make_password(PASSWORD),
            username=changes.get("username", ""),
            phone=changes.get("phone", "06 39 98 12 34"),
        ),
        claim=claim,
        terms=changes.get("terms"),
        accepted_at=at,
        at=at,
    )


def last_token() -> str:
    """The token of the last link that left."""
    text = OutgoingMail.objects.order_by("-pk").first().text  # type: ignore[union-attr]  # a mail was sent
    return re.findall(r"/compte/(?:activation|rattachement)/([^/\s]+)/", text)[0]


def activate(at: datetime = NOON) -> Welcome:
    return activate_parent(token=last_token(), password=PASSWORD, at=at)


def mailed() -> list[tuple[str, str]]:
    """To whom, and about what, in order."""
    return [(mail.recipient, mail.subject.partition(" – ")[0]) for mail in OutgoingMail.objects.order_by("pk")]


# -- the three facts ----------------------------------------------------------------------


@pytest.mark.exigence("A8", "A10")
@pytest.mark.parametrize(
    "claim",
    [
        CLAIM,
        DossierClaim("4127", "VUILLET", "CLAIRE@Famille.example "),
        DossierClaim("n° 4127", "martin", CONTACT),
        DossierClaim("4127", "Claire Vuillet", "marc@famille.example"),
        DossierClaim("4127", "VUILLET Claire", CONTACT),
    ],
)
def test_three_right_facts_are_right_however_written(family: Family, claim: DossierClaim) -> None:
    assert check_claim(claim=claim) is None


@pytest.mark.exigence("A10", "A11")
@pytest.mark.parametrize(
    "claim",
    [
        DossierClaim("4128", "Vuillet", CONTACT),
        DossierClaim("4127", "Vuillot", CONTACT),
        DossierClaim("4127", "", CONTACT),
        DossierClaim("4127", "Vuillet", "autre@famille.example"),
        DossierClaim("4127", "Vuillet", ""),
        DossierClaim("", "", ""),
        DossierClaim("9999", "Durand", "durand@famille.example"),
        DossierClaim("5200", "Vuillet", CONTACT),
    ],
)
def test_one_wrong_fact_and_the_refusal_is_always_the_same(family: Family, claim: DossierClaim) -> None:
    FamilyFactory.create(number="5200", name="Durand", contact_email="durand@famille.example")
    refusal = check_claim(claim=claim)
    assert refusal is not None
    assert refusal == check_claim(claim=DossierClaim("000", "x", "x@famille.example"))
    assert refusal.rule == Rule.UNKNOWN


def test_a_dossier_without_address_opens_to_no_empty_address(family: Family) -> None:
    Family.objects.update(contact_email="")
    Adult.objects.update(email="")
    assert check_claim(claim=DossierClaim("4127", "Vuillet", "")) is not None


@pytest.mark.exigence("A8")
def test_a_known_and_an_unknown_dossier_cost_the_same_queries(
    family: Family, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for claim in (CLAIM, DossierClaim("4127", "x", "y@z.example"), DossierClaim("999", "x", "y@z.example")):
        with django_assert_num_queries(2):
            check_claim(claim=claim)


# -- the form -----------------------------------------------------------------------------


@pytest.mark.exigence("A18", "A31")
def test_the_form_makes_a_waiting_account_and_one_mail_with_its_own_subject(family: Family) -> None:
    terms = TermsVersionFactory.create()
    register(terms=terms, username="claire")
    user = User.objects.get(username="claire")
    assert (user.is_active, user.origin) == (False, AccountOrigin.SELF)
    assert user.check_password(PASSWORD)
    assert TermsAcceptance.objects.get().version == terms
    assert mailed() == [(CONTACT, "Activez votre compte")]
    mail = OutgoingMail.objects.get()
    assert "mot de passe perdu" not in (mail.subject + mail.text + mail.html).lower()
    assert PASSWORD not in mail.text + mail.html
    assert "mardi 8 septembre 2026 à 12\u00a0h" in mail.text.replace("8\u00a0sept", "8 sept")
    assert Adult.objects.filter(user__isnull=False).count() == 0


@pytest.mark.exigence("A21")
def test_a_lapsed_form_is_done_again_with_the_same_address(family: Family) -> None:
    register()
    assert purge_unactivated_accounts(at=NOON + timedelta(hours=24)) == 1
    assert not Registration.objects.exists()
    register(at=NOON + timedelta(hours=25))
    assert activate(NOON + timedelta(hours=26)).joining == Joining.JOINED


def test_the_same_form_sent_twice_is_taken_once(family: Family) -> None:
    key = uuid4()
    register(key=key)
    register(key=key)
    assert mailed() == [(CONTACT, "Activez votre compte")]
    assert activate().joining == Joining.JOINED


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_the_same_form_sent_twice_at_once_is_taken_once(family: Family) -> None:
    key = uuid4()
    results = run_together(*[lambda: register(key=key)] * 3)
    assert len(successes(results)) == 3
    assert User.objects.filter(origin=AccountOrigin.SELF).count() == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_dossiers_asking_for_one_address_at_once_make_one_account(family: Family) -> None:
    FamilyFactory.create(number="5200", name="Durand", contact_email="durand@famille.example")
    other = DossierClaim("5200", "Durand", "durand@famille.example")
    results = run_together(
        lambda: register(email=ELSEWHERE), lambda: register(email=ELSEWHERE, claim=other, last_name="Durand")
    )
    assert len(successes(results)) == 2
    assert User.objects.filter(email=ELSEWHERE).count() == 1
    assert Activation.objects.count() == 1


def test_a_second_form_replaces_the_first_while_it_waits(family: Family) -> None:
    register()
    first = last_token()
    register()
    assert User.objects.filter(email=CONTACT).count() == 1
    with pytest.raises(ActivationRefused):
        activate_parent(token=first, password=PASSWORD, at=NOON)
    assert activate().joining == Joining.JOINED


def test_an_address_that_has_an_account_gets_a_mail_that_says_so(family: Family) -> None:
    owner = UserFactory.create(username="marie", email=ELSEWHERE)
    register(email="Claire.Pro@travail.example")
    assert User.objects.filter(is_active=False).count() == 0
    assert mailed() == [(ELSEWHERE, "Vous avez déjà un compte")]
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_an_account_made_by_the_service_is_not_replaced_by_a_form(family: Family) -> None:
    invited = ActivationFactory.create(user__email=ELSEWHERE, user__origin=AccountOrigin.STAFF).user
    register(email=ELSEWHERE)
    assert User.objects.filter(pk=invited.pk).exists()
    assert mailed() == [(ELSEWHERE, "Vous avez déjà un compte")]


def test_the_person_of_the_dossier_who_has_an_account_is_told_at_the_contact_address(family: Family) -> None:
    Adult.objects.filter(first_name="Claire").update(user=UserFactory.create())
    key = uuid4()
    register(email=ELSEWHERE, key=key)
    register(email=ELSEWHERE, key=key)
    assert mailed() == [(CONTACT, "Vous avez déjà un compte")]
    assert not Activation.objects.exists()


def test_facts_that_changed_since_step_two_are_refused(family: Family) -> None:
    Family.objects.update(number="4128")
    with pytest.raises(RegistrationRefused) as refused:
        register()
    assert refused.value.refusal.rule == Rule.UNKNOWN
    assert not User.objects.filter(origin=AccountOrigin.SELF).exists()


@pytest.mark.exigence("A14")
def test_terms_that_changed_since_step_three_are_refused(family: Family) -> None:
    read = TermsVersionFactory.create(number=1)
    TermsVersionFactory.create(number=2)
    with pytest.raises(RegistrationRefused) as refused:
        register(terms=read)
    assert refused.value.refusal.rule == Rule.CHANGED_MEANWHILE


def test_the_journal_names_the_system_until_somebody_is_known(family: Family) -> None:
    register()
    entry = AuditEntry.objects.get(verb="register_parent")
    assert entry.by == User.objects.system()
    assert entry.after == {}
    activate()
    assert AuditEntry.objects.get(verb="join_family").by.email == CONTACT


# -- into the dossier ---------------------------------------------------------------------


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
        family=family, adult__first_name="Odile", adult__last_name="Prost", adult__email="odile@famille.example", relative=True
    )
    register(email=ELSEWHERE, first_name="Ines", claim=DossierClaim("4127", "Prost", "odile@famille.example"))
    assert activate().joining == Joining.AWAITS_CONTACT
    assert mailed()[-1][0] == CONTACT


def test_a_relative_enters_as_themselves_with_their_own_rights_only(family: Family) -> None:
    MemberFactory.create(
        family=family, adult__first_name="Odile", adult__last_name="Prost", adult__email="odile@famille.example", relative=True
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
        family=family, adult__first_name="Odile", adult__last_name="Prost", adult__email="odile@famille.example", relative=True
    )
    register(email="odile@famille.example", first_name="Sofia", last_name="Ferrand")
    assert activate().joining == Joining.AWAITS_CONTACT


def test_a_dossier_without_any_trusted_address_is_opened_by_the_service(family: Family) -> None:
    MemberFactory.create(
        family=family, adult__first_name="Odile", adult__last_name="Prost", adult__email="odile@famille.example", relative=True
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


# -- the link again -----------------------------------------------------------------------


@pytest.mark.exigence("A19", "A22")
def test_the_link_is_sent_again_to_who_waits_and_to_nobody_else(family: Family) -> None:
    UserFactory.create(email="ouvert@famille.example")
    register()
    first = last_token()
    for email in ("inconnu@famille.example", "ouvert@famille.example", ""):
        resend_activation(email=email, at=NOON)
    assert len(mailed()) == 1
    resend_activation(email="CLAIRE@famille.example", at=NOON + timedelta(hours=1))
    assert mailed()[-1] == (CONTACT, "Activez votre compte")
    assert last_token() != first
    assert activate(NOON + timedelta(hours=24, minutes=30)).joining == Joining.JOINED


@pytest.mark.exigence("A21")
def test_a_lapsed_account_gets_no_new_link(family: Family) -> None:
    register()
    resend_activation(email=CONTACT, at=NOON + timedelta(hours=24))
    assert len(mailed()) == 1


def test_an_account_made_by_the_service_is_invited_again_by_the_service_only(family: Family) -> None:
    ActivationFactory.create(user__email=ELSEWHERE, user__origin=AccountOrigin.STAFF)
    resend_activation(email=ELSEWHERE, at=NOON)
    assert mailed() == []


def test_a_contact_link_has_an_end(family: Family) -> None:
    with pytest.raises(IntegrityError, match="registration_confirmation_has_an_end"):
        Registration.objects.create(
            user=UserFactory.create(), family=family, contact_email=CONTACT, asked_at=NOON, confirm_digest="x"
        )


def test_mails_hold_no_data_of_the_dossier(family: Family) -> None:
    register(email=ELSEWHERE)
    activate()
    for mail in OutgoingMail.objects.all():
        for word in ("Hugo", "Essais", "4127"):
            assert word not in mail.subject + mail.text + mail.html


