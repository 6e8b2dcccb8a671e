"""What this area tells the rest of the door: its place in the family's menu, its background task."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.web.dossier.sections import Rubric, register_family_rubric
from portal.web.family import FamilyRequest
from portal.web.privacy import tasks

#: Celery looks for tasks in applications; this area is a part of one. Reading its module registers it.
TASKS = (tasks.prepare, tasks.prepare_pending)


def my_data(request: FamilyRequest) -> Rubric:
    """The way to « Mes données », last on the family's page."""
    return Rubric(title=_("Mes données"), template="privacy/_rubric.html", context={"url": reverse("privacy:index")})


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_family_rubric("privacy", my_data, order=90)
