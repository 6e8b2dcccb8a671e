"""Which fields wait for the service: what the town said, else what is shipped."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.changes.enums import FieldMode, Rubric
from portal.domain.changes.fields import DEFAULT_MODES, SUBJECTS
from portal.domain.changes.models import DossierSettings, FieldPolicy


def load_policy() -> dict[str, FieldMode]:
    """The mode of every field, by name (“adult.phone”), in one query."""
    chosen = FieldPolicy.objects.filter(field__in=DEFAULT_MODES).values_list("field", "mode")
    return {**DEFAULT_MODES, **{field: FieldMode(mode) for field, mode in chosen}}


def waits_in(rubric: Rubric) -> Callable[[str], bool]:
    """Whether a field of this rubric waits for the service. Somebody to add always does."""
    subject = SUBJECTS.get(rubric)
    if subject is None:
        return lambda _name: True
    modes = load_policy()
    return lambda name: modes[f"{subject}.{name}"] == FieldMode.APPROVED


@transaction.atomic
def set_policy(*, modes: Mapping[str, FieldMode], by: User, at: datetime) -> None:
    """Say which fields wait; those not named take the mode shipped. Requests already sent keep waiting.

    Raises KeyError on a field that does not exist.
    """
    before = load_policy()
    after = {**DEFAULT_MODES, **{name: modes[name] for name in modes if DEFAULT_MODES[name]}}
    if before == after:
        return
    FieldPolicy.objects.exclude(field__in=modes).delete()
    FieldPolicy.objects.bulk_create(
        [FieldPolicy(field=name, mode=mode) for name, mode in modes.items()],
        update_conflicts=True,
        unique_fields=["field"],
        update_fields=["mode"],
    )
    changed = [name for name in after if after[name] != before[name]]
    record(
        verb="set_policy",
        target=FieldPolicy(pk=0),
        by=by,
        at=at,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def load_departments() -> tuple[str, ...]:
    """The departments whose communes the address form proposes."""
    found = DossierSettings.objects.values_list("departments", flat=True).first()
    return tuple(found or ())
