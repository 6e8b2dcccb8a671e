"""The pages that write: each change and its line of the journal in one transaction, each refusal in words."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail_modeladmin.views import CreateView, DeleteView, EditView

from portal.backoffice.screens.reading import KnownInstance
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel.french import join_words, plural, typography

_MEANWHILE = (
    "Un autre agent vient d’enregistrer la même chose, ou ce qui manque ici vient de disparaître. Rechargez la page."
)


class Refused(Exception):
    """What the domain refuses, in French, and the field of the form that it is about (None: the whole)."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def values_of(instance: models.Model) -> dict[str, Any]:
    """The values of an object as the journal keeps them: JSON, links by name and number."""
    values = {field.name: _value(instance, field) for field in instance._meta.concrete_fields if field.editable}
    values.pop(instance._meta.pk.name, None)
    for field in instance._meta.many_to_many:
        values[field.name] = sorted(_named(item) for item in field.value_from_object(instance))
    plain: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return plain


def _value(instance: models.Model, field: models.Field) -> Any:
    if field.is_relation:
        linked = getattr(instance, field.name)
        return None if linked is None else _named(linked)
    return field.value_from_object(instance)


def _named(instance: models.Model) -> str:
    """Two structures may have the same name: the number tells them apart."""
    return typography(f"{instance} (n° {instance.pk})")


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what changed, before and after."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before[name] for name in names if name in before}, {name: after[name] for name in names}


def _stored_values(screen: Any, key: Any) -> dict[str, Any]:
    """The values as the database has them now, with what the screen writes beside them."""
    instance = screen.model._default_manager.get(pk=key)
    more: dict[str, Any] = screen.more_values(instance)
    return values_of(instance) | more


class _AuditedForm:
    """What creating and correcting have in common: one transaction, and a form that keeps what was typed."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        at = timezone.now()
        try:
            with transaction.atomic():
                self.instance = self.write(form, by=self.request.user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field, typography(refusal.reason))
        except IntegrityError:
            form.add_error(None, typography(_MEANWHILE))
        else:
            messages.success(self.request, typography(f"C’est enregistré : {self.instance}."))
            for notice in self.model_admin.notices(self.instance, form=form, at=at):
                messages.warning(self.request, typography(notice))
            return redirect(self.get_success_url())
        return self.form_invalid(form)

    def get_error_message(self) -> str:
        return "Rien n’est enregistré. Corrigez ce qui est signalé."


class AuditedCreateView(_AuditedForm, CreateView):
    """Creates, and writes what was created in the journal."""

    page_title = "Ajouter"

    def write(self, form: ModelForm, *, by: User, at: datetime) -> models.Model:
        made: models.Model = self.model_admin.store(form, by=by, at=at)
        values = _stored_values(self.model_admin, made.pk)
        filled = {name: value for name, value in values.items() if value not in (None, "", [])}
        record(verb="create", target=made, by=by, at=at, after=filled)
        return made

    def get_meta_title(self) -> str:
        return f"{self.page_title} : {self.verbose_name}"


class AuditedEditView(_AuditedForm, KnownInstance, EditView):
    """Corrects, and writes what changed in the journal."""

    page_title = "Modifier"

    def write(self, form: ModelForm, *, by: User, at: datetime) -> models.Model:
        get_object_or_404(
            self.model._default_manager.select_for_update(of=("self",), no_key=True), pk=self.instance.pk
        )
        before = _stored_values(self.model_admin, self.instance.pk)
        changed: models.Model = self.model_admin.store(form, by=by, at=at)
        old, new = differences(before, _stored_values(self.model_admin, changed.pk))
        for name in self.model_admin.journalled_by_domain:
            old.pop(name, None)
            new.pop(name, None)
        if new:
            record(verb="change", target=changed, by=by, at=at, before=old, after=new)
        return changed

    def get_meta_title(self) -> str:
        return f"{self.page_title} : {self.verbose_name}"


class AuditedDeleteView(KnownInstance, DeleteView):
    """Deletes what nothing depends on; the rest is kept, and the agent reads why."""

    page_title = "Supprimer"

    def get_meta_title(self) -> str:
        return f"{self.page_title} : {self.verbose_name}"

    def confirmation_message(self) -> str:
        more = self.model_admin.deletion_warning
        return typography(f"Supprimer « {self.instance} » ? Ce qui a un historique est refusé. {more}".rstrip())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = str(self.instance)
        try:
            with transaction.atomic():
                self._delete(request, at=timezone.now())
        except Refused as refusal:
            messages.error(request, typography(f"« {name} » n’est pas supprimé : {refusal.reason}"))
        else:
            messages.success(request, typography(f"C’est supprimé : {name}."))
        return redirect(self.index_url)

    def _delete(self, request: HttpRequest, *, at: datetime) -> None:
        locked = self.model._default_manager.select_for_update(of=("self",))
        instance = get_object_or_404(locked, pk=self.instance.pk)
        if reason := self.model_admin.why_kept(instance):
            raise Refused(None, reason)
        record(verb="delete", target=instance, by=request.user, at=at, before=values_of(instance))
        try:
            instance.delete()
        except ProtectedError as error:
            raise Refused(None, f"{_what_depends(error.protected_objects)}.") from error


def _what_depends(instances: set[models.Model]) -> str:
    """“2 unités et 31 réservations en dépendent”: how many of each, and nobody's name."""
    counts = Counter(type(instance) for instance in instances)
    named = sorted(
        plural(number, str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
        for model, number in counts.items()
    )
    verb = "en dépendent" if sum(counts.values()) > 1 else "en dépend"
    return f"{join_words(named)} {verb}"
