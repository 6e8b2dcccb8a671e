"""Alerts on top of every page: an exceptional closing. Public ones come from the cache, the others from the family."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from news.enums import GRAVITY
from news.family import MOST, family_state
from news.models import NewsPage
from portal.web.notices import PageNotice
from portal.web.public_content import kept, true_until

#: More would push the page away; the gravest win.
SHOWN = 2

_LEVELS = list(GRAVITY)


@dataclass(frozen=True, slots=True)
class Alert:
    """What is kept of an item for everybody: enough to draw it, and when."""

    title: str
    text: str
    level: str
    url: str
    begins: datetime
    ends: datetime

    def is_up(self, at: datetime) -> bool:
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class PublicNews:
    """What every public page knows of the news: alerts up or to come, and when something ends or begins by itself."""

    alerts: tuple[Alert, ...] = ()
    instants: tuple[datetime, ...] = ()


def public_news(request: HttpRequest | None = None) -> PublicNews:
    """The same for everybody: kept until something public changes, else read in three queries."""
    return kept("news.alerts", _read_public, request)


def _read_public() -> PublicNews:
    now = timezone.now()
    items = NewsPage.objects.for_the_public(now)
    pages = items.exclude(alert_level="").filter(pinned_until__gt=now).defer("body").order_by("-pinned_from")[:MOST]
    alerts = tuple(_alert(page) for page in pages)
    ends = items.filter(expire_at__isnull=False).order_by("expire_at").values_list("expire_at", flat=True)[:MOST]
    instants = [*ends, *(alert.begins for alert in alerts), *(alert.ends for alert in alerts)]
    return PublicNews(alerts, tuple(sorted(instant for instant in instants if instant > now)))


def page_alerts(request: HttpRequest) -> list[PageNotice]:
    """The two gravest alerts that this page must show, the last begun first; not on the page of the item itself."""
    now = timezone.now()
    known = public_news(request)
    coming = next((instant for instant in known.instants if instant > now), None)
    if coming is not None:
        true_until(request, coming)
    alerts = [*known.alerts, *(_alert(page) for page in family_state(request).alerts)]
    up = [alert for alert in alerts if alert.is_up(now) and alert.url != request.path]
    up.sort(key=lambda alert: alert.begins, reverse=True)
    up.sort(key=lambda alert: _LEVELS.index(alert.level))
    return [
        PageNotice(
            title=alert.title,
            text=alert.text,
            kind=GRAVITY[alert.level],
            url=alert.url,
            label=_("Lire l’actualité"),
            written=True,
        )
        for alert in up[:SHOWN]
    ]


def _alert(page: NewsPage) -> Alert:
    assert page.pinned_from is not None  # noqa: S101  # constraint news_alert_has_a_time
    assert page.pinned_until is not None  # noqa: S101  # the same constraint
    ends = page.pinned_until if page.expire_at is None else min(page.pinned_until, page.expire_at)
    return Alert(page.title, page.excerpt, page.alert_level, page.url or "", page.pinned_from, ends)
