"""The health sheet in profiles and in the sample town."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.accounts.models import User
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Child, ChildLink, FamilyMember
from portal.domain.health.enums import Diet, MissingEffect
from portal.domain.health.enums import Section as SheetSection
from portal.domain.health.models import HealthSettings, HealthSheet, VaccineBooklet
from portal.domain.health.queries import doses_as_data
from portal.domain.health.rules import CERTIFICATION_VERSION, SheetContent
from portal.domain.health.vaccines import Dose, compulsory_vaccines
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear

BATCH = 2_000
#: The dossier and the child whose sheet the demonstration fills.
EMPTY_SHEET = ("4127", "Noé")

_DOCTORS = (
    ("Dr Élise Bouvet", "01 99 00 31 20"),
    ("Dr Karim Nicod", "01 99 00 31 42"),
    ("Dr Anne Paget", "01 99 00 31 64"),
)


@dataclass(frozen=True, kw_only=True)
class HealthTable(Table):
    sections: tuple[str, ...] = key(
        kinds.choices(SheetSection.values),
        "Les parties de la fiche que la commune demande.",
        example='["doctor", "allergies", "diet", "needs", "treatment"]',
        default=tuple(SheetSection.values),
    )
    diets: tuple[str, ...] = key(
        kinds.choices(Diet.values),
        "Les régimes que la cantine propose, jamais une religion.",
        example='["all", "no_pork", "vegetarian", "medical"]',
        default=tuple(Diet.values),
    )
    asks_booklet: bool = key(
        kinds.boolean, "Si le carnet de vaccination est demandé chaque année.", example="true", default=True
    )
    effect: str = key(
        kinds.choice(MissingEffect.values),
        "Ce que fait une fiche absente : informer, retenir les demandes d’inscription, bloquer les réservations.",
        example='"holds"',
        default=MissingEffect.HOLDS.value,
    )


def connect() -> None:
    """Register the section and the filler of this part, and say which roles read."""
    register_section(
        Section(
            name="health",
            kind=kinds.table(HealthTable),
            help="La fiche sanitaire.",
            example="[health]",
            order=60,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler(code="health", order=40, fill=_fill))
    # Those who welcome the children, and those who answer for their dossier. Neither money nor pages need it.
    for role in (Role.MANAGEMENT, Role.ACTIVITIES):
        grant(role, "health.read_healthsheet")


def _check(_profile: Profile, _health: Any, _place: Place) -> None:
    """Each key says by itself what is wrong with it."""


def _load(loading: Loading, health: HealthTable) -> None:
    loading.store(
        HealthSettings,
        find={"single": True},
        values={
            "sections": list(health.sections),
            "diets": list(health.diets),
            "asks_booklet": health.asks_booklet,
            "effect": health.effect,
        },
        path="health",
    )


# The sample town


def _fill(filling: Filling) -> None:
    """Nine children in ten have their sheet of the year; some keep last year's, some have nothing yet."""
    today = paris_date(filling.at)
    year = SchoolYear.of(today).start
    links = ChildLink.objects.select_related("child", "family").order_by("child", "pk")
    holders = _holders()
    sheets: list[HealthSheet] = []
    booklets: list[VaccineBooklet] = []
    seen: set[int] = set()
    for link in links.iterator(chunk_size=BATCH):
        child = link.child
        if child.pk in seen or (link.family.number, child.first_name) == EMPTY_SHEET:
            continue
        seen.add(child.pk)
        by = holders.get(link.family_id, filling.by)
        luck = filling.draw.random()
        if luck < 0.97:
            sheets.append(_sheet(filling, child, year=year if luck < 0.9 else year - 1, by=by))
            booklets.append(_booklet(filling, child, today=today, complete=luck < 0.85, by=by))
    HealthSheet.objects.bulk_create(sheets, batch_size=BATCH)
    VaccineBooklet.objects.bulk_create(booklets, batch_size=BATCH)


def _holders() -> dict[int, User]:
    members = FamilyMember.objects.filter(role=AdultRole.HOLDER, adult__user__isnull=False)
    return {
        member.family_id: member.adult.user for member in members.select_related("adult__user") if member.adult.user
    }


def _sheet(filling: Filling, child: Child, *, year: int, by: User) -> HealthSheet:
    draw = filling.draw
    name, phone = draw.choice(_DOCTORS)
    allergic, glasses = draw.random() < 0.05, draw.random() < 0.12
    content = SheetContent(
        doctor_name=name,
        doctor_phone=phone,
        has_allergies=allergic,
        allergy_food="arachide" if allergic else "",
        allergy_conduct="Éviter l’arachide. En cas de réaction, appeler le 15." if allergic else "",
        diet=draw.choices([Diet.ALL, Diet.NO_PORK, Diet.VEGETARIAN], weights=[84, 10, 6])[0].value,
        has_needs=glasses,
        needs=("glasses",) if glasses else (),
        has_treatment=False,
    )
    return HealthSheet(
        child=child,
        school_year=year,
        content=content.as_data(),
        certified_at=min(filling.at, _in_year(year, filling.at)),
        certified_by=by,
        text_version=CERTIFICATION_VERSION,
    )


def _in_year(year: int, at: datetime) -> datetime:
    """A day of that school year, not after the day of the filling."""
    return at - timedelta(days=365 * (SchoolYear.of(paris_date(at)).start - year) + 3)


def _booklet(filling: Filling, child: Child, *, today: date, complete: bool, by: User) -> VaccineBooklet:
    asked = compulsory_vaccines(born=child.birth_date, on=today)
    dates = tuple(
        day for day in (child.birth_date + timedelta(days=days) for days in (61, 122, 335)) if day <= today
    ) or (today,)
    known = asked if complete else asked[:-1]
    return VaccineBooklet(
        child=child,
        doses=doses_as_data({vaccine: Dose(dates) for vaccine in known}),
        provisional_from=None if complete else today - timedelta(days=20),
        recorded_at=filling.at,
        recorded_by=by,
    )
