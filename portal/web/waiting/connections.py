"""Where the lines meet the rest of the family's door."""

from django.http import HttpRequest

from portal.domain.families.models import Family
from portal.domain.waiting.queries import labels_of, open_offers
from portal.web import clock
from portal.web.home.tasks import HomeTask, register_home_tasks
from portal.web.waiting.presenting import offer_task


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_home_tasks(home_tasks)


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """The places to answer, the soonest first; one query without any."""
    offers = open_offers(user=request.user, family=family, at=clock.now(request))
    labels = labels_of({offer.unit_id for offer in offers}) if offers else {}
    return [offer_task(offer, labels) for offer in offers]
