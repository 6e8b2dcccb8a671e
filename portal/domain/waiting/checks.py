"""What must be true of lines, offers and exchanges; and the places that they hold, told to `bookings.counting`."""

from datetime import datetime, timedelta
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.bookings.counting import register_holding
from portal.domain.kernel.french import plural
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.models import Finding
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Repair, RepairRefused, Scene, Seen, register_checks
from portal.domain.waiting.serving import serve_day

AREA = "Listes d’attente"
#: Beat serves the lines every minute: what is still there that long after is forgotten.
GRACE = timedelta(minutes=15)

_OFFERED = """
    SELECT link.placepool_id, offer.day, 1
      FROM waiting_offerplace AS place
      JOIN waiting_offer AS offer ON offer.id = place.offer_id AND offer.state = 'open'
      JOIN activities_unit_pools AS link ON link.unit_id = place.unit_id
     WHERE offer.day BETWEEN %(first)s AND %(last)s
"""
_KEPT = "SELECT pool_id, day, places FROM waiting_keptplaces WHERE day BETWEEN %(first)s AND %(last)s"

_EXPIRED = """
    SELECT 'offer.' || offer.id AS key, offer.day, offer.family_id AS family, offer.unit_id AS unit,
           'waiting.offer' AS subject, offer.id AS subject_key
      FROM waiting_offer AS offer
     WHERE offer.state = 'open' AND offer.expires_at <= %(before)s
"""

_OVER = """
    SELECT 'entry.' || entry.id AS key, entry.day, entry.family_id AS family, entry.child_id AS child,
           entry.unit_id AS unit, 'waiting.waitingentry' AS subject, entry.id AS subject_key,
           booking.id IS NOT NULL AS booked
      FROM waiting_waitingentry AS entry
      LEFT JOIN bookings_booking AS booking
        ON booking.child_id = entry.child_id AND booking.unit_id = entry.unit_id AND booking.day = entry.day
       AND booking.state = 'booked' AND booking.booked_at <= %(before)s
     WHERE entry.state IN ('waiting', 'offered')
       AND (booking.id IS NOT NULL OR entry.day < %(today)s
            OR entry.state = 'waiting' AND entry.closes_at <= %(before)s)
"""

_KEPT_OVER = """
    SELECT 'pool.' || kept.pool_id || '.' || kept.day AS key, kept.day, 'activities.placepool' AS subject,
           kept.pool_id AS subject_key, pool.name AS what, kept.places
      FROM waiting_keptplaces AS kept
      JOIN activities_placepool AS pool ON pool.id = kept.pool_id
     WHERE kept.day < %(today)s
"""

_EXCHANGED = """
    SELECT 'gift.' || gift.id AS key, booking.day, gift.family_id AS family, booking.child_id AS child,
           booking.unit_id AS unit, 'bookings.booking' AS subject, booking.id AS subject_key
      FROM waiting_placegift AS gift
      JOIN bookings_booking AS booking ON booking.id = gift.booking_id
     WHERE gift.state = 'taken' AND booking.state = 'booked'
"""

# The receipt of an answer has a retention of its own: what tells is the booking.
_UNBOOKED = """
    SELECT 'entry.' || entry.id AS key, entry.day, entry.family_id AS family, entry.child_id AS child,
           entry.unit_id AS unit, 'waiting.waitingentry' AS subject, entry.id AS subject_key
      FROM waiting_waitingentry AS entry
     WHERE entry.state = 'booked' AND entry.day >= %(since)s
       AND NOT EXISTS (SELECT 1 FROM bookings_booking AS booking
                        WHERE booking.child_id = entry.child_id AND booking.unit_id = entry.unit_id
                          AND booking.day = entry.day)
"""


def _before(scene: Scene) -> dict[str, Any]:
    return {"before": scene.at - GRACE, "today": scene.today}


def _expired(scene: Scene) -> Seen:
    return look(_EXPIRED, _before(scene), lambda _row: "Une place proposée, restée sans réponse, est encore retenue.")


def _over(scene: Scene) -> Seen:
    return look(_OVER, _before(scene), _over_words)


def _over_words(row: Row) -> str:
    if row["booked"]:
        return "L’enfant est réservé ce jour-là, et attend encore une place."
    return "Une demande attend encore une place pour un jour qui n’est plus ouvert."


def _kept_over(scene: Scene) -> Seen:
    return look(_KEPT_OVER, _before(scene), _kept_words)


def _kept_words(row: Row) -> str:
    return f"{row['what']} : {plural(row['places'], 'place gardée', 'places gardées')} pour un jour passé."


def _exchanged(_scene: Scene) -> Seen:
    words = "Une autre famille a pris cette place, et le jour est encore réservé à la première."
    return look(_EXCHANGED, {}, lambda _row: words)


def _unbooked(scene: Scene) -> Seen:
    words = "La place proposée a été acceptée, et le jour n’est pas réservé."
    return look(_UNBOOKED, {"since": scene.since}, lambda _row: words)


def _serve(finding: Finding, _by: User, at: datetime) -> None:
    if finding.day is None:
        raise RepairRefused("Ce constat ne porte sur aucun jour.")
    serve_day(day=finding.day, at=at)


_REPAIR = Repair(
    "Mettre à jour la liste de ce jour",
    "Ce que le portail fait chaque minute : les places sans réponse reviennent, les suivants sont prévenus.",
    _serve,
)
_BACKGROUND = (
    "Mettez la liste à jour. Si cela se répète, le travail de fond du portail ne tourne pas : prévenez qui tient le "
    "serveur."
)

CHECKS = (
    Check(
        code="offer_expired",
        area=AREA,
        title="Places proposées restées ouvertes",
        meaning="Le délai pour répondre est passé, et la place est encore retenue : le suivant de la liste attend "
        "pour rien.",
        advice=_BACKGROUND,
        severity=Severity.LOOK,
        find=_expired,
        repair=_REPAIR,
        order=60,
    ),
    Check(
        code="entry_over",
        area=AREA,
        title="Demandes qui n’attendent plus rien",
        meaning="Une demande est encore sur la liste alors que l’enfant est réservé, ou que le jour est passé.",
        advice=_BACKGROUND,
        severity=Severity.LOOK,
        find=_over,
        repair=_REPAIR,
        order=61,
    ),
    Check(
        code="kept_over",
        area=AREA,
        title="Places gardées pour un jour passé",
        meaning="Des places rendues ont été gardées pour une liste d’attente que personne n’a servie à temps.",
        advice=_BACKGROUND,
        severity=Severity.LOOK,
        find=_kept_over,
        repair=_REPAIR,
        order=62,
    ),
    Check(
        code="gift_taken",
        area=AREA,
        title="Places échangées encore réservées",
        meaning="Une place proposée à l’échange a été prise par une autre famille, et la première la paierait encore.",
        advice="Annulez le jour de la première famille, en agissant pour elle, avant de facturer.",
        severity=Severity.BLOCKING,
        find=_exchanged,
        order=63,
    ),
    Check(
        code="offer_unbooked",
        area=AREA,
        title="Places acceptées sans réservation",
        meaning="La famille a accepté une place de la liste d’attente, et aucun jour n’a été réservé.",
        advice="Prévenez la famille, et réservez le jour pour elle s’il reste une place.",
        severity=Severity.BLOCKING,
        find=_unbooked,
        order=64,
    ),
)


def connect() -> None:
    """Register."""
    register_holding("offers", _OFFERED)
    register_holding("kept", _KEPT)
    register_checks(*CHECKS)
