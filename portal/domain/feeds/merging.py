"""No address follows a person into another dossier: what it would show is no longer what they chose."""

from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.feeds.models import CalendarFeed
from portal.domain.feeds.services import revoke_feeds
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_archived, register_following


def _lines(count: int) -> list[Line]:
    words = plural(count, "adresse d’agenda", "adresses d’agenda")
    return [Line(words, Fate.LOOK, "révoquée : chaque personne en refait une dans le dossier gardé")] if count else []


def _plan_family(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    return _lines(CalendarFeed.objects.filter(member__family=duplicate).count())


def _follow_family(_kept: int, duplicate: int, by: User, at: datetime) -> None:
    revoke_feeds(families=[duplicate], by=by, at=at)


def _plan_adult(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    return _lines(CalendarFeed.objects.filter(member__adult=duplicate).count())


def _follow_adult(_kept: int, duplicate: int, by: User, at: datetime) -> None:
    revoke_feeds(adults=[duplicate], by=by, at=at)


def _close(family: int, by: User, at: datetime) -> None:
    revoke_feeds(families=[family], by=by, at=at)


def connect() -> None:
    """Register. Before the members move or go (order)."""
    register_following(Following("feeds", Subject.FAMILY, (), _plan_family, _follow_family, order=1))
    register_following(Following("feeds.adult", Subject.ADULT, (), _plan_adult, _follow_adult, order=1))
    register_archived(_close)
