"""Accounts that wait, open, lapse; terms that are accepted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.test import override_settings

from portal.domain.accounts import tasks
from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import Activation, TermsAcceptance, User
from portal.domain.accounts.queries import (
    LinkState,
    find_pending,
    find_user,
    find_user_by_email,
    latest_terms,
    read_activation_link,
    terms_to_accept,
)
from portal.domain.accounts.services import (
    ActivationRefused,
    PendingAccount,
    WrongPassword,
    accept_terms,
    activate_account,
    create_pending_account,
    erase_pending_account,
    free_username,
    purge_unactivated_accounts,
    renew_activation,
)
from portal.domain.audit.services import record
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, TermsVersionFactory, UserFactory
from tests.harness.races import run_together

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


def ask(**changes: Any) -> PendingAccount:
    values: dict[str, Any] = {
        "username": "claire",
        "email": "Claire@Famille.Example",
        "password_hash": make_password(PASSWORD),
        "first_name": "Claire",
        "last_name": "Vuillet",
        "origin": AccountOrigin.SELF,
        "valid_for": DAY,
        "at": NOON,
    }
    return create_pending_account(**values | changes)


@pytest.mark.exigence("A18", "A20")
def test_a_new_account_waits_for_its_link() -> None:
    pending = ask()
    assert pending.user.is_active is False
    assert pending.user.email == "claire@famille.example"
    assert pending.expires_at == NOON + DAY
    assert pending.token not in Activation.objects.get().token_digest
    assert find_pending(email="CLAIRE@famille.example", at=NOON + DAY - SECOND) == pending.user
    assert find_pending(email="claire@famille.example", at=NOON + DAY) is None


def test_a_taken_user_name_gets_a_number_and_an_empty_one_comes_from_the_address() -> None:
    UserFactory.create(username="claire", email="a@famille.example")
    assert ask().user.username == "claire2"
    assert ask(username="", email="marc.vuillet@famille.example").user.username == "marc.vuillet"
    assert ask(username="CLAIRE", email="b@famille.example").user.username == "claire3"


def test_namesakes_never_run_out() -> None:
    for number in ["", *range(2, 100)]:
        UserFactory.create(username=f"claire{number}")
    assert free_username(wanted="claire") not in set(User.objects.values_list("username", flat=True))


def test_one_address_one_account() -> None:
    ask()
    with pytest.raises(IntegrityError, match="user_email_unique_ci"):
        ask(username="autre", email="CLAIRE@famille.example")


@pytest.mark.exigence("A20", "A25", "A30")
def test_the_link_and_the_password_open_the_account() -> None:
    pending = ask()
    user = activate_account(token=pending.token, password=PASSWORD, at=NOON + DAY - SECOND)
    assert user.is_active
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("claire@famille.example", True, True)
    assert read_activation_link(token=pending.token, at=NOON).state == LinkState.USED


def test_a_link_without_the_password_opens_nothing() -> None:
    pending = ask()
    with pytest.raises(WrongPassword):
        activate_account(token=pending.token, password="quatre marmottes au soleil", at=NOON)
    assert not User.objects.get(pk=pending.user.pk).is_active
    assert read_activation_link(token=pending.token, at=NOON).state == LinkState.VALID


@pytest.mark.exigence("A20", "A21")
def test_a_link_lapses_at_its_very_instant_and_says_so_even_once_the_account_is_gone() -> None:
    pending = ask()
    with pytest.raises(ActivationRefused) as refused:
        activate_account(token=pending.token, password=PASSWORD, at=NOON + DAY)
    assert refused.value.state == LinkState.EXPIRED
    assert purge_unactivated_accounts(at=NOON + DAY) == 1
    link = read_activation_link(token=pending.token, at=NOON + DAY)
    assert (link.state, link.expires_at, link.username) == (LinkState.EXPIRED, NOON + DAY, "")


def test_a_link_serves_once() -> None:
    pending = ask()
    activate_account(token=pending.token, password=PASSWORD, at=NOON)
    with pytest.raises(ActivationRefused) as refused:
        activate_account(token=pending.token, password=PASSWORD, at=NOON)
    assert refused.value.state == LinkState.USED


@pytest.mark.parametrize("token", ["", "inconnu", "6a9c1234.inconnu", "\x00", "é" * 300])
def test_an_unknown_link_opens_nothing(token: str) -> None:
    ask()
    with pytest.raises(ActivationRefused) as refused:
        activate_account(token=token, password=PASSWORD, at=NOON)
    assert refused.value.state in {LinkState.UNKNOWN, LinkState.EXPIRED}


@pytest.mark.exigence("A19")
def test_a_new_link_replaces_the_former() -> None:
    pending = ask()
    renewed = renew_activation(user=pending.user, valid_for=DAY, at=NOON + timedelta(hours=5))
    assert renewed is not None
    assert renewed.expires_at == NOON + timedelta(hours=29)
    assert read_activation_link(token=pending.token, at=NOON).state == LinkState.UNKNOWN
    assert activate_account(token=renewed.token, password=PASSWORD, at=NOON + timedelta(hours=28)).is_active


def test_a_lapsed_or_open_account_gets_no_new_link() -> None:
    pending = ask()
    assert renew_activation(user=pending.user, valid_for=DAY, at=NOON + DAY) is None
    activate_account(token=pending.token, password=PASSWORD, at=NOON)
    assert renew_activation(user=pending.user, valid_for=DAY, at=NOON) is None


@pytest.mark.exigence("A21", "A22")
def test_the_purge_erases_lapsed_accounts_and_frees_their_address_and_name() -> None:
    pending = ask()
    version = TermsVersionFactory.create()
    accept_terms(version=version, by=pending.user, at=NOON)
    assert purge_unactivated_accounts(at=NOON + DAY - SECOND) == 0
    assert purge_unactivated_accounts(at=NOON + DAY) == 1
    assert not TermsAcceptance.objects.exists()
    again = ask(at=NOON + DAY)
    assert again.user.username == "claire"


@pytest.mark.exigence("A24")
def test_the_delay_depends_on_who_made_the_account() -> None:
    ask(origin=AccountOrigin.STAFF, valid_for=timedelta(hours=96))
    assert purge_unactivated_accounts(at=NOON + timedelta(hours=95)) == 0
    assert purge_unactivated_accounts(at=NOON + timedelta(hours=96)) == 1


def test_the_purge_leaves_open_and_closed_accounts_alone() -> None:
    opened = ask()
    activate_account(token=opened.token, password=PASSWORD, at=NOON)
    User.objects.filter(pk=opened.user.pk).update(is_active=False)
    UserFactory.create(is_active=False)
    assert purge_unactivated_accounts(at=NOON + timedelta(days=365)) == 0
    assert User.objects.count() == 2


def test_an_account_that_something_holds_does_not_stop_the_purge() -> None:
    held, free = ask(), ask(username="marc", email="marc@famille.example")
    record(verb="change", target=held.user, by=held.user, at=NOON)
    assert purge_unactivated_accounts(at=NOON + DAY) == 1
    assert not User.objects.filter(pk=free.user.pk).exists()


def test_the_purge_goes_by_batches() -> None:
    ActivationFactory.create_batch(3)
    at = NOON + DAY
    assert [purge_unactivated_accounts(at=at, limit=2) for _ in range(3)] == [2, 1, 0]


def test_the_hourly_task_purges() -> None:
    ActivationFactory.create(sent_at=datetime(2020, 1, 1, tzinfo=UTC))
    tasks.purge_unactivated()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
def test_a_link_followed_twice_at_once_opens_once() -> None:
    pending = ask()

    def follow() -> User:
        return activate_account(token=pending.token, password=PASSWORD, at=NOON)

    results = run_together(*[follow] * 4)
    assert len([result for result in results if isinstance(result, User)]) == 1
    assert len([result for result in results if isinstance(result, ActivationRefused)]) == 3
    assert EmailAddress.objects.count() == 1


def test_only_a_waiting_account_is_erased() -> None:
    with pytest.raises(ValueError, match="waits"):
        erase_pending_account(user=UserFactory.create())


@pytest.mark.exigence("L1")
@pytest.mark.parametrize("login", ["claire", "CLAIRE", " claire ", "claire@famille.example", "Claire@FAMILLE.example"])
def test_an_account_is_found_by_name_or_address_whatever_the_case(login: str) -> None:
    user = UserFactory.create(username="claire", email="claire@famille.example")
    UserFactory.create(username="sans-adresse", email="")
    assert find_user(login=login) == user


def test_nobody_is_found_by_nothing() -> None:
    UserFactory.create(username="sans-adresse", email="")
    assert find_user(login="") is None
    assert find_user(login="inconnu@famille.example") is None
    assert find_user_by_email(email="") is None


def test_an_address_wins_over_a_name_written_alike() -> None:
    UserFactory.create(username="claire@famille.example", email="autre@famille.example")
    owner = UserFactory.create(username="claire", email="claire@famille.example")
    assert find_user(login="claire@famille.example") == owner


def test_looking_for_an_account_costs_one_query_whether_it_exists_or_not(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    UserFactory.create(username="claire", email="claire@famille.example")
    for login in ("claire", "claire@famille.example", "inconnu", "inconnu@famille.example"):
        with django_assert_num_queries(1):
            find_user(login=login)


@pytest.mark.exigence("A14", "A15", "A16")
def test_the_latest_published_terms_are_to_be_accepted_once() -> None:
    user = UserFactory.create()
    assert terms_to_accept(user=user, at=NOON) is None
    first = TermsVersionFactory.create(number=1)
    assert terms_to_accept(user=user, at=NOON) == first
    accept_terms(version=first, by=user, at=NOON)
    again = accept_terms(version=first, by=user, at=NOON + DAY)
    assert again.accepted_at == NOON
    assert terms_to_accept(user=user, at=NOON) is None
    second = TermsVersionFactory.create(number=2, published_at=NOON + DAY)
    assert latest_terms(at=NOON) == first
    assert terms_to_accept(user=user, at=NOON) is None
    assert terms_to_accept(user=user, at=NOON + DAY) == second
    assert terms_to_accept(user=UserFactory.create(), at=NOON) == first


def test_an_accepted_version_is_kept() -> None:
    user, version = UserFactory.create(), TermsVersionFactory.create()
    accept_terms(version=version, by=user, at=NOON)
    with pytest.raises(IntegrityError):
        version.delete()


def test_the_gate_costs_one_query(django_assert_num_queries: Callable[[int], Any]) -> None:
    user = UserFactory.create()
    TermsVersionFactory.create_batch(3)
    with django_assert_num_queries(1):
        terms_to_accept(user=user, at=NOON)
