"""What the columns of activities accept, and begin with."""

from typing import Any

from django.core.exceptions import ValidationError

from portal.domain.activities.deadlines import InvalidDeadline, deadline_from_data


def validate_deadline(value: Any) -> None:
    """Refuse a deadline that cannot be read, with the reason and the place of the mistake."""
    try:
        deadline_from_data(value)
    except InvalidDeadline as error:
        raise ValidationError(str(error), code="deadline") from error


def always() -> dict[str, Any]:
    """The deadline of a unit that nobody restricted."""
    return {"kind": "always"}
