"""What the news add to Wagtail."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from wagtail import hooks

from news import attachments


@hooks.register("before_serve_document")  # type: ignore[untyped-decorator]  # Wagtail is untyped
def guard_attachments(document: Any, request: HttpRequest) -> HttpResponseBase | None:
    """Files of items addressed to some go to those who may read the item."""
    return attachments.guard(document, request)
