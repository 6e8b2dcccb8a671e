"""A full day with a line, for the tests that go through every address.

Written as rows: what a verb adds elsewhere (démarche, notice) would look like a change to who watches the dossier.
"""

from datetime import timedelta

from portal.domain.activities.models import PlacePool
from portal.domain.bookings.models import DayPlaces
from portal.domain.families.models import Child
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.models import ListRule, Offer, OfferPlace, PlaceGift, WaitingEntry
from tests.domain.waiting.factories import ListRuleFactory
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, OPEN_DAY, Town


def rules(town: Town, *, exchange: bool = False) -> None:
    """The canteen and the evening have a line."""
    for unit in (town.canteen, town.evening):
        if not ListRule.objects.filter(activity=unit.activity).exists():
            ListRuleFactory(activity=unit.activity, exchange=exchange)


def line(town: Town, *, exchange: bool = False) -> None:
    """The same, and the open day of the canteen is full."""
    rules(town, exchange=exchange)
    pool = town.canteen.pools.get()
    row, _ = DayPlaces.objects.get_or_create(pool=pool, day=OPEN_DAY, defaults={"capacity": pool.capacity})
    DayPlaces.objects.filter(pk=row.pk).update(capacity=row.taken + row.held)


def waiting(town: Town) -> WaitingEntry:
    """The first child waits for the canteen of the open day."""
    found = WaitingEntry.objects.filter(family=town.family, state=EntryState.WAITING).first()
    if found is not None:
        return found
    rules(town)
    return _entry(town, town.enrolled)


def offered(town: Town, *, held: bool = True) -> Offer:
    """A place of the open day is proposed to the second child; `held` unless no count of places is to move."""
    found = Offer.objects.filter(family=town.family).first()
    if found is not None:
        return found
    rules(town)
    child = town.children[1]
    offer = Offer.objects.create(
        family=town.family,
        unit=town.canteen,
        day=OPEN_DAY,
        made_at=NOW,
        made_by=town.owner,
        expires_at=NOW + timedelta(hours=12),
    )
    if held:
        _hold(town, offer, child)
    entry = _entry(town, child)
    entry.state, entry.offer = EntryState.OFFERED, offer
    entry.save()
    return offer


def _hold(town: Town, offer: Offer, child: Child) -> None:
    line(town)
    OfferPlace.objects.create(offer=offer, child=child, unit=town.canteen)
    pool: PlacePool = town.canteen.pools.get()
    row = DayPlaces.objects.get(pool=pool, day=OPEN_DAY)
    DayPlaces.objects.filter(pk=row.pk).update(capacity=row.capacity + 1, held=row.held + 1)


def given(town: Town) -> PlaceGift:
    """The evening of a day that no longer cancels is offered to whoever waits."""
    found = PlaceGift.objects.filter(family=town.family).first()
    if found is not None:
        return found
    rules(town, exchange=True)
    booking = town.enrolled.bookings.get(unit=town.evening, day=CLOSED_DAY)
    return PlaceGift.objects.create(
        booking=booking, family=town.family, given_at=NOW, given_by=town.owner, closes_at=NOW + timedelta(hours=2)
    )


def _entry(town: Town, child: Child) -> WaitingEntry:
    return WaitingEntry.objects.create(
        family=town.family,
        child=child,
        unit=town.canteen,
        day=OPEN_DAY,
        pools=list(town.canteen.pools.values_list("pk", flat=True)),
        joined_at=NOW,
        joined_by=town.owner,
        changed_at=NOW,
        closes_at=NOW + timedelta(hours=25),
    )
