"""The mail of the morning: who wanted it, when something waits, once a working day; numbers only."""

from datetime import datetime, timedelta

import pytest

from portal.backoffice.desk.digest import send_digests
from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.desk.services import set_preferences
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from tests.backoffice.desk import make_agent
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, child_of
from tests.domain.quotients.factories import QuotientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B52")]

TUESDAY = datetime(2026, 9, 15, 8, 30, tzinfo=PARIS)


@pytest.fixture
def nadia() -> User:
    agent = make_agent(Role.MANAGEMENT, email="nadia@mairie.example")
    set_preferences(shortcuts=True, digest=True, by=agent, at=TUESDAY)
    return agent


def something_waits() -> None:
    home = FamilyFactory(number="4127", name="Vuillet")
    insurance = PaperTypeFactory(insurance=True)
    PaperFactory(family=home, child=child_of(home), type=insurance, sent_at=TUESDAY - timedelta(days=8))
    PaperFactory(family=home, sent_at=TUESDAY - timedelta(days=1))
    QuotientFactory(family=home, sent_at=TUESDAY - timedelta(days=2))


def test_says_what_waits_and_since_when_without_a_name(nadia: User) -> None:
    something_waits()
    assert send_digests(at=TUESDAY) == 1
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.kind, mail.subject) == (
        "nadia@mairie.example",
        "digest",
        "3 demandes à traiter sur le portail",
    )
    assert "Pièces\u00a0: 2, la plus ancienne depuis le 7\u00a0septembre 2026" in mail.text
    assert "Quotients\u00a0: 1" in mail.text
    assert "/gestion/demandes/" in mail.text
    for word in ("Vuillet", "4127", "Hugo", "Assurance", "842"):
        assert word not in mail.text + mail.html + mail.subject


def test_leaves_once_a_working_day_from_seven(nadia: User) -> None:
    something_waits()
    assert send_digests(at=TUESDAY.replace(hour=6, minute=59)) == 0
    assert send_digests(at=TUESDAY.replace(hour=7)) == 1
    assert send_digests(at=TUESDAY) == 0
    assert send_digests(at=TUESDAY + timedelta(days=1)) == 1
    saturday = TUESDAY + timedelta(days=4)
    assert (send_digests(at=saturday), send_digests(at=saturday + timedelta(days=1))) == (0, 0)


def test_nothing_waiting_sends_nothing_and_tells_no_more_that_day(nadia: User) -> None:
    assert send_digests(at=TUESDAY) == 0
    something_waits()
    assert send_digests(at=TUESDAY) == 0
    assert send_digests(at=TUESDAY + timedelta(days=1)) == 1


def test_goes_to_those_only_who_want_it_and_may_answer(nadia: User) -> None:
    something_waits()
    make_agent(Role.MANAGEMENT, email="sans@mairie.example")
    for email, role in (("com@mairie.example", Role.COMMUNICATION), ("", Role.MANAGEMENT)):
        other = make_agent(role, email=email)
        set_preferences(shortcuts=True, digest=True, by=other, at=TUESDAY)
    gone = make_agent(Role.MANAGEMENT, email="parti@mairie.example")
    set_preferences(shortcuts=True, digest=True, by=gone, at=TUESDAY)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert send_digests(at=TUESDAY) == 1
    assert OutgoingMail.objects.get().recipient == nadia.email
    set_preferences(shortcuts=True, digest=False, by=nadia, at=TUESDAY)
    assert send_digests(at=TUESDAY + timedelta(days=1)) == 0
