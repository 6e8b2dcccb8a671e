"""The absences that await an agent, those of a family's file, and who does not come today.

The key of a line carries the version of the declaration, as papers do. Whoever opens a line looks at a certificate:
the reading is noted first, and the family sees it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.backoffice.desk.actions import Act, ActForm, register_act
from portal.backoffice.desk.registry import (
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
    unless_decided,
)
from portal.backoffice.desk.sources import VersionedQueue, key_of, version_of
from portal.backoffice.scoping import offered
from portal.domain.absences.deciding import (
    REASONS,
    accept_absence,
    ask_absence_again,
    refuse_absence,
    reopen_absence,
)
from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.absences.notifications import days_words, title_of
from portal.domain.absences.pricing import days_of, effect_of, expected_effects
from portal.domain.absences.queries import (
    LIST_PERMISSION,
    absent_on,
    family_absences,
    reopenable,
    structures_with_bookings,
    waiting_absences,
)
from portal.domain.absences.readings import read_certificate
from portal.domain.absences.rules import Effect, summary
from portal.domain.absences.services import PERMISSION, AbsenceDecided, AbsenceRefused
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date

#: Lines that a file shows.
_SHOWN = 12
#: Days of the list: a week of school.
_DAYS = 7


def connect() -> None:
    """Register the queue, the section, the act and the address of this area."""
    register_queue(AbsencesQueue())
    register_file_section("absences", file_section, order=72)
    register_act(
        Act(
            "reprendre-absence",
            "Reprendre la décision{}",
            "Absences",
            (PERMISSION,),
            ReopenForm,
            _reopen,
            "Reprendre la décision",
            intro="La déclaration revient dans les demandes à traiter, son effet sur la facture est oublié.",
            targets=lambda family: [_Decided(row) for row in reopenable(family, timezone.now())],
            order=72,
        )
    )
    hooks.register("register_admin_urls", _addresses)
    hooks.register("register_admin_menu_item", _menu)


class LateForm(forms.Form):
    """What goes with a yes given beyond the delay."""

    late_reason = forms.CharField(
        label="Pourquoi accepter hors délai",
        max_length=300,
        help_text="Gardé au journal. Par exemple : certificat de l’hôpital remis tard.",
        error_messages={"required": "Écrivez pourquoi vous acceptez hors délai."},
    )


class AbsencesQueue(VersionedQueue):
    """Declarations that wait for an answer."""

    code = "absences"
    label = "Absences"
    order = 72
    subject = "absences.absence"
    child = "child"

    def _awaiting(self, agent: User) -> "QuerySet[Absence]":
        return waiting_absences(agent)

    def _told(self, rows: Sequence[Absence]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=key_of(row),
                title=f"Absence {days_words(row)}",
                family_name=row.family.name,
                family_number=row.family.number,
                arrived_at=row.sent_at or row.declared_at,
                child_name=row.child.first_name,
            )
            for row in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The certificate beside the days and their price; None once the declaration is not this one any more."""
        row = self._looked_at(agent, key)
        if row is None:
            return None
        pages = read_certificate(absence=row, by=agent, at=at)
        return Panel(
            title=title_of(row),
            sent=f"Déclarée le {french.instant(row.declared_at)}, par {row.declared_by}",
            family=row.family,
            files=[each.file for each in pages],
            facts=_facts(row, has_pages=bool(pages)),
            form=LateForm(data) if row.is_late else None,
            accept_label="Accepter l’absence",
            reasons=REASONS,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Raises AlreadyDecided; a missing reason is a ValidationError of the form."""
        pk, version = version_of(key)
        try:
            with unless_decided(AbsenceDecided, decided_words):
                accept_absence(absence=pk, version=version, late_reason=cleaned.get("late_reason", ""), by=by, at=at)
        except AbsenceRefused as refused:
            raise forms.ValidationError({refused.field: refused.reason}) from refused

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        pk, version = version_of(key)
        with unless_decided(AbsenceDecided, decided_words):
            refuse_absence(absence=pk, version=version, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        pk, version = version_of(key)
        with unless_decided(AbsenceDecided, decided_words):
            ask_absence_again(absence=pk, version=version, message=message, by=by, at=at)


def decided_words(decided: AbsenceDecided) -> str:
    """Who did what meanwhile."""
    row = decided.absence
    if row.decided_at is not None and row.decided_by is not None:
        return f"{row.decided_by} a déjà répondu à cette absence : {row.get_state_display()}. Rien n’a été changé."
    return "La famille a changé cette déclaration entre-temps. Rien n’a été changé."


def _facts(row: Absence, *, has_pages: bool) -> list[tuple[str, str]]:
    days = days_of(row)
    effects = expected_effects(row, days)
    facts = [("Motif", row.reason.name if row.reason else "effacé")]
    if row.words:
        facts.append(("Précision de la famille", row.words))
    if not has_pages:
        facts.append(("Justificatif", "aucun"))
    elif row.certificate_due:
        facts.append(("Justificatif attendu jusqu’au", french.full_date(row.certificate_due)))
    if row.is_late:
        facts.append(("Délai", "dépassé : accepter demande un motif"))
    if row.late_reason:
        facts.append(("Hors délai", row.late_reason))
    facts += [(_day_words(day), _effect_words(effects[day.booking_id], day)) for day in days]
    facts.append(("Si vous acceptez", _summary(days, effects)))
    return [(french.typography(label), french.typography(value)) for label, value in facts]


def _day_words(day: AbsenceDay) -> str:
    unit = day.booking.unit
    return f"{french.weekday_day_month(day.booking.day).capitalize()}, {unit.activity.short_name}, {unit.name}"


def _effect_words(effect: Effect, day: AbsenceDay) -> str:
    price = day.booking.unit_price
    money = french.amount(price)
    if effect.amount != price:
        money = f"{french.amount(effect.amount)} au lieu de {money}"
    return f"{money}. {effect.explanation[-1]}"


def _summary(days: Sequence[AbsenceDay], effects: Mapping[int, Effect]) -> str:
    return summary((day.booking.day, effects[day.booking_id], day.booking.unit_price) for day in days)


# The file of a family


def file_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The last declarations of the family, for agents who decide; the certificates stay in the queue."""
    if not agent.has_perm(PERMISSION):
        return None
    facts = [
        (title_of(row), _state_words(row)) for row in family_absences(agent, family, limit=_SHOWN, on=paris_date(at))
    ]
    return FileSection(title="Absences déclarées", facts=tuple(facts) or (("Absences", "aucune"),))


def _state_words(row: Absence) -> str:
    words = str(row.get_state_display())
    if row.state in {AbsenceState.REFUSED, AbsenceState.ASKED}:
        return f"{words}{french.NBSP}: {row.answer}"
    if row.state == AbsenceState.ACCEPTED:
        days = [day for day in days_of(row) if day.outcome]
        return f"{words}, {summary((day.booking.day, effect_of(day), day.booking.unit_price) for day in days)}"
    return words


class ReopenForm(ActForm):
    """Why the decision is taken again."""

    reason = forms.CharField(
        label="Pourquoi",
        max_length=300,
        help_text="Gardé au journal, que la famille ne lit pas.",
        error_messages={"required": "Écrivez pourquoi vous reprenez cette décision."},
    )


class _Decided:
    """A decision that may be taken again, as a target of an act: “Reprendre la décision : absence de Hugo…”."""

    def __init__(self, absence: Absence) -> None:
        self.pk, self.child = absence.pk, absence.child
        self._words = f"{french.NBSP}: {french.lower_first(title_of(absence))}, {absence.get_state_display()}"

    def __str__(self) -> str:
        return self._words


def _reopen(form: ReopenForm, by: User, at: datetime) -> str:
    try:
        reopen_absence(absence=form.target.pk, reason=form.cleaned_data["reason"], by=by, at=at)
    except AbsenceDecided as decided:
        raise forms.ValidationError(decided_words(decided)) from decided
    return "La déclaration est de nouveau à traiter."


# Who does not come


@never_cache
@require_safe
def absent(request: HttpRequest) -> HttpResponse:
    """Who was declared absent, day by day over a week, by structure; nothing of why."""
    agent = cast(User, request.user)
    if not agent.has_perm(LIST_PERMISSION):
        raise PermissionDenied
    today = paris_date(timezone.now())
    first = _day(request.GET.get("du", ""), today)
    structures = list(offered(agent, structures_with_bookings()))
    asked = request.GET.get("structure", "")
    structure = next((each for each in structures if str(each.pk) == asked), None)
    days = [first + timedelta(days=rank) for rank in range(_DAYS if "semaine" in request.GET else 2)]
    rows = absent_on(agent, days=days, on=today, structure=structure.pk if structure else None)
    context = {
        "days": [(day, _heading(day, today), [row for row in rows if row.day == day]) for day in days],
        "first": first,
        "structures": structures,
        "chosen": structure,
        "week": "semaine" in request.GET,
    }
    return render(request, "backoffice/desk/absent.html", context)


def _day(text: str, today: date) -> date:
    """The day asked for, today when it cannot be read or is far away."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if abs((found - today).days) <= 400 else today


def _heading(day: date, today: date) -> str:
    near = {0: "Aujourd’hui, ", 1: "Demain, "}
    words = f"{near.get((day - today).days, '')}{french.weekday_day_month(day)}"
    return f"{words[:1].upper()}{words[1:]}"


def _addresses() -> list[URLPattern]:
    return [path("absences/du-jour/", absent, name="desk_absent")]


class _AbsentItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(LIST_PERMISSION))


def _menu() -> MenuItem:
    return _AbsentItem("Absents du jour", reverse("desk_absent"), name="absents", icon_name="user", order=103)
