"""The parts of the dossier, as a profile describes them and as the sample town holds them: one module each.

A module offers `connect()`: it registers its section of profile.toml (`register_section`) and its share of the sample
town (`register_filler`); `family_file`, what the file of a family tells beside its areas.
"""

from importlib import import_module

#: In the order of the profile's documentation.
PARTS = (
    "entries",
    "dossier",
    "contacts",
    "consents",
    "health",
    "custody",
    "quotients",
    "pricing",
    "papers",
    "absences",
    "waiting",
    "late_requests",
    "transport",
    "reminders",
    "privacy",
    "reconciliation",
    "yearly",
    "family_file",
)


def connect() -> None:
    """Let every part register, once, from `apps.ready`."""
    for part in PARTS:
        import_module(f"portal.backoffice.parts.{part}").connect()
