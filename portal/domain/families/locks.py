"""The lock of children: the second of a transaction, after the families and before the places (docs/locking.md)."""

from collections.abc import Iterable

from portal.domain.families.models import Child


def lock_children(keys: Iterable[int]) -> None:
    """Lock these children by key until the end of the transaction, in one query; none without any.

    Two parents, two households of one child or two children of one household come one after the other. Ask the rights
    after it: a child may be merged, or its dossier archived, while the lock is waited for.
    """
    wanted = set(keys)
    if not wanted:
        return
    rows = Child.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted)
    list(rows.order_by("pk").values_list("pk"))
