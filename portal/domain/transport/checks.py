"""A child booked on a bus gets on and off somewhere."""

from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen, register_checks

# One line for each enrolment and bus: a family chooses its usual stop once for all its days.
_WITHOUT = """
    SELECT 'enrolment.' || booking.enrolment_id || '.line.' || line.id AS key, MIN(booking.day) AS day,
           booking.family_id AS family, booking.child_id AS child, 'enrolments.enrolment' AS subject,
           booking.enrolment_id AS subject_key, line.name AS what, COUNT(DISTINCT booking.day) AS days
      FROM bookings_booking AS booking
      JOIN transport_lineunit AS served ON served.unit_id = booking.unit_id
      JOIN transport_busline AS line ON line.id = served.line_id
     WHERE booking.state = 'booked' AND booking.day >= %(today)s
       AND NOT EXISTS (SELECT 1 FROM transport_stopchoice AS usual
                        WHERE usual.enrolment_id = booking.enrolment_id AND usual.line_id = line.id
                          AND usual.since <= booking.day)
       AND NOT EXISTS (SELECT 1 FROM transport_stopexception AS once
                        WHERE once.enrolment_id = booking.enrolment_id AND once.line_id = line.id
                          AND once.day = booking.day)
     GROUP BY booking.enrolment_id, booking.family_id, booking.child_id, line.id
"""


def _without(scene: Scene) -> Seen:
    return look(_WITHOUT, {"today": scene.today}, _words)


def _words(row: Row) -> str:
    days = f"{row['days']} jours réservés" if row["days"] > 1 else "un jour réservé"
    return f"{row['what']} : {days}, et aucun arrêt choisi."


CHECKS = (
    Check(
        code="bus_stop_missing",
        area="Bus",
        title="Enfants réservés au bus sans arrêt",
        meaning="Le bus ne sait pas où prendre ou laisser l’enfant.",
        advice="Appelez la famille, et choisissez l’arrêt en agissant pour elle.",
        severity=Severity.LOOK,
        find=_without,
        order=90,
    ),
)


def connect() -> None:
    """Register."""
    register_checks(*CHECKS)
