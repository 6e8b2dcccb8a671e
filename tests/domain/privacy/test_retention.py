"""How long things are kept: the list is what goes, nothing goes without it, and delays are not for everybody."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from portal.domain.audit.models import AuditEntry
from portal.domain.notices.models import Notice
from portal.domain.privacy.models import RetentionRule
from portal.domain.privacy.registry import erasures, personal_data, retentions
from portal.domain.privacy.retention import find_kept, list_due, list_kept, run_retention
from portal.domain.privacy.services import BadDelay, ListChanged, erase_expired, set_retention
from tests.domain.contacts.factories import ContactLinkFactory
from tests.domain.privacy.town import NOW, agent, plant

pytestmark = pytest.mark.django_db

MUCH_LATER = NOW + timedelta(days=12 * 366)


@pytest.fixture
def keeper():
    return agent("change_retentionrule", "erase_expired")


def due(code, at=MUCH_LATER):
    return list_due(kept=find_kept(code), at=at)


@pytest.mark.exigence("B37")
@pytest.mark.parametrize("code", ["audit", "mails", "contacts", "families"])
def test_the_dry_run_is_the_effect(code, keeper):
    town = plant()
    town.family.archived_at = NOW
    town.family.save()
    ContactLinkFactory(ended_on=NOW.date())
    listed = due(code)
    assert listed
    assert erase_expired(code=code, keys=[each.key for each in listed], by=keeper, at=MUCH_LATER) == len(listed)
    left = due(code, at=MUCH_LATER - timedelta(seconds=1))
    assert not {each.key for each in listed} & {each.key for each in left}
    entry = AuditEntry.objects.get(verb="erase_expired")
    assert entry.after["erased"] == len(listed)
    assert "Quatremer" not in str(entry.after)


def test_a_day_early_nothing_is_due():
    plant()
    kept = find_kept("mails")
    assert list_due(kept=kept, at=NOW + timedelta(days=kept.days - 1)) == []
    assert len(list_due(kept=kept, at=NOW + timedelta(days=kept.days))) == 2


def test_only_what_was_shown_and_is_still_due_is_erased(keeper):
    plant()
    keys = [each.key for each in due("mails")]
    for wrong in ([*keys, 999_999], []):
        with pytest.raises(ListChanged):
            erase_expired(code="mails", keys=wrong, by=keeper, at=MUCH_LATER)
    erase_expired(code="mails", keys=keys, by=keeper, at=MUCH_LATER)
    with pytest.raises(ListChanged):
        erase_expired(code="mails", keys=keys, by=keeper, at=MUCH_LATER)


def test_the_daily_run_counts_and_erases_only_what_is_automatic():
    town = plant()
    Notice.objects.filter(user=town.user).update(read_at=NOW)
    read = Notice.objects.exclude(read_at=None).count()
    assert run_retention(at=MUCH_LATER) == read > 0
    assert RetentionRule.objects.get(code="mails").due == 2
    assert len(due("mails")) == 2
    assert not find_kept("mails").is_confirmed


def test_delays_are_changed_by_whoever_may_and_stay_reasonable(keeper):
    with pytest.raises(PermissionDenied):
        set_retention(code="mails", days=30, automatic=False, by=plant().user, at=NOW)
    with pytest.raises(BadDelay):
        set_retention(code="mails", days=0, automatic=False, by=keeper, at=NOW)
    changed = set_retention(code="mails", days=30, automatic=True, by=keeper, at=NOW)
    assert (changed.days, changed.automatic, changed.is_confirmed) == (30, False, True)
    assert set_retention(code="notices", days=30, automatic=True, by=keeper, at=NOW).automatic


def test_reading_every_delay_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(list_kept()) == len(retentions())


@pytest.mark.exigence("B37")
def test_the_register_of_processing_names_every_registered_code():
    register = (Path(__file__).parents[3] / "docs" / "registre-des-traitements.md").read_text(encoding="utf-8")
    codes = {part.code for part in personal_data()} | {kind.code for kind in retentions()}
    assert sorted(code for code in codes if f"`{code}`" not in register) == []


def test_whoever_holds_personal_data_says_how_it_is_forgotten():
    assert {part.code for part in personal_data()} <= {erasure.code for erasure in erasures()}
