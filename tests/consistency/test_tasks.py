"""Background work: what beat sends, a worker knows."""

from celery import Celery
from django.conf import settings

from config.celery import app

OURS = (
    "absences.",
    "accounts.",
    "bookings.",
    "mails.",
    "enrolments.",
    "families.",
    "activities.",
    "desk.",
    "dossier.",
    "files.",
    "papers.",
    "privacy.",
    "procedures.",
    "quotients.",
    "reconciliation.",
    "reminders.",
    "news.",
    "surveys.",
    "town.",
    "waiting.",
    "late_requests.",
)


def registered(celery: Celery) -> set[str]:
    celery.loader.import_default_modules()
    return set(celery.tasks)


def test_beat_sends_only_tasks_that_exist() -> None:
    sent = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert sent - registered(app) == set()


def test_beat_is_keyed_by_task_name() -> None:
    assert all(key == entry["task"] for key, entry in settings.CELERY_BEAT_SCHEDULE.items())


def test_tasks_are_named_by_domain_and_verb() -> None:
    ours = {name for name in registered(app) if not name.startswith("celery.")}

    assert [name for name in ours if not name.startswith(OURS) or name.count(".") != 1] == []
