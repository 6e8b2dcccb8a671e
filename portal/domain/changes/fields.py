"""Every field that a family may change by itself: its rubric, how it is read, when it counts by default."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.domain.changes import rules
from portal.domain.changes.enums import FieldMode, Rubric
from portal.domain.changes.rules import ValueRefused
from portal.domain.families.enums import HouseholdSituation, Regime, SchoolLevel
from portal.domain.families.models import School

Clean = Callable[[str, date], str]


def _any_day(clean: Callable[[str], str]) -> Clean:
    return lambda text, _today: clean(text)


def _birth_date(text: str, today: date) -> str:
    return rules.clean_birth_date(text, today=today)


def _choice(values: list[str]) -> Clean:
    def clean(text: str, _today: date) -> str:
        if text not in values:
            raise ValueRefused("choisissez une réponse de la liste")
        return text

    return clean


def _school(text: str, _today: date) -> str:
    if not School.objects.filter(code=text).exists():
        raise ValueRefused("choisissez une école de la liste")
    return text


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the dossier. `name` is the model's, `length` the most it holds; empty unless `required`."""

    name: str
    label: str | Promise
    clean: Clean
    mode: FieldMode
    length: int
    required: bool = False

    def read(self, text: str, today: date) -> str:
        """The value as it is kept. Raises ValueRefused with a sentence that names the field."""
        cleaned = rules.clean_text(text)
        if not cleaned:
            if self.required:
                raise ValueRefused(str(_("«\u00a0%(field)s\u00a0» est à remplir") % {"field": self.label}))
            return ""
        try:
            value = self.clean(cleaned, today)
        except ValueRefused as refused:
            raise ValueRefused(f"«\u00a0{self.label}\u00a0»\u00a0: {refused}") from refused
        if len(value) > self.length:
            raise ValueRefused(
                str(
                    _("«\u00a0%(field)s\u00a0»\u00a0: %(length)s caractères au plus")
                    % {"field": self.label, "length": self.length}
                )
            )
        return value


NOW, LATER = FieldMode.IMMEDIATE, FieldMode.APPROVED
_TEXT, _NAME, _PHONE = _any_day(rules.clean_text), _any_day(rules.clean_name), _any_day(rules.clean_phone)


def _names() -> tuple[Field, ...]:
    return (
        Field("first_name", _("Prénom"), _NAME, LATER, 100, required=True),
        Field("last_name", _("Nom"), _NAME, LATER, 100, required=True),
    )


_BIRTH = Field("birth_date", _("Date de naissance"), _birth_date, LATER, 10, required=True)

#: The fields of each rubric, in the order of its form.
FIELDS: Mapping[Rubric, tuple[Field, ...]] = {
    Rubric.ADDRESS: (
        Field("street", _("Numéro et rue"), _TEXT, LATER, 200, required=True),
        Field("address_extra", _("Complément d’adresse"), _TEXT, LATER, 100),
        Field("postcode", _("Code postal"), _any_day(rules.clean_postcode), LATER, 5, required=True),
        Field("town", _("Commune"), _TEXT, LATER, 100, required=True),
    ),
    Rubric.HOUSEHOLD: (
        Field("situation", _("Votre foyer"), _choice(HouseholdSituation.values), LATER, 9),
        Field("regime", _("Régime"), _choice(Regime.values), LATER, 5),
        Field("benefit_number", _("Numéro CAF ou MSA"), _any_day(rules.clean_benefit_number), LATER, 15),
    ),
    Rubric.ADULT_IDENTITY: _names(),
    Rubric.COORDINATES: (
        Field("phone", _("Téléphone mobile"), _PHONE, NOW, 20),
        Field("other_phone", _("Autre téléphone"), _PHONE, NOW, 20),
        Field("work_phone", _("Téléphone au travail"), _PHONE, NOW, 20),
    ),
    Rubric.WORK: (
        Field("profession", _("Profession"), _TEXT, NOW, 100),
        Field("employer", _("Employeur"), _TEXT, NOW, 100),
    ),
    Rubric.CHILD_IDENTITY: (*_names(), _BIRTH),
    Rubric.SCHOOL: (
        Field("school", _("École"), _school, LATER, 50, required=True),
        Field("level", _("Niveau"), _choice(SchoolLevel.values), LATER, 4, required=True),
        Field("class_name", _("Classe"), _TEXT, LATER, 60),
    ),
    Rubric.NEW_CHILD: (*_names(), _BIRTH),
    Rubric.NEW_ADULT: (
        *_names(),
        Field("phone", _("Téléphone mobile"), _PHONE, LATER, 20),
    ),
}

#: The kind of subject of each rubric: it begins the name of its fields in profiles (“adult.phone”).
SUBJECTS: Mapping[Rubric, str] = {
    Rubric.ADDRESS: "family",
    Rubric.HOUSEHOLD: "family",
    Rubric.ADULT_IDENTITY: "adult",
    Rubric.COORDINATES: "adult",
    Rubric.WORK: "adult",
    Rubric.CHILD_IDENTITY: "child",
    Rubric.SCHOOL: "schooling",
}

#: “adult.phone” → the mode shipped. Adding somebody always waits for the service.
DEFAULT_MODES: Mapping[str, FieldMode] = {
    f"{subject}.{field.name}": field.mode for rubric, subject in SUBJECTS.items() for field in FIELDS[rubric]
}


def clean_values(rubric: Rubric, values: Mapping[str, str], *, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, read: (values, refusals), by field. A field that the rubric does not have is ignored."""
    read, refused = {}, {}
    for field in FIELDS[rubric]:
        if field.name not in values:
            continue
        try:
            read[field.name] = field.read(values[field.name], today)
        except ValueRefused as error:
            refused[field.name] = str(error)
    return read, refused


def shown_value(rubric: str, name: str, value: str, *, schools: Mapping[str, str] | None = None) -> str:
    """A kept value as people read it: choices by their label, days in French order, a school by its name."""
    if name == "birth_date" and value:
        day = date.fromisoformat(value)
        return f"{day:%d/%m/%Y}"
    labels: Mapping[str, str] = {
        "situation": dict(HouseholdSituation.choices),
        "regime": dict(Regime.choices),
        "level": dict(SchoolLevel.choices),
        "school": schools or {},
    }.get(name, {})
    return str(labels.get(value, value))
