"""What a sheet holds and whether it is complete, year after year. Pure: plain values, no clock."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

SECTIONS = ("doctor", "allergies", "diet", "needs", "treatment")

#: The fields of each section.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "doctor": ("doctor_name", "doctor_phone"),
    "allergies": ("has_allergies", "allergy_food", "allergy_drug", "allergy_other", "allergy_conduct"),
    "diet": ("diet",),
    "needs": ("has_needs", "needs", "needs_advice"),
    "treatment": ("has_treatment", "treatment_advice"),
}

#: What a person certifies. A new wording takes a new version; what was certified keeps its own (rule 45).
CERTIFICATION_VERSION = "2026-1"
CERTIFICATION_TEXT = (
    "Je certifie que ces renseignements sont exacts, "
    "et j’accepte que les personnes qui accueillent mon enfant les lisent."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContent:
    """The answers. None means not answered: silence is neither a yes nor a no (rule 45)."""

    doctor_name: str = ""
    doctor_phone: str = ""
    has_allergies: bool | None = None
    allergy_food: str = ""
    allergy_drug: str = ""
    allergy_other: str = ""
    allergy_conduct: str = ""
    diet: str = ""
    has_needs: bool | None = None
    needs: tuple[str, ...] = ()
    needs_advice: str = ""
    has_treatment: bool | None = None
    treatment_advice: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """From what was kept; keys of another age are left aside."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        if "needs" in values:
            values["needs"] = tuple(values["needs"])
        return cls(**values)

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"needs": list(self.needs)}

    def with_section(self, section: str, values: Mapping[str, Any]) -> "SheetContent":
        """The same with another answer to one section; a « non » empties what it makes pointless."""
        kept = {name: values[name] for name in FIELDS[section] if name in values}
        changed = replace(self, **kept)
        if changed.has_allergies is False:
            changed = replace(changed, allergy_food="", allergy_drug="", allergy_other="", allergy_conduct="")
        if changed.has_needs is False:
            changed = replace(changed, needs=(), needs_advice="")
        if changed.has_treatment is False:
            changed = replace(changed, treatment_advice="")
        return changed


def is_answered(content: SheetContent, section: str) -> bool:
    """Whether nothing is left to say in that section."""
    match section:
        case "doctor":
            return bool(content.doctor_name and content.doctor_phone)
        case "allergies":
            what = content.allergy_food or content.allergy_drug or content.allergy_other
            return content.has_allergies is False or bool(content.has_allergies and what and content.allergy_conduct)
        case "diet":
            return bool(content.diet)
        case "needs":
            return content.has_needs is False or bool(content.has_needs and (content.needs or content.needs_advice))
        case "treatment":
            return content.has_treatment is not None
    raise ValueError(section)


def unanswered(content: SheetContent, asked: Collection[str]) -> tuple[str, ...]:
    """The sections asked by the town that still want an answer, in order."""
    return tuple(section for section in SECTIONS if section in asked and not is_answered(content, section))


def changed_sections(before: SheetContent, after: SheetContent) -> tuple[str, ...]:
    """The sections whose answer is not the same."""
    return tuple(
        section for section in SECTIONS if any(getattr(before, f) != getattr(after, f) for f in FIELDS[section])
    )


class SheetState(StrEnum):
    """Where a sheet is in a school year. `TO_CONFIRM`: last year's answers are there, nobody said they still hold."""

    TO_FILL = "to_fill"
    STARTED = "started"
    TO_CONFIRM = "to_confirm"
    COMPLETE = "complete"


def sheet_state(*, year: int, certified: Collection[int], has_draft: bool) -> SheetState:
    """From the school years that were certified. A sheet older than last year's is filled again."""
    if year in certified:
        return SheetState.COMPLETE
    if has_draft:
        return SheetState.STARTED
    return SheetState.TO_CONFIRM if year - 1 in certified else SheetState.TO_FILL


def validity_end(*, valid_from: date, year_end: date) -> date:
    """A care plan is seen again each year: to the end of the school year, a year at most."""
    return min(year_end, valid_from + timedelta(days=365))
