"""`/famille/`: one page that answers “what needs me now?”."""

from dataclasses import asdict
from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.bookings.planning import Draft
from portal.domain.bookings.queries import day_summary, load_draft, next_deadlines
from portal.domain.bookings.summaries import UpcomingDeadline
from portal.domain.families.queries import find_registration
from portal.domain.kernel.clock import to_paris
from portal.web.accounts.activation import JOINING_KEY
from portal.web.family import resolve_family
from portal.web.home.tasks import home_tasks
from portal.web.home.tiles import tiles
from portal.web.notices import things_to_read
from portal.web.planning.state import planning_url
from portal.web.planning.words import days_words, describe_changes, lower_first

#: From this hour one says good evening, until dawn.
EVENING, DAWN = time(18), time(5)

DEADLINES_SHOWN = 3


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The home of a family; an account without dossier is told what is missing."""
    now = timezone.now()
    local = to_paris(now)
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - closed by default: the middleware let nobody else through
    heading = {"today": local.date(), "greeting": greeting(local.time(), user.first_name)}
    family = resolve_family(request)
    if family is None:
        context = {
            "registration": find_registration(user=user),
            "account_exists": request.session.get(JOINING_KEY) == "account_exists",
        }
        return render(request, "home/no_family.html", heading | context)
    draft = load_draft(family=family, at=now)
    deadlines = next_deadlines(family=family, user=user, at=now, limit=DEADLINES_SHOWN)
    tomorrow = local.date() + timedelta(days=1)
    return render(
        request,
        "home/index.html",
        heading
        | {
            "to_read": [asdict(thing) for thing in things_to_read(request)],
            "tasks": [
                *([_draft_task(draft, now)] if draft.lines else []),
                *(asdict(task) for task in home_tasks(request, family)),
            ],
            "deadline": _limit(deadlines[0], now) if deadlines else None,
            "later": [_limit(deadline, now) for deadline in deadlines[1:]],
            "tomorrow": language.words().weekday_day_month(tomorrow),
            "children": day_summary(family=family, user=user, day=tomorrow),
            "tiles": tiles(request, today=local.date()),
        },
    )


def greeting(at: time, first_name: str) -> str:
    """« Bonjour Claire », « Bonsoir Claire », by the clock of Paris."""
    word = _("Bonsoir") if at >= EVENING or at < DAWN else _("Bonjour")
    return f"{word} {first_name}".strip()


def _draft_task(draft: Draft, now: datetime) -> dict[str, str]:
    """The draft that waits to be validated, as a line of a task list."""
    task = {
        "label": _("Valider votre brouillon de planning"),
        "url": reverse("basket:index"),
        "icon": "clock",
        "kind": "wait",
        "badge_kind": "wait",
    }
    changes = f"{describe_changes(draft)}, {language.words().signed_amount(draft.amount)}"
    if draft.lapsed or draft.expires_at is None:
        return task | {
            "note": _("%(changes)s\u00a0: vos choix sont gardés, les places ne sont plus retenues")
            % {"changes": changes},
            "badge": _("à reprendre"),
        }
    until = language.words().hour(to_paris(draft.expires_at).time())
    return task | {
        "note": _("%(changes)s\u00a0: gardé jusqu’à %(until)s") % {"changes": changes, "until": until},
        "badge": _("encore %(left)s") % {"left": language.words().remaining(draft.expires_at - now)},
    }


def _limit(deadline: UpcomingDeadline, now: datetime) -> dict[str, object]:
    """A deadline in words: when, what it is about, and where to act."""
    closes = to_paris(deadline.closes_at)
    days = (closes.date() - to_paris(now).date()).days
    hour = language.words().hour(closes.time())
    near = {0: _("aujourd’hui, %(hour)s"), 1: _("demain, %(hour)s")}
    title = near[days] % {"hour": hour} if days in near else language.words().short_instant(closes)
    names = language.words().join_words(lower_first(label) for label in deadline.labels)
    about = f"{names[:1].upper()}{names[1:]}"
    return {
        "closes_at": closes,
        "title": title,
        "about": _("%(activities)s, pour %(days)s") % {"activities": about, "days": days_words(deadline.range)},
        "left": language.words().remaining(deadline.closes_at - now),
        "url": planning_url(deadline.range.first, edit=True),
    }
