"""Who wants to know that a démarche was opened or moved: packages above register, from their `AppConfig.ready`.

Called inside the transaction of the move, with the démarche as it is now: a listener that has real work to do waits
for the commit.
"""

from collections.abc import Callable
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.procedures.models import Procedure

AfterStep = Callable[[Procedure, User, datetime], None]

_listeners: list[AfterStep] = []


def register_after_step(listener: AfterStep) -> AfterStep:
    """Add a listener. Twice the same has no effect."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def after_step(procedure: Procedure, *, by: User, at: datetime) -> None:
    """Tell every listener where this démarche is now."""
    for listener in _listeners:
        listener(procedure, by, at)
