"""`portail price`: what a unit, or a use of a tariff, costs on a day in a situation, and why."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.domain.activities.models import Activity
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.tariffs.asking import WrongOption, add_options, read_situation
from portal.domain.tariffs.engine import NoPrice, Price, Situation, price_on
from portal.domain.tariffs.engine import Tariff as Grids
from portal.domain.tariffs.models import Tariff
from portal.domain.tariffs.queries import quote_activity


@dataclass(frozen=True, slots=True)
class Quoted:
    """What is asked about, and its price; None when it has none on that day."""

    code: str
    name: str
    price: Price | None


class Command(BaseCommand):
    help = "Donne le prix de chaque unité d’une activité (ou d’un tarif), un jour donné, avec son explication."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--activity", metavar="CODE", help="code de l’activité")
        what.add_argument("--tariff", metavar="CODE", help="code du tarif")
        parser.add_argument("--date", metavar="AAAA-MM-JJ", help="jour du service (aujourd’hui par défaut)")
        parser.add_argument("--json", action="store_true", help="réponse en JSON, avec les étapes du calcul")
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        day = parse_day(options["date"])
        try:
            situation = read_situation(options)
        except WrongOption as error:
            raise CommandError(str(error)) from error
        if options["tariff"] is not None:
            code, name, quotes = options["tariff"], *_of_tariff(options["tariff"], day, situation)
        else:
            code, name, quotes = options["activity"], *_of_activity(options["activity"], day, situation)
        if options["json"]:
            which = "tariff" if options["tariff"] is not None else "activity"
            data = {which: code} | as_data(day, situation, quotes)
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{name}, {french.long_date(day)}")
        for quote in quotes:
            self.stdout.write("")
            if quote.price is None:
                self.stdout.write(f"{quote.name} : pas de prix à cette date.")
                continue
            self.stdout.write(f"{quote.name} : {french.amount(quote.price.amount)} {quote.price.rate_label}")
            for step in quote.price.explanation:
                self.stdout.write(f"  - {step}")


def _of_activity(code: str, day: date, situation: Situation) -> tuple[str, list[Quoted]]:
    activity = Activity.objects.filter(code=code).first()
    if activity is None:
        known = ", ".join(Activity.objects.order_by("code").values_list("code", flat=True)) or "aucune"
        raise CommandError(f"--activity : aucune activité n’a le code « {code} ». Codes connus : {known}.")
    quotes = quote_activity(activity=activity, day=day, situation=situation)
    return activity.name, [Quoted(each.unit.code, each.unit.name, each.price) for each in quotes]


def _of_tariff(code: str, day: date, situation: Situation) -> tuple[str, list[Quoted]]:
    tariff = Tariff.objects.filter(code=code).first()
    if tariff is None:
        known = ", ".join(Tariff.objects.order_by("code").values_list("code", flat=True)) or "aucun"
        raise CommandError(f"--tariff : aucun tarif n’a le code « {code} ». Codes connus : {known}.")
    grids = tuple(version.as_grid() for version in tariff.versions.all())
    try:
        price = price_on(Grids(tariff.code, tariff.name, tariff.rate_label, grids), day, situation)
    except NoPrice:
        return tariff.name, [Quoted(tariff.code, tariff.name, None)]
    return tariff.name, [Quoted(tariff.code, tariff.name, price)]


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


def as_data(day: date, situation: Situation, quotes: Iterable[Quoted]) -> dict[str, Any]:
    """The answer for programs: amounts are texts in euros, so that no cent is lost."""
    quotient = situation.quotient.value
    return {
        "date": day.isoformat(),
        "quotient": None if quotient is None else str(quotient),
        "units": [
            {
                "unit": quote.code,
                "name": quote.name,
                "price": None if quote.price is None else str(quote.price.amount),
                "unit_price": None if quote.price is None else str(quote.price.unit_price),
                "quantity": None if quote.price is None else _text(quote.price.quantity),
                "tariff": None if quote.price is None else quote.price.tariff_name,
                "steps": [] if quote.price is None else _steps(quote.price),
                "explanation": [] if quote.price is None else list(quote.price.explanation),
            }
            for quote in quotes
        ],
    }


def _steps(price: Price) -> list[dict[str, Any]]:
    """The calculation, as numbers: what each step holds and the amount after it."""
    return [
        {
            "kind": step.kind.value,
            "numbers": [None if number is None else _text(number) for number in step.numbers],
            "label": step.label,
            "column": step.column,
            "amount": _text(step.amount),
        }
        for step in price.steps
    ]


def _text(number: Decimal) -> str:
    return f"{number:f}"
