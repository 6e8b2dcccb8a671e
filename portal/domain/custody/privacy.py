"""What is given in « mes données » about custody, and what is forgotten."""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.custody.enums import CustodyState
from portal.domain.custody.models import Custody
from portal.domain.custody.services import may_read_judgement
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Family
from portal.domain.files.services import erase_file
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import full_date
from portal.domain.privacy.declaring import Held, erasure_of, journalled, reached
from portal.domain.privacy.registry import PersonalData, Retention


def collect(family_key: int, user: User) -> Iterable[Mapping[str, Any]]:
    """The arrangements of the children whose dossier this account edits; never the other household's document."""
    family = Family.objects.filter(pk=family_key).first()
    if family is None:
        return
    children = children_with(user=user, family=family, right=Right.EDIT)
    found = Custody.objects.filter(child__in=children).select_related("child", "judgement")
    for custody in found.prefetch_related("exceptions").order_by("child", "proposed_at"):
        row: dict[str, Any] = {
            "Enfant": custody.child.first_name,
            "Rythme": str(custody.get_pattern_display()),
            "Vacances": str(custody.get_halves_display()),
            "État": str(custody.get_state_display()),
            "Proposée le": full_date(paris_date(custody.proposed_at)),
            "Jours changés": [
                f"{full_date(each.starts_on)} – {full_date(each.ends_on)}" for each in custody.exceptions.all()
            ],
        }
        if custody.judgement is not None and may_read_judgement(custody=custody, family=family):
            row["Document"] = custody.judgement.name
        yield row


def _of(family: int) -> QuerySet[Custody]:
    """An arrangement between two households ends with one of them; its judgement goes with it."""
    return Custody.objects.filter(Q(household_a=family) | Q(household_b=family))


def _forget(rows: QuerySet[Custody]) -> None:
    for custody in rows.select_for_update(of=("self",)).select_related("judgement"):
        _erase(custody)


def _erase(custody: Custody) -> None:
    stored = custody.judgement
    custody.delete()
    if stored is not None:
        erase_file(stored)


ERASURE = erasure_of("custody", Held("organisations de garde", _of, forget=_forget), order=50)

PART = PersonalData(code="custody", title="Garde", collect=collect, order=50)

_ENDED = Custody.objects.filter(state=CustodyState.ENDED)

RETENTION = Retention(
    code="custody_ended",
    title="Organisations de garde terminées et leurs jugements",
    basis="un an après leur fin : elles expliquent encore des factures de l’année",
    days=365,
    find=reached(
        _ENDED.select_related("child", "household_a"),
        "answered_at",
        label=lambda row: f"garde de {row.child}",
        family=attrgetter("household_a.number"),
    ),
    erase=journalled(_ENDED, "erase_custody", erase=_erase, family_key=attrgetter("household_a_id")),
)
