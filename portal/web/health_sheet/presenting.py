"""How a sheet is told: facts in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.domain.health.enums import Diet, DocumentKind, DocumentState, Need, Section
from portal.domain.health.models import HealthDocument
from portal.domain.health.queries import ChildCare
from portal.domain.health.rules import SheetContent, SheetState, is_answered
from portal.domain.kernel.french import full_date, join_words

TO_SAY = "à indiquer"

_STATES = {
    SheetState.TO_FILL: ("à remplir", "bad"),
    SheetState.STARTED: ("commencée", "wait"),
    SheetState.TO_CONFIRM: ("à confirmer", "wait"),
    SheetState.COMPLETE: ("à jour", "good"),
}


def badge_of(state: SheetState) -> tuple[str, str]:
    """The word and the colour of a state."""
    word, kind = _STATES[state]
    return _(word), kind


def words_for(content: SheetContent, section: Section) -> list[tuple[str, str]]:
    """The facts of a section; « à indiquer » for what nobody answered."""
    if not is_answered(content, section.value):
        return [(str(section.label), _(TO_SAY))]
    match section:
        case Section.DOCTOR:
            return [(_("Médecin"), f"{content.doctor_name}, {content.doctor_phone}")]
        case Section.ALLERGIES:
            return _allergies(content)
        case Section.DIET:
            known = content.diet in Diet.values
            return [(_("Repas"), str(Diet(content.diet).label) if known else _(TO_SAY))]
        case Section.NEEDS:
            return _needs(content)
        case Section.TREATMENT:
            words = content.treatment_advice or _("oui")
            return [(_("Traitement"), words if content.has_treatment else _("aucun"))]


def _allergies(content: SheetContent) -> list[tuple[str, str]]:
    if not content.has_allergies:
        return [(_("Allergies"), _("aucune"))]
    facts = [
        (_("Allergie alimentaire"), content.allergy_food),
        (_("Allergie à un médicament"), content.allergy_drug),
        (_("Autre allergie"), content.allergy_other),
        (_("Que faire"), content.allergy_conduct),
    ]
    return [fact for fact in facts if fact[1]]


def _needs(content: SheetContent) -> list[tuple[str, str]]:
    if not content.has_needs:
        return [(_("Besoins"), _("aucun en particulier"))]
    named = [str(Need(need).label) for need in content.needs if need in Need.values]
    facts = [(_("Besoins"), join_words(named)), (_("Conseils"), content.needs_advice)]
    return [fact for fact in facts if fact[1]]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section on the page: its facts, whether it waits, whether it is not what it was last year."""

    section: Section
    facts: list[tuple[str, str]]
    answered: bool
    changed: bool


def sections_of(care: ChildCare, content: SheetContent) -> list[SectionView]:
    """The sections that the town asks, as `content` answers them."""
    return [
        SectionView(
            Section(code),
            words_for(content, Section(code)),
            is_answered(content, code),
            code in care.changed,
        )
        for code in (each.value for each in Section)
        if code in care.asked
    ]


def vaccines_words(care: ChildCare) -> str:
    """One line for a card."""
    if not care.vaccines_known:
        return _(TO_SAY)
    missing = len(care.missing_vaccines)
    if not missing:
        return _("à jour")
    until = (
        f", {_('admission provisoire jusqu’au')} {full_date(care.provisional_until)}" if care.provisional_until else ""
    )
    return f"{missing} à compléter{until}"


def plan_words(document: HealthDocument | None) -> str:
    """One line about the care plan."""
    if document is None:
        return _("aucun")
    until = f", {_('jusqu’au')} {full_date(document.valid_until)}" if document.valid_until else ""
    return f"{document.get_state_display()}{until}"


BADGES = {DocumentState.SENT: "plan", DocumentState.ACCEPTED: "good", DocumentState.REFUSED: "bad"}


@dataclass(frozen=True, slots=True)
class DocumentView:
    kind: DocumentKind
    label: str
    hint: str
    document: HealthDocument | None

    @property
    def badge(self) -> str:
        return BADGES[DocumentState(self.document.state)] if self.document is not None else ""

    @property
    def refusal(self) -> str:
        return str((self.document.reason or {}).get("words", "")) if self.document is not None else ""


def documents_of(care: ChildCare) -> list[DocumentView]:
    """What may be joined, in the order of their use."""
    hints = {
        DocumentKind.BOOKLET: _("Photo des pages de vaccination, chaque année scolaire."),
        DocumentKind.CARE_PLAN: _("S’il y en a un, signé par le médecin, l’école et vous."),
        DocumentKind.PRESCRIPTION: _("Pour un médicament à donner pendant l’accueil."),
        DocumentKind.CONTRAINDICATION: _("Si un vaccin obligatoire ne peut pas être fait."),
    }
    shown = [kind for kind in hints if kind != DocumentKind.BOOKLET or care.asks_booklet]
    return [
        DocumentView(kind, str(kind.label)[:1].upper() + str(kind.label)[1:], hints[kind], care.document(kind))
        for kind in shown
    ]
