"""Two windows on one link, two agents on one first contact, two dossiers for one number."""

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.joining import contacts as contacts_module
from portal.domain.joining.contacts import ContactDecided, accept_first_contact
from portal.domain.joining.invitations import LinkRefused, accept_as_new_account, invite_adult
from portal.domain.joining.rules import next_number
from tests.domain.accounts.factories import UserFactory
from tests.domain.joining.factories import MARC, NOON, confirmed, dossier, last_link
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_eight_windows_on_one_link_make_one_account(transactional_db: None) -> None:
    family, marc, owner = dossier()
    invite_adult(adult=marc, family=family, by=owner, at=NOON)
    token, hashed = last_link(), make_password("douze marmottes au soleil")

    results = run_together(
        *[lambda: accept_as_new_account(token=token, username="", password_hash=hashed, terms=None, at=NOON)] * 8
    )

    assert len(successes(results)) == 1
    assert sum(isinstance(result, LinkRefused) for result in results) == 7
    assert User.objects.filter(email=MARC).count() == 1


def test_two_agents_on_one_first_contact_open_one_dossier(transactional_db: None) -> None:
    contact, agent = confirmed(), UserFactory.create(agent=True)

    results = run_together(*[lambda: accept_first_contact(contact=contact.pk, by=agent, at=NOON)] * 4)

    assert len(successes(results)) == 1
    assert sum(isinstance(result, ContactDecided) for result in results) == 3
    assert Family.objects.count() == 1


def test_first_contacts_accepted_at_once_have_numbers_of_their_own(transactional_db: None) -> None:
    agent = UserFactory.create(agent=True)
    contacts = [confirmed() for _number in range(6)]

    results = run_together(
        *[lambda each=each: accept_first_contact(contact=each.pk, by=agent, at=NOON) for each in contacts]
    )

    assert successes(results) == results
    assert sorted(Family.objects.values_list("number", flat=True)) == [str(1000 + number) for number in range(6)]


def test_without_the_lock_two_dossiers_ask_for_one_number(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race exists: what the lock is for."""
    agent = UserFactory.create(agent=True)
    monkeypatch.setattr(
        contacts_module,
        "draw_number",
        lambda: next_number({int(number) for number in Family.objects.values_list("number", flat=True)}),
    )
    for _attempt in range(5):
        contacts = [confirmed() for _number in range(8)]
        results = run_together(
            *[lambda each=each: accept_first_contact(contact=each.pk, by=agent, at=NOON) for each in contacts]
        )
        if any(isinstance(result, IntegrityError) for result in results):
            return
    pytest.fail("the race was not seen")
