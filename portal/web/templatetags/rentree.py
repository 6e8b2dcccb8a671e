"""What the pages of the rentrée say of prices and of children."""

from collections.abc import Mapping
from decimal import Decimal

from django import template

from portal.domain import language

register = template.Library()


@register.filter
def of_key(names: Mapping[int, str], key: int) -> str:
    """The name of a child, by key."""
    return names.get(key, "")


@register.filter
def prices(by_unit: Mapping[int, Decimal]) -> str:
    """“4,30 €”, “2,00 € / 4,30 €”, the lowest first."""
    words = language.words()
    amounts = sorted(set(by_unit.values()))
    return " / ".join(words.amount(each) for each in amounts)
