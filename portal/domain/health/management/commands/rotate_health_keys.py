"""Seal health data again with the first key."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.domain.health.rotation import rotate_keys


class Command(BaseCommand):
    help = "Scelle de nouveau les données de santé avec la première clé ; ensuite, l’ancienne peut être retirée."

    def handle(self, *args: Any, **options: Any) -> None:
        rotated = rotate_keys()
        self.stdout.write(f"Lignes : {rotated.rows}, fichiers : {rotated.files}.")
