"""What each area brings to the desk: its queue, its section of a family's file. One module each, with `connect()`."""

from importlib import import_module

AREAS = (
    "entries",
    "enrolments",
    "changes",
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
    "buses",
    "privacy",
    "yearly",
    "recording",
    "inviting",
    "household",
    "merging",
    "archiving",
)


def connect() -> None:
    """Let every area register, once, from `apps.ready`."""
    for area in AREAS:
        import_module(f"portal.backoffice.desk.areas.{area}").connect()
