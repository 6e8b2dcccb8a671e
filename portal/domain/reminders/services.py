"""Telling people the evening before."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.audit.services import record
from portal.domain.families.models import Family
from portal.domain.language import in_french
from portal.domain.reminders import notifications
from portal.domain.reminders.models import DeadlineReminder, ReminderSettings
from portal.domain.reminders.queries import Needing, due_closings, load_settings, who_needs
from portal.domain.reminders.rules import DueClosing, is_awake


@in_french()
def remind_deadlines(*, by: User, at: datetime) -> int:
    """Tell, once, those who have nothing booked or a draft not validated for days that close soon; how many people.

    From the town's hour the day before, never at night, never in the last half hour. One mail and one notice a person
    for all their children and activities, as they prefer. One query per deadline, then one transaction per person: a
    failure stops nobody else, and it may run twice at once.
    """
    settings = load_settings()
    if not settings.is_enabled or not is_awake(at):
        return 0
    closings = due_closings(at=at, settings=settings)
    needing: dict[int, set[int]] = defaultdict(set)
    for rank, closing in enumerate(closings):
        for each in who_needs(closing, at=at, settings=settings):
            needing[each.user_id].add(rank)
    told: Counter[int] = Counter()
    people = 0
    for user, ranks in needing.items():
        said = _tell(user, {rank: closings[rank] for rank in sorted(ranks)}, settings, at=at)
        told.update(said)
        people += bool(said)
    for rank, number in sorted(told.items()):
        record(
            verb="remind_deadline",
            target=Activity.objects.get(pk=closings[rank].activity_id),
            by=by,
            at=at,
            after={"closes_at": closings[rank].closes.isoformat(), "people": number},
        )
    return people


@transaction.atomic
def _tell(key: int, closings: Mapping[int, DueClosing], settings: ReminderSettings, *, at: datetime) -> list[int]:
    """Tell one person about those of the closings that still concern them; which ones."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=key)
    # Meanwhile another run told them, or they booked.
    still: dict[int, list[Needing]] = {
        rank: found
        for rank, closing in closings.items()
        if (found := list(who_needs(closing, at=at, settings=settings, user=key)))
    }
    if not still:
        return []
    DeadlineReminder.objects.bulk_create(
        DeadlineReminder(
            user=user,
            activity_id=closings[rank].activity_id,
            closes_at=closings[rank].closes,
            period_start=closings[rank].period.first,
            told_at=at,
        )
        for rank in still
    )
    family = Family.objects.get(pk=next(iter(still.values()))[0].family_id)
    notifications.tell([(closings[rank], found) for rank, found in still.items()], user=user, family=family, at=at)
    return list(still)
