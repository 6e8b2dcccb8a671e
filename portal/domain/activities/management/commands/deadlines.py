"""`portail deadlines`: until when each service day of an activity may be booked and cancelled."""

import json
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.domain.activities.deadlines import Window
from portal.domain.activities.models import Activity
from portal.domain.activities.queries import DeadlineRow, deadline_table
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange

LONGEST = 800


class Command(BaseCommand):
    help = "Montre, pour chaque jour servi, le dernier instant pour réserver et pour annuler."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--activity", required=True, metavar="CODE", help="code de l’activité")
        parser.add_argument("--from", required=True, dest="first", metavar="JOUR", help="premier jour, 2026-09-07")
        parser.add_argument("--to", required=True, dest="last", metavar="JOUR", help="dernier jour, 2026-10-02")
        parser.add_argument("--json", action="store_true", help="une liste JSON au lieu du tableau")

    def handle(self, *args: Any, **options: Any) -> None:
        days = _days(options["first"], options["last"])
        activity = _activity(options["activity"])
        rows = deadline_table(activity=activity, days=days)
        if options["json"]:
            self.stdout.write(json.dumps([_as_data(row) for row in rows], ensure_ascii=False, indent=2))
        elif rows:
            self.stdout.write(_table(rows))
        else:
            span = french.date_range_year(days.first, days.last)
            self.stdout.write(f"{activity.name}\u00a0: aucun jour servi {span}.")


def _days(first: str, last: str) -> DateRange:
    start, end = _day("--from", first), _day("--to", last)
    if end < start:
        raise CommandError(
            f"--to\u00a0: le {french.full_date(end)} vient avant le {french.full_date(start)} de --from."
        )
    days = DateRange(start, end)
    if len(days) > LONGEST:
        raise CommandError(
            f"--to\u00a0: {len(days)} jours demandés, {LONGEST} au plus. Choisissez des dates plus proches."
        )
    return days


def _day(option: str, text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  # a day has no time zone
        except ValueError:
            continue
    raise CommandError(
        f"{option}\u00a0: «\u00a0{text}\u00a0» n’est pas une date. Écrivez-la 2026-09-07 ou 07/09/2026."
    )


def _activity(code: str) -> Activity:
    try:
        return Activity.objects.get(code=code)
    except Activity.DoesNotExist:
        codes = ", ".join(Activity.objects.order_by("code").values_list("code", flat=True))
        known = f"Activités connues\u00a0: {codes}." if codes else "Aucune activité n’est encore enregistrée."
        raise CommandError(f"--activity\u00a0: «\u00a0{code}\u00a0» est inconnu. {known}") from None


def _table(rows: list[DeadlineRow]) -> str:
    many = len({row.unit_code for row in rows}) > 1
    head = ["jour servi", "unité", "réserver jusqu’au", "annuler jusqu’au", "règle"]
    lines = [
        [
            french.long_date(row.day),
            row.unit_name,
            _shown(row.booking),
            _shown(row.cancellation),
            row.sentence,
        ]
        for row in rows
    ]
    if not many:
        head, lines = head[:1] + head[2:], [line[:1] + line[2:] for line in lines]
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, ["-" * width for width in widths], *lines]
    )


def _shown(window: Window) -> str:
    if window.never:
        return window.note
    if window.last_shown is None:
        return "sans limite"
    return french.instant(window.last_shown)


def _as_data(row: DeadlineRow) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "unit": row.unit_code,
        "booking": _window_data(row.booking),
        "cancellation": _window_data(row.cancellation),
        "sentence": row.sentence,
    }


def _window_data(window: Window) -> dict[str, Any]:
    """`last` is the last minute allowed, `closes` the first instant refused; both in Paris time."""
    return {
        "opens": window.opens and window.opens.isoformat(),
        "last": window.last_shown and window.last_shown.isoformat(),
        "closes": window.closes and window.closes.isoformat(),
        "never": window.never,
        "note": window.note,
    }
