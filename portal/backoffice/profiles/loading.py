"""The work of one loading: whom it is for, what it changed, what it refuses."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from portal.backoffice.profiles.problems import Problem
from portal.backoffice.profiles.source import FILE_NAME, Profile
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel.school_year import SchoolYear

M = TypeVar("M", bound=models.Model)


@dataclass(slots=True)
class Report:
    """What was done, to be printed: counts by kind of object, then a line for each thing worth reading."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Keep one sentence for the end."""
        if sentence:
            self.notes.append(sentence)


@dataclass(slots=True)
class Loading:
    """One loading of a profile. `codes` finds the objects stored so far by table and code."""

    profile: Profile
    year: SchoolYear
    by: User
    at: datetime
    prune: bool = False
    report: Report = field(default_factory=Report)
    problems: list[Problem] = field(default_factory=list)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        return str(self.profile.town.calendar.zone)

    def refuse(self, path: str, reason: str, hint: str = "") -> None:
        """Note why something cannot be stored; the whole loading is then undone."""
        self.problems.append(Problem(FILE_NAME, path, reason, hint))

    def store(
        self,
        model: type[M],
        *,
        find: Mapping[str, Any],
        values: Mapping[str, Any],
        path: str,
        links: Mapping[str, list[models.Model]] | None = None,
    ) -> M | None:
        """Create the object or bring it to `values`, and write what changed in the journal.

        Returns None, with a problem noted, when the model refuses the values. `links` are many-to-many fields.
        """
        kind = str(model._meta.verbose_name)
        existing = model._default_manager.filter(**find).first()
        instance = existing or model(**find)
        before = {name: getattr(instance, name) for name in values} if existing else {}
        changed = {name: value for name, value in values.items() if existing is None or before[name] != value}
        for name, value in changed.items():
            setattr(instance, name, value)
        if not self._accepted(instance, path):
            return None
        if changed or existing is None:
            instance.save()
        changed_links = self._link(instance, links or {})
        if existing is None:
            self.report.created[kind] += 1
        elif changed or changed_links:
            self.report.updated[kind] += 1
            named = [self._named(model, name) for name in (*changed, *changed_links)]
            self.report.note(f"{kind} « {instance} » mis à jour : {', '.join(named)}.")
        else:
            self.report.unchanged[kind] += 1
            return instance
        record(
            verb="load_commune",
            target=instance,
            by=self.by,
            at=self.at,
            before={name: plain(before[name]) for name in changed if name in before},
            after={name: plain(value) for name, value in changed.items()} | changed_links,
        )
        return instance

    def remove(self, instance: models.Model) -> None:
        """Delete something without history, and say so in the journal."""
        kind = str(instance._meta.verbose_name)
        record(verb="load_commune_remove", target=instance, by=self.by, at=self.at, before={"name": str(instance)})
        self.report.note(f"{kind} « {instance} » retiré : il n’est plus dans le profil et n’a pas d’historique.")
        instance.delete()
        self.report.removed[kind] += 1

    def _accepted(self, instance: models.Model, path: str) -> bool:
        try:
            instance.full_clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                where = path if name == NON_FIELD_ERRORS else f"{path}.{name}"
                for message in messages:
                    self.refuse(where, message)
            return False
        return True

    def _link(self, instance: models.Model, links: Mapping[str, list[models.Model]]) -> dict[str, Any]:
        changed = {}
        for name, wanted in links.items():
            manager = getattr(instance, name)
            if set(manager.all()) != set(wanted):
                manager.set(wanted)
                changed[name] = [str(item) for item in wanted]
        return changed

    @staticmethod
    def _named(model: type[models.Model], name: str) -> str:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str | int | float | bool | dict | type(None)):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)
