"""Opening, changing, renewing and revoking the address of an agenda: by its person only."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, Right
from portal.domain.families.models import Family, FamilyMember
from portal.domain.feeds.addresses import draw
from portal.domain.feeds.enums import ChildNames
from portal.domain.feeds.models import CalendarFeed
from portal.domain.kernel.clock import paris_date


@dataclass(frozen=True, slots=True)
class Contents:
    """What an agenda holds beside the booked days, and how it names the children."""

    names: ChildNames = ChildNames.FIRST_NAME
    with_deadlines: bool = True
    with_alarms: bool = True
    with_closures: bool = True
    with_prices: bool = False


@transaction.atomic
def open_feed(*, family: Family, contents: Contents, by: User, at: datetime) -> CalendarFeed:
    """Give this person an address for this household. They have one: it stays as it is.

    Raises NotAllowed for whoever is not a member who may look: an agent acting for the family would take it away.
    """
    member = _lock_member(family, by)
    known = CalendarFeed.objects.filter(member=member, user=by).first()
    if known is not None:
        return known
    # An address of the adult's former account dies with the new one's.
    _revoke(CalendarFeed.objects.filter(member=member), by=by, at=at)
    nonce, digest = draw()
    feed = CalendarFeed.objects.create(
        member=member,
        user=by,
        nonce=nonce,
        digest=digest,
        created_at=at,
        changed_at=at,
        last_read_on=paris_date(at),
        **asdict(contents),
    )
    record(verb="create_calendar_feed", target=feed, by=by, at=at, family_key=family.pk, after=_as_written(contents))
    return feed


@transaction.atomic
def change_feed(*, family: Family, contents: Contents, by: User, at: datetime) -> CalendarFeed:
    """Change what the agenda holds; the address stays. Raises NotAllowed, CalendarFeed.DoesNotExist."""
    feed = _lock_feed(family, by)
    before = Contents(*(getattr(feed, name) for name in Contents.__slots__))
    if before == contents:
        return feed
    for name, value in asdict(contents).items():
        setattr(feed, name, value)
    feed.changed_at = at
    feed.save(update_fields=[*Contents.__slots__, "changed_at"])
    record(
        verb="change_calendar_feed",
        target=feed,
        by=by,
        at=at,
        family_key=family.pk,
        before=_as_written(before),
        after=_as_written(contents),
    )
    return feed


@transaction.atomic
def renew_feed(*, family: Family, by: User, at: datetime) -> CalendarFeed:
    """Another address; the former one answers nothing from now on. Raises NotAllowed, CalendarFeed.DoesNotExist."""
    feed = _lock_feed(family, by)
    feed.nonce, feed.digest = draw()
    feed.changed_at, feed.last_read_on = at, paris_date(at)
    feed.save(update_fields=["nonce", "digest", "changed_at", "last_read_on"])
    record(verb="renew_calendar_feed", target=feed, by=by, at=at, family_key=family.pk)
    return feed


@transaction.atomic
def revoke_feed(*, family: Family, by: User, at: datetime) -> None:
    """No address any more: it answers nothing from now on. Without one, nothing happens. Raises NotAllowed."""
    member = _lock_member(family, by)
    _revoke(CalendarFeed.objects.filter(member=member), by=by, at=at)


def revoke_feeds(*, families: Iterable[int] = (), adults: Iterable[int] = (), by: User, at: datetime) -> None:
    """Inside another verb's transaction: revoke the addresses of these households, or of these people."""
    if families := list(families):
        _revoke(CalendarFeed.objects.filter(member__family__in=families), by=by, at=at)
    if adults := list(adults):
        _revoke(CalendarFeed.objects.filter(member__adult__in=adults), by=by, at=at)


def revoke_feeds_of(user: User, at: datetime) -> None:
    """The same for an account that closes."""
    _revoke(CalendarFeed.objects.filter(user=user), by=user, at=at)


def _revoke(feeds: QuerySet[CalendarFeed], *, by: User, at: datetime) -> None:
    for feed in feeds.select_for_update(of=("self",)).select_related("member").order_by("pk"):
        record(verb="revoke_calendar_feed", target=feed, by=by, at=at, family_key=feed.member.family_id)
        feed.delete()


def _as_written(contents: Contents) -> dict[str, str | bool]:
    return {name: value if isinstance(value, bool) else str(value) for name, value in asdict(contents).items()}


def _lock_member(family: Family, by: User) -> FamilyMember:
    """The person's place in the household, locked: one address each. Raises NotAllowed."""
    member = (
        FamilyMember.objects.select_for_update(of=("self",), no_key=True)
        .filter(family=family, adult__user=by, can_see=True, family__archived_at=None)
        .first()  # one at most: an account has one adult
    )
    if member is None:
        raise NotAllowed(Right.SEE.value)
    return member


def _lock_feed(family: Family, by: User) -> CalendarFeed:
    member = _lock_member(family, by)
    return CalendarFeed.objects.select_for_update(of=("self",), no_key=True).get(member=member, user=by)
