"""The changes asked for are personal: given as a file, erased with the dossier (people: `families.privacy`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.changes.models import ChangeRequest
from portal.domain.privacy.declaring import Held, erasure_of
from portal.domain.privacy.registry import PersonalData


def collect_changes(family_key: int, user: User) -> Iterable[Mapping[str, Any]]:
    """The changes that this account may see, the first asked first."""
    for request in ChangeRequest.objects.visible_to(user).filter(family=family_key).order_by("asked_at", "pk"):
        yield {
            "changement demandé": request.get_rubric_display(),
            "le": request.asked_at.isoformat(),
            "état": request.get_state_display(),
            "valeurs": dict(request.new),
        }


#: Old and new values name people: all go.
ERASURE = erasure_of(
    "changes",
    Held("changements demandés", lambda family: ChangeRequest.objects.filter(family=family)),
    order=28,
)

PART = PersonalData(code="changes", title="Changements demandés", collect=collect_changes, order=28)
