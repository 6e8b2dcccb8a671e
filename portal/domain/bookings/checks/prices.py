"""Prices, to the cent: what the tariff gave when the day was asked for. A price is fixed then, and a later version of
the tariff does not move it: that one came since is not a fault.
"""

from portal.domain.bookings.checks.live_bookings import BOOKING, RECEIPTS, TABLES
from portal.domain.kernel.french import amount, full_date
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen

_VERSION = f"""
    SELECT {BOOKING}, version.valid_from, tariff.name AS tariff
      FROM {TABLES}
      JOIN tariffs_tariffversion AS version ON version.id = booking.tariff_version_id
      JOIN tariffs_tariff AS tariff ON tariff.id = version.tariff_id
     WHERE booking.state = 'booked' AND booking.day >= %(since)s AND version.valid_from > booking.day
"""  # noqa: S608  # our own words

# Tariffs are flat: when grids come, their price is compared with what the explanation kept.
_AMOUNT = f"""
    SELECT {BOOKING}, booking.unit_price, booking.surcharge, version.unit_price AS due
      FROM {TABLES}
      JOIN tariffs_tariffversion AS version ON version.id = booking.tariff_version_id
     WHERE booking.state = 'booked' AND booking.day >= %(since)s
       AND booking.unit_price - booking.surcharge <> version.unit_price
"""  # noqa: S608  # our own words


def _version(scene: Scene) -> Seen:
    return look(_VERSION, {"since": scene.since}, _version_words)


def _version_words(row: Row) -> str:
    since = full_date(row["valid_from"])
    return f"{row['what']} : prix du tarif « {row['tariff']} », qui ne compte qu’à partir du {since}."


def _amount(scene: Scene) -> Seen:
    return look(_AMOUNT, {"since": scene.since}, _amount_words)


def _amount_words(row: Row) -> str:
    late = f", dont {amount(row['surcharge'])} de supplément" if row["surcharge"] else ""
    return f"{row['what']} : réservé à {amount(row['unit_price'])}{late}, le tarif dit {amount(row['due'])}."


CHECKS = (
    Check(
        code="price_version",
        area=RECEIPTS,
        title="Prix d’un tarif qui ne valait pas ce jour-là",
        meaning="La réservation a le prix d’une version de tarif qui commence après le jour réservé.",
        advice="Ne facturez pas ces jours : leur prix est à reprendre avec qui tient le portail.",
        severity=Severity.BLOCKING,
        find=_version,
        order=50,
    ),
    Check(
        code="price_amount",
        area=RECEIPTS,
        title="Prix différents du tarif",
        meaning="Le prix de la réservation, supplément de retard à part, n’est pas au centime celui que son tarif "
        "donnait "
        "quand elle a été faite.",
        advice="Ne facturez pas ces jours avant d’avoir compris lequel des deux prix la famille a lu sur son reçu.",
        severity=Severity.BLOCKING,
        find=_amount,
        order=51,
    ),
)
