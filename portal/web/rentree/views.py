"""`/famille/rentree/`: one page for every child, one validation, then its recap on screen and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain import language
from portal.domain.families.models import Child
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import total
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.rentree.enums import LineState
from portal.domain.rentree.models import RentreeLine, RentreeRecap
from portal.domain.rentree.queries import ChildRentree, Rentree, last_recap, load_rentree
from portal.domain.rentree.rules import rentree_year
from portal.domain.rentree.services import (
    NothingToSend,
    RentreeChanged,
    forget_rentree,
    save_rentree,
    validate_rentree,
)
from portal.web import clock
from portal.web.design.pdf import render_pdf
from portal.web.enrolments.papers import MissingPapersForm
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.words import name_of
from portal.web.rentree.forms import LineForm, is_open, line_forms, wanted_activities, wanted_weeks
from portal.web.rentree.papers import by_child, missing_for_household


@dataclass(slots=True)
class ChildCard:
    """One child on the page: their lines, their papers, what they would cost in the year."""

    rentree: ChildRentree
    lines: list[LineForm]
    papers: list[BoundField]
    cost: Decimal


@dataclass(slots=True)
class Page:
    """What the page shows once everything was read; `note` is said on top."""

    rentree: Rentree
    lines: list[LineForm]
    papers: MissingPapersForm
    note: str = ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """The page; « garder » keeps the answers, « valider » sends them, anything else only counts again."""
    at = clock.now(request)
    page = _read(request, at)
    if request.method != "POST":
        return _show(request, page, at=at)
    pressed = request.POST.get("suite", "")
    if pressed not in {"garder", "valider"}:
        page.papers.errors.clear()
        return _show(request, page, at=at)
    faulty = any(line.errors for line in page.lines)
    page.papers.is_valid()
    sent = page.papers.hand_in(request, at=at)
    if pressed == "garder":
        return _keep(request, page, sent, faulty=faulty, at=at)
    if faulty or page.papers.errors:
        _say_again(request, page, sent, at=at)
        return _show(request, page, at=at, status=422)
    return _send(request, page, at=at)


def _read(request: FamilyRequest, at: datetime) -> Page:
    rentree = load_rentree(family=request.family, user=request.user, at=at)
    lines = line_forms(rentree, request.POST if request.method == "POST" else None)
    return Page(rentree, lines, _papers(request, rentree, lines, at=at))


def _papers(request: FamilyRequest, rentree: Rentree, lines: Sequence[LineForm], *, at: datetime) -> MissingPapersForm:
    children: dict[int, Child] = {each.child.pk: each.child for each in rentree.children}
    return missing_for_household(request, children, wanted_activities(lines), at=at)


def _keep(request: FamilyRequest, page: Page, sent: Sequence[str], *, faulty: bool, at: datetime) -> HttpResponse:
    """Whatever can be read is kept, even beside an error: nothing typed is lost."""
    answers = [line.answer() for line in page.lines]
    save_rentree(family=request.family, year=page.rentree.year, answers=answers, by=request.user, at=at)
    refused = [error for name, error in page.papers.errors.items() if name in request.FILES]
    if faulty or refused:
        _say_again(request, page, sent, at=at, only_files=True)
        page.note = _("Vos réponses sont gardées, sauf ce qui est signalé ici.")
        page.rentree = load_rentree(family=request.family, user=request.user, at=at)
        return _show(request, page, at=at, status=422)
    _tell_sent(request, sent)
    messages.success(
        request, _("Vos réponses sont gardées. Rien n’est encore demandé\u00a0: revenez valider quand vous voulez.")
    )
    return redirect("rentree:index")


def _send(request: FamilyRequest, page: Page, *, at: datetime) -> HttpResponse:
    key, version = _token(request)
    try:
        done = validate_rentree(
            family=request.family,
            year=page.rentree.year,
            key=key,
            version=version,
            answers=[line.answer() for line in page.lines],
            by=request.user,
            at=at,
        )
    except RentreeChanged as changed:
        page.note = _changed_words(request, changed)
        return _show(request, page, at=at, status=409)
    except NothingToSend as nothing:
        refusals = {(each.wish.child.pk, each.wish.activity.pk): each.refusal for each in nothing.answers}
        for line in page.lines:
            refusal = refusals.get((line.child.child.pk, line.choice.activity.pk))
            if refusal is not None:
                line.add_error(None, refusal.sentence)
        page.note = (
            _("Rien n’a pu être enregistré\u00a0: chaque ligne dit pourquoi.")
            if refusals
            else _("Cochez au moins une activité, ou gardez vos réponses pour plus tard.")
        )
        return _show(request, page, at=at, status=422)
    return redirect("rentree:recap", done.number)


def _changed_words(request: FamilyRequest, changed: RentreeChanged) -> str:
    who = _("Vous avez changé") if changed.draft.changed_by == request.user else ""
    who = who or _("%(name)s a changé") % {"name": name_of(changed.draft.changed_by)}
    return _(
        "%(who)s cette préparation entre-temps, le %(instant)s. Vos réponses sont encore là\u00a0: relisez-les, puis "
        "validez."
    ) % {"who": who, "instant": language.words().instant(changed.draft.changed_at)}


def _token(request: FamilyRequest) -> tuple[UUID, int | None]:
    """The name of this validation and the version that was shown; an unreadable one names a validation never seen."""
    try:
        key = UUID(request.POST.get("cle", ""))
    except ValueError:
        key = uuid4()
    version = request.POST.get("version", "")
    return key, int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None


def _say_again(
    request: FamilyRequest, page: Page, sent: Sequence[str], *, at: datetime, only_files: bool = False
) -> None:
    """What was sent is not asked for again; what was refused keeps its sentence."""
    errors = {name: list(each) for name, each in page.papers.errors.items() if not only_files or name in request.FILES}
    _tell_sent(request, sent)
    page.papers = _papers(request, page.rentree, page.lines, at=at)
    page.papers.is_valid()
    page.papers.errors.clear()
    for name, sentences in errors.items():
        if name in page.papers.fields:
            for sentence in sentences:
                page.papers.add_error(name, sentence)


def _tell_sent(request: FamilyRequest, sent: Sequence[str]) -> None:
    if sent:
        messages.success(request, _("C’est transmis\u00a0: %(papers)s.") % {"papers": ", ".join(sent)})


def _show(request: FamilyRequest, page: Page, *, at: datetime, status: int = 200) -> HttpResponse:
    rentree = page.rentree
    if not rentree.has_activities:
        return render(request, "rentree/none.html", {"year": rentree.year, "running": rentree_year(paris_date(at))})
    draft = rentree.draft
    papers = by_child(page.papers)
    estimate = rentree.estimate(wanted_weeks(page.lines))
    return render(
        request,
        "rentree/index.html",
        {
            "year": rentree.year,
            "cards": [
                ChildCard(
                    each,
                    [line for line in page.lines if line.child.child.pk == each.child.pk],
                    papers.get(each.child.pk, []),
                    estimate.of_child(each.child.pk),
                )
                for each in rentree.children
            ],
            "family_papers": papers.get(0, []),
            "forms": [*(line for line in page.lines if line.wanted), page.papers],
            "estimate": estimate,
            "names": {each.child.pk: each.child.first_name for each in rentree.children},
            "draft": draft,
            # Once everything was sent, what is kept is only what was not wanted: nothing is under way.
            "under_way": draft is not None and any(choice.wanted for _child, choice in rentree.choices),
            "draft_by": name_of(draft.changed_by) if draft is not None else "",
            "key": draft.key if draft is not None else request.POST.get("cle") or uuid4(),
            "version": draft.version if draft is not None else "",
            "may_send": any(is_open(line) for line in page.lines),
            "opens_at": rentree.opens_at,
            "note": page.note,
            "recap": last_recap(family=request.family, year=rentree.year),
        },
        status=status,
    )


@never_cache
@require_POST
@family_required
def estimation(request: FamilyRequest) -> HttpResponse:
    """The estimate of what the form says now, as a part of the page; nothing is written."""
    at = clock.now(request)
    page = _read(request, at)
    estimate = page.rentree.estimate(wanted_weeks(page.lines))
    shown = set(request.POST.getlist("piece_montree"))
    return render(
        request,
        "rentree/_estimate.html",
        {
            "estimate": estimate,
            "names": {each.child.pk: each.child.first_name for each in page.rentree.children},
            "more_papers": [line.title for name, line in page.papers.lines.items() if name not in shown],
        },
    )


@require_POST
@family_required
def restart(request: FamilyRequest) -> HttpResponse:
    """Forget the preparation: the page proposes last year again."""
    at = clock.now(request)
    if forget_rentree(family=request.family, year=rentree_year(paris_date(at)), by=request.user, at=at):
        messages.success(request, _("Votre préparation est oubliée\u00a0: la page reprend l’an dernier."))
    return redirect("rentree:index")


@dataclass(frozen=True, slots=True)
class RecapChild:
    """One child of a recap, with what was asked for them."""

    name: str
    lines: list[RentreeLine]


@never_cache
@require_safe
@family_required
def recap(request: FamilyRequest, number: str) -> HttpResponse:
    """The proof of a validation, as it was; reachable for ever by whoever sees the family."""
    return render(request, "rentree/recap.html", _recap_context(request, number))


@require_safe
@family_required
def document(request: FamilyRequest, number: str) -> HttpResponse:
    """The same on paper."""
    context = _recap_context(request, number)
    found: RentreeRecap = context["recap"]
    pdf = render_pdf("rentree/recap_pdf.html", context | {"family": found.family})
    return private_answer(pdf, name=f"rentree-{found.number}.pdf", kind=FileType.PDF)


def _recap_context(request: FamilyRequest, number: str) -> dict[str, Any]:
    rows = RentreeRecap.objects.visible_to(request.user).select_related("family", "by").distinct()
    found = get_object_or_404(rows, number=number)
    lines = list(
        found.lines.filter(child__in=Child.objects.visible_to(request.user))
        .select_related("enrolment")
        .order_by("rank")
    )
    for line in lines:
        line.left_out = [each | {"day": date.fromisoformat(each["day"])} for each in line.left_out]
    granted = [line for line in lines if line.state != LineState.REFUSED]
    return {
        "recap": found,
        "year": SchoolYear(found.school_year),
        "children": [
            RecapChild(several[0].child_name, several)
            for _key, group in groupby(lines, key=lambda line: line.child_id)
            if (several := list(group))
        ],
        "by": name_of(found.by),
        "granted": len(granted),
        "refused": len(lines) - len(granted),
        "held": any(line.state == LineState.HELD for line in lines),
        "booked": sum(line.booked for line in granted),
        "cost": total(line.cost for line in granted),
    }
