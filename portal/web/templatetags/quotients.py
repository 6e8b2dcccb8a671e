"""How a quotient is written: a figure without unit."""

from decimal import Decimal

from django import template

from portal.domain.kernel import french

register = template.Library()


@register.filter
def quotient(value: Decimal | None) -> str:
    """`{{ value|quotient }}`: “842”, “1 049,33”, “0”; an unknown value is nothing."""
    if value is None:
        return ""
    whole, cents = divmod(value.quantize(Decimal("0.01")), 1)
    return french.integer(int(whole)) + (f",{int(cents * 100):02d}" if cents else "")
