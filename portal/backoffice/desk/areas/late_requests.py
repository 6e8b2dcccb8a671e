"""The requests that await an agent, and those of a family's file. The key of a line carries the version looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from portal.backoffice.desk.registry import (
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
    unless_decided,
)
from portal.backoffice.desk.sources import VersionedQueue, key_of, version_of
from portal.domain.accounts.models import User
from portal.domain.bookings.enums import Wish
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.clock import paris_date, to_utc
from portal.domain.late_requests.deciding import (
    REASONS,
    DaysRefused,
    accept_request,
    ask_request_again,
    refuse_request,
)
from portal.domain.late_requests.enums import RequestState
from portal.domain.late_requests.examining import Booked, Examined, examine
from portal.domain.late_requests.models import MOST_ANSWER, LateRequest
from portal.domain.late_requests.notifications import title_of, what_of
from portal.domain.late_requests.queries import family_requests, waiting_requests
from portal.domain.late_requests.services import EXCEED, PERMISSION, RequestDecided, RequestRefused

#: Lines that a file shows.
_SHOWN = 12


def connect() -> None:
    """Register the queue and the section of this area."""
    register_queue(LateRequestsQueue())
    register_file_section("late_requests", file_section, order=73)


class DecisionForm(forms.Form):
    """Which days are accepted, what is said of the others, and what goes beyond the places."""

    days = forms.MultipleChoiceField(
        label="Jours acceptés",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins un jour, ou refusez la demande.",
            "invalid_choice": "Un de ces jours ne s’accepte plus : relisez la demande.",
        },
    )
    others = forms.CharField(
        label="Motif pour les jours non cochés",
        max_length=MOST_ANSWER,
        required=False,
        help_text="La famille le lit. Ces jours sont refusés.",
    )
    exceeds = forms.BooleanField(
        label="Accepter au-delà des places",
        required=False,
        help_text="Une place de plus ce jour-là, pour cet enfant seulement. Elle disparaît dès qu’une place se rend.",
    )
    beyond = forms.CharField(
        label="Pourquoi au-delà des places",
        max_length=MOST_ANSWER,
        required=False,
        help_text="Gardé au journal, que la famille ne lit pas.",
    )

    def __init__(self, *args: Any, days: Sequence[Examined], exceeds: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        possible = [each for each in days if each.is_possible and (exceeds or not each.is_full)]
        boxes = cast(forms.MultipleChoiceField, self.fields["days"])
        boxes.choices = [(str(each.row.pk), french.typography(_choice(each))) for each in possible]
        boxes.initial = [str(each.row.pk) for each in possible if not each.is_full]
        if len(days) < 2:
            del self.fields["others"]
        if not any(each.is_full for each in possible):
            del self.fields["exceeds"], self.fields["beyond"]
        for field in self.fields.values():
            field.help_text = french.typography(str(field.help_text))

    def clean(self) -> dict[str, Any]:
        """Beyond the places only by a tick of its own, with a reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("exceeds") and not cleaned.get("beyond"):
            self.add_error("beyond", "Écrivez pourquoi vous acceptez au-delà des places.")
        if not cleaned.get("exceeds"):
            cleaned["beyond"] = ""
        return cleaned


class LateRequestsQueue(VersionedQueue):
    """Requests that wait for an answer."""

    code = "late_requests"
    label = "Demandes hors délai"
    order = 73
    subject = "late_requests.laterequest"
    child = "child"
    structure = "activity__structure"

    def _awaiting(self, agent: User) -> "QuerySet[LateRequest]":
        return waiting_requests(agent)

    def _told(self, rows: Sequence[LateRequest]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=key_of(row),
                title=f"{what_of(row)} demandée, {row.activity.short_name}",
                family_name=row.family.name,
                family_number=row.family.number,
                arrived_at=row.sent_at,
                child_name=row.child.first_name,
            )
            for row in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The reason, then each day as it is now; None once the request is not this one any more."""
        row = self._looked_at(agent, key)
        if row is None:
            return None
        days = examine(row, at=at)
        return Panel(
            title=title_of(row),
            sent=f"Demandée le {french.instant(row.asked_at)}, par {row.asked_by}",
            family=row.family,
            facts=_facts(row, days, at=at),
            form=DecisionForm(data, days=days, exceeds=agent.has_perm(EXCEED)),
            accept_label="Accepter les jours cochés",
            reasons=REASONS,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Raises AlreadyDecided; what lacks, or cannot be done, is a ValidationError of the form."""
        pk, version = version_of(key)
        try:
            with unless_decided(RequestDecided, decided_words):
                accept_request(
                    request=pk,
                    version=version,
                    days=[int(each) for each in cleaned["days"]],
                    others=cleaned.get("others", ""),
                    beyond=cleaned.get("beyond", ""),
                    by=by,
                    at=at,
                )
        except DaysRefused as refused:
            raise forms.ValidationError({"days": [each.sentence for each in refused.reasons.values()]}) from refused
        except RequestRefused as refused:
            raise forms.ValidationError({refused.field: refused.reason}) from refused

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        pk, version = version_of(key)
        with unless_decided(RequestDecided, decided_words):
            refuse_request(request=pk, version=version, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        pk, version = version_of(key)
        with unless_decided(RequestDecided, decided_words):
            ask_request_again(request=pk, version=version, message=message, by=by, at=at)


def decided_words(decided: RequestDecided) -> str:
    """Who did what meanwhile."""
    row = decided.request
    if row.decided_at is not None and row.decided_by is not None:
        return f"{row.decided_by} a déjà répondu à cette demande : {row.get_state_display()}. Rien n’a été changé."
    return "La famille ou un collègue a changé cette demande entre-temps. Rien n’a été changé."


def _choice(each: Examined) -> str:
    """“lundi 14 septembre, cantine, 4,30 €, complet”."""
    parts = [french.weekday_day_month(each.row.day), french.lower_first(each.label), french.amount(each.amount)]
    if each.surcharge:
        parts.append(f"dont {french.amount(each.surcharge)} de retard")
    if each.is_full:
        parts.append("complet")
    return ", ".join(parts)


def _facts(row: LateRequest, days: Sequence[Examined], *, at: datetime) -> list[tuple[str, str]]:
    facts = [("Motif de la famille", row.reason or "effacé")]
    for word in row.words.select_related("by").order_by("at", "pk"):
        facts.append(("Le service a demandé" if word.of_service else "La famille a répondu", word.text))
    for each in days:
        facts.append((_day_label(each), " ".join(_day_words(row, each, at=at))))
    for week in dict.fromkeys(Week.of(each.row.day) for each in days):
        booked = next(each.week for each in days if Week.of(each.row.day) == week)
        facts.append((f"Réservé par la famille, semaine du {french.day_month(week.monday)}", _week_words(booked)))
    return [(french.typography(label), french.typography(value)) for label, value in facts]


def _week_words(booked: Sequence[Booked]) -> str:
    """“Hugo, cantine : lundi, jeudi ; Léna, cantine : lundi”."""
    found: dict[tuple[str, str], list[int]] = {}
    for day, name, label in booked:
        found.setdefault((name, label), []).append(day.isoweekday())
    said = [
        f"{name}, {french.lower_first(label)}{french.NBSP}: {french.weekday_names(days)}"
        for (name, label), days in found.items()
    ]
    return f"{french.NBSP}; ".join(said) or "rien"


def _day_label(each: Examined) -> str:
    return f"{french.weekday_day_month(each.row.day).capitalize()}, {french.lower_first(each.label)}"


def _day_words(row: LateRequest, each: Examined, *, at: datetime) -> list[str]:
    """Whether it can be done, the rule and since when it is passed, the places, the price."""
    said = []
    if each.refusal is not None:
        said.append(f"Impossible : {french.lower_first(each.refusal.sentence)}")
    if each.row.passed_at is not None:
        said.append(
            f"{each.rule} Délai passé le {french.instant(each.row.passed_at)}, {_since(each.row.passed_at, at)}."
        )
    elif each.row.ground != "capacity":
        said.append(each.rule)
    if row.wish == Wish.REMOVE:
        said.append(f"Prix rendu : {french.amount(each.amount)}.")
    else:
        said.append(_places(each))
        said += [f"Prix : {french.amount(each.amount)}.", *each.explanation]
        if each.amount != each.row.price:
            said.append(f"La famille a lu {french.amount(each.row.price)}.")
    if each.together:
        together = french.join_words(french.lower_first(label) for label in each.together)
        said.append(f"Change en même temps : {together}.")
    return said


def _places(each: Examined) -> str:
    if each.left is None:
        return "Places : sans limite."
    if each.is_full:
        return f"Complet : les {each.capacity} places sont prises ou retenues."
    return f"{french.plural(each.left, 'place libre', 'places libres')} sur {each.capacity}."


def _since(passed: datetime, at: datetime) -> str:
    """“depuis 3 jours”, “depuis 5 heures”."""
    hours = max(int((to_utc(at) - to_utc(passed)).total_seconds() // 3600), 0)
    if hours < 48:
        return f"depuis {french.plural(hours, 'heure')}" if hours else "depuis moins d’une heure"
    return f"depuis {french.plural(hours // 24, 'jour')}"


# The file of a family


def file_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The last requests of the family, for agents who decide."""
    if not agent.has_perm(PERMISSION):
        return None
    rows = family_requests(agent, family, limit=_SHOWN, on=paris_date(at))
    facts = [(title_of(row), _state_words(row)) for row in rows]
    return FileSection(title="Demandes au service", facts=tuple(facts) or (("Demandes au service", "aucune"),))


def _state_words(row: LateRequest) -> str:
    days = french.join_words(dict.fromkeys(f"{each.day:%d/%m}" for each in row.days.all()))
    words = f"{days}, {row.get_state_display()}"
    if row.state in {RequestState.REFUSED, RequestState.PARTLY}:
        return f"{words}{french.NBSP}: {row.answer}"
    return words
