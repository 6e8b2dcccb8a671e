"""An address opens the days of children: it goes with its account, with the dossier, and when nobody reads it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.feeds.models import CalendarFeed
from portal.domain.feeds.services import revoke_feeds, revoke_feeds_of
from portal.domain.privacy.declaring import journalled, reached
from portal.domain.privacy.registry import Erasure, Fate, PersonalData, Planned, Retention, register, register_closing

UNREAD_DAYS = 400


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    for feed in CalendarFeed.objects.filter(member__family=family, user=user):
        yield {
            "agenda créé le": feed.created_at.isoformat(),
            "lu pour la dernière fois le": feed.last_read_on.isoformat(),
            "enfants nommés": feed.get_names_display(),
            "échéances": feed.with_deadlines,
            "fermetures": feed.with_closures,
            "prix": feed.with_prices,
        }


def _plan(family: int, _at: datetime) -> list[Planned]:
    count = CalendarFeed.objects.filter(member__family=family).count()
    return [Planned("adresses d’agenda", count, Fate.ERASED)]


def _forget(family: int, by: User, at: datetime) -> None:
    revoke_feeds(families=[family], by=by, at=at)


def connect() -> None:
    """Register."""
    register(
        PersonalData("feeds", "Votre agenda", _collect, order=87),
        Erasure("feeds", _plan, _forget, order=87),
        Retention(
            "feeds",
            "Adresses d’agenda que personne ne lit",
            "à partir de la dernière lecture ; révoquées sans confirmation",
            UNREAD_DAYS,
            reached(
                CalendarFeed.objects.select_related("member__family"),
                "last_read_on",
                label=lambda _row: "adresse d’agenda",
                family=lambda row: row.member.family.number,
            ),
            journalled(
                CalendarFeed.objects.select_related("member"),
                "revoke_calendar_feed",
                family_key=lambda row: row.member.family_id,
            ),
            automatic=True,
        ),
    )
    register_closing(revoke_feeds_of)
