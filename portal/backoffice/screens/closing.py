"""« Fermer des jours »: what closes and why, what it would do, then the button; and opening them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.backoffice.desk.family import READ
from portal.backoffice.scoping import is_limited, offered, today
from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Closure, Structure
from portal.domain.closures.models import ClosedBooking, DeclaredClosure
from portal.domain.closures.planning import WHOLE_TOWN, Plan, Wanted
from portal.domain.closures.services import (
    PAST_DAYS,
    ClosureRefused,
    PlanChanged,
    declare_closure,
    lift_closure,
    plan_closure,
    plan_lifting,
    word_closure,
)
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.french import amount, date_range_year, plural, typography

#: What was read before the button, signed: dates, place and words cannot be others than those of the plan.
SALT = "closures.plan"
#: The longest list of names on one page; the numbers count all of them.
SHOWN = 500


class ClosureForm(forms.Form):
    """What closes, when, and what families read."""

    place = forms.ChoiceField(label="Ce qui ferme", error_messages={"required": "Choisissez ce qui ferme."})
    starts_on = forms.DateField(
        label="Premier jour fermé",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le premier jour fermé."},
    )
    ends_on = forms.DateField(
        label="Dernier jour fermé",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Vide : un seul jour.",
    )
    reason = forms.CharField(
        label="Motif",
        max_length=150,
        help_text="Les familles le lisent sur leur planning et dans le courriel. Exemple : grève du personnel.",
        error_messages={"required": "Écrivez le motif : les familles le lisent."},
    )
    message = forms.CharField(
        label="Message aux familles",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ajouté au courriel : ce que les familles peuvent faire.",
    )

    def __init__(self, *args: Any, agent: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.help_text = typography(str(field.help_text))
        cast(forms.ChoiceField, self.fields["place"]).choices = _places(agent)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "La fermeture finit après avoir commencé.")
        return data

    def wanted(self) -> Wanted:
        """What is asked, once valid."""
        data = self.cleaned_data
        kind, _dash, key = data["place"].partition("-")
        first: date = data["starts_on"]
        return Wanted(
            DateRange(first, data["ends_on"] or first),
            " ".join(data["reason"].split()),
            data["message"].strip(),
            structure=int(key) if kind == "structure" else None,
            activity=int(key) if kind == "activite" else None,
        )


def _places(agent: User) -> list[Any]:
    structures = offered(agent, Structure.objects.order_by("name", "pk"))
    current = Activity.objects.filter(ends_on__gte=today() - timedelta(days=PAST_DAYS))
    activities = offered(agent, current.order_by("type__order", "name", "pk"))
    town = [] if is_limited(agent) else [("commune", "Toute la commune")]
    return [
        ("", "Choisissez"),
        *town,
        ("Une structure, toutes ses activités", [(f"structure-{each.pk}", each.name) for each in structures]),
        ("Une activité", [(f"activite-{each.pk}", each.full_name) for each in activities]),
    ]


def declare(request: HttpRequest, *, index_url: str) -> HttpResponse:
    """The form, then the plan, then the effect: three presses of one page, the last of which writes."""
    agent, at = cast(User, request.user), timezone.now()
    if request.method != "POST":
        return _form(request, ClosureForm(agent=agent), index_url)
    if "plan" in request.POST:
        read = _read(request.POST["plan"])
        if read is None:
            return redirect(request.path)
        wanted, digest = read
        if "corriger" in request.POST:
            return _form(request, ClosureForm(initial=_initial(wanted), agent=agent), index_url)
        return _apply(request, wanted, digest, agent, at, index_url)
    form = ClosureForm(request.POST, agent=agent)
    if form.is_valid():
        try:
            plan = plan_closure(wanted=form.wanted(), by=agent, at=at)
        except ClosureRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, typography(str(refused)))
        except PermissionDenied:
            form.add_error("place", "Choisissez une structure ou une activité de votre périmètre.")
        else:
            return _plan(request, plan, index_url)
    return _form(request, form, index_url, status=422)


def _apply(
    request: HttpRequest, wanted: Wanted, digest: str, agent: User, at: datetime, index_url: str
) -> HttpResponse:
    try:
        if request.POST.get("relu") != "on":
            plan = plan_closure(wanted=wanted, by=agent, at=at)
            return _plan(request, plan, index_url, error="Cochez que vous avez relu ce qui suit.", unread=True)
        declaration = declare_closure(wanted=wanted, expected=digest, by=agent, at=at)
    except PlanChanged as changed:
        return _plan(request, changed.plan, index_url, error=typography(str(changed)))
    except ClosureRefused as refused:
        form = ClosureForm(_initial(wanted), agent=agent)
        form.is_valid()
        form.add_error(refused.field if refused.field in form.fields else None, typography(str(refused)))
        return _form(request, form, index_url, status=422)
    messages.success(request, typography(f"C’est fermé : {declaration.reason}. {effect_words(declaration)}"))
    return redirect(index_url.rstrip("/") + f"/inspect/{declaration.closure_id}/")


def effect_words(declaration: DeclaredClosure) -> str:
    """« 43 réservations annulées, 214,60 € non facturés, 12 familles prévenues. »"""
    return (
        f"{plural(declaration.bookings, 'réservation annulée', 'réservations annulées')}, "
        f"{amount(declaration.credits)} non facturés, "
        f"{plural(declaration.families, 'famille prévenue', 'familles prévenues')}."
    )


def show(request: HttpRequest, closure: Closure, *, index_url: str, may_lift: bool, may_word: bool) -> HttpResponse:
    """What is closed, and what the closure did."""
    agent = cast(User, request.user)
    declaration = DeclaredClosure.objects.filter(closure=closure).select_related("declared_by").first()
    context = {
        "closure": closure,
        "place": _place_of(closure),
        "when": date_range_year(closure.starts_on, closure.ends_on),
        "declaration": declaration,
        "effect": effect_words(declaration) if declaration else "",
        "rows": _rows(agent, declaration),
        "may_lift": may_lift,
        "may_word": may_word,
        "index_url": index_url,
    }
    return render(request, "backoffice/screens/closure.html", context)


def word(request: HttpRequest, closure: Closure, *, index_url: str) -> HttpResponse:
    """Correct the reason. Dates do not change: days are opened again, or another closure is declared."""
    error = ""
    if request.method == "POST":
        try:
            word_closure(
                closure=closure.pk,
                reason=request.POST.get("reason", ""),
                by=cast(User, request.user),
                at=timezone.now(),
            )
        except ClosureRefused as refused:
            error = typography(str(refused))
        else:
            messages.success(request, "Le motif est enregistré. Personne n’est prévenu de nouveau.")
            return redirect(index_url)
    context = {
        "closure": closure,
        "place": _place_of(closure),
        "when": date_range_year(closure.starts_on, closure.ends_on),
        "typed": request.POST.get("reason", closure.reason),
        "error": error,
        "index_url": index_url,
    }
    return render(request, "backoffice/screens/closure_word.html", context, status=422 if error else 200)


def lift(request: HttpRequest, closure: Closure, *, index_url: str) -> HttpResponse:
    """What opening again does and does not do, then the button."""
    agent, at = cast(User, request.user), timezone.now()
    if request.method == "POST":
        try:
            lifting = lift_closure(closure=closure.pk, by=agent, at=at)
        except Closure.DoesNotExist:
            messages.warning(request, typography("Cette fermeture était déjà levée."))
        else:
            said = f"La fermeture est levée : {closure.reason}. "
            messages.success(
                request, typography(said + f"{plural(lifting.told, 'famille prévenue', 'familles prévenues')}.")
            )
        return redirect(index_url)
    context = {
        "closure": closure,
        "place": _place_of(closure),
        "when": date_range_year(closure.starts_on, closure.ends_on),
        "lifting": plan_lifting(closure=closure, by=agent, at=at),
        "index_url": index_url,
    }
    return render(request, "backoffice/screens/closure_lift.html", context)


# Values of the pages


@dataclass(frozen=True, slots=True)
class Row:
    """One day that a child loses, for the list."""

    day: date
    child: str
    label: str
    family: Any
    amount: Any
    note: str = ""


def _form(request: HttpRequest, form: ClosureForm, index_url: str, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "index_url": index_url}
    return render(request, "backoffice/screens/closure_form.html", context, status=status)


def _plan(request: HttpRequest, plan: Plan, index_url: str, *, error: str = "", unread: bool = False) -> HttpResponse:
    families = {family.pk: family for family in plan.families}
    rows = [
        Row(
            each.day,
            str(each.booking.child),
            each.label,
            families[each.booking.family_id],
            each.credit,
            "avec l’unité fermée" if each.is_tied else "",
        )
        for each in plan.cancelled[:SHOWN]
    ]
    drafts = [
        Row(each.line.day, str(each.line.child), each.label, families[each.line.basket.family_id], None)
        for each in plan.wishes[:SHOWN]
    ]
    context = {
        "plan": plan,
        "held": sum(each.line.holding for each in plan.dropped),
        "place": plan.wanted.place(),
        "when": date_range_year(plan.wanted.days.first, plan.wanted.days.last),
        "token": _sign(plan),
        "rows": rows,
        "drafts": drafts,
        "more": max(0, len(plan.cancelled) - SHOWN),
        "past": plan.wanted.days.first < today(),
        "opens_files": cast(User, request.user).has_perm(READ),
        "error": error,
        "unread": unread,
        "index_url": index_url,
    }
    return render(request, "backoffice/screens/closure_plan.html", context, status=422 if error else 200)


def _rows(agent: User, declaration: DeclaredClosure | None) -> Sequence[ClosedBooking]:
    """What the closure cancelled, for whoever reads bookings; the days of the agent's places only."""
    if declaration is None or not agent.has_perm("bookings.view_booking"):
        return []
    days = declaration.days.select_related("booking__child", "booking__unit__activity", "booking__family")
    if is_limited(agent):
        days = days.filter(booking__unit__activity__in=offered(agent, Activity.objects.all()))
    return list(
        days.order_by("booking__day", "booking__unit__activity__name", "booking__child__last_name", "pk")[:SHOWN]
    )


def _place_of(closure: Closure) -> str:
    if closure.activity is not None:
        return closure.activity.full_name
    return closure.structure.name if closure.structure is not None else WHOLE_TOWN


def _sign(plan: Plan) -> str:
    wanted = plan.wanted
    return signing.dumps(
        {
            "first": wanted.days.first.isoformat(),
            "last": wanted.days.last.isoformat(),
            "reason": wanted.reason,
            "message": wanted.message,
            "structure": wanted.structure,
            "activity": wanted.activity,
            "digest": plan.digest,
        },
        salt=SALT,
        compress=True,
    )


def _read(token: str) -> tuple[Wanted, str] | None:
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    days = DateRange(date.fromisoformat(said["first"]), date.fromisoformat(said["last"]))
    wanted = Wanted(days, said["reason"], said["message"], structure=said["structure"], activity=said["activity"])
    return wanted, said["digest"]


def _initial(wanted: Wanted) -> dict[str, Any]:
    place = "commune"
    if wanted.activity is not None:
        place = f"activite-{wanted.activity}"
    elif wanted.structure is not None:
        place = f"structure-{wanted.structure}"
    return {
        "place": place,
        "starts_on": wanted.days.first,
        "ends_on": wanted.days.last if len(wanted.days) > 1 else None,
        "reason": wanted.reason,
        "message": wanted.message,
    }
