"""What the packages below keep about a dossier by its key: requests to be forgotten, copies of one's data.

The journal is not among them: it tells what happened under the number of that day, and never changes.
"""

from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following, register_obstacle
from portal.domain.privacy.enums import ErasureState, ExportState
from portal.domain.privacy.models import DataExport, ErasureRequest

_WAITING = "une demande d’effacement attend sa réponse"


def _plan_erasures(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    asked = ErasureRequest.objects.filter(family_key__in=[kept, duplicate], state=ErasureState.ASKED)
    lines = [
        Line(f"demande d’effacement du dossier n° {number}", Fate.BLOCKS, "répondez-y d’abord")
        for number in asked.order_by("pk").values_list("family_number", flat=True)
    ]
    answered = ErasureRequest.objects.filter(family_key=duplicate).exclude(state=ErasureState.ASKED).count()
    if answered:
        words = plural(answered, "demande d’effacement répondue", "demandes d’effacement répondues")
        lines.append(Line(words, Fate.STAYS, "elles disent ce qui fut répondu à ce numéro"))
    return lines


def _plan_exports(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    asked = DataExport.objects.filter(family_key=duplicate, state=ExportState.ASKED).count()
    words = plural(asked, "copie de données en préparation", "copies de données en préparation")
    return [Line(words, Fate.THERE, "elle est à redemander, pour le dossier gardé")] if asked else []


def _forget_asked_exports(_kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    """A copy not made yet would be empty; one that is ready stays its account's for its seven days."""
    DataExport.objects.filter(family_key=duplicate, state=ExportState.ASKED).delete()


def _obstacle(family: int, _at: datetime) -> list[str]:
    waits = ErasureRequest.objects.filter(family_key=family, state=ErasureState.ASKED).exists()
    return [f"{_WAITING.capitalize()}."] if waits else []


def connect() -> None:
    """Register."""
    register_following(
        Following(
            "privacy.erasures",
            Subject.FAMILY,
            ("privacy.ErasureRequest.family_key",),
            _plan_erasures,
            lambda _kept, _duplicate, _by, _at: None,
            may_stay=True,
            order=10,
        )
    )
    register_following(
        Following(
            "privacy.exports",
            Subject.FAMILY,
            ("privacy.DataExport.family_key",),
            _plan_exports,
            _forget_asked_exports,
            may_stay=True,
            order=95,
        )
    )
    register_obstacle("privacy", _obstacle, order=60)
