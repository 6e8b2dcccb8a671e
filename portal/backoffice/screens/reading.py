"""The page that shows one object, and what screens add to its fields."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail_modeladmin.views import InspectView

from portal.backoffice.scoping import is_limited
from portal.backoffice.screens.history import history_of
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import to_paris
from portal.domain.kernel.french import full_date, hour, typography

F = TypeVar("F", bound=Callable[..., Any])


def column(label: str, *, order: str = "") -> Callable[[F], F]:
    """Name a value computed by a method of the screen, `method(self, instance)`, and say which field sorts it."""

    def decorate(method: F) -> F:
        method.short_description = method.label = label  # type: ignore[attr-defined]  # what modeladmin reads
        if order:
            method.admin_order_field = order  # type: ignore[attr-defined]  # the same
        return method

    return decorate


def detail(label: str) -> Callable[[F], F]:
    """Name a value that only the page of one object shows: `method(self, instance, reader)`."""

    def decorate(method: F) -> F:
        method.label, method.for_reader = label, True  # type: ignore[attr-defined]  # read below
        return method

    return decorate


class KnownInstance:
    """A page about one object: an address that names none is a 404, whatever is written in it."""

    model_admin: Any
    instance: models.Model

    def __init__(self, model_admin: Any, instance_pk: str) -> None:
        try:
            super().__init__(model_admin, instance_pk)  # type: ignore[call-arg]  # modeladmin's view
        except (ValueError, ValidationError) as error:
            raise Http404 from error

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One that does not exist for this agent is a 404 too, before anything else is asked."""
        if self.model_admin.reserves_rows or is_limited(cast(User, request.user)):
            get_object_or_404(self.model_admin.get_queryset(request), pk=self.instance.pk)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # modeladmin's view
        return answer


class PortalInspectView(KnownInstance, InspectView):
    """One object to read."""

    page_title = "Consulter"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        return shown | {"history": history_of(self.instance, agent=cast(User, self.request.user))}

    def get_meta_title(self) -> str:
        return f"{self.page_title} : {self.verbose_name}"

    def get_page_subtitle(self) -> str:
        return str(self.model_admin.name_of(self.instance))

    def get_field_label(self, field_name: str, field: Any = None) -> str:
        label = getattr(self._method(field_name), "label", None) or super().get_field_label(field_name, field)
        return f"{label[:1].upper()}{label[1:]}"

    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        method = self._method(field_name)
        if method is None:
            return _shown(super().get_field_display_value(field_name, field))
        reader = (self.request.user,) if hasattr(method, "for_reader") else ()
        return method(self.instance, *reader) or self.model_admin.get_empty_value_display(field_name)

    def _method(self, name: str) -> Any:
        method = getattr(self.model_admin, name, None)
        return method if hasattr(method, "label") else None


def _shown(value: Any) -> Any:
    """Dates and hours in French, yes and no."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return on_the_clock(value)
    if isinstance(value, date):
        return full_date(value)
    return value


def on_the_clock(at: datetime | None) -> str:
    """“7 septembre 2026, 12 h 05”, nothing for no instant."""
    if at is None:
        return ""
    local = to_paris(at)
    return f"{full_date(local.date())}, {hour(local.time())}"


def lines(items: Iterable[str]) -> SafeString | str:
    """A list, one item under the other; nothing for no item."""
    rows = [(typography(item),) for item in items]
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", rows)) if rows else ""


def table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> SafeString | str:
    """A small table inside the page of one object; nothing without a row."""
    body = [
        (format_html_join("", "<td>{}</td>", ((cell if cell not in ("", None) else "–",) for cell in row)),)
        for row in rows
    ]
    if not body:
        return ""
    head = format_html_join("", '<th scope="col">{}</th>', ((typography(heading),) for heading in headings))
    return format_html(
        '<table class="listing"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        head,
        format_html_join("", "<tr>{}</tr>", body),
    )


def link(instance: models.Model, reader: User, path: str) -> SafeString | str:
    """The name of an object, with a link to its page (`path` of its screen) for whoever may open it."""
    options = instance._meta
    if not reader.has_perm(f"{options.app_label}.view_{options.model_name}"):
        return str(instance)
    address = reverse(f"{path.replace('/', '_')}_modeladmin_inspect", args=[instance.pk])
    return format_html('<a href="{}">{}</a>', address, instance)
