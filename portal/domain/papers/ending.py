"""What happens to papers by itself: reminders before the end, the end, drafts that nobody sent.

One transaction per paper: a failure stops nobody else.
"""

from datetime import datetime, timedelta

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.domain.papers import notifications
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper
from portal.domain.papers.rules import reminder_due
from portal.domain.papers.services import erase_paper, lock_paper, papers_of, write_down

#: Days before the end at which a family is told (rule 43).
REMINDERS = (30, 7)
#: What was prepared and not sent is forgotten after this (the first sending is one gesture, not a store).
DRAFT_LIFE = timedelta(hours=24)


def expire_papers(at: datetime) -> int:
    """Papers whose last day is past are « périmées », and the households are told once; return how many."""
    ended = Paper.objects.filter(state=PaperState.ACCEPTED, valid_until__lt=paris_date(at))
    by = User.objects.system()
    return sum(
        _expire(key, by=by, at=at) for key in list(ended.order_by("valid_until", "pk").values_list("pk", flat=True))
    )


def remind_ending(at: datetime) -> int:
    """Tell the households whose paper ends in 30 days, then in 7, once each; return how many papers were told.

    Nobody is told who has already sent the next one, nor about a paper that is no longer asked.
    """
    today = paris_date(at)
    ending = Paper.objects.filter(
        state=PaperState.ACCEPTED,
        valid_until__gte=today,
        valid_until__lte=today + timedelta(days=max(REMINDERS)),
        type__is_offered=True,
        family__archived_at=None,
    )
    return sum(_remind(key, at=at) for key in list(ending.order_by("valid_until", "pk").values_list("pk", flat=True)))


def erase_stale_drafts(at: datetime) -> int:
    """Forget what was prepared a day ago and never sent, with its files; return how many papers."""
    stale = Paper.objects.filter(state=PaperState.DRAFT, prepared_at__lte=at - DRAFT_LIFE)
    return sum(_forget(key, at=at) for key in list(stale.order_by("prepared_at", "pk").values_list("pk", flat=True)))


def _next_sent(paper: Paper) -> bool:
    return papers_of(paper.type, paper.family, paper.child).filter(state=PaperState.SENT).exists()


@transaction.atomic
def _expire(key: int, *, by: User, at: datetime) -> int:
    paper = lock_paper(key)
    if paper.state != PaperState.ACCEPTED or paper.valid_until is None or paper.valid_until >= paris_date(at):
        return 0
    paper.state = PaperState.EXPIRED
    paper.version += 1
    paper.save(update_fields=["state", "version"])
    write_down("expire_paper", paper, by=by, at=at)
    if paper.type.is_offered and paper.family.archived_at is None and not _next_sent(paper):
        notifications.tell_expired(paper, at=at)
    return 1


@transaction.atomic
def _remind(key: int, *, at: datetime) -> int:
    paper = lock_paper(key)
    if paper.state != PaperState.ACCEPTED or paper.valid_until is None or _next_sent(paper):
        return 0
    due = reminder_due(last=paper.valid_until, today=paris_date(at), delays=REMINDERS, told=paper.reminded_days)
    if due is None:
        return 0
    paper.reminded_days = [*paper.reminded_days, due]
    paper.save(update_fields=["reminded_days"])
    notifications.tell_ending(paper, at=at)
    return 1


@transaction.atomic
def _forget(key: int, *, at: datetime) -> int:
    try:
        paper = lock_paper(key)
    except Paper.DoesNotExist:
        return 0
    if paper.state != PaperState.DRAFT or paper.prepared_at > at - DRAFT_LIFE:
        return 0
    erase_paper(paper)
    return 1
