"""What must be true of the days that closures cancelled: each has its credit, never more than its price."""

from portal.domain.kernel.french import amount
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen, register_checks

_CREDITS = """
    SELECT 'booking.' || booking.id AS key, booking.day, booking.family_id AS family, booking.child_id AS child,
           booking.unit_id AS unit, 'bookings.booking' AS subject, booking.id AS subject_key, closed.credit,
           booking.unit_price,
           CASE WHEN closed.id IS NULL THEN 'none' WHEN booking.state = 'booked' THEN 'booked'
                WHEN booking.cancelled_because <> 'closure' THEN 'other' ELSE 'credit' END AS why
      FROM bookings_booking AS booking
      LEFT JOIN closures_closedbooking AS closed ON closed.booking_id = booking.id
     WHERE booking.day >= %(since)s
       AND (booking.cancelled_because = 'closure' AND closed.id IS NULL
            OR closed.id IS NOT NULL
               AND (booking.cancelled_because <> 'closure' OR closed.credit > booking.unit_price))
"""


def _credits(scene: Scene) -> Seen:
    return look(_CREDITS, {"since": scene.since}, _words)


def _words(row: Row) -> str:
    match row["why"]:
        case "none":
            return "Le jour est annulé par une fermeture, et aucune fermeture ne le compte."
        case "booked":
            return "Une fermeture compte ce jour parmi ses annulations, et il est réservé."
        case "other":
            return "Une fermeture compte ce jour parmi ses annulations, et il a été annulé autrement."
        case _:
            return f"La fermeture retire {amount(row['credit'])}, pour un jour réservé à {amount(row['unit_price'])}."


CHECKS = (
    Check(
        code="closure_credit",
        area="Fermetures",
        title="Montants retirés par les fermetures",
        meaning="Une fermeture inscrit, pour chaque jour qu’elle annule, le montant qui ne sera pas facturé. Il "
        "manque, ou "
        "ne va pas avec la réservation.",
        advice="Ne facturez pas ces jours avant d’avoir relu la fermeture et le reçu de la famille.",
        severity=Severity.BLOCKING,
        find=_credits,
        order=80,
    ),
)


def connect() -> None:
    """Register."""
    register_checks(*CHECKS)
