"""`portail load_commune`: make the portal one town's."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from portal.backoffice.profiles import ProfileRefused, find_profile, load_profile, read_profile
from portal.backoffice.profiles.loading import Report
from portal.domain.accounts.models import User
from portal.domain.kernel.french import plural, typography
from portal.domain.kernel.school_year import SchoolYear


class Command(BaseCommand):
    """Read a profile, check all of it, store it in one transaction."""

    help = "Charge le profil d’une commune : structures, activités, tarifs, pages. Peut être relancée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "profil",
            nargs="?",
            default=settings.COMMUNE,
            help="dossier du profil, ou son nom (par défaut : %(default)s)",
        )
        parser.add_argument("--check", action="store_true", help="tout vérifier sans rien écrire")
        parser.add_argument(
            "--prune", action="store_true", help="retirer ce que le profil ne nomme plus et qui n’a pas d’historique"
        )

        parser.add_argument(
            "--annee",
            help="année scolaire à charger, comme 2027/2028, pour annoncer la rentrée (par défaut : celle en cours, "
            "et dès juillet la suivante)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            year = SchoolYear.from_label(options["annee"]) if options["annee"] else None
        except ValueError as error:
            raise CommandError(
                typography(f"« {options['annee']} » n’est pas une année scolaire : écrivez par exemple 2027/2028.")
            ) from error
        try:
            profile = read_profile(find_profile(options["profil"], settings.COMMUNES_DIRS))
            with transaction.atomic():
                report = load_profile(
                    profile=profile, by=User.objects.system(), at=timezone.now(), prune=options["prune"], year=year
                )
                if options["check"]:
                    # Everything was tried against the database as it is; now as if nothing had happened.
                    transaction.set_rollback(True)
        except ProfileRefused as refused:
            count = plural(len(refused.problems), "erreur")
            lines = "\n".join(f"  - {problem}" for problem in refused.problems)
            raise CommandError(f"{count} dans le profil, rien n’a été chargé.\n{lines}") from refused
        if options["verbosity"]:
            self._print(report, profile.town.commune.name, check=options["check"])

    def _print(self, report: Report, name: str, *, check: bool) -> None:
        for sentence in report.notes:
            self.stdout.write(typography(sentence))
        for label, counter in (
            ("créés", report.created),
            ("mis à jour", report.updated),
            ("inchangés", report.unchanged),
            ("retirés", report.removed),
        ):
            total = counter.total()
            if total:
                detail = ", ".join(f"{kind}\u00a0: {number}" for kind, number in sorted(counter.items()) if number)
                self.stdout.write(f"{total} {label} ({detail})")
        ending = "le profil est bon, rien n’a été écrit." if check else "profil chargé."
        self.stdout.write(self.style.SUCCESS(typography(f"{name} : {ending}")))
