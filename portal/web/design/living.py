"""The living page of the design system, in the demo: every component in every state, with sample facts."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.french import NBSP
from portal.web.design import errors
from portal.web.design.weeks import (
    Cell,
    CellState,
    DayHead,
    MonthTotals,
    Row,
    RowGroup,
    TotalGroup,
    TotalRow,
    WeekTable,
)
from portal.web.forms import NamedErrorsMixin, NativeDateInput


class SampleForm(NamedErrorsMixin, forms.Form):
    """One field of each kind. Sent with nothing it shows every error."""

    name = forms.CharField(
        label="Nom du responsable",
        help_text="tel que sur la facture",
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    dossier = forms.RegexField(
        r"^\d{3,4}$",
        label="Numéro de dossier",
        help_text="3 ou 4 chiffres, en haut à droite de votre dernière facture",
        error_messages={"invalid": "Le numéro de dossier compte 3 ou 4 chiffres"},
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    mail = forms.EmailField(label="Adresse mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label="Mot de passe", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    service = forms.ChoiceField(
        label="Service", choices=[("", "Choisissez un service"), ("enfance", "Périscolaire et restauration")]
    )
    entry = forms.DateField(
        label="Date d’entrée souhaitée", widget=NativeDateInput(attrs={"class": "short"}), required=False
    )
    message = forms.CharField(label="Message", widget=forms.Textarea, required=False)
    option = forms.ChoiceField(
        label="Choisissez une formule",
        choices=[("avec", "Avec repas"), ("sans", "Sans repas")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une formule"},
    )
    days = forms.MultipleChoiceField(
        label="Jours de cantine habituels",
        choices=[("1", "lun."), ("2", "mar."), ("4", "jeu."), ("5", "ven.")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un jour"},
    )
    paper = forms.FileField(
        label="Vaccinations de Noé", help_text=f"PDF ou photo lisible, 6{NBSP}Mo au plus", required=False
    )
    terms = forms.BooleanField(
        label="J’ai lu le règlement intérieur et je l’accepte",
        help_text="version du 18\u00a0juin 2026",
        error_messages={"required": "Acceptez le règlement pour continuer"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A mapping from value to the second line of a box, read by the component.
        self.fields["option"].widget.notes = {"avec": f"10,40{NBSP}€", "sans": f"5,20{NBSP}€"}


def _cells(days: tuple[DayHead, ...], child: str, activity: str, states: str) -> tuple[Cell, ...]:
    """Cells from a line of letters, one per day; see `_LETTERS`."""
    return tuple(
        _LETTERS[letter](
            f"{day.short} {day.number}",
            f"{child}, {activity}, {day.long}",
            f"{child}.{activity}.{day.number}",
        )
        for letter, day in zip(states, days, strict=True)
    )


def _tick(state: CellState) -> Any:
    return lambda day, name, value: Cell(state, day=day, name=name, value=value)


def _text(state: CellState, word: str = "") -> Any:
    return lambda day, name, value: Cell(state, day=day, name=name, word=word)


def _link(state: CellState, why: str, word: str = "", locked: bool = False) -> Any:
    return lambda day, name, value: Cell(
        state, day=day, name=name, href="#pourquoi", why=why, word=word, locked=locked
    )


_LATE = "délai passé, pourquoi\u202f?"
_LETTERS: dict[str, Any] = {
    "f": _tick(CellState.FREE),
    "+": _tick(CellState.TO_BOOK),
    "b": _tick(CellState.BOOKED),
    "-": _tick(CellState.TO_CANCEL),
    "B": _text(CellState.BOOKED),
    "X": _text(CellState.CANCELLED),
    "L": _link(CellState.BOOKED, _LATE, locked=True),
    "l": _link(CellState.NOT_PLANNED, _LATE, locked=True),
    "F": _link(CellState.FULL, "rejoindre la liste d’attente"),
    "W": _link(CellState.WAITING, "", word="2e en liste"),
    "c": _text(CellState.CLOSED, f"fermé{NBSP}: réunion d’équipe"),
    ".": _text(CellState.NOT_OFFERED),
}
_NAMES = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")


def _week(number: int, first: date, *lines: tuple[str, str, str], **options: Any) -> WeekTable:
    days = tuple(
        DayHead(
            short=_NAMES[day.weekday()][:2],
            number=day.day,
            long=f"{_NAMES[day.weekday()]} {day.day}{NBSP}septembre",
            today=day == date(2026, 9, 9),
        )
        for day in (first + timedelta(days=offset) for offset in range(5))
    )
    children = {"Hugo": f"9{NBSP}ans, CM1", "Léna": f"5{NBSP}ans, GS"}
    groups = tuple(
        RowGroup(
            title=child,
            note=note,
            rows=tuple(
                Row(label=activity, rate=f"4,30{NBSP}€", cells=_cells(days, child, activity, states))
                for who, activity, states in lines
                if who == child
            ),
        )
        for child, note in children.items()
    )
    return WeekTable(
        id=f"s{number}",
        number=number,
        range=f"du {first.day} au {first.day + 4}{NBSP}septembre",
        jump_range=f"{first.day}–{first.day + 4}",
        days=days,
        groups=groups,
        **options,
    )


def sample_weeks() -> tuple[WeekTable, ...]:
    """Three weeks that hold every state of a cell."""
    return (
        _week(
            37,
            date(2026, 9, 7),
            ("Hugo", "Cantine", "BBBLL"),
            ("Hugo", "Accueil du soir", "BX.ll"),
            ("Léna", "Mercredi", "..B.."),
            over=True,
            limit_until=f"jeudi 3{NBSP}sept., 23{NBSP}h{NBSP}59",
            jump_note="en cours",
        ),
        _week(
            38,
            date(2026, 9, 14),
            ("Hugo", "Cantine", "bbbb-"),
            ("Hugo", "Accueil du soir", "bF.bf"),
            ("Léna", "Mercredi", "..+.."),
            now=True,
            limit_until=f"jeudi 10{NBSP}sept., 23{NBSP}h{NBSP}59",
            limit_left=f"encore 25{NBSP}h",
            jump_note="2 chang.",
        ),
        _week(
            39,
            date(2026, 9, 21),
            ("Hugo", "Cantine", "bbbbc"),
            ("Hugo", "Accueil du soir", "bf.Wf"),
            ("Léna", "Mercredi", "..f.."),
            limit_until=f"jeudi 17{NBSP}sept., 23{NBSP}h{NBSP}59",
            jump_note="ouverte",
        ),
    )


def sample_totals() -> MonthTotals:
    """The totals beside the sample weeks."""
    return MonthTotals(
        title="Le mois entier",
        cost_before=f"90,30{NBSP}€",
        cost=f"86,00{NBSP}€",
        groups=(
            TotalGroup(
                "Hugo",
                (
                    TotalRow(
                        "Cantine",
                        20,
                        f"86,00{NBSP}€",
                        cost_before=f"90,30{NBSP}€",
                        rate=f"4,30{NBSP}€",
                        tick_value="hugo.cantine",
                        tick_name="Hugo, cantine",
                    ),
                    TotalRow(
                        "Accueil du soir",
                        7,
                        f"14,70{NBSP}€",
                        rate=f"2,10{NBSP}€",
                        tick_value="hugo.soir",
                        tick_name="Hugo, accueil du soir",
                    ),
                ),
            ),
            TotalGroup("Léna", (TotalRow("Mercredi", 1, f"10,40{NBSP}€", rate=f"10,40{NBSP}€"),)),
        ),
    )


_STATE_NAMES = {
    "f": "libre",
    "+": "à réserver, case cochée",
    "b": "réservé, case cochée",
    "-": "à annuler, case décochée",
    "B": "réservé, en lecture",
    "X": "annulé et validé",
    "L": "réservé, délai passé",
    "l": "non prévu, délai passé",
    "F": "complet",
    "W": "en liste d’attente",
    "c": "fermé",
    ".": "pas proposé ce jour-là",
}


def sample_cells() -> list[tuple[str, Cell]]:
    """Every state of a cell alone, beside its name."""
    day, name = "je 17", f"Hugo, cantine, jeudi 17{NBSP}septembre"
    return [(words, _LETTERS[letter](day, name, f"essai.{letter}")) for letter, words in _STATE_NAMES.items()]


@login_not_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state. The form is shown blank, then as it comes back with errors."""
    sent = SampleForm({"essai-dossier": "41", "essai-mail": "claire.vuillet@"}, {}, prefix="essai")
    context = {
        "blank_form": SampleForm(),
        "sent_form": sent,
        "weeks": sample_weeks(),
        "totals": sample_totals(),
        "cells": sample_cells(),
        "until": timezone.now() + timedelta(minutes=18),
        "deadline": datetime(2026, 9, 10, 23, 59, tzinfo=PARIS),
        "price": Decimal("86.00"),
        "before": Decimal("90.30"),
        "change": Decimal("-4.30"),
        "page": Paginator(range(90), 10).page(2),
        "tasks": [
            {
                "label": "Valider votre brouillon de planning",
                "url": "#c-liste",
                "note": "3 ajouts, 1 annulation",
                "icon": "clock",
                "kind": "wait",
                "badge": f"encore 18{NBSP}min",
                "badge_kind": "wait",
            },
            {"label": "Règlement intérieur", "url": "#c-liste", "note": f"PDF, 240{NBSP}Ko", "icon": "doc"},
            {"label": "Réponse du service", "url": "#c-liste", "icon": "mail", "unread": True},
        ],
        "links": [
            {"label": "Réserver ou annuler des jours", "url": "#c-surf"},
            {"label": "Voir le mois", "url": "#c-surf"},
        ],
        "views": [
            {"label": "Semaine", "url": "?vue=semaine", "value": "semaine"},
            {"label": "Quinzaine", "url": "?vue=quinzaine", "value": "quinzaine"},
            {"label": "Mois", "url": "?vue=mois", "value": "mois", "current": True},
        ],
        "facts": [("Reçu", f"n°{NBSP}2026-09-00318"), ("Envoyé à", "claire@vuillet.example")],
        "history": [
            {"when": f"mardi 8{NBSP}septembre", "title": "Changement d’adresse"},
            {"when": f"mercredi 2{NBSP}septembre", "title": "Quotient familial", "done": True},
        ],
        "columns": [
            SimpleNamespace(label="Objet", right=False),
            SimpleNamespace(label="Quantité", right=True),
            SimpleNamespace(label="Montant", right=True),
        ],
        "rows": [["Repas enfant", "10", f"44,00{NBSP}€"], ["Atelier 3D", "10", f"7,50{NBSP}€"]],
        "foot": ["Net à payer", f"51,50{NBSP}€"],
        "icons": sprite_names(),
    }
    return render(request, "design/components.html", context)


def sprite_names() -> list[str]:
    """The symbols of icons.svg, in its order, without their "i-"."""
    found = finders.find("icons.svg")
    if not isinstance(found, str):
        return []
    return re.findall(r'<symbol id="i-([a-z]+)"', Path(found).read_text(encoding="utf-8"))


_ERROR_PAGES: dict[str, Any] = {
    "400": errors.bad_request,
    "403": errors.permission_denied,
    "403_csrf": errors.csrf_failure,
    "404": errors.page_not_found,
    "500": lambda request: errors.render_bare("500.html", 500, reference="7F3A-22", now=timezone.now()),
    "503": lambda request: errors.maintenance(request, until=f"18{NBSP}h"),
}


@login_not_required
@require_safe
def error_page(request: HttpRequest, code: str) -> HttpResponse:
    """An error page as families would see it, with its real status."""
    if code not in _ERROR_PAGES:
        raise Http404
    answer: HttpResponse = _ERROR_PAGES[code](request)
    return answer
