"""Reminders before a deadline: the section of a commune's profile."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.

from dataclasses import dataclass
from datetime import time

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.domain.reminders.models import ReminderSettings


@dataclass(frozen=True, kw_only=True)
class RemindersTable(Table):
    enabled: bool = key(kinds.boolean, "Les familles reçoivent des rappels.", example="true", default=True)
    hour: int = key(
        kinds.integer(8, 21), "L’heure du rappel, la veille du dernier jour pour réserver.", example="18", default=18
    )
    only_when_empty: bool = key(
        kinds.boolean,
        "Seulement aux familles qui n’ont rien réservé pour ces jours, ou dont le brouillon attend.",
        example="true",
        default=True,
    )


def connect() -> None:
    """Register the section of this part."""
    register_section(
        Section(
            name="reminders",
            kind=kinds.table(RemindersTable),
            help="Les rappels envoyés la veille d’une échéance de réservation.",
            example="[reminders]",
            order=75,
            check=_check,
            load=_load,
        )
    )


def _check(profile: Profile, reminders: RemindersTable, place: Place) -> None:
    """Every combination is a commune."""


def _load(loading: Loading, reminders: RemindersTable) -> None:
    loading.store(
        ReminderSettings,
        find={"single": True},
        values={
            "is_enabled": reminders.enabled,
            "hour": time(reminders.hour),
            "only_when_empty": reminders.only_when_empty,
        },
        path=reminders.path,
    )
