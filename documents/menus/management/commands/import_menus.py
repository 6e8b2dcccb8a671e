"""`portail import_menus menus.csv --site cantine`: menus from a sheet, all or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from documents.menus import queries
from documents.menus.desk.imports import plan, store, without_automatic
from documents.menus.sheet import MOST_BYTES, decoded, read_sheet
from documents.menus.week_page import site_named
from portal.domain.accounts.models import User
from portal.domain.kernel.french import plural, typography


class Command(BaseCommand):
    """Read a CSV, say what is wrong line by line, write its weeks."""

    help = "Importe des menus depuis un fichier CSV : une ligne par plat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", type=Path, help="le fichier CSV, en UTF-8 ou Windows-1252")
        parser.add_argument("--site", required=True, help="le code du lieu de repas, par exemple cantine")
        parser.add_argument("--publier", action="store_true", help="mettre les semaines en ligne")
        parser.add_argument("--check", action="store_true", help="tout vérifier sans rien écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        sites = queries.sites()
        site = site_named(sites, options["site"])
        if site is None:
            known = ", ".join(each.code for each in sites) or "aucun"
            raise CommandError(typography(f"Le lieu « {options['site']} » n’existe pas. Lieux connus : {known}."))
        try:
            content = options["fichier"].read_bytes()
        except OSError as error:
            raise CommandError(typography(f"{options['fichier']} ne se lit pas : {error.strerror}.")) from error
        if len(content) > MOST_BYTES:
            raise CommandError(typography(f"Ce fichier est trop lourd : {MOST_BYTES // 1024} Ko au plus."))
        sheet = read_sheet(decoded(content), site)
        if sheet.errors:
            lines = "\n".join(f"  - {error}" for error in sheet.errors)
            raise CommandError(
                typography(f"{plural(len(sheet.errors), 'erreur')}, rien n’a été importé.") + f"\n{lines}"
            )
        weeks = without_automatic(site, sheet.weeks)
        for each in plan(site, weeks):
            self.stdout.write(typography(f"{each.period} : {plural(each.dishes, 'plat')}, semaine {each.state}"))
        if options["check"]:
            self.stdout.write(self.style.SUCCESS(typography("Le fichier est bon, rien n’a été écrit.")))
            return
        count = store(
            site=site, weeks=weeks, versions=None, publish=options["publier"],
            by=User.objects.system(), at=timezone.now(),
        )  # fmt: skip
        self.stdout.write(self.style.SUCCESS(typography(f"{plural(count, 'semaine')} : import terminé.")))
