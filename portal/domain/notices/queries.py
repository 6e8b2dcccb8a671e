"""Reading notices."""

from collections.abc import Sequence

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.notices.enums import OPTIONAL, NoticeKind
from portal.domain.notices.models import Notice, NoticePreference


def list_notices(*, user: User) -> QuerySet[Notice]:
    """The notices of an account, the last first."""
    return Notice.objects.visible_to(user).order_by("-at", "-pk")


def latest_unread(*, user: User, limit: int) -> tuple[Sequence[Notice], int]:
    """The last unread notices and how many are unread in all, in one query: every page asks."""
    unread = list(Notice.objects.visible_to(user).unread().order_by("-at", "-pk")[:100])
    return unread[:limit], len(unread)


def mailed_kinds(*, user: User) -> frozenset[NoticeKind]:
    """The kinds of notices that also come to this person by mail."""
    silent = set(NoticePreference.objects.filter(user=user, by_mail=False).values_list("kind", flat=True))
    return frozenset(kind for kind in NoticeKind if kind not in silent)


def shown_kinds(*, user: User) -> frozenset[NoticeKind]:
    """The kinds of `OPTIONAL` that this person's space shows."""
    hidden = set(NoticePreference.objects.filter(user=user, in_space=False).values_list("kind", flat=True))
    return frozenset(kind for kind in OPTIONAL if kind not in hidden)


def notices_about(*, family: Family) -> QuerySet[Notice]:
    """What the people of a family were told about it, the last first: for agents."""
    return Notice.objects.filter(family=family).select_related("user").order_by("-at", "-pk")
