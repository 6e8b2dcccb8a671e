"""What the page of an activity or of a unit says of its deadlines."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from wagtail.admin.panels import Panel

from portal.backoffice.screens.forms import deadline_sentence
from portal.domain.activities.deadlines import Action, InvalidDeadline
from portal.domain.activities.models import Activity
from portal.domain.activities.queries import DeadlineRow, deadline_table
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date

_SHOWN_DAYS = 5
#: Longer than the summer holidays.
_LOOK_AHEAD = timedelta(days=70)


class DeadlinePanel(Panel):
    """What the saved deadlines give for the next service days of the activity or of the unit."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "backoffice/screens/next_deadlines.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            if self.instance.pk is None:
                return context | {"reglement": ""}
            activity = self.instance if isinstance(self.instance, Activity) else self.instance.activity
            return context | {
                "reglement": reverse("activity_rules", args=[activity.pk]),
                "sentences": _sentences(self.instance),
                "rows": _next_days(self.instance, today=paris_date(timezone.now())),
            }


def _sentences(instance: Any) -> list[str]:
    """The rules as they are saved, as families read them."""
    stored = type(instance)._default_manager.get(pk=instance.pk)
    fields = (("booking_deadline", Action.BOOK), ("cancellation_deadline", Action.CANCEL))
    if isinstance(stored, Activity):
        fields = (*fields, ("removal_deadline", Action.CANCEL_ENROLMENT))
    return [said for name, action in fields if (said := deadline_sentence(getattr(stored, name), action))]


def _next_days(instance: Any, *, today: date) -> list[DeadlineRow]:
    """The first service days from today on, of what is saved: a form that is refused has changed the instance."""
    stored = type(instance)._default_manager.get(pk=instance.pk)
    activity = stored if isinstance(stored, Activity) else stored.activity
    first = max(today, activity.starts_on)
    try:
        rows = deadline_table(activity=activity, days=DateRange(first, first + _LOOK_AHEAD))
    except InvalidDeadline:
        return []
    return [row for row in rows if stored is activity or row.unit_code == stored.code][:_SHOWN_DAYS]
