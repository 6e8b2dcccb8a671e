"""What a form of the administration shows beside its fields."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from wagtail.admin.panels import Panel

from portal.domain.activities.deadlines import InvalidDeadline
from portal.domain.activities.models import Activity
from portal.domain.activities.queries import deadline_table, offer_of, rules_sentence
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date

_SHOWN_DAYS = 5
_LOOK_AHEAD = timedelta(days=60)


class DeadlinePanel(Panel):
    """The saved deadlines in words, and what they give for the next service days."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "backoffice/panels/deadlines.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            activity = self.instance if isinstance(self.instance, Activity) else self.instance.activity
            today = paris_date(timezone.now())
            first = max(today, activity.starts_on)
            rows = []
            if first <= activity.ends_on:
                try:
                    rows = deadline_table(activity=activity, days=DateRange(first, first + _LOOK_AHEAD))
                except InvalidDeadline:
                    rows = []
            if not isinstance(self.instance, Activity):
                rows = [row for row in rows if row.unit_code == self.instance.code]
            context["rows"] = rows[:_SHOWN_DAYS]
            context["sentences"] = sentences(self.instance)
            return context


def sentences(instance: Any) -> list[str]:
    """The rules of an activity (each different unit) or of one unit, as families read them."""
    units = (
        instance.units.select_related("activity").order_by("order", "pk")
        if isinstance(instance, Activity)
        else [instance]
    )
    found = {}
    for unit in units:
        try:
            found.setdefault(rules_sentence(offer_of(unit)), []).append(unit.name)
        except InvalidDeadline as error:
            found.setdefault(str(error), []).append(unit.name)
    if len(found) == 1:
        return list(found)
    return [f"{', '.join(names)} : {sentence}" for sentence, names in found.items()]
