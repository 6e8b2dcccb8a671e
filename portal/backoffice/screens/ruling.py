"""« Règlement » of an activity: its deadlines as sentences, each changed by a form, with the days that it moves.

A page for the activity, a page for one rule. The rule is chosen, then tried on a calendar beside the days that it
moves, then kept: three presses, without script.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, re_path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from portal.backoffice.scoping import offered
from portal.backoffice.screens.counting import limit_lines
from portal.backoffice.screens.forms import deadline_sentence
from portal.backoffice.screens.rule_editor import RuleEditor
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Deadline, Window, deadline_from_data
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange, shift_month
from portal.domain.kernel.clock import PARIS, paris_date
from portal.domain.kernel.french import typography
from portal.domain.late_requests.terms import NOTHING, sentences, terms_of
from portal.domain.setup.ruling import (
    Impact,
    Move,
    Owner,
    RuleChanged,
    Which,
    activity_of,
    change_rule,
    plan_rule,
    require,
    rule_in_force,
)

SALT = "setup.rule"
WORDS = {"reserver": Which.BOOK, "annuler": Which.CANCEL, "supprimer": Which.REMOVE}
TITLES = {
    Which.BOOK: "Délai pour réserver",
    Which.CANCEL: "Délai pour annuler",
    Which.REMOVE: "Délai pour supprimer une inscription",
}
MOVES = {
    Move.OPENS: "fermé aujourd’hui, rouvre",
    Move.CLOSES: "ouvert aujourd’hui, se ferme",
    Move.LATER: "plus longtemps",
    Move.SOONER: "moins longtemps",
    Move.OTHERWISE: "autre limite",
}
#: The longest list of days on one page; the numbers count all of them.
SHOWN = 120


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One deadline of the règlement, in words. `own`: a unit that does not follow its activity."""

    title: str
    sentence: str
    url: str
    own: bool = True


@require_safe
def reglement(request: HttpRequest, key: int) -> HttpResponse:
    """All the deadlines of an activity and of its units, its numbers of days, and what is asked after them."""
    agent = cast(User, request.user)
    activity = get_object_or_404(offered(agent, Activity.objects.all()), pk=key)
    require(activity, agent)
    lines = [_line(activity, which, "activite") for which in Which]
    units = [
        (unit, [_line(unit, which, "unite") for which in (Which.BOOK, Which.CANCEL)])
        for unit in activity.units.select_related("activity").order_by("order", "pk")
    ]
    asked = terms_of([activity.pk]).get(activity.pk, NOTHING)
    context = {
        "activity": activity,
        "lines": lines,
        "units": units,
        "limits": limit_lines(activity),
        "asked": sentences(asked),
    }
    return render(request, "backoffice/screens/reglement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, nature: str, key: str, word: str) -> HttpResponse:
    """One deadline: its form, then what it would change, then the button that keeps it."""
    agent, at = cast(User, request.user), timezone.now()
    owner, which = _owner(agent, nature, int(key)), WORDS[word]
    if isinstance(owner, Unit) and which is Which.REMOVE:
        raise Http404
    require(owner, agent)
    page = _Page(request, owner, which, at)
    if request.method != "POST":
        return page.form(page.editor(initial=getattr(owner, which)))
    if "plan" in request.POST:
        return page.tried()
    editor = page.editor(data=request.POST, initial=getattr(owner, which))
    if {"montrer", "ajouter", "retirer"} & request.POST.keys() or not editor.is_shown:
        return page.form(editor)
    if not editor.is_valid():
        return page.form(editor, status=422)
    data = editor.to_data()
    return page.plan(deadline_from_data(data).to_data() if data is not None else None, getattr(owner, which))


class _Page:
    """The two faces of the page of one rule."""

    def __init__(self, request: HttpRequest, owner: Owner, which: Which, at: datetime) -> None:
        self.request, self.owner, self.which, self.at = request, owner, which, at
        self.activity = activity_of(owner)
        self.back = reverse("activity_rules", args=[self.activity.pk])

    def editor(self, *, initial: Any, data: Any = None) -> RuleEditor:
        empty = "le délai de l’activité" if isinstance(self.owner, Unit) else ""
        return RuleEditor("r", title=TITLES[self.which], data=data, initial=initial, empty=empty)

    def form(self, editor: RuleEditor, *, error: str = "", status: int = 200) -> HttpResponse:
        said = deadline_sentence(rule_in_force(self.owner, self.which), self.which.action)
        context = {"editor": editor, "said": said, "error": error}
        return self._render("backoffice/screens/rule_form.html", context, status)

    def plan(self, data: Any, before: Any, *, error: str = "") -> HttpResponse:
        """What the change does, and what the rule gives over a month."""
        impact = plan_rule(owner=self.owner, which=self.which, data=data, at=self.at)
        effective = data if data is not None else getattr(self.activity, self.which)
        deadline = deadline_from_data(effective)
        trial = _Trial.of(self.request.POST, self.activity, self.owner, self.at)
        context = {
            "token": signing.dumps({"data": data, "before": before}, salt=SALT, compress=True),
            "sentence": deadline.sentence(self.which.action),
            "before": deadline_sentence(rule_in_force(self.owner, self.which), self.which.action),
            "same": data == before,
            "impact": impact,
            "counts": _counts(impact),
            "moved": [
                (each, MOVES[each.move], _until(each.before), _until(each.after)) for each in impact.days[:SHOWN]
            ],
            "more": max(0, len(impact.days) - SHOWN),
            "trial": trial,
            "month": trial.rows(deadline),
            "answer": trial.answer(deadline),
            "is_removal": self.which is Which.REMOVE,
            "error": error,
        }
        return self._render("backoffice/screens/rule_plan.html", context, 422 if error else 200)

    def tried(self) -> HttpResponse:
        """A press of the second face: another month, another try, back to the form, or the change itself."""
        try:
            said = signing.loads(self.request.POST["plan"], salt=SALT)
        except signing.BadSignature:
            return redirect(self.request.path)
        data, before = said["data"], said["before"]
        if "corriger" in self.request.POST:
            return self.form(self.editor(initial=data))
        if "enregistrer" not in self.request.POST:
            return self.plan(data, before)
        by = cast(User, self.request.user)
        try:
            changed = change_rule(owner=self.owner, which=self.which, data=data, expected=before, by=by, at=self.at)
        except RuleChanged:
            self.owner.refresh_from_db()
            words = "Un autre agent vient de changer ce délai : rien n’est enregistré. Relisez avant d’enregistrer."
            return self.plan(data, getattr(self.owner, self.which), error=typography(words))
        words = "Le délai est changé. Il compte dès maintenant." if changed else "Rien n’a changé."
        messages.success(self.request, words)
        return redirect(self.back)

    def _render(self, template: str, more: dict[str, Any], status: int) -> HttpResponse:
        context = {
            "owner": self.owner,
            "activity": self.activity,
            "title": TITLES[self.which],
            "back": self.back,
            **more,
        }
        return render(self.request, template, context, status=status)


@dataclass(frozen=True, slots=True)
class _Trial:
    """The month looked at, and the question « si un parent réserve le … pour le … »."""

    activity: Activity
    units: tuple[Unit, ...]
    calendar: ServiceCalendar
    month: date
    day: date | None
    at: datetime | None
    first: date
    last: date

    @classmethod
    def of(cls, sent: Any, activity: Activity, owner: Owner, now: datetime) -> "_Trial":
        first = max(activity.starts_on, min(paris_date(now), activity.ends_on))
        month = parse_date(f"{sent.get('mois', '')}-01") if len(sent.get("mois", "")) == 7 else None
        month = min(max(month or first, activity.starts_on), activity.ends_on).replace(day=1)
        day = _parsed(parse_date, sent.get("jour", ""))
        instant = _parsed(parse_datetime, sent.get("quand", ""))
        units = (
            (owner,)
            if isinstance(owner, Unit)
            else tuple(activity.units.select_related("activity").order_by("order", "pk"))
        )
        days = DateRange(min(month, day or month), max(shift_month(month, 1), day or month))
        return cls(
            activity,
            units,
            load_calendar(days, [activity.structure_id]),
            month,
            day,
            instant.replace(tzinfo=PARIS) if instant is not None and instant.tzinfo is None else None,
            activity.starts_on.replace(day=1),
            activity.ends_on.replace(day=1),
        )

    @property
    def title(self) -> str:
        return french.month_year(self.month)

    @property
    def previous(self) -> str:
        before = shift_month(self.month, -1)
        return f"{before:%Y-%m}" if before >= self.first else ""

    @property
    def next(self) -> str:
        after = shift_month(self.month, 1)
        return f"{after:%Y-%m}" if after <= self.last else ""

    @property
    def when(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M}" if self.at is not None else ""

    def rows(self, deadline: Deadline) -> list[tuple[date, str]]:
        """The days served that month, each with its limit."""
        month = DateRange(self.month, shift_month(self.month, 1) - timedelta(days=1))
        served = {day for unit in self.units for day in self.calendar.served_days(offer_of(unit), month)}
        return [(day, _until(deadline.window(day, self.calendar))) for day in sorted(served)]

    def answer(self, deadline: Deadline) -> str:
        """« Oui : ouvert jusqu’au… », « Non : fermé depuis… », or why the day is not served."""
        if self.day is None or self.at is None:
            return ""
        if self.units and not any(self.calendar.serves(offer_of(unit), self.day) for unit in self.units):
            refusal = self.calendar.refusal(offer_of(self.units[0]), self.day)
            return typography(f"Non : {refusal.sentence}") if refusal is not None else ""
        allowed = deadline.allows(self.day, self.at, self.calendar)
        said = deadline.explain(self.day, self.calendar, self.at)
        return typography(f"{'Oui' if allowed else 'Non'} : {said}.")


def _parsed(parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None


def _until(window: Window) -> str:
    if window.never:
        return window.note
    parts = []
    if window.opens is not None:
        parts.append(f"à partir du {french.instant(window.opens)}")
    if window.last_shown is not None:
        parts.append(f"jusqu’au {french.instant(window.last_shown)}")
    return ", ".join(parts) or "sans limite"


def _counts(impact: Impact) -> list[tuple[str, int]]:
    return [(words, count) for move, words in MOVES.items() if (count := impact.count(move))]


def _owner(agent: User, nature: str, key: int) -> Owner:
    rows: Any = Activity.objects.all() if nature == "activite" else Unit.objects.select_related("activity")
    owner: Owner = get_object_or_404(offered(agent, rows), pk=key)
    return owner


def _line(owner: Owner, which: Which, nature: str) -> RuleLine:
    own = getattr(owner, which)
    word = next(word for word, each in WORDS.items() if each is which)
    return RuleLine(
        TITLES[which],
        deadline_sentence(own if own is not None else rule_in_force(owner, which), which.action),
        reverse("activity_rule", args=[nature, owner.pk, word]),
        own=own is not None,
    )


def urls() -> list[URLPattern]:
    """Under `/gestion/activites/reglement/`."""
    one = (
        r"^activites/reglement/(?P<nature>activite|unite)/(?P<key>[0-9]{1,18})/(?P<word>reserver|annuler|supprimer)/$"
    )
    return [
        path("activites/reglement/<int:key>/", reglement, name="activity_rules"),
        re_path(one, rule, name="activity_rule"),
    ]
