"""Stored answers in words."""

from datetime import date
from typing import Any

from portal.domain.kernel.french import full_date


def in_words(value: Any) -> str:
    """A stored value as it is read."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
        try:
            return full_date(date.fromisoformat(value))
        except ValueError:
            return value
    return "" if value is None else str(value)
