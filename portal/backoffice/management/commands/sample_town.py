"""`portail sample_town`: the fictional town of demonstrations and measures."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.backoffice.sample import sample_allowed
from portal.backoffice.sample.accounts import FAMILIES
from portal.backoffice.sample.town import (
    DEFAULT_FAMILIES,
    DEFAULT_SEED,
    MOST_FAMILIES,
    NothingToEnrolIn,
    TownNotEmpty,
    build_town,
)
from portal.domain.accounts.models import User
from portal.domain.kernel.french import integer, typography


class Command(BaseCommand):
    """Fill an empty database; refuse a real one."""

    help = "Remplit une base vide de familles fictives, avec une année de réservations. Jamais en production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--families", type=int, default=DEFAULT_FAMILIES, help="combien de familles (%(default)s)")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="graine du tirage (%(default)s)")
        parser.add_argument(
            "--demo", action="store_true", help="confirmer que cette base n’est pas celle d’une commune"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not sample_allowed(asked=options["demo"]):
            raise CommandError(
                typography(
                    "Ces réglages sont ceux d’une vraie commune : aucune famille fictive n’y est chargée. "
                    "Si cette base est une démonstration, ajoutez --demo."
                )
            )
        least = len(FAMILIES)
        if not least <= options["families"] <= MOST_FAMILIES:
            raise CommandError(typography(f"--families va de {least} à {integer(MOST_FAMILIES)}."))
        begun = time.monotonic()
        try:
            built = build_town(
                families=options["families"],
                seed=options["seed"],
                by=User.objects.system(),
                at=timezone.now(),
                tell=self._tell if options["verbosity"] else lambda sentence: None,
            )
        except (TownNotEmpty, NothingToEnrolIn) as error:
            raise CommandError(typography(str(error))) from error
        if options["verbosity"]:
            seconds = max(time.monotonic() - begun, 0.001)
            self.stdout.write(
                self.style.SUCCESS(
                    typography(
                        f"Année scolaire {built.year} : {integer(built.families)} familles, "
                        f"{integer(built.children)} enfants, {integer(built.enrolments)} inscriptions, "
                        f"{integer(built.bookings)} réservations, en {seconds:.0f} s."
                    )
                )
            )

    def _tell(self, sentence: str) -> None:
        self.stdout.write(typography(sentence))
        self.stdout.flush()
