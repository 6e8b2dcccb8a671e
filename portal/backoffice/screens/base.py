"""What the agents' screens share: who may open them, and the journal of what they change."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models, transaction
from django.db.models import ProtectedError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import CreateView, DeleteView, EditView, IndexView, InspectView

from portal.backoffice.profiles.loading import plain
from portal.domain.audit.services import record
from portal.domain.kernel.french import typography


class ReadOnlyPermissions(PermissionHelper):
    """Nobody changes these from the administration, not even a superuser: only the domain writes them."""

    def user_can_create(self, user: Any) -> bool:
        return False

    def user_can_edit_obj(self, user: Any, obj: models.Model) -> bool:
        return False

    def user_can_delete_obj(self, user: Any, obj: models.Model) -> bool:
        return False


def values_of(instance: models.Model) -> dict[str, Any]:
    """The values of an object as the journal keeps them, links included."""
    values = {field.name: plain(field.value_from_object(instance)) for field in instance._meta.concrete_fields}
    for field in instance._meta.many_to_many:
        values[field.name] = sorted(str(item) for item in field.value_from_object(instance))
    return values


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what changed, before and after."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before[name] for name in names if name in before}, {name: after[name] for name in names}


class AuditedCreateView(CreateView):
    """Creates and writes the journal in one transaction."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        with transaction.atomic():
            self.model_admin.prepare(form.instance, self.request)
            response = super().form_valid(form)
            record(
                verb=f"create_{self.model_name}",
                target=self.instance,
                by=self.request.user,
                at=timezone.now(),
                after=values_of(self.instance),
            )
        return response


class AuditedEditView(EditView):
    """Saves and writes what changed in the journal, in one transaction."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        with transaction.atomic():
            stored = self.model._default_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)
            before = values_of(stored)
            self.model_admin.prepare(form.instance, self.request)
            response = super().form_valid(form)
            self.instance.refresh_from_db()
            old, new = differences(before, values_of(self.instance))
            if new:
                record(
                    verb=f"change_{self.model_name}",
                    target=self.instance,
                    by=self.request.user,
                    at=timezone.now(),
                    before=old,
                    after=new,
                )
        return response


class AuditedDeleteView(DeleteView):
    """Deletes what nothing depends on; otherwise says what does, and keeps it."""

    def confirmation_message(self) -> str:
        return typography(f"Supprimer « {self.instance} » ? Ce n’est possible que si rien n’en dépend.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name, values = str(self.instance), values_of(self.instance)
        key = self.instance.pk
        try:
            with transaction.atomic():
                self.delete_instance()
                self.instance.pk = key
                record(
                    verb=f"delete_{self.model_name}",
                    target=self.instance,
                    by=request.user,
                    at=timezone.now(),
                    before=values,
                )
        except ProtectedError as error:
            self.instance.pk = key
            linked = sorted(error.protected_objects, key=str)[:20]
            return self.render_to_response(self.get_context_data(protected_error=True, linked_objects=linked))
        messages.success(request, typography(f"« {name} » est supprimé."))
        return redirect(self.index_url)


class PortalIndexView(IndexView):
    """A list under the name of its menu entry, filtered by its declared filters and nothing else.

    The package applies any look-up written in the address: an agent could guess values of other tables with it.
    """

    def get_page_title(self) -> str:
        return self.model_admin.menu_label or super().get_page_title()

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, remaining, distinct = super().get_filters(request)
        if remaining:
            raise IncorrectLookupParameters
        return specs, has_filters, remaining, distinct

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            messages.warning(request, "Ce filtre n’existe pas : voici toute la liste.")
            return redirect(self.index_url)


class PortalInspectView(InspectView):
    """One object to read. A screen may show a field its own way with a `show_<field>` method."""

    page_title = "Consulter"

    def get_field_label(self, field_name: str, field: Any = None) -> str:
        method = getattr(self.model_admin, f"show_{field_name}", None)
        label = getattr(method, "label", None)
        return label or str(super().get_field_label(field_name, field)).capitalize()

    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        method = getattr(self.model_admin, f"show_{field_name}", None)
        if method is not None:
            return method(self.instance) or self.model_admin.get_empty_value_display(field_name)
        return super().get_field_display_value(field_name, field)


class PortalModelAdmin(ModelAdmin):
    """A screen of ours: audited, in French, with its own page to read an object."""

    inspect_view_enabled = True
    # The journal tells more than Wagtail's history, and is one place to look.
    history_view_enabled = False
    list_per_page = 50
    empty_value_display = "–"
    index_view_class = PortalIndexView
    create_view_class = AuditedCreateView
    edit_view_class = AuditedEditView
    delete_view_class = AuditedDeleteView
    inspect_view_class = PortalInspectView

    def prepare(self, instance: models.Model, request: HttpRequest) -> None:
        """Called with the instance of a valid form before it is saved."""


class ReadOnlyAdmin(PortalModelAdmin):
    """A screen to look at, for what only the domain writes."""

    permission_helper_class = ReadOnlyPermissions


def described(label: str, *, order: str = "", boolean: bool = False) -> Callable[[Any], Any]:
    """Name a column computed by a method, and say which field sorts it."""

    def decorate(method: Any) -> Any:
        method.short_description = label
        method.label = label
        if order:
            method.admin_order_field = order
        if boolean:
            method.boolean = True
        return method

    return decorate
