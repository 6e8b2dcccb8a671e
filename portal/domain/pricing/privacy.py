"""What the town keeps of a family for its prices: copied with its data, erased with the dossier, or after its time."""

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, ChildLink
from portal.domain.pricing.models import AidGrant, HouseholdFigures, Membership, Recorded, ResidenceRuling
from portal.domain.privacy.declaring import TO_CONFIRM, Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import PersonalData, Retention, register

ORDER = 61
#: As for quotients: the time to contest an invoice and to check the accounts.
KEPT_DAYS = 1095


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What is recorded of the household, and of the children whom this account may see."""
    for ruling in ResidenceRuling.objects.filter(family=family).order_by("pk"):
        yield {"résidence": str(ruling.get_residence_display()), "motif": ruling.reason, **_days(ruling)}
    for figures in HouseholdFigures.objects.filter(family=family).order_by("pk"):
        yield {
            "ressources par mois": str(figures.income) if figures.income is not None else "",
            "enfants avec l’allocation AEEH": figures.disabled,
            **_days(figures),
        }
    children = Child.objects.visible_to(user).filter(links__family=family).values("pk")
    memberships = Membership.objects.filter(Q(family=family) | Q(child__in=children))
    for row in memberships.select_related("kind", "child").order_by("pk"):
        yield {
            "adhésion": row.kind.name,
            "enfant": row.child.first_name if row.child else "",
            **_days(row),
        }
    aids = AidGrant.objects.filter(family=family).filter(Q(child=None) | Q(child__in=children))
    for aid in aids.select_related("child").order_by("pk"):
        yield {
            "aide": aid.label,
            "payée par": aid.payer,
            "enfant": aid.child.first_name if aid.child else "",
            "prend": str(aid.get_kind_display()),
            "nombre": str(aid.number),
            **_days(aid),
        }


def _days(row: Recorded) -> dict[str, str]:
    return {"du": row.valid_from.isoformat(), "au": row.valid_until.isoformat() if row.valid_until else ""}


def _memberships(family: int) -> QuerySet[Membership]:
    """Those of the family, and of the children who have no other household."""
    shared = ChildLink.objects.exclude(family=family).values("child")
    children = ChildLink.objects.filter(family=family).exclude(child__in=shared).values("child")
    return Membership.objects.filter(Q(family=family) | Q(child__in=children))


def _kept(code: str, title: str, model: type[Recorded], label: str) -> Retention:
    owner = "kind" if model is Membership else "family"
    rows = model._default_manager.select_related(owner)
    number = attrgetter("family.number") if owner == "family" else (lambda _row: "")

    return Retention(
        code,
        title,
        f"après le dernier jour, le temps de contester une facture ; {TO_CONFIRM}",
        KEPT_DAYS,
        reached(rows, "valid_until", label=lambda _row: label, family=number),
        deleting(model),
        automatic=True,
    )


def connect() -> None:
    """Register."""
    register(
        PersonalData("pricing", "Ce dont vos prix dépendent", _collect, order=ORDER),
        erasure_of(
            "pricing",
            Held("décisions de résidence", lambda family: ResidenceRuling.objects.filter(family=family)),
            Held("ressources enregistrées", lambda family: HouseholdFigures.objects.filter(family=family)),
            Held("adhésions", _memberships),
            Held("aides", lambda family: AidGrant.objects.filter(family=family)),
            order=ORDER,
        ),
        _kept("residence_rulings", "Décisions de résidence", ResidenceRuling, "décision de résidence"),
        _kept("household_figures", "Ressources des foyers", HouseholdFigures, "ressources du foyer"),
        _kept("memberships", "Adhésions", Membership, "adhésion"),
        _kept("aids", "Aides", AidGrant, "aide"),
    )
