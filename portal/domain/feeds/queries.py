"""Reading an address, and what it shows: a constant number of queries."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from portal.domain.accounts.models import User
from portal.domain.accounts.rules import digest
from portal.domain.activities.deadlines.window import ONE_MINUTE
from portal.domain.activities.models import Closure, Unit
from portal.domain.bookings.agenda import next_deadlines
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import FamilyChild
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.loading import load_children
from portal.domain.bookings.models import Booking
from portal.domain.bookings.notes import notes_of
from portal.domain.bookings.rows import label_of
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Family
from portal.domain.feeds.addresses import LENGTH, secret_of
from portal.domain.feeds.entries import Entry
from portal.domain.feeds.enums import ChildNames
from portal.domain.feeds.models import CalendarFeed
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import at_paris, paris_date, shift, to_paris, to_utc
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.language import in_french

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
#: When the alarm of a deadline rings, the day before.
EVENING = time(18)


def find_feed(*, user: User, family: Family) -> CalendarFeed | None:
    """The address of this person for this household."""
    return CalendarFeed.objects.filter(user=user, member__family=family, member__adult__user=user).first()


def secret_address(feed: CalendarFeed) -> str | None:
    """The secret part of the address, for its owner's eyes; None when it can only be renewed."""
    return secret_of(nonce=feed.nonce, digest_kept=feed.digest)


def read_feed(*, secret: str) -> CalendarFeed | None:
    """The agenda behind a secret, while its person may still look; None for anything else. One query.

    What is compared is a digest: how long it takes tells nothing of the secrets that exist.
    """
    if len(secret) != LENGTH or not secret.isascii():
        return None
    asked = digest(secret)
    feed = (
        CalendarFeed.objects.select_related("member__family", "user")
        .filter(
            digest=asked,
            member__can_see=True,
            member__family__archived_at=None,
            member__adult__user=F("user"),
            user__is_active=True,
        )
        .first()  # the digest is unique
    )
    return feed if feed is not None and constant_time_compare(feed.digest, asked) else None


def note_reading(feed: CalendarFeed, *, at: datetime) -> None:
    """Remember the day on which the address was last read: one write a day at most."""
    today = paris_date(at)
    if feed.last_read_on != today:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_on=today)


def agenda_name(feed: CalendarFeed) -> str:
    """How a telephone lists it; without the family's name when the children have no name either."""
    if feed.names == ChildNames.INITIAL:
        return "Activités des enfants"
    return f"Activités des enfants ({feed.member.family.name})"


def window_at(at: datetime) -> DateRange:
    """The days of an agenda: a month back, a year ahead."""
    today = paris_date(at)
    return DateRange(today - BACK, today + AHEAD)


@in_french()
def agenda_entries(feed: CalendarFeed, *, at: datetime) -> list[Entry]:
    """What the address shows at `at`: only what its person sees on the planning of that household.

    No health data, and prices only when chosen, of what this household pays.
    """
    family, window = feed.member.family, window_at(at)
    children = load_children(family=family, user=feed.user, school_year=SchoolYear.of(paris_date(at)).start)
    entries = list(_bookings(feed, children, window))
    if feed.with_deadlines:
        entries += _deadlines(feed, window, at)
    if feed.with_closures:
        entries += _closures(feed, children, window)
    return entries


def _bookings(feed: CalendarFeed, children: Mapping[int, FamilyChild], window: DateRange) -> Iterator[Entry]:
    beside = Unit.objects.filter(activity=OuterRef("unit__activity")).order_by().values("activity")
    rows: Iterable[Any] = (
        Booking.objects.filter(child__in=children, day__range=(window.first, window.last))
        .select_related("unit__activity__structure")
        .annotate(beside=Subquery(beside.annotate(number=Count("pk")).values("number")))
        .order_by("day", "child", "unit", "booked_at", "pk")
    )
    notes = _notes(feed, rows)
    times: dict[tuple[int, int, date], int] = {}
    for booking in rows:
        key = (booking.child_id, booking.unit_id, booking.day)
        # Booked, given back and booked again is one event in its third state.
        times[key] = times.get(key, -2) + 2
        if booking.state != BookingState.BOOKED:
            continue
        unit, activity, structure = booking.unit, booking.unit.activity, booking.unit.activity.structure
        label = label_of(activity.short_name, unit.name, alone=booking.beside == 1)
        name = _name(feed, children[booking.child_id].first_name)
        starts, ends = _hours(booking.day, unit)
        own_price = feed.with_prices and booking.family_id == feed.member.family_id
        place = [structure.name, structure.street, f"{structure.postcode} {structure.town}".strip()]
        yield Entry(
            uid=_uid(f"jour-{booking.child_id}-{booking.unit_id}-{booking.day.isoformat()}"),
            summary=french.labelled(name, french.lower_first(label)),
            starts=starts,
            ends=ends,
            changed_at=booking.booked_at,
            category="Activités",
            sequence=times[key],
            description="\n".join(
                filter(
                    None,
                    [
                        activity.name,
                        unit.name,
                        notes.get(CellKey(*key).code, ""),
                        french.amount(booking.unit_price) if own_price else "",
                    ],
                )
            ),
            location=", ".join(filter(None, place)),
            url=_url("planning:index", booking.day),
        )


def _notes(feed: CalendarFeed, rows: Iterable[Any]) -> Mapping[str, str]:
    """What other packages say of booked days, by code of cell; nothing unless the address names the children.

    A stop of a bus is where a child waits: whoever chose initials, for a screen that others see, did not choose that.
    """
    if feed.names != ChildNames.FIRST_NAME:
        return {}
    return notes_of(
        {
            CellKey(row.child_id, row.unit_id, row.day): row.enrolment_id
            for row in rows
            if row.state == BookingState.BOOKED
        }
    )


def _hours(day: date, unit: Unit) -> tuple[date | datetime, date | datetime]:
    if unit.starts_at is None or unit.ends_at is None:
        return day, day
    return at_paris(day, unit.starts_at), at_paris(day, unit.ends_at)


def _deadlines(feed: CalendarFeed, window: DateRange, at: datetime) -> Iterator[Entry]:
    for deadline in next_deadlines(family=feed.member.family, user=feed.user, at=at, limit=None):
        closes = to_paris(deadline.closes_at)
        if closes.date() not in window:
            continue
        labels = french.join_words(french.lower_first(label) for label in deadline.labels)
        what = "réserver ou annuler" if deadline.may_book and deadline.may_cancel else "réserver"
        what = what if deadline.may_book else "annuler"
        days = french.date_range(deadline.range.first, deadline.range.last)
        names = french.join_words(_name(feed, each) for each in deadline.children)
        evening = at_paris(closes.date() - timedelta(days=1), EVENING)
        yield Entry(
            uid=_uid(f"echeance-{feed.member_id}-{to_utc(closes):%Y%m%dT%H%MZ}"),
            summary=french.typography(f"Dernier moment pour {what} : {labels}"),
            starts=closes,
            ends=shift(closes, ONE_MINUTE),
            changed_at=feed.changed_at,
            category="Échéances",
            description="\n".join([f"{days} ({names})", *deadline.rules]),
            url=_url("planning:index", deadline.range.first, edit=True),
            alarm=to_utc(closes) - to_utc(evening) if feed.with_alarms else None,
        )


def _closures(feed: CalendarFeed, children: Mapping[int, FamilyChild], window: DateRange) -> Iterator[Entry]:
    """The closures of the town and of what the children are enrolled in."""
    enrolled = list(
        Enrolment.objects.filter(
            child__in=children, state__in=LIVE_ENROLMENT_STATES, activity__ends_on__gte=window.first
        ).values_list("activity", "activity__structure")
    )
    if not enrolled:
        return
    town = Q(structure=None, activity=None)
    theirs = Q(structure__in={structure for _, structure in enrolled}) | Q(activity__in={pk for pk, _ in enrolled})
    closures = Closure.objects.filter(town | theirs, starts_on__lte=window.last, ends_on__gte=window.first)
    for closure in closures.select_related("structure", "activity").order_by("starts_on", "pk"):
        where = closure.structure or closure.activity
        what = f"Fermé, {where}" if where else "Fermé"
        yield Entry(
            uid=_uid(f"fermeture-{closure.pk}"),
            summary=french.typography(f"{what} : {closure.reason.strip().rstrip('.')}"),
            starts=closure.starts_on,
            ends=closure.ends_on,
            changed_at=feed.changed_at,
            category="Fermetures",
        )


def _name(feed: CalendarFeed, first_name: str) -> str:
    return f"{first_name[:1]}." if feed.names == ChildNames.INITIAL else first_name


def _uid(key: str) -> str:
    return f"{key}@{urlsplit(settings.PORTAL_BASE_URL).hostname or 'portail'}"


def _url(name: str, day: date, *, edit: bool = False) -> str:
    return f"{settings.PORTAL_BASE_URL}{reverse(name)}?mois={day:%Y-%m}{'&modifier=1' if edit else ''}"
