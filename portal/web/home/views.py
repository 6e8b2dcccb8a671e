"""`/famille/`: one page that answers “what needs me now?”."""

from dataclasses import asdict
from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.bookings.planning import Draft, UpcomingDeadline
from portal.domain.bookings.queries import load_draft, what_comes
from portal.domain.dossier.enums import FAMILY_STATES
from portal.domain.dossier.queries import completeness_of, current_window, find_update
from portal.domain.dossier.rules import Completeness
from portal.domain.dossier.services import close_checklist, look_at
from portal.domain.enrolments.queries import enrolled_activities
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Family
from portal.domain.families.queries import archived_numbers, find_registration
from portal.domain.kernel.clock import to_paris
from portal.domain.kernel.school_year import SchoolYear
from portal.web import clock
from portal.web.accounts.activation import JOINING_KEY
from portal.web.family import FamilyRequest, family_required, no_family, resolve_family
from portal.web.home.first_look import first_look
from portal.web.home.requirements import todo
from portal.web.home.tasks import HomeTask, home_tasks
from portal.web.home.tiles import tiles
from portal.web.notices import things_to_read
from portal.web.planning.state import planning_url
from portal.web.planning.words import days_words, describe_changes, ends_words, lower_first, upper_first

#: From this hour one says good evening, until dawn.
EVENING, DAWN = time(18), time(5)

DEADLINES_SHOWN = 3


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The home of a family; an account without dossier is told what is missing."""
    now = clock.now(request)
    local = to_paris(now)
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # closed by default: the middleware let nobody else through
    heading = {"today": local.date(), "greeting": greeting(local.time(), user.first_name)}
    family = resolve_family(request)
    if family is None:
        if archived_numbers(user=user):
            return no_family(request)
        context = {
            "registration": find_registration(user=user),
            "account_exists": request.session.get(JOINING_KEY) == "account_exists",
        }
        return render(request, "home/no_family.html", heading | context)
    children = list(children_with(user=user, family=family, right=Right.SEE))
    whole = completeness_of(
        family=family,
        children=children,
        at=now,
        activities=enrolled_activities(child.pk for child in children),
    )
    draft = load_draft(family=family, at=now)
    tomorrow = local.date() + timedelta(days=1)
    deadlines, days = what_comes(family=family, user=user, at=now, limit=DEADLINES_SHOWN, day=tomorrow)
    asked = home_tasks(request, family)
    return render(
        request,
        "home/index.html",
        heading
        | {
            "to_read": [asdict(thing) for thing in things_to_read(request)],
            "tasks": [
                *(asdict(task) for task in asked if task.urgent),
                *([_draft_task(draft, now)] if draft.lines else []),
                *(asdict(task) for task in [*_yearly_task(family, now), *todo(whole.missing)]),
                *(asdict(task) for task in asked if not task.urgent),
            ],
            "whole": whole,
            "first_look": first_look(request, children, whole),
            "deadline": _limit(deadlines[0]) if deadlines else None,
            "later": [_limit(deadline) for deadline in deadlines[1:]],
            "tomorrow": language.words().weekday_day_month(tomorrow),
            "children": days,
            "tiles": tiles(request, today=local.date()),
        },
    )


@require_POST
@family_required
def first_look_answer(request: FamilyRequest) -> HttpResponse:
    """Keep what was checked, or put the list away."""
    if request.POST.get("suite") == "ranger":
        close_checklist(user=request.user, at=clock.now(request))
    else:
        known = first_look_codes(request)
        look_at(user=request.user, codes=[code for code in request.POST.getlist("vu") if code in known])
    return redirect("home:index")


def first_look_codes(request: FamilyRequest) -> set[str]:
    """The codes that a form may send."""
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    return {line.code for line in first_look(request, children, Completeness())}


def _yearly_task(family: Family, now: datetime) -> list[HomeTask]:
    """The yearly update while it is open and not sent."""
    window = current_window(at=now)
    if window is None:
        return []
    update = find_update(family=family, school_year=window.school_year)
    if update is not None and update.state not in FAMILY_STATES:
        return []
    until = language.words().full_date(window.closes_on)
    return [
        HomeTask(
            label=_("Actualiser votre dossier pour %(year)s") % {"year": SchoolYear(window.school_year).label},
            url=reverse("yearly:index"),
            icon="folder",
            note=_("avant le %(day)s") % {"day": until},
        )
    ]


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


def _limit(deadline: UpcomingDeadline) -> dict[str, object]:
    """A deadline in words: what it is about, for whom, what ends then, the rule, and where to act."""
    words = language.words()
    names = words.join_words(lower_first(label) for label in deadline.labels)
    about = _("%(activities)s, pour %(days)s") % {"activities": upper_first(names), "days": days_words(deadline.range)}
    return {
        "closes_at": to_paris(deadline.closes_at),
        "about": about,
        "children": words.join_words(deadline.children),
        "ends": ends_words(deadline),
        "rules": deadline.rules,
        "url": planning_url(deadline.range.first, edit=True),
    }
