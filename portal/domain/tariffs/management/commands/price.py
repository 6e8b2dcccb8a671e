"""`portail price`: what a unit costs on a day, and why."""

import json
from argparse import ArgumentParser
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.domain.activities.models import Activity
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.tariffs.engine import Quotient, Situation
from portal.domain.tariffs.queries import QuotedUnit, quote_activity


class Command(BaseCommand):
    help = "Donne le prix de chaque unité d’une activité, un jour donné, avec son explication."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--activity", required=True, metavar="CODE", help="code de l’activité")
        parser.add_argument("--qf", metavar="EUROS", help="quotient familial, en euros par mois")
        parser.add_argument("--date", metavar="AAAA-MM-JJ", help="jour du service (aujourd’hui par défaut)")
        parser.add_argument("--json", action="store_true", help="réponse en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        activity = Activity.objects.filter(code=options["activity"]).first()
        if activity is None:
            known = ", ".join(Activity.objects.order_by("code").values_list("code", flat=True)) or "aucune"
            raise CommandError(
                f"--activity : aucune activité n’a le code « {options['activity']} ». Codes connus : {known}."
            )
        day = parse_day(options["date"])
        quotient = parse_quotient(options["qf"])
        situation = Situation() if quotient is None else Situation(quotient=Quotient.of(quotient))
        quotes = quote_activity(activity=activity, day=day, situation=situation)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(activity, day, quotient, quotes), ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{activity.name}, {french.long_date(day)}")
        for quote in quotes:
            self.stdout.write("")
            if quote.price is None:
                self.stdout.write(f"{quote.unit.name} : pas de prix à cette date.")
                continue
            self.stdout.write(f"{quote.unit.name} : {french.amount(quote.price.amount)} {quote.price.rate_label}")
            for step in quote.price.explanation:
                self.stdout.write(f"  - {step}")


def parse_day(text: str | None) -> date:
    """The day asked for, today in Paris when none is given. Raises CommandError naming the option."""
    if not text:
        return paris_date(timezone.now())
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--date : « {text} » n’est pas une date. Écrivez année-mois-jour, par exemple 2026-09-07."
        ) from error


def parse_quotient(text: str | None) -> Decimal | None:
    """The quotient, with a comma or a point. Raises CommandError naming the option."""
    if text is None:
        return None
    try:
        quotient = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise CommandError(f"--qf : « {text} » n’est pas un nombre. Écrivez par exemple 842 ou 842,50.") from error
    if not quotient.is_finite() or quotient < 0:
        raise CommandError(f"--qf : « {text} » : un quotient familial est un nombre positif ou nul.")
    return quotient


def as_data(activity: Activity, day: date, quotient: Decimal | None, quotes: list[QuotedUnit]) -> dict[str, Any]:
    """The answer for programs: amounts are texts in euros, so that no cent is lost."""
    return {
        "activity": activity.code,
        "date": day.isoformat(),
        "quotient": None if quotient is None else str(quotient),
        "units": [
            {
                "unit": quote.unit.code,
                "name": quote.unit.name,
                "price": None if quote.price is None else str(quote.price.amount),
                "tariff": None if quote.price is None else quote.price.tariff_name,
                "explanation": [] if quote.price is None else list(quote.price.explanation),
            }
            for quote in quotes
        ],
    }
