"""The dossier in a profile and in the sample town: which fields wait for the service, and changes under way."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.changes.enums import FieldMode, Rubric
from portal.domain.changes.fields import DEFAULT_MODES
from portal.domain.changes.models import ChangeRequest, DossierSettings, FieldPolicy
from portal.domain.changes.notifications import title_of
from portal.domain.changes.postcodes import postcodes_of
from portal.domain.changes.subjects import subject_of
from portal.domain.dossier.enums import MissingEffect
from portal.domain.dossier.models import RequirementEffect
from portal.domain.families.models import Adult, Family, FamilyMember
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent

FIELD_NAMES = tuple(DEFAULT_MODES)


_EFFECT = kinds.choice(dict(MissingEffect.choices))


@dataclass(frozen=True, kw_only=True)
class EffectsTable(Table):
    identity: str = key(_EFFECT, "Les coordonnées et l’identité.", example='"informs"', default="informs")
    contacts: str = key(_EFFECT, "Les liens de parenté.", example='"holds"', default="informs")
    consents: str = key(_EFFECT, "Les autorisations.", example='"holds"', default="informs")
    quotients: str = key(_EFFECT, "Le quotient familial.", example='"informs"', default="informs")


@dataclass(frozen=True, kw_only=True)
class DossierTable(Table):
    immediate: tuple[str, ...] = key(
        kinds.choices(FIELD_NAMES),
        "Les champs qui changent tout de suite, en plus ou à la place de ceux d’origine : téléphones et profession.",
        example='["adult.phone", "adult.profession"]',
        default=(),
    )
    approved: tuple[str, ...] = key(
        kinds.choices(FIELD_NAMES),
        "Les champs que le service valide, en plus ou à la place de ceux d’origine : adresse, noms, naissance, école, "
        "régime, numéro CAF ou MSA, foyer.",
        example='["adult.profession"]',
        default=(),
    )
    departments: tuple[str, ...] = key(
        kinds.lines,
        "Les départements dont les communes sont proposées quand une famille écrit son adresse.",
        example='["39"]',
        default=(),
    )
    effects: EffectsTable | None = key(
        kinds.table(EffectsTable),
        "Ce que fait une information qui manque : rien de plus qu’une ligne, retenir les demandes d’inscription, "
        "bloquer les réservations.",
        example="[dossier.effects]",
        default=None,
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="dossier",
            kind=kinds.table(DossierTable),
            help="Ce que les familles changent seules, et ce que le service valide.",
            example="[dossier]",
            order=30,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler(code="dossier", order=10, fill=_fill))
    grant(
        Role.MANAGEMENT,
        "changes.view_changerequest",
        "changes.decide_changerequest",
        "changes.view_fieldpolicy",
        "families.change_family",
        "families.change_adult",
        "families.change_child",
        "families.change_childlink",
        "families.change_familymember",
    )
    grant(Role.ACCOUNTING, "changes.view_changerequest")


def _check(profile: Profile, table: DossierTable, place: Place) -> None:
    if not valid(table.immediate, table.approved, table.departments):
        return
    for name in sorted(set(table.immediate) & set(table.approved)):
        place.at("approved").refuse(f"« {name} » est aussi dans « immediate » : choisissez.")
    for department in table.departments:
        if not postcodes_of((department,)) or not 2 <= len(department) <= 3:
            place.at("departments").refuse(f"« {department} » n’est pas un département, par exemple « 39 ».")


def _load(loading: Loading, table: DossierTable) -> None:
    wanted = dict.fromkeys(table.immediate, FieldMode.IMMEDIATE) | dict.fromkeys(table.approved, FieldMode.APPROVED)
    for unwanted in FieldPolicy.objects.exclude(field__in=wanted):
        loading.remove(unwanted)
    for name, mode in wanted.items():
        loading.store(FieldPolicy, find={"field": name}, values={"mode": mode.value}, path=table.path)
    for source in ("identity", "contacts", "consents", "quotients"):
        effect = getattr(table.effects, source) if table.effects else MissingEffect.INFORMS.value
        loading.store(RequirementEffect, find={"source": source}, values={"effect": effect}, path=table.path)
    loading.store(DossierSettings, find={"pk": 1}, values={"departments": list(table.departments)}, path=table.path)


PROFESSIONS = (
    "infirmière", "menuisier", "professeure des écoles", "monteur de lunettes", "fromager", "aide-soignante",
    "monitrice de ski", "comptable", "cuisinier", "conductrice de car", "artisan horloger", "secrétaire médicale",
)  # fmt: skip
NEW_STREETS = ("3, chemin des Essais", "18, rue de l’Exemple", "7, impasse du Modèle")
#: The two parents of the drawings keep theirs.
_KNOWN = {("Claire", "Vuillet"): "infirmière", ("Samir", "Vuillet"): "menuisier"}
MANY = 2_000
PARENT = "4127"
#: One family in so many waits for an answer about its address.
ONE_IN = 15


def _fill(filling: Filling) -> None:
    """Professions for most adults, and addresses that wait for an answer; one of them is the sample parent's."""
    _fill_professions(filling)
    _fill_changes(filling)


def _fill_professions(filling: Filling) -> None:
    adults = list(Adult.objects.order_by("pk").only("pk", "first_name", "last_name"))
    for adult in adults:
        drawn = filling.draw.choice((*PROFESSIONS, ""))
        adult.profession = _KNOWN.get((adult.first_name, adult.last_name), drawn)
    Adult.objects.bulk_update(adults, ["profession"], batch_size=MANY)


def _fill_changes(filling: Filling) -> None:
    askers = (
        FamilyMember.objects.filter(can_edit=True, adult__user__is_active=True)
        .select_related("family", "adult__user")
        .order_by("family", "pk")
    )
    every = {member.family_id: member for member in reversed(askers)}
    chosen = [
        member for member in every.values() if member.family.number == PARENT or filling.draw.randrange(ONE_IN) == 0
    ]
    requests = ChangeRequest.objects.bulk_create(
        [_address_request(filling, member) for member in chosen], batch_size=MANY
    )
    procedures = Procedure.objects.bulk_create([_followed(request) for request in requests], batch_size=MANY)
    ProcedureEvent.objects.bulk_create(
        [
            ProcedureEvent(procedure=procedure, at=request.asked_at, by=request.asked_by, state=procedure.state)
            for procedure, request in zip(procedures, requests, strict=True)
        ],
        batch_size=MANY,
    )


def _address_request(filling: Filling, member: FamilyMember) -> ChangeRequest:
    family: Family = member.family
    user = member.adult.user
    assert user is not None  # noqa: S101  # only members with an account were asked for
    street = NEW_STREETS[0] if family.number == PARENT else filling.draw.choice(NEW_STREETS)
    return ChangeRequest(
        family=family,
        rubric=Rubric.ADDRESS,
        old={"street": family.street},
        new={"street": street},
        asked_by=user,
        asked_at=filling.at - timedelta(days=filling.draw.randint(1, 6), hours=3),
    )


def _followed(request: ChangeRequest) -> Procedure:
    facts: dict[str, Any] = {"subject": request._meta.label_lower, "subject_key": str(request.pk)}
    return Procedure(
        family=request.family,
        kind=ProcedureKind.CHANGE,
        title=title_of(subject_of(request)),
        state=ProcedureState.RECEIVED,
        opened_at=request.asked_at,
        **facts,
    )
