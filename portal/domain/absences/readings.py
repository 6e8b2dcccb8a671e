"""The only way by which an agent looks at a certificate: it leaves a line, which the family sees."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.absences.models import Absence, AbsenceFile, CertificateReading
from portal.domain.absences.services import PERMISSION
from portal.domain.accounts.models import User

#: Pages of one look are one reading.
ONE_LOOK = timedelta(minutes=10)


@transaction.atomic
def read_certificate(*, absence: Absence, by: User, at: datetime) -> list[AbsenceFile]:
    """The pages of a certificate, the reading noted first; nothing is noted when there is no page.

    Raises PermissionDenied.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied
    pages = list(absence.files.select_related("file").order_by("order", "pk"))
    recent = CertificateReading.objects.filter(absence=absence, agent=by, at__gt=at - ONE_LOOK)
    if pages and not recent.exists():
        CertificateReading.objects.create(absence=absence, agent=by, at=at)
    return pages
