"""The news of one person with a family: what concerns them, why, and what they have not read."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cms_pages.audiences import Audience, with_children_met
from news.models import NewsPage, NewsQuerySet, NewsReading
from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.families.models import Child
from portal.domain.kernel.clock import paris_date
from portal.web.family import resolve_family

#: An item is new to whoever has not opened it for that many days after its date; then it is merely old.
NEW_DAYS = 30

#: What a page of the portal reads of the news, at most: enough for any count that means something.
MOST = 99

_STATE = "_news_state"


@dataclass(frozen=True, slots=True)
class FamilyNews:
    """What every page of the family says of the news. Items are not read yet (`unread`) or pinned for some."""

    unread: int = 0
    to_read: tuple[NewsPage, ...] = ()
    alerts: tuple[NewsPage, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyItem:
    """An item of the family's list, why it is there (empty when everybody reads it), and whether it is new."""

    page: NewsPage
    reason: str
    unread: bool


def news_of(user: User, *, at: datetime) -> NewsQuerySet:
    """All that this person may read at that instant, latest first.

    `read` says what they opened, `fresh` what is recent enough to be new.
    """
    today = paris_date(at)
    readable = cast(NewsQuerySet, NewsPage.objects.on_line(at).readable_by(user, on=today)).latest_first()
    read = NewsReading.objects.filter(user=user, page=OuterRef("pk"))
    return readable.annotate(
        read=Exists(read), fresh=Case(When(_recent(today), then=Value(True)), default=Value(False))
    )


def _recent(today: date) -> Q:
    return Q(date__gt=today - timedelta(days=NEW_DAYS))


def unread_news(user: User, *, at: datetime) -> NewsQuerySet:
    """The new items that this person has not opened."""
    return news_of(user, at=at).filter(_recent(paris_date(at)), read=False)


def family_state(request: HttpRequest | None) -> FamilyNews:
    """The state of the signed-in person, in one query a request; nothing for visitors and accounts without family."""
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User) or resolve_family(request) is None:
        return FamilyNews()
    known: FamilyNews | None = getattr(request, _STATE, None)
    if known is None:
        known = _read_state(user, at=timezone.now())
        setattr(request, _STATE, known)
    return known


def _read_state(user: User, *, at: datetime) -> FamilyNews:
    today = paris_date(at)
    new = Q(read=False) & _recent(today)
    important = Q(read=False, important=True) & ~Q(audience=Audience.PUBLIC)
    pinned = Q(pk__in=NewsPage.objects.pinned(at).exclude(audience=Audience.PUBLIC).values("pk"))
    rows = list(news_of(user, at=at).filter(new | important | pinned).defer("body")[:MOST])
    unread = [row for row in rows if not row.read and row.fresh]
    return FamilyNews(
        unread=len(unread),
        to_read=tuple(row for row in rows if row.important and not row.read and not row.is_public),
        alerts=tuple(
            row for row in rows if row.alert_level and not row.is_public and row.pinned_from <= at < row.pinned_until
        ),
    )


def mark_all_read(user: User, *, at: datetime) -> int:
    """Note everything this person may read as read, and return how many items were not."""
    pages = news_of(user, at=at).filter(read=False).values_list("pk", flat=True)
    rows = [NewsReading(user=user, page_id=page, read_at=at) for page in pages]
    NewsReading.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def family_items(pages: Sequence[NewsPage], user: User, *, on: date) -> list[FamilyItem]:
    """These items of `news_of` with their reasons in words, in a constant number of queries."""
    chosen = [page.pk for page in pages if page.audience == Audience.CHOSEN]
    reasons = _reasons(chosen, user, on=on) if chosen else {}
    return [
        FamilyItem(
            page,
            _("Pour toutes les familles") if page.audience == Audience.FAMILIES else reasons.get(page.pk, ""),
            unread=bool(cast(Any, page).fresh and not cast(Any, page).read),
        )
        for page in pages
    ]


def _reasons(pages: Collection[int], user: User, *, on: date) -> dict[int, str]:
    """« Pour Hugo : Cantine, CM1 », by item: the children who meet the criteria, and the criteria."""
    found = with_children_met(NewsPage.objects.filter(pk__in=pages), user=user, on=on)
    rows = list(
        found.values_list("pk", "children_met", "audience_levels", "present_from", "present_until", named=True)
    )
    names = dict(Child.objects.visible_to(user).order_by("first_name", "pk").values_list("pk", "first_name"))
    activities = _names(pages, "audience_activities", "activity__name")
    schools = _names(pages, "audience_schools", "school__name")
    reasons = {}
    for row in rows:
        criteria = [*activities.get(row.pk, ()), *schools.get(row.pk, ()), *row.audience_levels]
        if row.present_from:
            criteria.append(_presence(row.present_from, row.present_until or row.present_from))
        children = [name for child, name in names.items() if child in row.children_met]
        reasons[row.pk] = _("Pour %(children)s\u00a0: %(criteria)s") % {
            "children": language.words().join_words(children),
            "criteria": ", ".join(criteria),
        }
    return reasons


def _presence(first: date, last: date) -> str:
    if first == last:
        return _("présence le %(day)s") % {"day": language.words().weekday_day_month(first)}
    return _("présence %(days)s") % {"days": language.words().date_range(first, last)}


def _names(pages: Iterable[int], criterion: str, name: str) -> dict[int, list[str]]:
    """The names chosen for a criterion, by item."""
    field: Any = NewsPage._meta.get_field(criterion)
    owner = field.m2m_column_name()
    named: dict[int, list[str]] = {}
    rows = field.remote_field.through._default_manager.filter(**{f"{owner}__in": list(pages)})
    for page, label in rows.order_by(name).values_list(owner, name):
        named.setdefault(page, []).append(label)
    return named
