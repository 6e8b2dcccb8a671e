"""Families in line for a full canteen."""

from datetime import date, datetime, timedelta

import factory

from portal.domain.waiting.models import ListRule, Offer, WaitingEntry
from portal.domain.waiting.services import accept_offer, decline_offer, join_list, serve_day
from tests.domain.bookings.factories import Household


class ListRuleFactory(factory.django.DjangoModelFactory[ListRule]):
    """A line for an activity, or for a pool; arrival only, a day to answer. Trait `exchange`: places change hands."""

    class Meta:
        model = ListRule

    class Params:
        exchange = factory.Trait(exchange_open=True, exchange_hours=12)


def wait(home: Household, *days: date, at: datetime, child: int = 0, unit: int = 0, **options: object):
    """Join the line of these days; gives the entries."""
    codes = home.codes(days, child=child, unit=unit)
    return join_list(family=home.family, codes=codes, by=home.parent, at=at, **options).entries


def entry_of(home: Household, day: date, *, child: int = 0, unit: int = 0) -> WaitingEntry:
    """The last entry of that cell."""
    found = WaitingEntry.objects.filter(child=home.children[child], unit=home.units[unit], day=day)
    return found.order_by("-pk")[0]


def offer_of(home: Household, day: date) -> Offer:
    """The last offer made to that family for that day."""
    return Offer.objects.filter(family=home.family, day=day).order_by("-pk")[0]


def accept(home: Household, day: date, *, at: datetime, by=None):
    return accept_offer(offer=offer_of(home, day).key, family=home.family, by=by or home.parent, at=at)


def decline(home: Household, day: date, *, at: datetime):
    return decline_offer(offer=offer_of(home, day).key, family=home.family, by=home.parent, at=at)


def serve(day: date, at: datetime) -> int:
    return serve_day(day=day, at=at)


def later(at: datetime, **delay: float) -> datetime:
    return at + timedelta(**delay)
