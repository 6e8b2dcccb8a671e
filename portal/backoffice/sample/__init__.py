"""The fictional town of demonstrations and measures: families, enrolments and bookings of a running year.

`build_town` fills an empty town from a seed, the same people each time; `accounts` are those one can sign in with.
Everybody is invented: example domains, telephone numbers reserved for fiction. Never in production by accident:
commands ask `sample_allowed` first.
"""

from django.conf import settings


def sample_allowed(*, asked: bool) -> bool:
    """Whether fictional people may enter this database: a demonstration, a workshop, or asked for by name."""
    return bool(asked or getattr(settings, "DEMO", False) or settings.DEBUG)
