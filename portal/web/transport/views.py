"""The stops of a family's children: what is usual, the days to come, one day elsewhere."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain import language
from portal.domain.activities.opening import Offer, ServiceCalendar
from portal.domain.activities.queries import load_calendar
from portal.domain.contacts.queries import who_may_collect
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.access import Right, children_with
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.transport.models import StopException
from portal.domain.transport.queries import ChildLine, child_lines, line_by_code, offers_of, wanted_of
from portal.domain.transport.rules import DayStops, is_open_day
from portal.domain.transport.services import (
    PERMISSION,
    StopRefused,
    change_counts_from,
    choose_day,
    choose_stops,
    forget_day,
)
from portal.domain.transport.words import day_words, release_words, usual_words
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.transport.forms import FIELDS, StopsForm, initial_of

#: Bus days listed for each child; the others are on the planning.
SHOWN = 8
#: Where a refusal of the domain is written on the form.
_FIELDS = {way.value: name for way, name in FIELDS.items()} | {"release": "depart"}


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """Each child and line: the usual stops, what changes later, the next days of bus."""
    now = clock.now(request)
    rows = family_lines(request, now=now)
    changeable = _changeable(request)
    context = {
        "rows": [_told(each, now=now, mine=each.enrolment.child_id in changeable) for each in rows],
    }
    return render(request, "transport/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def usual(request: FamilyRequest, enrolment: int, line: str) -> HttpResponse:
    """The usual stops of a child, and from when a change counts."""
    now = clock.now(request)
    found = _find(request, enrolment, line, now=now)
    counts_from, too_late = _counts_from(found, now=now)
    agent = request.user.has_perm(PERMISSION)
    last = found.coming[-1][1] if found.coming else found.usual
    form = StopsForm(
        request.POST if request.method == "POST" else None,
        line=found.line,
        from_day=counts_from or paris_date(now),
        agent=agent,
        initial=initial_of(last),
    )
    if request.method == "POST" and form.is_valid():
        try:
            choice = choose_stops(
                family=request.family,
                enrolment=found.enrolment,
                line=found.line.pk,
                wanted=form.wanted,
                by=request.user,
                at=timezone.now(),
                reason=form.reason,
            )
        except StopRefused as refused:
            _refuse(form, refused)
        else:
            day = language.words().full_date(choice.since)
            messages.success(request, _("L’arrêt est enregistré. Il compte à partir du %(day)s.") % {"day": day})
            return redirect("transport:index")
    context = {
        **_about(found),
        "form": form,
        "first": found.usual is None and not found.coming,
        "counts_from": counts_from,
        "too_late": too_late,
        "may_send": not too_late or agent,
        "collectors": who_may_collect(child=found.enrolment.child, day=paris_date(now)),
    }
    return render(request, "transport/usual.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def day(request: FamilyRequest, enrolment: int, line: str, day: str) -> HttpResponse:
    """Another stop for one day, or the usual one again."""
    now = clock.now(request)
    found = _find(request, enrolment, line, now=now)
    wished = _day(day)
    stops = next((each for each in found.days if each.day == wished), None)
    if stops is None:
        raise Http404  # the bus is not booked that day
    offers, calendar = _rules(found, wished)
    open_ = is_open_day(offers, calendar, wished, at=now)
    agent = request.user.has_perm(PERMISSION)
    exception = StopException.objects.filter(enrolment=found.enrolment, line=found.line.pk, day=wished).first()
    form = StopsForm(
        request.POST if request.method == "POST" and "habituel" not in request.POST else None,
        line=found.line,
        from_day=wished,
        only_day=True,
        agent=agent,
        initial=initial_of(wanted_of(exception) if exception else found.usual),
    )
    if request.method == "POST":
        answer = _change_day(request, form, found, wished)
        if answer is not None:
            return answer
    context = {
        **_about(found),
        "form": form,
        "day": wished,
        "stops": stops,
        "words": day_words(stops),
        "usual_again": exception is not None,
        "open": open_,
        "may_send": open_ or agent,
        "collectors": who_may_collect(child=found.enrolment.child, day=wished),
    }
    return render(request, "transport/day.html", context, status=422 if form.errors else 200)


# What other pages of the family ask


def family_lines(request: FamilyRequest, *, now: datetime) -> list[ChildLine]:
    """The lines of the children whom this person may see."""
    children = children_with(user=request.user, family=request.family, right=Right.SEE)
    enrolments = Enrolment.objects.live().filter(child__in=children, ends_on__gte=paris_date(now))
    ordered = enrolments.select_related("child", "activity").order_by(
        "child__links__order", "child__birth_date", "activity__order", "pk"
    )
    return child_lines(list(ordered.filter(child__links__family=request.family)), today=paris_date(now))


def usual_url(each: ChildLine) -> str:
    """Where the usual stops of a child are chosen."""
    return reverse("transport:usual", args=[each.enrolment.pk, each.line.code])


def buses_of(enrolment: Enrolment, *, today: date, mine: bool) -> list[dict[str, Any]]:
    """The lines of one enrolment with its usual stops in words, and where they change; nothing without bus."""
    return [
        {"ways": usual_words(each.line, each.usual) if each.usual else [], "url": usual_url(each) if mine else ""}
        for each in child_lines([enrolment], today=today)
    ]


# Inside


def _changeable(request: FamilyRequest) -> set[int]:
    found = children_with(user=request.user, family=request.family, right=Right.BOOK)
    return set(found.values_list("pk", flat=True))


def _find(request: FamilyRequest, enrolment: int, code: str, *, now: datetime) -> ChildLine:
    """The line of a child for whom this person may book. Raises Http404 for any other."""
    children = children_with(user=request.user, family=request.family, right=Right.BOOK)
    row = (
        Enrolment.objects.live()
        .filter(pk=enrolment, child__in=children)
        .select_related("child", "activity", "family")
        .first()
    )
    line = line_by_code(code)
    if row is None or line is None:
        raise Http404
    found = next((each for each in child_lines([row], today=paris_date(now)) if each.line.pk == line.pk), None)
    if found is None:
        raise Http404
    return found


def _told(each: ChildLine, *, now: datetime, mine: bool) -> dict[str, Any]:
    """One child on one line, in words; a day that may still change has the address of its form."""
    days = [stops for stops in each.days if stops.day >= paris_date(now)][:SHOWN]
    offers: Sequence[Offer] = ()
    calendar: ServiceCalendar | None = None
    if days and mine:
        offers, calendar = _rules(each, days[0].day, last=days[-1].day)
    return {
        "enrolment": each.enrolment,
        "line": each.line,
        "usual": usual_words(each.line, each.usual) if each.usual else [],
        "coming": [(since, usual_words(each.line, wanted)) for since, wanted in each.coming],
        "url": usual_url(each) if mine else "",
        "to_choose": each.is_to_choose,
        "days": [
            {
                "day": stops.day,
                "words": day_words(stops),
                "release": release_words(stops),
                "usual": stops.usual,
                "to_choose": stops.is_to_choose,
                "url": _day_url(each, stops)
                if calendar is not None and is_open_day(offers, calendar, stops.day, at=now)
                else "",
            }
            for stops in days
        ],
        "more": max(len(each.days) - len(days), 0),
    }


def _day_url(each: ChildLine, stops: DayStops) -> str:
    return reverse("transport:day", args=[each.enrolment.pk, each.line.code, stops.day.isoformat()])


def _rules(each: ChildLine, first: date, *, last: date | None = None) -> tuple[list[Offer], ServiceCalendar]:
    offers = offers_of(each.line, each.enrolment.activity_id)
    return offers, load_calendar(DateRange(first, last or first), {offer.structure_id for offer in offers})


def _counts_from(found: ChildLine, *, now: datetime) -> tuple[date | None, str]:
    """From when a choice made now would count, or why none may be made."""
    first = found.usual is None and not found.coming
    try:
        return change_counts_from(found.enrolment, found.line, first=first, at=now), ""
    except StopRefused as refused:
        return None, refused.reason


def _about(found: ChildLine) -> dict[str, Any]:
    return {
        "child": found.enrolment.child,
        "activity": found.enrolment.activity,
        "line": found.line,
        "usual": usual_words(found.line, found.usual) if found.usual else [],
        "coming": [(since, usual_words(found.line, wanted)) for since, wanted in found.coming],
    }


def _change_day(request: FamilyRequest, form: StopsForm, found: ChildLine, wished: date) -> HttpResponse | None:
    """What the button asks; None when the form is shown again."""
    asked: dict[str, Any] = {
        "family": request.family,
        "enrolment": found.enrolment,
        "line": found.line.pk,
        "day": wished,
        "by": request.user,
        "at": timezone.now(),
    }
    said = {"day": language.words().full_date(wished)}
    try:
        if "habituel" in request.POST:
            reason = request.POST.get("hors_delai", "")[:200] if request.user.has_perm(PERMISSION) else ""
            forget_day(**asked, reason=reason)
            messages.success(request, _("Le %(day)s, c’est de nouveau l’arrêt habituel.") % said)
            return redirect("transport:index")
        if form.is_valid():
            choose_day(**asked, wanted=form.wanted, reason=form.reason)
            messages.success(request, _("L’arrêt du %(day)s est enregistré.") % said)
            return redirect("transport:index")
    except StopRefused as refused:
        if form.is_bound:
            _refuse(form, refused)
        else:
            messages.error(request, refused.reason)
            return redirect(request.path)
    return None


def _refuse(form: StopsForm, refused: StopRefused) -> None:
    field = _FIELDS.get(refused.field)
    form.add_error(field if field in form.fields else None, refused.reason)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
