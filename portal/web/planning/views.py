"""The planning: read it, change it, understand why a day cannot change."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.bookings.codes import CellKey, UnknownCell
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import Draft
from portal.domain.bookings.queries import explain_cell, load_draft, load_planning
from portal.domain.bookings.services import (
    DraftChange,
    change_draft,
    change_period,
    extend_draft,
    resume_draft,
)
from portal.domain.kernel.calendar import shift_month
from portal.domain.kernel.clock import paris_date
from portal.web import clock
from portal.web.design.weeks import render_inside
from portal.web.family import FamilyRequest, family_required
from portal.web.planning import toolbar
from portal.web.planning.absent import absence_ways, load_marks
from portal.web.planning.arrange import Screen, cell_id
from portal.web.planning.bus import load_bus, stops_of_cell
from portal.web.planning.lines import line_ways, load_lines, waiting_url
from portal.web.planning.notices import (
    Notice,
    draft_token,
    followed_notice,
    left_lines,
    left_notice,
    left_out_notice,
    meanwhile_notice,
    recall,
    remember,
)
from portal.web.planning.period import PeriodForm
from portal.web.planning.reasons import explain
from portal.web.planning.requests import load_requests, request_ways
from portal.web.planning.state import (
    Grouping,
    PlanningState,
    View,
    is_number,
    is_plausible,
    kept_filter,
    planning_url,
)
from portal.web.planning.ticks import (
    SHOWN_FIELD,
    TICKED_FIELD,
    Ticks,
    decode_boxes,
    differences,
    encode_boxes,
    line_of,
)
from portal.web.planning.ways_out import ways
from portal.web.planning.words import changes, name_of, spoken


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """The planning of a period. A POST is a press on any button of the edit mode: ticks first, then the button."""
    now = clock.now(request)
    state = PlanningState.read(request.GET, today=paris_date(now))
    if request.method == "POST":
        return _press(request, state, now)
    screen = _screen(request, state, now)
    notices = recall(request)
    if state.fallback:
        text = _("Voici %(period)s.") % {"period": state.title}
        notices.insert(0, Notice(kind="", title=_("La période demandée n’existe pas"), text=text))
    return _show(request, screen, notices=notices)


@require_POST
@never_cache
@family_required
def tick(request: FamilyRequest) -> HttpResponse:
    """The boxes just changed, sent by htmx: the draft, the totals and the cells that are not what they look like."""
    now = clock.now(request)
    state = replace(PlanningState.read(request.GET, today=paris_date(now)), edit=True)
    if not getattr(request, "htmx", False):
        return _press(request, state, now)
    shown, sent, ticks = _read_ticks(request)
    meanwhile = _meanwhile(request, now)
    change = _change(request, ticks, now)
    screen = _screen(request, state, now)
    notices = [each for each in (meanwhile, *_change_notices(change)) if each]
    left = left_lines(change) if change is not None else ()
    moved = _moved_cells(screen, shown, sent)
    opened = _opened_cells(screen, shown, ticks)
    kept = {code: screen.boxes[code] if code in moved else code in sent for code in shown if code in screen.boxes}
    kept |= {code: screen.boxes[code] for code in opened}
    announcement = spoken(screen.planning.draft)
    announcement = " ".join([*(_said(notice) for notice in notices), *left, announcement])
    return render(
        request,
        "planning/swap.html",
        {
            **_draft_context(screen.planning.draft, now),
            "screen": screen,
            "notices": notices,
            "left": left,
            "announcement": announcement,
            "shown_values": encode_boxes(kept),
            "moved": (moved | opened).items(),
        },
    )


@require_POST
@never_cache
@family_required
def keep(request: FamilyRequest) -> HttpResponse:
    """« Garder 20 minutes de plus », from the dialog or the recap; then back to where it was pressed."""
    now = clock.now(request)
    extend_draft(family=request.family, by=request.user, at=now)
    if request.GET.get("retour") == "panier":
        return redirect("basket:index")
    state = PlanningState.read(request.GET, today=paris_date(now))
    return redirect(state.url(edit=True))


@require_safe
@family_required
def why(request: FamilyRequest, code: str) -> HttpResponse:
    """« Pourquoi non ? »: the rule, the instant, the text, the ways out."""
    now = clock.now(request)
    today = paris_date(now)
    try:
        if not is_plausible(CellKey.parse(code).day, today=today):
            raise Http404
        cell = explain_cell(family=request.family, user=request.user, code=code, at=now)
    except UnknownCell as error:
        raise Http404 from error
    back_url = planning_url(cell.day)
    return render(
        request,
        "planning/why.html",
        {
            "cell": cell,
            "reason": explain(cell, today=today),
            "ways": [
                *line_ways(request, cell, now),
                *absence_ways(request, cell, now),
                *request_ways(request, cell, now),
                *ways(cell.ways_out, service=cell.service, planning_url=back_url),
            ],
            "back_url": back_url,
            "stops": stops_of_cell(cell.code, cell.enrolment_id) if cell.enrolment_id else "",
        },
    )


# A press on a button


def _press(request: FamilyRequest, state: PlanningState, now: datetime) -> HttpResponse:
    """Ticks first, so that nothing is lost, then what the button asks; every answer is a redirection."""
    state = replace(state, edit=True)
    _shown, _sent, ticks = _read_ticks(request)
    remember(request, _meanwhile(request, now))
    change = _change(request, ticks, now)
    remember(request, *_change_notices(change), left_notice(change))
    asked = request.POST
    match asked.get("suite", ""):
        case "verifier":
            return redirect("basket:index")
        case "effacer":
            return redirect("basket:clear")
        case "periode":
            return _apply_period(request, state, now)
        case "garder":
            extend_draft(family=request.family, by=request.user, at=now)
        case "reprendre":
            resumed = resume_draft(family=request.family, by=request.user, at=now)
            remember(request, *_change_notices(resumed))
        case "consulter":
            state = replace(state, edit=False)
        case "afficher":
            state = _masked(request, state, now)
    return redirect(_moved(asked, state, paris_date(now)).url())


def _moved(asked: Any, state: PlanningState, today: date) -> PlanningState:
    """The state after a press on an arrow, a view, an arrangement or a child."""
    if (step := asked.get("aller")) in {"-1", "1"}:
        moved = state.moved(int(step))
        state = moved if moved.reachable(today=today) else state
    elif step == "0":
        state = replace(state, anchor=today)
    if (view := asked.get("vue")) in list(View):
        state = state.seen_as(View(view), today=today)
    if (grouping := asked.get("par")) in list(Grouping):
        state = replace(state, grouping=Grouping(grouping))
    if alone := asked.get("seul"):
        child = frozenset({int(alone)}) if is_number(alone) else frozenset[int]()
        state = replace(state, children=child)
    return state


def _masked(request: FamilyRequest, state: PlanningState, now: datetime) -> PlanningState:
    """The state after « Appliquer » on the check boxes that mask children and activities."""
    screen = _screen(request, replace(state, children=frozenset(), activities=frozenset()), now)
    return replace(
        state,
        children=kept_filter(request.POST.getlist("f_enfant"), {child.pk: "" for child in screen.children}),
        activities=kept_filter(request.POST.getlist("f_activite"), screen.activities),
    )


def _apply_period(request: FamilyRequest, state: PlanningState, now: datetime) -> HttpResponse:
    """« Plusieurs semaines »: the days go to the draft; a mistake shows the page again, with what was typed."""
    screen = _screen(request, state, now)
    form = _period_form(screen, data=request.POST)
    if not form.is_valid():
        return _show(request, screen, notices=recall(request), period=form)
    change = change_period(
        family=request.family,
        sense=form.wish,
        children=form.children,
        activity=form.activity,
        unit=form.unit,
        days=form.days,
        weekdays=form.weekdays,
        by=request.user,
        at=now,
    )
    remember(request, _period_notice(form.wish, change), *_change_notices(change))
    return redirect(state.url())


def _period_notice(wish: Wish, change: DraftChange) -> Notice:
    if not change.changed:
        return Notice(kind="", title=_("Aucun jour n’a changé"), text=_("Rien n’a été ajouté au brouillon."))
    title = (
        ngettext("Un jour ajouté au brouillon", "%(count)s\u00a0jours ajoutés au brouillon", change.changed)
        if wish is Wish.ADD
        else ngettext(
            "Une annulation ajoutée au brouillon", "%(count)s\u00a0annulations ajoutées au brouillon", change.changed
        )
    )
    return Notice(kind="good", title=title % {"count": change.changed}, text=_("Vérifiez, puis validez."))


# Ticks


def _read_ticks(request: HttpRequest) -> tuple[dict[str, bool], set[str], Ticks]:
    """The boxes as they were shown, those sent ticked, and the difference; « Cocher tout » ticks its whole line."""
    shown = decode_boxes(request.POST.getlist(SHOWN_FIELD))
    sent = set(request.POST.getlist(TICKED_FIELD))
    whole_line = request.POST.get("cocher", "")
    if whole_line:
        sent |= {code for code in shown if line_of(code) == whole_line}
    return shown, sent, differences(shown, sent)


def _change(request: FamilyRequest, ticks: Ticks, now: datetime) -> DraftChange | None:
    if not ticks:
        return None
    try:
        return change_draft(family=request.family, add=ticks.add, remove=ticks.remove, by=request.user, at=now)
    except UnknownCell as error:
        raise Http404 from error


def _meanwhile(request: FamilyRequest, now: datetime) -> Notice | None:
    """Whether the draft moved since the page was shown. Pages that say nothing of it (no token) are not asked."""
    shown = request.POST.get("brouillon")
    if shown is None:
        return None
    draft = load_draft(family=request.family, at=now)
    return meanwhile_notice(draft, shown=shown, mine=name_of(request.user))


def _moved_cells(screen: Screen, shown: dict[str, bool], sent: set[str]) -> dict[str, tuple[str, SafeString]]:
    """The boxes of the browser that are no longer what they look like: code → id and new inside of the cell."""
    moved = {}
    for code in shown:
        found = screen.find_cell(code)
        if found is None:
            continue
        row, cell = found
        if not cell.editable or cell.checked != (code in sent):
            moved[code] = (cell_id(code), render_inside(screen.drawn(row, cell)))
    return moved


def _opened_cells(screen: Screen, shown: dict[str, bool], ticks: Ticks) -> dict[str, tuple[str, SafeString]]:
    """The cells that had no box and have one now, by what was just changed for that child: a tie of the same day, a
    limit that counts others.

    Only those drawn with an id, which the page can find; they come unticked, so that a page which did not would send
    no wish of its own.
    """
    touched = {key.child_id for key in map(CellKey.parse, ticks.add | ticks.remove)}
    return {
        cell.code: (cell_id(cell.code), render_inside(screen.drawn(row, cell)))
        for row in screen.rows
        for cell in row.cells.values()
        if cell.editable and not cell.checked and cell.code not in shown and row.child.pk in touched
    }


def _change_notices(change: DraftChange | None) -> list[Notice | None]:
    """What the change did besides what was asked, then what it could not do."""
    if change is None:
        return []
    url = waiting_url(change.left_out)
    link = _("Demander ces places sur la liste d’attente") if url else ""
    return [followed_notice(change.followed), left_out_notice(change.left_out, url=url, link=link)]


def _said(notice: Notice) -> str:
    return " ".join(filter(None, (f"{notice.title}.", notice.text, *notice.lines)))


# The page


def _screen(request: FamilyRequest, state: PlanningState, now: datetime) -> Screen:
    """The planning of the period. Raises Http404 when the address names a child that is not of this family."""
    planning = load_planning(family=request.family, user=request.user, days=state.days, at=now)
    if not state.children <= {child.pk for child in planning.children}:
        raise Http404
    return Screen(
        planning=planning,
        state=state,
        today=paris_date(now),
        absent=load_marks(request.family, planning),
        lines=load_lines(request.family, planning),
        requests=load_requests(request.family, planning),
    )


def _show(
    request: FamilyRequest, screen: Screen, *, notices: list[Notice], period: PeriodForm | None = None
) -> HttpResponse:
    """The page: in edit mode when something may change, else in consultation.

    Then the arrows keep the wish to edit: the next period may be open.
    """
    asked = screen
    editing = screen.state.edit and screen.editable
    if screen.state.edit and not editing:
        screen = replace(screen, state=replace(screen.state, edit=False))
    context: dict[str, Any] = {
        **_draft_context(screen.planning.draft, screen.planning.at),
        **toolbar.context(asked),
        "screen": screen,
        "state": screen.state,
        "notices": notices,
        "shown_values": screen.shown_values,
        "bus": load_bus(screen.planning),
    }
    if not editing:
        return render(request, "planning/index.html", context)
    context["period"] = period or _period_form(screen)
    context["period_open"] = period is not None
    return render(request, "planning/edit.html", context, status=422 if period is not None else 200)


def _draft_context(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        "draft": draft,
        "draft_token": draft_token(draft),
        "draft_count": changes(draft.count),
        "left": (),
        "now": now,
    }


def _period_form(screen: Screen, data: Any = None) -> PeriodForm:
    first = max(screen.today, screen.state.days.first)
    shown = [
        str(child.pk) for child in screen.children if child.pk in screen.state.children or not screen.state.children
    ]
    open_days = [cell.day for row in screen.rows for cell in row.cells.values() if cell.editable]
    return PeriodForm(
        data,
        rows=screen.planning.rows,
        children=screen.children,
        weekdays=screen.weekdays,
        initial={
            "p_sens": Wish.ADD.value,
            "p_du": min(open_days, default=first),
            "p_au": shift_month(max(first, screen.state.days.first), 2),
            "p_jour": [],
            # Ticked for them only when one child is shown: days for a child whom nobody meant cost money.
            "p_enfant": shown if len(shown) == 1 else [],
        },
    )
