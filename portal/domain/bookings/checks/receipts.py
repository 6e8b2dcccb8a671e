"""Receipts: every move of a validation is on one, every line is of a move, sums are right, no number is missing.

Days booked by an enrolment (`PATTERN`) have their mail and their line of the démarches instead: no receipt until they
are taken back.
"""

from portal.domain.bookings.checks.live_bookings import BOOKING, RECEIPTS, TABLES
from portal.domain.kernel.clock import start_of_day
from portal.domain.kernel.french import signed_amount
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen

_LINE_OF = """
    SELECT 1 FROM bookings_receiptline AS line JOIN bookings_receipt AS receipt ON receipt.id = line.receipt_id
     WHERE line.child_id = booking.child_id AND line.unit_id = booking.unit_id AND line.day = booking.day
       AND receipt.family_id = booking.family_id
"""

_WITHOUT = f"""
    SELECT {BOOKING}, FALSE AS removed
      FROM {TABLES}
     WHERE booking.source IN ('basket', 'waiting') AND booking.booked_at >= %(since)s
       AND NOT EXISTS ({_LINE_OF} AND line.wish = 'add' AND receipt.at = booking.booked_at)
     UNION ALL
    SELECT {BOOKING.replace("booking.id AS key", "booking.id || '.annulation' AS key")}, TRUE
      FROM {TABLES}
     WHERE booking.state = 'cancelled' AND booking.cancelled_at >= %(since)s
       AND NOT EXISTS ({_LINE_OF} AND line.wish = 'remove' AND receipt.at = booking.cancelled_at)
"""  # noqa: S608  # our own words

# A receipt that named both records of a child who was merged keeps its lines as they were.
_ORPHANS = """
    SELECT 'line.' || line.id AS key, line.day, receipt.family_id AS family, line.child_id AS child,
           line.unit_id AS unit, 'bookings.receipt' AS subject, receipt.id AS subject_key, receipt.number, line.label,
           line.wish
      FROM bookings_receiptline AS line
      JOIN bookings_receipt AS receipt ON receipt.id = line.receipt_id
      JOIN families_child AS child ON child.id = line.child_id AND child.merged_into_id IS NULL
     WHERE receipt.at >= %(since)s
       AND NOT EXISTS (
           SELECT 1 FROM bookings_booking AS booking
            WHERE booking.child_id = line.child_id AND booking.unit_id = line.unit_id AND booking.day = line.day
              AND booking.family_id = receipt.family_id
              AND CASE line.wish WHEN 'add' THEN booking.booked_at ELSE booking.cancelled_at END = receipt.at)
"""

# What a closure takes back may be less than the price: an absence came before it (`closures.checks`).
_AMOUNTS = """
    SELECT 'line.' || line.id AS key, line.day, receipt.family_id AS family, line.child_id AS child,
           line.unit_id AS unit, 'bookings.receipt' AS subject, receipt.id AS subject_key, receipt.number,
           line.label, line.amount AS told,
           CASE line.wish WHEN 'add' THEN booking.unit_price ELSE -booking.unit_price END AS due
      FROM bookings_receiptline AS line
      JOIN bookings_receipt AS receipt ON receipt.id = line.receipt_id
      JOIN bookings_booking AS booking
        ON booking.child_id = line.child_id AND booking.unit_id = line.unit_id AND booking.day = line.day
       AND booking.family_id = receipt.family_id
       AND CASE line.wish WHEN 'add' THEN booking.booked_at ELSE booking.cancelled_at END = receipt.at
     WHERE receipt.at >= %(since)s
       AND (line.wish = 'add' OR booking.cancelled_because <> 'closure')
       AND line.amount <> CASE line.wish WHEN 'add' THEN booking.unit_price ELSE -booking.unit_price END
     UNION ALL
    SELECT 'receipt.' || receipt.id, NULL, receipt.family_id, NULL, NULL, 'bookings.receipt', receipt.id,
           receipt.number, '', receipt.total, SUM(COALESCE(line.amount, 0))
      FROM bookings_receipt AS receipt
      LEFT JOIN bookings_receiptline AS line ON line.receipt_id = receipt.id
     WHERE receipt.at >= %(since)s
     GROUP BY receipt.id
    HAVING receipt.total <> SUM(COALESCE(line.amount, 0))
"""

# Numbers are unique by a constraint: a double cannot be. `rank` is empty for a number that no counter ever gave.
_NUMBERS = """
    WITH receipt AS (
        SELECT id, family_id, number, at, LEFT(number, 7) AS period,
               SUBSTRING(number FROM '^[0-9]{4}-[0-9]{2}-([0-9]{5,8})$')::int AS rank
          FROM bookings_receipt WHERE at >= %(since)s)
    SELECT 'number.' || counter.period || '-' || LPAD(series.rank::text, 5, '0') AS key, NULL::date AS day,
           NULL::bigint AS family, '' AS subject, '' AS subject_key,
           counter.period || '-' || LPAD(series.rank::text, 5, '0') AS number, 'missing' AS why
      FROM bookings_receiptcounter AS counter
     CROSS JOIN generate_series(1, counter.last) AS series (rank)
      LEFT JOIN receipt ON receipt.period = counter.period AND receipt.rank = series.rank
     WHERE counter.period >= %(month)s AND receipt.id IS NULL
     UNION ALL
    SELECT 'number.' || receipt.number, NULL, receipt.family_id, 'bookings.receipt', receipt.id::text, receipt.number,
           CASE WHEN receipt.rank IS NULL OR counter.last IS NULL OR receipt.rank > counter.last THEN 'never'
                ELSE 'month' END
      FROM receipt
      LEFT JOIN bookings_receiptcounter AS counter ON counter.period = receipt.period
     WHERE receipt.rank IS NULL OR counter.last IS NULL OR receipt.rank > counter.last
        OR receipt.period <> TO_CHAR(receipt.at AT TIME ZONE 'Europe/Paris', 'YYYY-MM')
"""

_NUMBER_WORDS = {
    "missing": "aucun reçu ne porte ce numéro",
    "never": "le compteur du mois n’a jamais donné ce numéro",
    "month": "ce numéro est d’un autre mois que le reçu",
}


def _without(scene: Scene) -> Seen:
    return look(_WITHOUT, {"since": start_of_day(scene.since)}, _without_words)


def _without_words(row: Row) -> str:
    what = "l’annulation" if row["removed"] else "la réservation"
    return f"{row['what']} : {what} n’est sur aucun reçu."


def _orphans(scene: Scene) -> Seen:
    return look(_ORPHANS, {"since": start_of_day(scene.since)}, _orphan_words)


def _orphan_words(row: Row) -> str:
    what = "réserve" if row["wish"] == "add" else "annule"
    return f"Le reçu n° {row['number']} {what} « {row['label']} », et ce changement n’est pas dans les réservations."


def _amounts(scene: Scene) -> Seen:
    return look(_AMOUNTS, {"since": start_of_day(scene.since)}, _amount_words)


def _amount_words(row: Row) -> str:
    told, due = signed_amount(row["told"]), signed_amount(row["due"])
    if row["label"]:
        return f"Le reçu n° {row['number']} dit {told} pour « {row['label']} », la réservation {due}."
    return f"Le reçu n° {row['number']} a un total de {told}, ses lignes font {due}."


def _numbers(scene: Scene) -> Seen:
    values = {"since": start_of_day(scene.since), "month": f"{scene.since:%Y-%m}"}
    return look(_NUMBERS, values, lambda row: f"Reçu n° {row['number']} : {_NUMBER_WORDS[row['why']]}.")


CHECKS = (
    Check(
        code="receipt_missing",
        area=RECEIPTS,
        title="Réservations et annulations sans reçu",
        meaning="Un jour réservé ou annulé sur le planning n’est sur aucun reçu : la famille n’a pas de preuve de ce "
        "qui "
        "lui sera facturé.",
        advice="Comparez avec le journal du dossier : dites à la famille ce qui est réservé, ou annulez le jour.",
        severity=Severity.BLOCKING,
        find=_without,
        order=40,
    ),
    Check(
        code="receipt_orphan",
        area=RECEIPTS,
        title="Lignes de reçu sans réservation",
        meaning="Un reçu donne à la famille un jour réservé, ou annulé, que les réservations ne connaissent pas.",
        advice="Le reçu fait foi pour la famille : réservez ou annulez le jour en agissant pour elle.",
        severity=Severity.BLOCKING,
        find=_orphans,
        order=41,
    ),
    Check(
        code="receipt_amount",
        area=RECEIPTS,
        title="Montants des reçus",
        meaning="Une ligne de reçu n’a pas le montant de sa réservation, ou un total n’est pas la somme de ses "
        "lignes.",
        advice="Ne facturez pas ces jours avant d’avoir compris lequel des deux montants la famille a lu.",
        severity=Severity.BLOCKING,
        find=_amounts,
        order=42,
    ),
    Check(
        code="receipt_numbers",
        area=RECEIPTS,
        title="Numéros des reçus",
        meaning="Les reçus d’un mois se suivent sans trou. Un numéro manque, ou n’a pas été donné par le compteur.",
        advice="Cherchez dans le journal qui a effacé ou changé un reçu. Un trou doit pouvoir être expliqué au "
        "comptable.",
        severity=Severity.BLOCKING,
        find=_numbers,
        order=43,
    ),
)
