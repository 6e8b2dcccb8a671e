"""What Celery beat starts, and when."""

from typing import Any

from celery.schedules import crontab

#: What happens by itself, keyed by task name; seconds between two runs.
#: A message nobody took before the next one was due is worth nothing: it expires.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in {
        "accounts.purge_unactivated": 3600.0,
        "bookings.decide_held_enrolments": 600.0,
        "dossier.certify_tacitly": 86_400.0,
        "desk.send_digests": 3600.0,
        "bookings.release_lapsed_drafts": 60.0,
        "files.erase_unheld": 86_400.0,
        "papers.erase_stale_drafts": 3600.0,
        "papers.expire": 3600.0,
        "absences.lapse": 3600.0,
        "papers.remind_ending": 86_400.0,
        "families.close_expired_acting": 60.0,
        "surveys.erase_old_answers": 86400.0,
        "privacy.run_retention": 86400.0,
        "privacy.expire_exports": 3600.0,
        "privacy.prepare_pending": 60.0,
        "mails.deliver_pending": 60.0,
        "town.check_links": 86_400.0,
        "news.publish_scheduled": 60.0,
        "quotients.remind_expiring": 86_400.0,
        "reminders.remind_deadlines": 900.0,
        "waiting.sweep": 60.0,
        "late_requests.lapse": 300.0,
    }.items()
}
# At night, when the books are still; a beat that was down then does it as soon as it is back.
CELERY_BEAT_SCHEDULE["reconciliation.run"] = {
    "task": "reconciliation.run",
    "schedule": crontab(hour="3", minute="20"),
    "options": {"expires": 3600.0},
}
