"""Where quotients meet the rest: what a dossier must hold, « mes données », what is forgotten and when."""

from collections.abc import Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.families.requirements import Asked, Requirement, Standing, register_requirements
from portal.domain.files.services import erase_file
from portal.domain.kernel.clock import paris_date
from portal.domain.privacy.declaring import Held, erasure_of, journalled
from portal.domain.privacy.registry import Expired, PersonalData, Retention, register
from portal.domain.quotients.enums import OPEN_STATES, QuotientState
from portal.domain.quotients.models import Quotient, QuotientDefinition, QuotientFetch
from portal.domain.quotients.queries import open_quotient, quotient_on
from portal.domain.quotients.rules import Status

ORDER = 60


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_requirements("quotients", requirements, order=ORDER)
    register(
        PersonalData("quotients", "Quotient familial", personal_data, order=ORDER),
        erasure_of(
            "quotients",
            # Bookings keep the price, with its explanation, without the proof.
            Held("quotients et leurs justificatifs", _quotients, forget=_erase_each),
            Held("demandes à la Caf ou à la MSA", lambda family: QuotientFetch.objects.filter(family=family)),
            order=ORDER,
        ),
        Retention(
            code="quotients",
            title="Quotients familiaux et leurs justificatifs",
            basis="après la fin de validité, le refus ou le remplacement : le temps de contester une facture "
            "et du contrôle des comptes (à confirmer avec le délégué et les archives)",
            days=1095,
            find=find_outdated,
            erase=erase_quotients,
        ),
    )


def requirements(asked: Asked) -> Iterable[Requirement]:
    """One line for the family: without a checked value, the highest tariff."""
    if not QuotientDefinition.objects.filter(is_offered=True).exists():
        return []
    answer = quotient_on(asked.family, paris_date(asked.at))
    waiting = open_quotient(asked.family)
    highest = _("Sans quotient vérifié, le tarif le plus élevé s’applique.")
    standing, note = Standing.MISSING, highest
    if waiting is not None and waiting.state == QuotientState.ASKED:
        standing, note = Standing.REFUSED, _("Le service vous demande un complément.")
    elif answer.status is Status.KNOWN and answer.period is not None:
        standing = Standing.DONE
        note = _("Valable jusqu’au %(day)s.") % {"day": language.words().full_date(answer.period.last)}
    elif waiting is not None:
        standing, note = Standing.SENT, _("En cours de vérification. D’ici là, le tarif le plus élevé s’applique.")
    elif answer.status is Status.EXPIRED:
        standing = Standing.EXPIRED
    elif answer.status is Status.REFUSED:
        standing = Standing.REFUSED
    return [
        Requirement(
            code="quotient",
            label=_("Quotient familial"),
            standing=standing,
            note=note,
            url_name="quotient:index",
        )
    ]


def personal_data(family: int, user: User) -> Iterable[Mapping[str, Any]]:
    """The quotients that this account may see, the last first."""
    rows = Quotient.objects.visible_to(user).filter(family=family).select_related("definition")
    for row in rows.prefetch_related("proofs__file").order_by("-sent_at", "-pk"):
        yield {
            "Sorte": row.definition.name,
            "Valeur": str(row.value),
            "Valeur déclarée": str(row.declared_value) if row.declared_value is not None else "",
            "Éléments du calcul": row.details,
            "Mois de référence": row.month.isoformat(),
            "Origine": str(row.get_source_display()),
            "État": str(row.get_state_display()),
            "Motif": row.reason,
            "Valable du": row.valid_from.isoformat() if row.valid_from else "",
            "Valable jusqu’au": row.valid_until.isoformat() if row.valid_until else "",
            "Reçu le": row.sent_at.isoformat(),
            "Justificatifs": [proof.file.name for proof in row.proofs.all()],
        }


def find_outdated(before: date, limit: int) -> list[Expired]:
    """What ended, was refused or replaced on `before` or earlier; a value without end stays."""
    ended = Quotient.objects.exclude(state__in=OPEN_STATES).select_related("family")
    accepted = ended.filter(state=QuotientState.ACCEPTED, valid_until__lte=before).order_by("valid_until", "pk")[
        :limit
    ]
    others = (
        ended.exclude(state=QuotientState.ACCEPTED)
        .filter(decided_at__date__lte=before)
        .order_by("decided_at", "pk")[:limit]
    )
    found = [
        Expired(key=row.pk, label="Quotient familial", family=row.family.number, since=_since(row, before))
        for row in (*accepted, *others)
    ]
    return sorted(found, key=lambda each: (each.since, each.key))[:limit]


def _since(row: Quotient, default: date) -> date:
    if row.state == QuotientState.ACCEPTED:
        return row.valid_until or default
    return row.decided_on or default


def _quotients(family: int) -> QuerySet[Quotient]:
    return Quotient.objects.filter(family=family)


def _erase_each(rows: QuerySet[Quotient]) -> None:
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        _erase(row)


def _erase(row: Quotient) -> None:
    """With the files that prove it."""
    files = [proof.file for proof in row.proofs.select_related("file")]
    row.delete()
    for stored in files:
        erase_file(stored)


#: One line of the journal each, without the value.
erase_quotients = journalled(
    Quotient.objects.exclude(state__in=OPEN_STATES),
    "erase_quotient",
    erase=_erase,
    family_key=attrgetter("family_id"),
)
