"""The creation form between its four steps, kept in the visitor's session.

The password is there as a hash only. Nothing of it is a draft account: the database learns of it at the end.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.sessions.backends.base import SessionBase

SESSION_KEY = "registration"
SENT_KEY = "registration_sent"

#: A form left open that long on a shared computer is forgotten.
LIFETIME = timedelta(hours=1)

STEPS = ("parent", "dossier", "terms", "check")


@dataclass(slots=True)
class Wizard:
    """What was answered so far. `key` names the form, so that sending it twice counts once."""

    key: str = field(default_factory=lambda: str(uuid4()))
    parent: dict[str, str] = field(default_factory=dict)
    password_hash: str = ""
    dossier: dict[str, str] = field(default_factory=dict)
    terms_version: int | None = None
    terms_read: bool = False
    terms_accepted_at: str = ""
    touched_at: str = ""

    @classmethod
    def load(cls, session: SessionBase, *, at: datetime) -> "Wizard":
        """The form of this session, or a new one when there is none or it was left too long."""
        kept: dict[str, Any] | None = session.get(SESSION_KEY)
        if kept is None:
            return cls()
        wizard = cls(**kept)
        if wizard.touched_at and datetime.fromisoformat(wizard.touched_at) + LIFETIME <= at:
            wizard.forget(session)
            return cls()
        return wizard

    def save(self, session: SessionBase, *, at: datetime) -> None:
        """Keep the answers for another hour."""
        self.touched_at = at.isoformat()
        session[SESSION_KEY] = asdict(self)

    @staticmethod
    def forget(session: SessionBase) -> None:
        """Leave nothing of the form in the session."""
        session.pop(SESSION_KEY, None)

    def first_missing(self) -> str:
        """The step to go to: the first that is not answered, “check” when all are."""
        answered = {
            "parent": bool(self.parent and self.password_hash),
            "dossier": bool(self.dossier),
            "terms": self.terms_read,
        }
        return next((step for step in STEPS[:-1] if not answered[step]), "check")

    def may_open(self, step: str) -> bool:
        """Whether every step before this one is answered."""
        return STEPS.index(step) <= STEPS.index(self.first_missing())

    @property
    def uuid(self) -> UUID:
        return UUID(self.key)

    @property
    def accepted_at(self) -> datetime:
        """When the terms were ticked. Raises ValueError before."""
        return datetime.fromisoformat(self.terms_accepted_at)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the last page says: the address of the account, and the contact address when it is another."""

    email: str
    contact_email: str = ""
    created: bool = True

    def save(self, session: SessionBase) -> None:
        """Keep it for the page, which may be reloaded."""
        session[SENT_KEY] = asdict(self)

    @classmethod
    def load(cls, session: SessionBase) -> "Sent | None":
        """What was sent from this session, or None."""
        kept: dict[str, Any] | None = session.get(SENT_KEY)
        return cls(**kept) if kept else None
