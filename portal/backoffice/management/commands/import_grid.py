"""`portail import_grid`: a version of a tariff from a table (CSV, Excel) or from the data of a grid (JSON)."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.french import long_date
from portal.domain.setup.grids import GridRefused, WantedGrid, judge, publish_grid
from portal.domain.tariffs.drawing import stairs_of
from portal.domain.tariffs.engine import Grid, telling
from portal.domain.tariffs.engine.data import InvalidGrid, grid_to_data
from portal.domain.tariffs.engine.grids import Part
from portal.domain.tariffs.engine.methods import Brackets
from portal.domain.tariffs.engine.tables import UnreadableTable, table_of_cells
from portal.domain.tariffs.engine.words_fr import exact
from portal.domain.tariffs.models import Tariff
from portal.domain.tariffs.sheets import read_sheet


class Command(BaseCommand):
    help = (
        "Publie une version d’un tarif à partir d’un tableau CSV ou Excel (tranches, puis un prix par colonne), "
        "ou d’une grille en JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FICHIER", help="tableau .csv ou .xlsx, ou grille .json")
        parser.add_argument("--tariff", required=True, metavar="CODE", help="code du tarif")
        parser.add_argument("--from", required=True, dest="first", metavar="AAAA-MM-JJ", help="premier jour du prix")
        parser.add_argument("--deliberation", default="", metavar="TEXTE", help="délibération qui le fixe")
        parser.add_argument("--deliberation-url", default="", metavar="ADRESSE", help="où la lire")
        parser.add_argument("--confirm-falls", action="store_true", help="un prix qui baisse est voulu")
        parser.add_argument("--dry-run", action="store_true", help="montre la grille sans rien enregistrer")

    def handle(self, *args: Any, **options: Any) -> None:
        tariff = Tariff.objects.filter(code=options["tariff"]).first()
        if tariff is None:
            known = ", ".join(Tariff.objects.order_by("code").values_list("code", flat=True)) or "aucun"
            raise CommandError(f"--tariff : aucun tarif n’a le code « {options['tariff']} ». Codes connus : {known}.")
        wanted = WantedGrid(
            read_data(Path(options["file"])),
            _day(options["first"]),
            options["deliberation"],
            options["deliberation_url"],
        )
        try:
            found = judge(wanted)
        except InvalidGrid as error:
            raise CommandError(str(error)) from error
        if faults := [str(each) for each in found if each.fault]:
            raise CommandError("La grille est refusée.\n" + "\n".join(f"  - {fault}" for fault in faults))
        self._show(tariff, wanted.grid())
        for doubt in found:
            self.stdout.write(f"À confirmer : {doubt}")
        if options["dry_run"]:
            self.stdout.write("Essai : rien n’est enregistré.")
            return
        if found and not options["confirm_falls"]:
            raise CommandError("Ajoutez --confirm-falls si c’est voulu : rien n’est enregistré.")
        try:
            publish_grid(
                tariff=tariff,
                wanted=wanted,
                confirmed=options["confirm_falls"],
                by=User.objects.system(),
                at=timezone.now(),
            )
        except GridRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"La version du {long_date(wanted.valid_from)} est publiée.")

    def _show(self, tariff: Tariff, grid: Grid) -> None:
        self.stdout.write(f"{tariff.name}, à partir du {long_date(grid.valid_from)}")
        for part in grid.parts:
            for column in getattr(part.method, "columns", ()):
                self.stdout.write(f"  {column.label} : {telling.condition(column.when) or 'tous les autres'}")
        stairs = stairs_of(grid, grid.valid_from)
        for words, prices in stairs.rows:
            shown = ", ".join(f"{label} {exact(price)}" for label, price in zip(stairs.labels, prices, strict=True))
            self.stdout.write(f"  {words} : {shown}")


def read_data(path: Path) -> dict[str, Any]:
    """The data of the grid that a file describes. Raises CommandError that says what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} ne s’ouvre pas : {error.strerror}.") from error
    if path.suffix.lower() == ".json":
        try:
            data = json.loads(content)
        except ValueError as error:
            raise CommandError(f"{path.name} n’est pas du JSON : {error}.") from error
        if not isinstance(data, dict):
            raise CommandError(f"{path.name} : une grille est un objet JSON qui a des « parts ».")
        return data
    try:
        table = table_of_cells(read_sheet(path.name, content))
    except (FileRefused, UnreadableTable) as error:
        raise CommandError(f"{path.name} : {error}") from error
    return grid_to_data(Grid(date.min, (Part(Brackets(table.rows, table.columns)),)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--from : « {text} » n’est pas une date. Écrivez année-mois-jour, par exemple 2026-09-07."
        ) from error
