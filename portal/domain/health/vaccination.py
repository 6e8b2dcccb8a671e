"""Declaring vaccines: dates by vaccine, or a contraindication."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import Child, Family
from portal.domain.health.access import lock_child_of
from portal.domain.health.models import VaccineBooklet
from portal.domain.health.queries import doses_as_data
from portal.domain.health.telling import tell_other_households
from portal.domain.health.vaccines import Dose, Vaccine, missing_vaccines, wrong_dates
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure


class VaccinesRefused(Exception):
    """A date cannot be: `vaccine` says which line. Nothing was written; the message is French."""

    def __init__(self, vaccine: Vaccine) -> None:
        super().__init__(f"{vaccine.label} : une date est avant la naissance ou à venir, vérifiez-la.")
        self.vaccine = vaccine


@transaction.atomic
def record_vaccines(
    *, family: Family, child: Child, doses: Mapping[Vaccine, Dose], by: User, at: datetime
) -> VaccineBooklet:
    """Keep the vaccines of a child. Missing compulsory ones start the three months, which nothing restarts.

    Raises VaccinesRefused, Unknown, NotAllowed.
    """
    known = lock_child_of(user=by, family=family, child_id=child.pk)
    today = paris_date(at)
    for vaccine, dose in doses.items():
        if wrong_dates(born=known.birth_date, on=today, dates=dose.dates):
            raise VaccinesRefused(vaccine)
    VaccineBooklet.objects.bulk_create(
        [VaccineBooklet(child=known, recorded_at=at, recorded_by=by)], ignore_conflicts=True
    )
    booklet: VaccineBooklet = VaccineBooklet.objects.select_for_update().get(child=known)
    data = doses_as_data(doses)
    if booklet.doses == data:
        return booklet
    booklet.doses, booklet.recorded_at, booklet.recorded_by = data, at, by
    if missing_vaccines(born=known.birth_date, on=today, doses=doses):
        booklet.provisional_from = booklet.provisional_from or today
    else:
        booklet.provisional_from = None
    booklet.save()
    title = f"Vaccins de {known.first_name}"
    open_procedure(
        family=family,
        child=known,
        kind=ProcedureKind.HEALTH,
        title=title,
        state=ProcedureState.RECORDED,
        by=by,
        at=at,
        about=booklet,
    )
    record(verb="record_vaccines", target=booklet, by=by, at=at, family_key=family.pk)
    tell_other_households(family=family, child=known, title=f"{title} mis à jour", at=at)
    return booklet
