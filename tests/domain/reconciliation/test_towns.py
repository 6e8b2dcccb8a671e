"""A healthy town has nothing to say: a profile, filled with families, gives no finding at all.

Two towns whose units are tied in every way; Les Rousses is looked at at every date (`backoffice/test_sample_town`).
"""

from datetime import UTC, datetime

import pytest

from portal.backoffice.sample.town import build_town
from portal.domain.accounts.models import User
from portal.domain.bookings.models import Booking
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.models import Finding
from portal.domain.reconciliation.registry import checks
from portal.domain.reconciliation.running import run_checks
from tests.harness.towns import load_town

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C20")]

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
COMMUNES = ("alae", "roussillon-conflent")


@pytest.mark.parametrize("commune", COMMUNES)
def test_a_healthy_town_has_nothing_to_say(commune: str) -> None:
    load_town(commune, at=AT)
    build_town(families=40, seed=7, by=User.objects.system(), at=AT)
    assert Booking.objects.exists()

    run = run_checks(trigger=Trigger.NIGHT, by=User.objects.system(), at=AT)

    assert run is not None
    assert [code for code, result in run.results.items() if result.get("failed")] == []
    assert set(run.results) == {check.code for check in checks()}
    assert [(found.check_code, found.day, found.sentence) for found in Finding.objects.all()[:20]] == []
