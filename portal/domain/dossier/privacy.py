"""The yearly update and its certification as personal data."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.dossier.models import Certification, YearlyUpdate
from portal.domain.families.models import Family
from portal.domain.privacy.declaring import Held, erasure_of, reached
from portal.domain.privacy.registry import PersonalData, Retention, register


def _collect(family: int, user: User) -> Iterable[Mapping[str, Any]]:
    if not Family.objects.visible_to(user).filter(pk=family).exists():
        return
    for update in YearlyUpdate.objects.filter(family=family).order_by("school_year"):
        yield {
            "actualisation": str(update),
            "situation": str(update.get_branch_display()),
            "état": str(update.get_state_display()),
        }
    for certification in Certification.objects.filter(family=family).order_by("at", "pk"):
        yield {
            "certification": str(certification),
            "le": certification.at.isoformat(),
            "tacite": certification.tacit,
            "vaut à partir du": certification.effective_on.isoformat(),
        }


def _erase(keys: list[int], by: User, at: datetime) -> int:
    updates, _details = YearlyUpdate.objects.filter(certification__in=keys).delete()
    erased, _details = Certification.objects.filter(pk__in=keys).delete()
    if erased:
        record(verb="erase_certifications", target=by, by=by, at=at, after={"erased": erased, "updates": updates})
    return erased


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register(
        PersonalData("yearly", "Actualisations et certifications", _collect, order=75),
        erasure_of(
            "yearly",
            Held("actualisations", lambda family: YearlyUpdate.objects.filter(family=family)),
            Held("certifications", lambda family: Certification.objects.filter(family=family)),
            order=76,
        ),
        Retention(
            code="yearly",
            title="Actualisations et certifications du dossier",
            basis="deux ans après la fin de l’année scolaire : ce qui a été déclaré se prouve pendant ce temps",
            days=730,
            find=reached(
                Certification.objects.select_related("family"),
                "valid_until",
                label=lambda row: f"certification {row}",
                family=attrgetter("family.number"),
            ),
            erase=_erase,
        ),
    )
