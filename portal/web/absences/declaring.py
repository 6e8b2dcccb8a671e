"""« Signaler une absence »: one page, from the child and the days to the certificate; thirty seconds at 7 h 40."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.domain import language
from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.finding import Found, FoundDay, Standing, find_days
from portal.domain.absences.models import Absence
from portal.domain.absences.queries import offered_reasons
from portal.domain.absences.services import PERMISSION, AbsenceRefused, AlreadyDeclared, declare_absence
from portal.domain.absences.terms import sentences
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.privacy.retention import find_kept
from portal.web import clock
from portal.web.absences.forms import DeclarationForm, PeriodForm, day_words
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.state import is_number, planning_url

#: Where a refusal of the domain is written on the form.
_FIELDS = {"days": "jour", "reason": "motif", "words": "mots", "files": "files"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def declare(request: FamilyRequest) -> HttpResponse:
    """The days of a child over a period, read from the books; then the declaration."""
    now = clock.now(request)
    children = list(children_with(user=request.user, family=request.family, right=Right.BOOK))
    today = paris_date(now)
    asked = _asked(request.GET, children, today=today)
    period = PeriodForm(asked or None, children=children, initial={"du": today})
    context: dict[str, Any] = {"children": children, "period": period, "shortcuts": []}
    if not asked or not period.is_valid():
        status = 422 if period.errors else 200
        context |= {"form": period if period.errors else None, "today": _children_today(children, today)}
        return render(request, "absences/declare.html", context, status=status)
    child, days = period.child, period.days
    found = find_days(family=request.family, child=child, days=days, by=request.user, at=now)
    agent = request.user.has_perm(PERMISSION)
    offered = [*found.open, *(found.standing(Standing.LATE) if agent else [])]
    form = DeclarationForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        days=sorted(offered, key=lambda day: day.day),
        reasons=offered_reasons(),
        agent=agent,
    )
    if request.method == "POST":
        answer = _declare(request, form, child, days)
        if answer is not None:
            return answer
    context |= {
        "child": child,
        "days": days,
        "days_words": _days_words(days),
        "shortcuts": _shortcuts(child, days, today),
        "found": found,
        "others": [_other(day) for day in found.days if day not in offered],
        "form": form,
        "declaration": form,
        "rules": _rules(found),
        "kept": find_kept("absence_certificates"),
        "offered": offered,
        "planning_url": planning_url(days.first, edit=True),
    }
    return render(request, "absences/declare.html", context, status=422 if form.errors else 200)


def declare_url(*, child: int, day: date, last: date | None = None) -> str:
    """The page prefilled for one child and a day, or a period."""
    asked = {"enfant": child, "du": day.isoformat(), "au": (last or day).isoformat()}
    return f"{reverse('absences:declare')}?{urlencode(asked)}"


def _asked(query: QueryDict, children: list[Child], *, today: date) -> dict[str, str]:
    """What the address asks, completed where there is no choice to make; nothing when the child is to be chosen.

    Raises Http404 for a child who is not theirs to book for.
    """
    named = query.get("enfant", "")
    if named and not (is_number(named) and int(named) in {child.pk for child in children}):
        raise Http404
    if not named and len(children) == 1:
        named = str(children[0].pk)
    if not named:
        return {}
    first = query.get("du", "") or today.isoformat()
    return {"enfant": named, "du": first, "au": query.get("au", "")}


def _declare(request: FamilyRequest, form: DeclarationForm, child: Child, days: DateRange) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        absence = declare_absence(
            family=request.family,
            child=child,
            days=days,
            codes=form.cleaned_data["jour"],
            reason=form.reason,
            words=form.cleaned_data.get("mots", ""),
            uploads=form.cleaned_data["files"],
            late_reason=form.cleaned_data.get("hors_delai", ""),
            by=request.user,
            at=timezone.now(),
        )
    except AlreadyDeclared as already:
        messages.info(request, _("Cette absence est déjà déclarée."))
        return redirect("absences:detail", already.absence.key)
    except FileRefused as refused:
        form.add_error("files", str(refused))
        return None
    except AbsenceRefused as refused:
        field = _FIELDS.get(refused.field)
        form.add_error(field if field in form.fields else None, refused.reason)
        return None
    messages.success(request, _said(absence, asked=len(form.cleaned_data["jour"])))
    return redirect("absences:detail", absence.key)


def _said(absence: Absence, *, asked: int) -> str:
    said = {
        AbsenceState.EXPECTED: _("L’absence est déclarée. Il reste à envoyer le justificatif."),
        AbsenceState.ACCEPTED: _("L’absence est déclarée et acceptée."),
    }.get(AbsenceState(absence.state), _("L’absence est déclarée. Le service vous répond ici et par mail."))
    if absence.days.count() < asked:
        left = _("Certains jours ont changé entre-temps\u00a0: ils ne sont pas déclarés.")
        return f"{said} {left}"
    return said


def _days_words(days: DateRange) -> str:
    words = language.words()
    if days.first == days.last:
        return words.long_date(days.first)
    return words.date_range_year(days.first, days.last)


def _children_today(children: list[Child], today: date) -> list[dict[str, str]]:
    """« Hugo, absent aujourd’hui »: who, in one press."""
    return [
        {"label": child.first_name, "url": declare_url(child=child.pk, day=today), "icon": "heart"}
        for child in children
    ]


def _rules(found: Found) -> list[tuple[str, Sequence[str]]]:
    """The sentences of each rule under the names of what it is about, the same ones said once."""
    said: dict[tuple[str, ...], dict[str, None]] = {}
    for day in found.days:
        rule = found.rules.get(day.activity_id)
        if rule is not None and day.standing in {Standing.OPEN, Standing.LATE}:
            said.setdefault(tuple(sentences(rule)), {})[day.label] = None
    return [(", ".join(labels), lines) for lines, labels in said.items()]


def _shortcuts(child: Child, days: DateRange, today: date) -> list[dict[str, Any]]:
    """The periods of a sick child, in one press."""
    friday = today + timedelta(days=max(5 - today.isoweekday(), 0))
    periods = {
        _("Aujourd’hui"): DateRange(today, today),
        _("Jusqu’à demain"): DateRange(today, today + timedelta(days=1)),
    }
    if friday > today + timedelta(days=1):
        periods[_("Jusqu’à vendredi")] = DateRange(today, friday)
    return [
        {"label": label, "url": declare_url(child=child.pk, day=each.first, last=each.last), "current": each == days}
        for label, each in periods.items()
    ]


def _other(day: FoundDay) -> dict[str, str]:
    """A booked day that is not declared here, why, and where to go."""
    notes = {
        Standing.DECLARED: _("absence déjà déclarée"),
        Standing.CANCELLABLE: _("s’annule encore sans frais sur le planning"),
        Standing.LATE: _("délai de déclaration passé\u00a0: contactez le service"),
        Standing.NO_RULE: _("ne se déclare pas en ligne\u00a0: contactez le service"),
    }
    urls = {
        Standing.DECLARED: reverse("absences:detail", args=[day.absence]) if day.absence else "",
        Standing.CANCELLABLE: planning_url(day.day, edit=True),
        Standing.LATE: reverse("planning:why", args=[day.code]),
        Standing.NO_RULE: reverse("planning:why", args=[day.code]),
    }
    return {"label": day_words(day), "note": notes[day.standing], "url": urls[day.standing]}
