"""The locks of a merge and of an archiving: the drafts, then families, children and adults, each by key."""

from collections.abc import Sequence

from django.db.models import Model

from portal.domain.families.models import Adult, Child, Family
from portal.domain.merging.registry import Concerned, first_locks


def lock(concerned: Concerned) -> None:
    """Lock everybody concerned, always in this order (docs/locking.md), until the end of the transaction.

    Drafts are asked for twice: one may have begun while the families were waited for, none begins once they are held.
    """
    for first in first_locks():
        first(concerned)
    for model, keys in ((Family, concerned.families), (Child, concerned.children), (Adult, concerned.adults)):
        _lock_rows(model, keys)
    for first in first_locks():
        first(concerned)


def _lock_rows(model: type[Model], keys: Sequence[int]) -> None:
    if keys:
        rows = model._base_manager.select_for_update(of=("self",), no_key=True).filter(pk__in=keys)
        list(rows.order_by("pk").values_list("pk"))
