"""Two agents on one quotient, two parents at once: the family's lock lets one through after the other."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.domain.quotients import deciding
from portal.domain.quotients.deciding import accept_quotient, refuse_quotient
from portal.domain.quotients.models import Quotient
from portal.domain.quotients.services import QuotientDecided, declare_quotient
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.domain.quotients.factories import DefinitionFactory, PolicyFactory, QuotientFactory, checker
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)


@pytest.mark.exigence("D5")
def test_two_agents_at_once_give_one_answer(transactional_db: None) -> None:
    PolicyFactory()
    waiting = QuotientFactory()
    one, other = checker("une"), checker("autre")

    results = run_together(
        *[lambda: accept_quotient(quotient=waiting.pk, by=one, at=AT)] * 3,
        *[lambda: refuse_quotient(quotient=waiting.pk, reason="Illisible.", by=other, at=AT)] * 3,
    )

    assert len(successes(results)) == 1
    assert sum(isinstance(result, QuotientDecided) for result in results) == 5


def test_without_the_lock_both_would_answer(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race exists: what the lock is for."""
    PolicyFactory()
    agent = checker()
    monkeypatch.setattr(deciding, "lock_family", lambda family: None)
    most = 0
    for _ in range(8):
        waiting = QuotientFactory()
        results = run_together(
            *[lambda key=waiting.pk: refuse_quotient(quotient=key, reason="x", by=agent, at=AT)] * 6
        )
        most = max(most, len(successes(results)))
        if most > 1:
            break
    assert most > 1


def test_two_parents_at_once_leave_one_declaration_that_waits(transactional_db: None) -> None:
    PolicyFactory()
    family, definition = FamilyFactory(), DefinitionFactory()
    people = [UserFactory(), UserFactory()]
    MemberFactory(family=family, adult=AdultFactory(user=people[0]))
    MemberFactory(family=family, adult=AdultFactory(user=people[1]), parent=True)
    key = uuid.uuid4()

    def declare(rank: int) -> Quotient:
        return declare_quotient(
            family=family,
            definition=definition,
            value=Decimal(800 + rank),
            month=date(2026, 8, 1),
            key=key if rank < 4 else uuid.uuid4(),
            by=people[rank % 2],
            at=AT,
        )

    results = run_together(*[lambda each=rank: declare(each) for rank in range(6)])

    assert successes(results) == results
    assert Quotient.objects.open().count() == 1
    assert Quotient.objects.filter(key=key).count() == 1
