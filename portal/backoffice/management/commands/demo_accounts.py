"""`portail demo_accounts`: who one can be in the demonstration."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.backoffice.sample import sample_allowed
from portal.backoffice.sample.accounts import AGENTS, FAMILIES, password_of
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel.french import plural, typography


class Command(BaseCommand):
    """Print the sample accounts that exist in this database."""

    help = "Affiche les comptes de la démonstration et leurs mots de passe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="confirmer que cette base est une démonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        if not sample_allowed(asked=options["demo"]):
            raise CommandError(
                typography("Ces réglages sont ceux d’une vraie commune : elle n’a pas de comptes d’exemple.")
            )
        rows = [
            (
                sample.username,
                f"{sample.first_name} {sample.name}, dossier n° {sample.number}, "
                f"{plural(len(sample.children) + len(sample.shares), 'enfant')}",
            )
            for sample in FAMILIES
            if sample.username
        ] + [(agent.username, f"agent : {agent.work}") for agent in AGENTS]
        known = set(User.objects.filter(username__in=[name for name, _ in rows]).values_list("username", flat=True))
        if not known:
            raise CommandError(
                typography("Aucun compte d’exemple dans cette base : chargez la ville avec « portail sample_town ».")
            )
        self.stdout.write(f"{'compte':<15}{'mot de passe':<28}qui")
        for name, who in rows:
            if name in known:
                self.stdout.write(f"{name:<15}{password_of(name):<28}{typography(who)}")
        for sample in FAMILIES:
            if not sample.username and Family.objects.filter(number=sample.number).exists():
                self.stdout.write(
                    typography(
                        f"Pour créer un compte : dossier n° {sample.number}, nom {sample.name}, "
                        f"adresse mail {sample.email}"
                    )
                )
