"""What must be true of declared absences: each decision has its effect on the price, each place came back once."""

from portal.domain.kernel.french import amount
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen, register_checks

AREA = "Absences"

_COLUMNS = """
    'booking.' || booking.id AS key, booking.day, booking.family_id AS family, booking.child_id AS child,
    booking.unit_id AS unit, 'bookings.booking' AS subject, booking.id AS subject_key
"""

# Places of days to come are given back by the acceptance; the same evening is too late for anybody else.
_PLACES = f"""
    SELECT {_COLUMNS}, TRUE AS accepted
      FROM absences_absenceday AS row
      JOIN absences_absence AS absence ON absence.id = row.absence_id AND absence.state = 'accepted'
      JOIN bookings_booking AS booking ON booking.id = row.booking_id
     WHERE row.holds AND booking.state = 'booked' AND booking.place_given_back_at IS NULL
       AND booking.day > (absence.decided_at AT TIME ZONE 'Europe/Paris')::date
     UNION ALL
    SELECT {_COLUMNS}, FALSE
      FROM bookings_booking AS booking
     WHERE booking.place_given_back_at IS NOT NULL AND booking.day >= %(since)s
       AND NOT EXISTS (SELECT 1 FROM absences_absenceday AS row WHERE row.booking_id = booking.id)
"""  # noqa: S608  # our own words

_EFFECTS = f"""
    SELECT {_COLUMNS}, row.amount, booking.unit_price,
           CASE WHEN row.outcome = '' THEN 'none' WHEN absence.decided_at IS NULL THEN 'early'
                WHEN row.outcome = 'void' THEN 'void' ELSE 'amount' END AS why
      FROM absences_absenceday AS row
      JOIN absences_absence AS absence ON absence.id = row.absence_id
      JOIN bookings_booking AS booking ON booking.id = row.booking_id
     WHERE row.holds AND booking.day >= %(since)s
       AND (absence.state IN ('accepted', 'refused', 'lapsed') AND row.outcome = ''
            OR absence.state NOT IN ('accepted', 'refused', 'lapsed') AND row.outcome <> ''
            OR row.outcome = 'void' AND booking.state = 'booked'
            OR row.amount > booking.unit_price
            OR row.outcome = 'charged' AND row.amount <> booking.unit_price)
"""  # noqa: S608  # our own words


def _places(scene: Scene) -> Seen:
    return look(_PLACES, {"since": scene.since}, _place_words)


def _place_words(row: Row) -> str:
    if row["accepted"]:
        return "L’absence est acceptée, et la place de ce jour n’a pas été rendue."
    return "La place de ce jour a été rendue, et aucune absence n’est déclarée."


def _effects(scene: Scene) -> Seen:
    return look(_EFFECTS, {"since": scene.since}, _effect_words)


def _effect_words(row: Row) -> str:
    match row["why"]:
        case "none":
            return "L’absence est décidée, et son effet sur le prix n’est pas inscrit."
        case "early":
            return "L’effet sur le prix est inscrit, et l’absence n’est pas décidée."
        case "void":
            return "Le jour compte comme annulé, et il est réservé."
        case _:
            left, booked = amount(row["amount"]), amount(row["unit_price"])
            return f"L’absence laisse {left} à facturer, pour un jour réservé à {booked}."


CHECKS = (
    Check(
        code="absence_place",
        area=AREA,
        title="Places des absents",
        meaning="Une absence acceptée rend la place des jours à venir, une fois. La place manque, ou a été rendue "
        "sans absence.",
        advice="Reprenez la décision depuis le dossier de la famille, puis acceptez de nouveau : la place est rendue.",
        severity=Severity.LOOK,
        find=_places,
        order=70,
    ),
    Check(
        code="absence_effect",
        area=AREA,
        title="Effet des absences sur le prix",
        meaning="La facture lira pour ce jour un effet qui manque, ou qui ne va pas avec la décision et le prix "
        "réservé.",
        advice="Reprenez la décision depuis le dossier de la famille, puis décidez de nouveau : l’effet est calculé.",
        severity=Severity.BLOCKING,
        find=_effects,
        order=71,
    ),
)


def connect() -> None:
    """Register."""
    register_checks(*CHECKS)
