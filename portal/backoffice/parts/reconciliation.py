"""The reconciliation: read by those who charge, and by those who act for families to put things right."""

from portal.backoffice.roles import Role, grant
from portal.domain.reconciliation.services import PERMISSION


def connect() -> None:
    """Nothing in profiles: what must be true is the same in every town."""
    for role in (Role.ACCOUNTING, Role.MANAGEMENT):
        grant(role, PERMISSION)
