"""`portail profile_reference`: the keys of a profile, as docs/profils.md lists them."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.backoffice.profiles.reference import reference


class Command(BaseCommand):
    """Print the reference of the keys, to be pasted between the marks of docs/profils.md."""

    help = "Affiche en Markdown toutes les clés d’un profil de commune."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reference(), ending="")
