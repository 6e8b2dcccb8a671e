"""`portail reconcile`: the checks of every night, now; exit code 1 when something touches what will be charged."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.kernel.french import full_date, plural, typography
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.models import Run
from portal.domain.reconciliation.queries import State, count_blocking, findings_of, states
from portal.domain.reconciliation.running import run_checks

#: Findings told for each check.
SHOWN = 10


class Command(BaseCommand):
    help = typography(
        "Vérifie réservations, places, reçus, inscriptions, listes d’attente, absences et bus, comme chaque nuit. "
        "Code de sortie : 1 quand un constat touche à ce qui sera facturé ou qu’un contrôle échoue, "
        "2 quand une vérification est déjà en cours."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="donne tous les constats, et non les dix premiers")

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_checks(trigger=Trigger.COMMAND, by=User.objects.system(), at=timezone.now())
        if run is None:
            raise CommandError("Une vérification est déjà en cours.", returncode=2)
        found = states(run)
        for state in found:
            self._tell(run, state, most=None if options["all"] else SHOWN)
        blocking, failed = count_blocking(), sum(state.failed for state in found)
        self.stdout.write(typography(f"{len(found)} contrôles en {run.seconds} s."))
        if blocking or failed:
            said = []
            if blocking:
                said.append(f"{plural(blocking, 'constat touche', 'constats touchent')} à ce qui sera facturé.")
            if failed:
                broken = plural(failed, "contrôle a échoué", "contrôles ont échoué")
                said.append(f"{broken} : voir le journal du serveur.")
            raise CommandError(typography(" ".join(said)), returncode=1)

    def _tell(self, run: Run, state: State, *, most: int | None) -> None:
        seconds = run.results[state.check.code]["seconds"]
        if state.failed:
            words = "ÉCHEC DU CONTRÔLE"
        elif state.is_well:
            words = "rien à signaler"
        else:
            words = f"{plural(state.open + state.beyond, 'constat')}, dont {plural(state.new, 'nouveau', 'nouveaux')}"
        aside = f" ({state.aside} de côté)" if state.aside else ""
        self.stdout.write(typography(f"{state.check.title} : {words}{aside}. {seconds} s"))
        for finding in findings_of(state.check.code)[:most]:
            day = f"{full_date(finding.day)} : " if finding.day else ""
            self.stdout.write(typography(f"    {day}{finding.sentence} [{finding.key}]"))
