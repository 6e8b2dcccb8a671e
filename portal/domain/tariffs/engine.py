"""Pricing, pure Python: from a tariff's versions and a day to a price and its explanation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.kernel import english, french, wording
from portal.domain.kernel.money import cents


class NoPrice(LookupError):
    """No version of the tariff is valid on that day."""


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """A flat price in euros from a date on."""

    key: int
    valid_from: date
    unit_price: Decimal
    deliberation: str = ""
    deliberation_url: str = ""


@dataclass(frozen=True, slots=True)
class PriceList:
    """A tariff and its versions, oldest first."""

    code: str
    name: str
    rate_label: str
    versions: tuple[PriceVersion, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """A unit price in euros with the steps that lead to it, in words: « Pourquoi ce prix ? »."""

    amount: Decimal
    version_key: int
    tariff_name: str
    rate_label: str
    explanation: tuple[str, ...]


def version_on(versions: Sequence[PriceVersion], day: date) -> PriceVersion | None:
    """The version valid on that day: the latest that starts on it or before."""
    return max((v for v in versions if v.valid_from <= day), key=lambda v: v.valid_from, default=None)


def price_on(
    price_list: PriceList, day: date, *, quotient: Decimal | None = None, language: str = wording.FRENCH
) -> Price:
    """The price of one unit on that day. A flat tariff does not depend on the quotient, and says so.

    What is kept with a booking is explained in French; a screen may ask for another `language`. Names, ways of
    counting and deliberations are the town's words, and stay as they are. Raises NoPrice when no version is valid: the
    caller names the unit.
    """
    version = version_on(price_list.versions, day)
    if version is None:
        raise NoPrice(f"{price_list.code} has no version on {day:%Y-%m-%d}")
    amount = cents(version.unit_price)
    explained = _in_english if wording.is_english(language) else _in_french
    return Price(
        amount=amount,
        version_key=version.key,
        tariff_name=price_list.name,
        rate_label=price_list.rate_label,
        explanation=explained(price_list, version, amount, quotient),
    )


def _in_french(
    price_list: PriceList, version: PriceVersion, amount: Decimal, quotient: Decimal | None
) -> tuple[str, ...]:
    steps = [
        f"Tarif « {price_list.name} » : {french.amount(amount)} {price_list.rate_label}, "
        f"valable depuis le {french.long_date(version.valid_from)}.",
    ]
    if quotient is not None:
        steps.append("Ce tarif est le même pour tous les quotients familiaux.")
    if version.deliberation:
        steps.append(f"Fixé par la {version.deliberation}.")
    return tuple(french.typography(step) for step in steps)


def _in_english(
    price_list: PriceList, version: PriceVersion, amount: Decimal, quotient: Decimal | None
) -> tuple[str, ...]:
    steps = [
        f"Price “{french.typography(price_list.name)}”: {english.amount(amount)} {price_list.rate_label}, "
        f"valid since {english.long_date(version.valid_from)}.",
    ]
    if quotient is not None:
        steps.append("This price is the same for every family quotient.")
    if version.deliberation:
        steps.append(f"Set by the {french.typography(version.deliberation)}.")
    return tuple(steps)
