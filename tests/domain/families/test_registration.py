"""The form: three facts, one mail, and what nobody learns."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import Activation, TermsAcceptance, User
from portal.domain.accounts.services import ActivationRefused, purge_unactivated_accounts
from portal.domain.audit.models import AuditEntry
from portal.domain.families.models import Adult, Family, Registration
from portal.domain.families.registration import (
    DossierClaim,
    RegistrationRefused,
    activate_parent,
    check_claim,
    resend_activation,
)
from portal.domain.families.services import (
    Joining,
)
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, TermsVersionFactory, UserFactory
from tests.domain.families.factories import (
    FamilyFactory,
)
from tests.domain.families.parents import (
    CLAIM,
    CONTACT,
    ELSEWHERE,
    NOON,
    activate,
    last_token,
    mailed,
    register,
    vuillet,
)
from tests.harness.races import run_together, successes

pytestmark = pytest.mark.django_db


@pytest.fixture
def family() -> Family:
    return vuillet()


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
        # The town's way in, the dossier, its members.
        with django_assert_num_queries(3):
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
