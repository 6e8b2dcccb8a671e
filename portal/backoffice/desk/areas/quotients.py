"""The quotients that await an agent, and those of a family's file."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.backoffice.desk.registry import (
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
    unless_decided,
)
from portal.backoffice.desk.sources import RowQueue
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.quotients.deciding import PERMISSION, REASONS, accept_quotient, ask_quotient_again, refuse_quotient
from portal.domain.quotients.enums import QuotientState
from portal.domain.quotients.models import HIGHEST, Quotient
from portal.domain.quotients.queries import list_quotients, load_policy, quotient_on
from portal.domain.quotients.rules import Answer, Status, last_day
from portal.domain.quotients.services import QuotientDecided, QuotientRefused

TITLE = "Quotient familial"
#: Lines of the history that a file shows.
_SHOWN = 5


def connect() -> None:
    """Register the queue and the section of this area."""
    register_queue(QuotientQueue())
    register_file_section("quotients", file_section, order=60)


class FrenchNumber(forms.DecimalField):
    """“842,50” or “842.50”."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".")
        return super().to_python(value)


def value_read() -> FrenchNumber:
    """The field of a quotient that an agent reads on its proof."""
    return FrenchNumber(
        label="Quotient lu sur le justificatif",
        min_value=0,
        max_value=HIGHEST,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
        error_messages={
            "required": "Écrivez le quotient lu sur le justificatif.",
            "invalid": "Écrivez un nombre, par exemple 842,50.",
        },
    )


class AcceptForm(forms.Form):
    """What goes with a yes: the value as the proof says it, and its days."""

    value = value_read()
    valid_from = forms.DateField(
        label="Valable à partir du",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le premier jour.", "invalid": "Donnez une date, par exemple 07/09/2026."},
    )
    valid_until = forms.DateField(
        label="Valable jusqu’au",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le dernier jour.", "invalid": "Donnez une date, par exemple 31/08/2027."},
    )


class QuotientQueue(RowQueue):
    """Declarations sent by families, and values of the API that do not look like theirs."""

    code = "quotients"
    label = "Quotients"
    order = 60
    subject = "quotients.quotient"

    def _told(self, rows: Sequence[Quotient]) -> list[Waiting]:
        """The value is not in the lines."""
        return [
            Waiting(
                source=self.code,
                key=row.pk,
                title=TITLE,
                family_name=row.family.name,
                family_number=row.family.number,
                arrived_at=row.sent_at,
            )
            for row in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The declaration beside its proofs, and what held until now."""
        row = self._rows(agent).select_related("definition", "sent_by").filter(pk=key).first()
        if row is None:
            return None
        today = paris_date(at)
        initial = {
            "value": shown(row),
            "valid_from": today,
            "valid_until": last_day(load_policy().validity, today),
        }
        return Panel(
            title=TITLE,
            sent=f"Reçu le {french.instant(row.sent_at)}, {row.get_source_display()}",
            family=row.family,
            files=[proof.file for proof in row.proofs.select_related("file").order_by("pk")],
            facts=_facts(row, at),
            form=AcceptForm(data, initial=initial),
            accept_label="Accepter ce quotient",
            reasons=tuple(REASONS),
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Raises AlreadyDecided; a day that cannot be chosen is a ValidationError of the form."""
        try:
            with unless_decided(QuotientDecided, decided_words):
                accept_quotient(
                    quotient=key,
                    value=cleaned.get("value"),
                    valid_from=cleaned.get("valid_from"),
                    valid_until=cleaned.get("valid_until"),
                    by=by,
                    at=at,
                )
        except QuotientRefused as refused:
            raise forms.ValidationError({refused.field or "valid_from": refused.reason}) from refused

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        with unless_decided(QuotientDecided, decided_words):
            refuse_quotient(quotient=key, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        with unless_decided(QuotientDecided, decided_words):
            ask_quotient_again(quotient=key, message=message, by=by, at=at)

    def _awaiting(self, agent: User) -> "QuerySet[Quotient]":
        if not agent.has_perm(PERMISSION):
            return Quotient.objects.none()
        return Quotient.objects.filter(state=QuotientState.SENT).select_related("family")


def decided_words(decided: QuotientDecided) -> str:
    """Who said what, and when."""
    quotient = decided.quotient
    who = str(quotient.decided_by) if quotient.decided_by else "la famille"
    when = french.instant(quotient.decided_at) if quotient.decided_at else ""
    return f"Ce quotient n’attend plus{french.NBSP}: {quotient.get_state_display()}, {who}, {when}."


def shown(quotient: Quotient) -> str:
    """“842”, “842,50”."""
    return _number(quotient.value)


def _facts(row: Quotient, at: datetime) -> list[tuple[str, str]]:
    """What to compare with the proof."""
    facts = [
        ("Sorte", row.definition.name),
        ("Quotient indiqué", shown(row)),
        ("Mois de référence", french.month_year(row.month)),
        ("N° Caf ou MSA du dossier", row.family.benefit_number or "non fourni"),
    ]
    if row.details:
        asked = {each.code: each.label for each in row.definition.computes.amounts}
        facts += [
            (asked.get(code, code), f"{euros} €".replace(".", ",")) for code, euros in row.details["amounts"].items()
        ]
        facts.append(("Parts", str(row.details["parts"]).replace(".", ",")))
    answer = quotient_on(row.family, paris_date(at))
    before = _number(answer.value) if answer.value is not None else "aucun"
    if answer.status is Status.EXPIRED and answer.period is not None:
        before = f"expiré depuis le {french.full_date(answer.since or answer.period.last)}"
    facts.append(("Quotient en vigueur", before))
    return facts


def file_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The value of the day and the last ones, for agents who may see quotients."""
    if not agent.has_perm("quotients.view_quotient"):
        return None
    answer = quotient_on(family, paris_date(at))
    facts = [("Aujourd’hui", _today(answer))]
    for row in list_quotients(family)[:_SHOWN]:
        days = ""
        if row.valid_from and row.valid_until and row.state == QuotientState.ACCEPTED:
            days = f", du {french.full_date(row.valid_from)} au {french.full_date(row.valid_until)}"
        facts.append(
            (f"Reçu le {french.full_date(paris_date(row.sent_at))}", f"{shown(row)}, {row.get_state_display()}{days}")
        )
    return FileSection(title=TITLE, facts=tuple(facts))


def _today(answer: Answer) -> str:
    if answer.value is not None and answer.period is not None:
        return f"{_number(answer.value)}, valable jusqu’au {french.full_date(answer.period.last)}"
    return {
        Status.EXPIRED: "expiré, le tarif le plus élevé s’applique",
        Status.REFUSED: "refusé, le tarif le plus élevé s’applique",
        Status.UNKNOWN: "non fourni, le tarif le plus élevé s’applique",
    }[answer.status]


def _number(value: Decimal) -> str:
    whole, cents = divmod(value, 1)
    return f"{int(whole)}" + (f",{int(cents * 100):02d}" if cents else "")
