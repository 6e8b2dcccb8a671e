"""The grids of a tariff: read with their curve, written by fields or pasted, proved, compared, published."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_safe

from portal.backoffice.scoping import today
from portal.backoffice.screens import comparing
from portal.backoffice.screens.grid_editor import GridEditor
from portal.domain.accounts.models import User
from portal.domain.kernel.french import long_date, typography
from portal.domain.setup.grids import (
    ADD,
    CHANGE,
    READ,
    GridRefused,
    WantedGrid,
    count_uses,
    data_of,
    judge,
    publish_grid,
    require,
    why_used,
)
from portal.domain.tariffs.drawing import drawing_of, stairs_of
from portal.domain.tariffs.engine import Grid, grid_on, telling
from portal.domain.tariffs.engine.data import InvalidGrid
from portal.domain.tariffs.engine.methods import Reference
from portal.domain.tariffs.engine.proof import examine
from portal.domain.tariffs.engine.ranges import price_range
from portal.domain.tariffs.models import Tariff, TariffVersion

SALT = "setup.grid"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in the list of its tariff: since when, in which state, from which to which price."""

    version: TariffVersion
    state: str
    prices: str


def states(versions: list[TariffVersion], day: date) -> dict[int, str]:
    """« en vigueur », « à venir » or « passée », by key."""
    current = max(
        (each for each in versions if each.valid_from <= day), key=lambda each: each.valid_from, default=None
    )
    return {
        each.pk: "en vigueur" if each is current else "à venir" if each.valid_from > day else "passée"
        for each in versions
    }


def may(agent: User, permission: str) -> bool:
    """Whether to offer what `require` asks for."""
    try:
        require(agent, permission)
    except PermissionDenied:
        return False
    return True


def readers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for the roles that read tariffs, whatever their places: a tariff is the whole town's."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(READ):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@readers_only
def versions(request: HttpRequest, key: int) -> HttpResponse:
    """The versions of a tariff, the latest first, and the way to a new one or to a comparison."""
    agent = cast(User, request.user)
    tariff = get_object_or_404(Tariff, pk=key)
    rows = list(tariff.versions.order_by("-valid_from"))
    state = states(rows, today())
    context = {
        "tariff": tariff,
        "lines": [VersionLine(row, state[row.pk], price_range(row.as_grid())) for row in rows],
        "may_add": may(agent, ADD),
        "may_compare": comparing.may_compare(agent) and len(rows) > 1,
        "month": comparing.last_month(today()),
    }
    return render(request, "backoffice/screens/grid_versions.html", context)


@require_safe
@readers_only
def version(request: HttpRequest, key: int) -> HttpResponse:
    """One version as it is: its prices, its curve, how it counts, and what may be done with it."""
    agent = cast(User, request.user)
    found = get_object_or_404(TariffVersion.objects.select_related("tariff"), pk=key)
    used = count_uses(found)
    state = states(list(found.tariff.versions.all()), today())[found.pk]
    context = {
        "tariff": found.tariff,
        "version": found,
        "state": state,
        "used": used,
        "why_used": why_used(used) if used else "",
        "may_change": may(agent, CHANGE) and not used,
        "may_add": may(agent, ADD),
        "back": reverse("tariff_grids", args=[found.tariff_id]),
        "doubts": [str(each) for each in examine(found.as_grid())],
        **shown(found.as_grid()),
    }
    return render(request, "backoffice/screens/grid_version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@readers_only
def new(request: HttpRequest, key: int) -> HttpResponse:
    """A new version of a tariff: a copy of another one (`?depuis=`), of the latest one, or blank (`?depuis=0`)."""
    require(cast(User, request.user), ADD)
    tariff = get_object_or_404(Tariff, pk=key)
    asked = request.GET.get("depuis", "")
    rows = tariff.versions.order_by("-valid_from")
    source = rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else rows.first()
    return _Page(request, tariff, None, source).answer()


@require_http_methods(["GET", "HEAD", "POST"])
@readers_only
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """A version at which nobody booked; one that served sends to its page, which says so."""
    require(cast(User, request.user), CHANGE)
    found = get_object_or_404(TariffVersion.objects.select_related("tariff"), pk=key)
    if used := count_uses(found):
        messages.warning(request, why_used(used))
        return redirect("tariff_grid", key)
    return _Page(request, found.tariff, found, found).answer()


class _Page:
    """The two faces of a version that is being written: its form, then what it gives and the button that publishes."""

    def __init__(
        self, request: HttpRequest, tariff: Tariff, version: TariffVersion | None, source: TariffVersion | None
    ) -> None:
        self.request, self.tariff, self.version, self.source = request, tariff, version, source
        self.back = reverse("tariff_grids", args=[tariff.pk])

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.form(self.editor(self._initial()))
        if "plan" in self.request.POST:
            return self.pressed()
        initial = self._initial()
        editor = self.editor(initial, self.request.POST)
        if editor.only_draws:
            editor.hush()
            return self.form(editor)
        if not editor.is_valid():
            return self.form(editor, status=422)
        said = editor.version.cleaned_data
        wanted = WantedGrid(editor.to_data(), said["valid_from"], said["deliberation"], said["deliberation_url"])
        try:
            found = judge(wanted)
        except InvalidGrid as error:
            editor.errors.append(str(error))
            return self.form(editor, status=422)
        if faults := [each for each in found if each.fault]:
            editor.note(faults)
            return self.form(editor, status=422)
        if self._day_is_taken(wanted.valid_from):
            editor.version.add_error("valid_from", typography(self._taken(wanted.valid_from)))
            return self.form(editor, status=422)
        return self.plan(wanted)

    def editor(self, initial: WantedGrid | None, data: Any = None, *, correcting: bool = False) -> GridEditor:
        """The form. A copy begins without a date nor a vote: those of the version that is copied are not its own."""
        version = {}
        if initial is not None and (correcting or self.version is not None):
            version = {
                "valid_from": initial.valid_from,
                "deliberation": initial.deliberation,
                "deliberation_url": initial.deliberation_url,
            }
        return GridEditor(
            data=data,
            files=self.request.FILES if data is not None else None,
            initial=initial.data if initial is not None else None,
            version=version,
        )

    def form(self, editor: GridEditor, *, status: int = 200) -> HttpResponse:
        source = self.source if self.version is None else None
        context = {"editor": editor, "source": source, "wrong": status == 422 or editor.has_errors}
        return self._render("backoffice/screens/grid_form.html", context, status)

    def plan(self, wanted: WantedGrid, *, error: str = "", month: str = "") -> HttpResponse:
        """What the grid gives: its doubts, its curve, and what it changes for the families of last month."""
        grid = wanted.grid()
        others = [each.as_grid() for each in self.tariff.versions.all() if each != self.version]
        before = grid_on(others, wanted.valid_from)
        context = {
            "token": signing.dumps(_packed(wanted), salt=SALT, compress=True),
            "wanted": wanted,
            "doubts": [str(each) for each in judge(wanted)],
            "error": error,
            "is_past": wanted.valid_from < today(),
            "before": before,
            **shown(grid),
        }
        agent = cast(User, self.request.user)
        if before is not None and comparing.may_compare(agent):
            context["comparison"] = comparing.compared(agent, self.tariff, before, grid, month)
        return self._render("backoffice/screens/grid_plan.html", context, 422 if error else 200)

    def pressed(self) -> HttpResponse:
        """A press of the second face: back to the form, another month, or the publication itself."""
        sent = self.request.POST
        try:
            wanted = _unpacked(signing.loads(sent["plan"], salt=SALT))
        except signing.BadSignature:
            return redirect(self.request.get_full_path())
        if "corriger" in sent:
            return self.form(self.editor(wanted, correcting=True))
        if "publier" not in sent:
            return self.plan(wanted, month=sent.get("mois", ""))
        confirmed = "voulu" in sent
        if not confirmed and judge(wanted):
            return self.plan(wanted, error="Cochez « C’est voulu », ou corrigez : rien n’est publié.")
        by, at = cast(User, self.request.user), timezone.now()
        try:
            made = publish_grid(
                tariff=self.tariff, version=self.version, wanted=wanted, confirmed=confirmed, by=by, at=at
            )
        except TariffVersion.DoesNotExist:
            raise Http404 from None
        except GridRefused as refused:
            return self.plan(wanted, error=str(refused))
        words = f"La version du {long_date(made.valid_from)} est publiée."
        messages.success(self.request, typography(words))
        return redirect("tariff_grid", made.pk)

    def _initial(self) -> WantedGrid | None:
        source = self.source
        if source is None:
            return None
        return WantedGrid(data_of(source), source.valid_from, source.deliberation, source.deliberation_url)

    def _day_is_taken(self, day: date) -> bool:
        others = self.tariff.versions.filter(valid_from=day)
        return (others.exclude(pk=self.version.pk) if self.version is not None else others).exists()

    def _taken(self, day: date) -> str:
        return f"Ce tarif a déjà une version à partir du {long_date(day)} : modifiez-la, ou choisissez une autre date."

    def _render(self, template: str, more: dict[str, Any], status: int) -> HttpResponse:
        title = "Nouvelle version" if self.version is None else "Modifier la version"
        context = {"tariff": self.tariff, "version": self.version, "title": title, "back": self.back, **more}
        return render(self.request, template, context, status=status)


def shown(grid: Grid) -> dict[str, Any]:
    """What a page says of a grid."""
    day = max(grid.valid_from, date(2000, 1, 1))
    parts = [
        (
            part.label,
            telling.condition(part.when),
            [(column.label, telling.condition(column.when)) for column in getattr(part.method, "columns", ())],
        )
        for part in grid.parts
    ]
    return {
        "grid": grid,
        "prices": price_range(grid),
        "drawing": drawing_of(grid, day),
        "stairs": stairs_of(grid, day),
        "parts": [part for part in parts if any(part)],
        "changes": [(telling.change(each), telling.condition(each.when)) for each in grid.changes],
        "rounding": telling.rounding(grid.rounding),
        "counting": telling.counting(grid.counting),
        "without": typography(telling.without(grid.without)) if _reads(grid) else "",
    }


def _reads(grid: Grid) -> bool:
    return any(part.method.reference is not Reference.NOTHING for part in grid.parts)


def _packed(wanted: WantedGrid) -> dict[str, Any]:
    return {
        "data": wanted.data,
        "from": wanted.valid_from.isoformat(),
        "vote": wanted.deliberation,
        "url": wanted.deliberation_url,
    }


def _unpacked(said: dict[str, Any]) -> WantedGrid:
    day = parse_date(said["from"])
    if day is None:
        raise signing.BadSignature
    return WantedGrid(said["data"], day, said["vote"], said["url"])


def urls() -> list[URLPattern]:
    """Under `/gestion/tarifs/grilles/`."""
    return [
        path("tarifs/grilles/<int:key>/", versions, name="tariff_grids"),
        path("tarifs/grilles/<int:key>/nouvelle/", new, name="tariff_grid_new"),
        path("tarifs/grilles/version/<int:key>/", version, name="tariff_grid"),
        path("tarifs/grilles/version/<int:key>/modifier/", edit, name="tariff_grid_edit"),
        path("tarifs/grilles/<int:key>/comparer/", comparing.compare, name="tariff_comparison"),
        path("tarifs/grilles/<int:key>/comparer/fichier/", comparing.download, name="tariff_comparison_file"),
    ]
