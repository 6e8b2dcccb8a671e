"""The sentences of the règlement that go with an activity."""

from portal.domain.activities.models import Activity
from portal.domain.activities.queries import offer_of, rules_sentence


def rules_of(activity: Activity) -> list[str]:
    """The sentences about booking and cancelling its days, each once."""
    units = activity.units.select_related("activity").order_by("order", "pk")
    return list(dict.fromkeys(rules_sentence(offer_of(unit)) for unit in units))
