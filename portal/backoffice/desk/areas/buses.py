"""The bus: who gets on and off where on a day, on screen and on paper; a stop moved or closed, rehearsed first."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.backoffice.scoping import lines_within, may_change_line, today
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.files.checks import FileType
from portal.domain.files.printing import print_template
from portal.domain.files.sending import private_answer
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.transport.enums import Way
from portal.domain.transport.models import BusLine, BusStop
from portal.domain.transport.queries import stop_of
from portal.domain.transport.riders import PERMISSION, Rider, StopRiders, lines_for, riders_on
from portal.domain.transport.rules import Line
from portal.domain.transport.stops import StopChange, StopNotChanged, change_stop, create_stop, rehearse_change
from portal.domain.transport.words import hours_words

CHANGE = "transport.change_busstop"
HEADINGS = ("sens", "heure", "arrêt", "enfant", "unité", "au retour", "personne à appeler", "téléphone", "à savoir")
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def connect() -> None:
    """Register the addresses of this area and its line of the menu."""
    hooks.register("register_admin_urls", _addresses)
    hooks.register("register_admin_menu_item", _menu)


# Who is at which stop


@never_cache
@require_safe
def riders(request: HttpRequest) -> HttpResponse:
    """The children of a line on a day, by stop as the bus goes, with the person to call."""
    agent, lines, line, day = _asked(request)
    groups = riders_on(agent, line=line, day=day) if line else []
    context = {
        "lines": lines,
        "line": line,
        "day": day,
        "heading": french.weekday_day_month(day),
        "groups": groups,
        "children": len({rider.child for group in groups for rider in group.riders}),
        "may_change": agent.has_perm(CHANGE),
    }
    return render(request, "backoffice/desk/riders.html", context)


@never_cache
@require_safe
def riders_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as a PDF or a CSV; the journal keeps who took it away."""
    agent, _lines, line, day = _asked(request)
    if line is None:
        raise Http404
    groups = riders_on(agent, line=line, day=day)
    found = BusLine.objects.get(pk=line.pk)
    after = {"line": line.name, "day": day.isoformat(), "kind": kind}
    record(verb="export_riders", target=found, by=agent, at=timezone.now(), after=after)
    name = f"bus-{line.code}-{day:%Y-%m-%d}.{kind}"
    if kind == "pdf":
        context = {"line": line, "day": day, "groups": groups, "printed_at": timezone.now()}
        document = print_template("backoffice/desk/riders_pdf.html", context)
        return private_answer(document, name=name, kind=FileType.PDF)
    response = HttpResponse("".join(_written(groups)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: HttpRequest) -> tuple[User, list[Line], Line | None, date]:
    agent = cast(User, request.user)
    if not agent.has_perm(PERMISSION):
        raise PermissionDenied
    now = paris_date(timezone.now())
    lines = lines_for(agent, on=now)
    code = request.GET.get("ligne", "")
    line = next((each for each in lines if each.code == code), None if code else (lines[0] if lines else None))
    return agent, lines, line, _day(request.GET.get("du", ""), now)


def _day(text: str, now: date) -> date:
    """The day asked for, today when it cannot be read or is far away."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return now
    return found if abs((found - now).days) <= 400 else now


def _written(groups: list[StopRiders]) -> Iterator[str]:
    yield "\ufeff" + _row(HEADINGS)
    for group in groups:
        for rider in group.riders:
            cells = [
                str(group.way.label),
                french.hour(group.hour) if group.hour else "",
                group.stop.name if group.stop else "arrêt à choisir",
                *_cells(rider, group.way),
            ]
            yield _row([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])


def _cells(rider: Rider, way: Way) -> list[str]:
    person = rider.called_first
    leaving = ""
    if way == Way.HOMEWARD:
        leaving = "rentre seul" if rider.alone else "remis à une personne autorisée"
    return [
        rider.name,
        rider.unit,
        leaving,
        person.name if person else "",
        person.phone if person else "",
        "" if rider.usual else "ce jour seulement",
    ]


def _row(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow(cells)
    return out.getvalue()


# Stops


class StopForm(forms.Form):
    """A stop: its name, where it is, its hours by weekday, its last day."""

    name = forms.CharField(
        label="Nom de l’arrêt", max_length=100, error_messages={"required": "Donnez un nom à l’arrêt."}
    )
    place = forms.CharField(label="Où exactement", max_length=200, required=False)
    first = forms.DateField(
        label="Desservi à partir du",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "« Desservi à partir du » : indiquez une date qui existe, par exemple 07/09/2026."},
    )
    last = forms.DateField(
        label="Dernier jour de l’arrêt",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Vide\u00a0: l’arrêt reste desservi.",
        error_messages={"invalid": "« Dernier jour » : indiquez une date qui existe, par exemple 07/09/2026."},
    )
    instead = forms.TypedChoiceField(label="Ensuite, les enfants vont à", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, line: BusLine, stop: BusStop | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if stop is None:
            del self.fields["instead"], self.fields["last"]
        else:
            del self.fields["first"]
            others = line.stops.filter(is_terminus=False).exclude(pk=stop.pk).order_by("order", "pk")
            choices = [(str(other.pk), other.name) for other in others]
            cast(forms.ChoiceField, self.fields["instead"]).choices = [
                ("", "Les familles choisissent un autre arrêt"),
                *choices,
            ]
        for weekday in range(1, 8):
            name = french.weekday_name(weekday)
            for way in Way:
                self.fields[f"{way}_{weekday}"] = forms.TimeField(
                    label=f"{name.capitalize()}, {way.label}",
                    required=False,
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                    error_messages={"invalid": f"« {name}, {way.label} » : indiquez une heure, par exemple 08:05."},
                )

    @property
    def hours(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of hours by weekday."""
        return [
            (french.weekday_name(weekday).capitalize(), [self[f"{way}_{weekday}"] for way in Way])
            for weekday in range(1, 8)
        ]

    @property
    def change(self) -> StopChange:
        """Of a valid form."""
        data = self.cleaned_data
        return StopChange(
            name=" ".join(data["name"].split()),
            place=" ".join(data["place"].split()),
            hours={
                weekday: (data[f"{Way.OUTWARD}_{weekday}"], data[f"{Way.HOMEWARD}_{weekday}"])
                for weekday in range(1, 8)
            },
            last=data.get("last"),
            instead=data.get("instead"),
        )


def _initial(stop: BusStop) -> dict[str, Any]:
    found = stop_of(stop)
    hours = {f"{way}_{weekday}": hour for (weekday, way), hour in found.times.items()}
    return {"name": stop.name, "place": stop.place, "last": stop.ends_on, **hours}


@never_cache
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """The lines of the agent's places with their stops."""
    agent = _require(request)
    found = BusLine.objects.filter(lines_within(agent, today())).prefetch_related(
        "stops__times", "units__unit__activity"
    )
    context = {
        "lines": [
            {
                "line": line,
                "units": [each.unit for each in line.units.all()],
                "stops": [
                    (stop, _hours(stop)) for stop in sorted(line.stops.all(), key=lambda stop: (stop.order, stop.pk))
                ],
                "mine": may_change_line(agent, line.pk),
            }
            for line in found.order_by("order", "name", "pk")
        ]
    }
    return render(request, "backoffice/desk/bus_lines.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, key: int) -> HttpResponse:
    """Change a stop: what it would do is shown first, by name; a second press does it."""
    agent = _require(request)
    found = get_object_or_404(BusStop.objects.select_related("line"), pk=key, line__in=_mine(agent))
    form = StopForm(
        request.POST if request.method == "POST" else None, line=found.line, stop=found, initial=_initial(found)
    )
    effect = None
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            if "faire" in request.POST:
                done = change_stop(stop=found, change=form.change, by=agent, at=at)
                messages.success(request, _done(done.families) if done.sentences else "Rien n’a changé.")
                return redirect("desk_bus_lines")
            effect = rehearse_change(stop=found, change=form.change, at=at)
        except StopNotChanged as refused:
            _refuse(form, refused)
    context = {"form": form, "stop": found, "line": found.line, "effect": effect}
    return render(request, "backoffice/desk/bus_stop.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_stop(request: HttpRequest, line: int) -> HttpResponse:
    """One more stop on a line."""
    agent = _require(request)
    found = get_object_or_404(_mine(agent), pk=line)
    form = StopForm(request.POST if request.method == "POST" else None, line=found, stop=None)
    if request.method == "POST" and form.is_valid():
        try:
            create_stop(line=found, change=form.change, first=form.cleaned_data["first"], by=agent, at=timezone.now())
        except StopNotChanged as refused:
            _refuse(form, refused)
        else:
            messages.success(request, "L’arrêt est ajouté\u00a0: les familles peuvent le choisir.")
            return redirect("desk_bus_lines")
    context = {"form": form, "stop": None, "line": found, "effect": None}
    return render(request, "backoffice/desk/bus_stop.html", context, status=422 if form.errors else 200)


def _hours(stop: BusStop) -> list[tuple[str, str]]:
    """The hours of a stop, way by way, in words."""
    found = stop_of(stop)
    return [(str(way.label), hours_words(found, way)) for way in Way if found.serves(way)]


def _require(request: HttpRequest) -> User:
    agent = cast(User, request.user)
    if not agent.has_perm(CHANGE):
        raise PermissionDenied
    return agent


def _mine(agent: User) -> Any:
    """The lines whose stops this agent changes: a bus shared with elsewhere is not the agent's alone."""
    found = BusLine.objects.filter(lines_within(agent, today()))
    keys = [key for key in found.values_list("pk", flat=True) if may_change_line(agent, key)]
    return BusLine.objects.filter(pk__in=keys)


def _refuse(form: StopForm, refused: StopNotChanged) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, refused.reason)


def _done(families: int) -> str:
    if not families:
        return "L’arrêt est changé. Aucun enfant ne s’en sert\u00a0: personne n’a été prévenu."
    told = french.plural(families, "famille est prévenue", "familles sont prévenues")
    return f"L’arrêt est changé. {told}."


def _addresses() -> list[URLPattern]:
    return [
        path("bus/", riders, name="desk_bus"),
        path("bus/liste.csv", riders_file, {"kind": "csv"}, name="desk_bus_csv"),
        path("bus/liste.pdf", riders_file, {"kind": "pdf"}, name="desk_bus_pdf"),
        path("bus/arrets/", lines, name="desk_bus_lines"),
        path("bus/arrets/<int:key>/", stop, name="desk_bus_stop"),
        path("bus/lignes/<int:line>/arret/", new_stop, name="desk_bus_new_stop"),
    ]


class _BusItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        agent = cast(User, request.user)
        return agent.has_perm(PERMISSION) and BusLine.objects.exists()


def _menu() -> MenuItem:
    return _BusItem("Bus", reverse("desk_bus"), name="bus", icon_name="site", order=104)
