"""The maintenance that agents decide: announced on every page, then in force, then over, by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cms_pages.town.models import MaintenanceSettings
from portal.domain import language
from portal.domain.kernel.clock import paris_date, to_paris
from portal.web.middleware import Closing, register_closing_provider
from portal.web.notices import PageNotice, register_notice_provider
from portal.web.public_content import kept, true_until

#: What a browser or a search engine is told when nobody knows the hour, and the least it is told, in seconds.
UNKNOWN_RETURN, LEAST = 900, 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What the settings say, without the database."""

    closed_now: bool
    announced_from: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    words: str


def connect() -> None:
    """Close the portal and announce it. Called once, at start-up."""
    register_closing_provider(closing_now)
    register_notice_provider(announced)


def plan(request: HttpRequest | None = None) -> Plan | None:
    """The settings of the default site, kept in memory until something public changes."""
    return kept("town.maintenance", _read, request)


def closing_now(request: HttpRequest) -> Closing | None:
    """Whether the agents' settings close the portal at this instant."""
    known = plan(request)
    if known is None:
        return None
    now = timezone.now()
    in_window = bool(known.starts_at and known.ends_at and known.starts_at <= now < known.ends_at)
    if not known.closed_now and not in_window:
        return None
    back = known.ends_at if in_window else None
    return Closing(
        until=said(back, today=now) if back else "",
        words=known.words,
        retry_after=max(int((back - now).total_seconds()), LEAST) if back else UNKNOWN_RETURN,
        agents_enter=True,
    )


def announced(request: HttpRequest) -> list[PageNotice]:
    """The notice of every page, from the hours before until the closing itself."""
    known = plan(request)
    now = timezone.now()
    if known is None or known.starts_at is None or known.ends_at is None or known.announced_from is None:
        return []
    turn = known.announced_from if now < known.announced_from else known.starts_at
    if now < known.starts_at:
        true_until(request, turn)
    if not known.announced_from <= now < known.starts_at:
        return []
    start, end = to_paris(known.starts_at), to_paris(known.ends_at)
    hours = {"start": language.words().hour(start.time()), "end": language.words().hour(end.time())}
    if start.date() == end.date():
        when = _("%(day)s de %(start)s à %(end)s") % {"day": language.words().weekday_day_month(start.date()), **hours}
    else:
        when = _("du %(first)s à %(start)s au %(last)s à %(end)s") % {
            "first": language.words().weekday_day_month(start.date()),
            "last": language.words().weekday_day_month(end.date()),
            **hours,
        }
    text = _("Le portail sera fermé %(when)s. Les dates limites ne changent pas.") % {"when": when}
    return [PageNotice(title=_("Maintenance prévue"), text=f"{text} {known.words}".strip(), kind="wait")]


def said(instant: datetime, *, today: datetime) -> str:
    """“18 h”, or “lundi 7 septembre, 6 h” when it is another day."""
    local = to_paris(instant)
    hour = language.words().hour(local.time())
    if local.date() == paris_date(today):
        return hour
    return f"{language.words().weekday_day_month(local.date())}, {hour}"


def _read() -> Plan | None:
    saved = MaintenanceSettings.objects.filter(site__is_default_site=True).first()
    if saved is None:
        return None
    over = saved.ends_at is not None and saved.ends_at < timezone.now() - timedelta(days=1)
    return Plan(
        closed_now=saved.closed_now,
        announced_from=None if over else saved.announced_from,
        starts_at=None if over else saved.starts_at,
        ends_at=None if over else saved.ends_at,
        words=saved.words,
    )
