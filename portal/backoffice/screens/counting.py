"""« Nombre de jours » of an activity: so many at most, so many at least, as the règlement says it.

A form by rule, its sentence beside it before it is kept, with how many children already have more.
"""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.backoffice.scoping import offered
from portal.domain.accounts.models import User
from portal.domain.activities.enums import LimitDays, LimitSense, LimitSpan
from portal.domain.activities.limits import Limit
from portal.domain.activities.models import Activity, BookingLimit
from portal.domain.kernel.french import plural, typography
from portal.domain.setup.limiting import (
    Wanted,
    children_beyond,
    limits_of_activity,
    remove_limit,
    save_limit,
    value_of,
)
from portal.domain.setup.ruling import require

#: The longest that each period may ask for.
MOST = {LimitSpan.DAY: 10, LimitSpan.WEEK: 7, LimitSpan.MONTH: 31, LimitSpan.HOLIDAY: 70, LimitSpan.SEASON: 366}


class LimitForm(forms.Form):
    """One rule, in the words of the règlement."""

    sense = forms.ChoiceField(label="La règle dit", choices=LimitSense.choices, widget=forms.RadioSelect)
    count = forms.IntegerField(
        label="Combien",
        min_value=1,
        max_value=366,
        help_text=typography("Des jours ; par jour, des réservations."),
        error_messages={
            "required": "Combien\u00a0: donnez un nombre.",
            "invalid": "Combien\u00a0: donnez un nombre entier, par exemple 2.",
            "min_value": "Combien\u00a0: donnez au moins 1.",
            "max_value": "Combien\u00a0: 366 au plus.",
        },
    )
    span = forms.ChoiceField(label="Compté", choices=LimitSpan.choices, widget=forms.RadioSelect)
    among = forms.ChoiceField(label="Quels jours", choices=LimitDays.choices, widget=forms.RadioSelect)
    units = forms.TypedMultipleChoiceField(
        coerce=int,
        label="Unités comptées",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=typography("Aucune cochée : toutes celles de l’activité."),
        error_messages={"invalid_choice": "Unités comptées\u00a0: l’une d’elles n’existe plus, rechargez la page."},
    )

    def __init__(self, *args: Any, activity: Activity, limit: BookingLimit | None, **kwargs: Any) -> None:
        initial = {"sense": LimitSense.AT_MOST, "span": LimitSpan.WEEK, "among": LimitDays.ALL, "units": []}
        if limit is not None:
            initial = {name: getattr(limit, name) for name in ("sense", "count", "span", "among")}
            initial["units"] = [unit.pk for unit in limit.units.all()]
        super().__init__(*args, initial=initial, **kwargs)
        units = cast(forms.TypedMultipleChoiceField, self.fields["units"])
        units.choices = [*activity.units.order_by("order", "pk").values_list("pk", "name")]
        for name in ("sense", "span", "among"):
            label = self.fields[name].label
            self.fields[name].error_messages["required"] = f"{label}\u00a0: choisissez une réponse."

    def clean(self) -> dict[str, Any]:
        """What no règlement says, each told at its field."""
        data = super().clean() or self.cleaned_data
        sense, span, among, count = (data.get(name) for name in ("sense", "span", "among", "count"))
        if span == LimitSpan.DAY and sense == LimitSense.AT_LEAST:
            self.add_error("span", "Un minimum se compte par semaine, par mois ou par période.")
        if span == LimitSpan.HOLIDAY and among in (LimitDays.ALL, LimitDays.SCHOOL):
            self.add_error("among", "Par période de vacances, choisissez des jours de vacances.")
        if span and count and count > MOST[LimitSpan(span)]:
            self.add_error("count", f"Combien\u00a0: {MOST[LimitSpan(span)]} au plus pour cette période.")
        return data

    def wanted(self) -> Wanted:
        """The rule, once valid."""
        data = self.cleaned_data
        return Wanted(
            LimitSense(data["sense"]),
            data["count"],
            LimitSpan(data["span"]),
            LimitDays(data["among"]),
            frozenset(data["units"]),
        )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: int, limit: int | None = None) -> HttpResponse:
    """A rule written or changed: shown with its sentence first, then kept; or taken away."""
    agent, at = cast(User, request.user), timezone.now()
    activity = get_object_or_404(offered(agent, Activity.objects.all()), pk=key)
    require(activity, agent)
    rows = activity.limits.select_related("activity").prefetch_related("units")
    row = get_object_or_404(rows, pk=limit) if limit is not None else None
    back = redirect("activity_rules", activity.pk)
    if request.method == "POST" and row is not None and "retirer" in request.POST:
        remove_limit(limit=row, by=agent, at=at)
        messages.success(request, "La règle est retirée.")
        return back
    form = LimitForm(request.POST if request.method == "POST" else None, activity=activity, limit=row)
    tried: Limit | None = None
    if request.method == "POST" and form.is_valid():
        if "enregistrer" in request.POST:
            save_limit(activity=activity, limit=row, wanted=form.wanted(), by=agent, at=at)
            messages.success(request, "La règle est enregistrée. Elle compte dès maintenant.")
            return back
        names = dict(activity.units.order_by("order", "pk").values_list("pk", "name"))
        tried = value_of(activity, form.wanted(), names)
    context = {
        "activity": activity,
        "form": form,
        "limit": row,
        "sentence": sentence_of(tried) if tried is not None else "",
        "beyond": _beyond(children_beyond(activity=activity, limit=tried, at=at)) if tried is not None else "",
        "back": reverse("activity_rules", args=[activity.pk]),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "backoffice/screens/limit_form.html", context, status=status)


def limit_lines(activity: Activity) -> list[tuple[str, str]]:
    """The rules of an activity as sentences, each with the address where it is changed."""
    return [
        (sentence_of(value), reverse("activity_limit", args=[activity.pk, row.pk]))
        for row, value in limits_of_activity(activity)
    ]


def sentence_of(limit: Limit) -> str:
    """“Cantine : 2 jours par semaine au plus.”, and from when a minimum counts."""
    more = ", dès qu’un jour est réservé" if limit.is_floor else ""
    return typography(f"{limit.what} : {limit.rule}{more}.")


def _beyond(children: int) -> str:
    if not children:
        return ""
    has = plural(children, "enfant a déjà", "enfants ont déjà")
    return f"{has} plus de jours à venir que cette règle n’en permet\u00a0: ce qui est réservé reste réservé."


def urls() -> list[URLPattern]:
    """Under `/gestion/activites/reglement/`."""
    return [
        path("activites/reglement/<int:key>/nombre/", edit, name="activity_limit_new"),
        path("activites/reglement/<int:key>/nombre/<int:limit>/", edit, name="activity_limit"),
    ]
