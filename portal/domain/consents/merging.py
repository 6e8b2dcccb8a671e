"""Answers never change, not even their household: they follow their child, and nothing else about them moves."""

from datetime import datetime

from django.db import connection

from portal.domain.accounts.models import User
from portal.domain.consents.models import Consent
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following

_WORDS = ("réponse à une autorisation", "réponses à des autorisations")


def _plan_family(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    signed = Consent.objects.filter(family=duplicate).count()
    why = "elles valent toujours pour l’enfant, et restent signées du dossier où elles furent données"
    return [Line(plural(signed, *_WORDS), Fate.STAYS, why)] if signed else []


def _plan_child(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    given = Consent.objects.filter(child=duplicate).count()
    why = "un refus de l’une des deux fiches l’emporte, comme entre deux parents"
    return [Line(plural(given, *_WORDS), Fate.MOVES, why)] if given else []


def _follow_child(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    """The trigger of the table lets an answer follow its child, in a transaction that says so, and only that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.merging', 'on', true)")
        cursor.execute("UPDATE consents_consent SET child_id = %s WHERE child_id = %s", [kept, duplicate])
        cursor.execute("SELECT set_config('portal.merging', '', true)")


def connect() -> None:
    """Register."""
    register_following(
        Following(
            "consents.family",
            Subject.FAMILY,
            ("consents.Consent.family",),
            _plan_family,
            lambda _kept, _duplicate, _by, _at: None,
            may_stay=True,
            order=30,
        )
    )
    register_following(
        Following("consents.child", Subject.CHILD, ("consents.Consent.child",), _plan_child, _follow_child, order=30)
    )
