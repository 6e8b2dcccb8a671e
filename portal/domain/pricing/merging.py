"""What the town recorded follows where it leaves one answer per day; on the days of the kept record, its own stays."""

from functools import partial

from django.db.models import Q, QuerySet

from portal.domain.merging.registry import Subject, register_rows
from portal.domain.pricing.models import HouseholdFigures, Membership, Recorded, ResidenceRuling

_WHY = "le dossier gardé a le sien sur ces jours"


def _staying(model: type[Recorded], column: str, same: str, kept: int, duplicate: int) -> QuerySet[Recorded]:
    """Rows of the duplicate on a day for which the kept record has one (of the same kind)."""
    clash = Q(pk__in=[])
    for row in model._default_manager.filter(**{column: kept}):
        days = Q(valid_until=None) | Q(valid_until__gte=row.valid_from)
        if row.valid_until is not None:
            days &= Q(valid_from__lte=row.valid_until)
        clash |= days & Q(**{same: getattr(row, same)}) if same else days
    return model._default_manager.filter(clash, **{column: duplicate})


def connect() -> None:
    """Register."""
    for label, model, names in (
        ("ResidenceRuling", ResidenceRuling, ("décision de résidence", "décisions de résidence")),
        ("HouseholdFigures", HouseholdFigures, ("ressources du foyer", "ressources du foyer")),
    ):
        register_rows(
            f"pricing.{label}.family",
            Subject.FAMILY,
            names,
            stays=partial(_staying, model, "family", ""),
            why_stays=_WHY,
            order=62,
        )
    for column, subject in (("family", Subject.FAMILY), ("child", Subject.CHILD)):
        register_rows(
            f"pricing.Membership.{column}",
            subject,
            ("adhésion", "adhésions"),
            stays=partial(_staying, Membership, column, "kind_id"),
            why_stays="la fiche gardée a la sienne sur ces jours",
            order=63,
        )
        register_rows(f"pricing.AidGrant.{column}", subject, ("aide", "aides"), order=64)
