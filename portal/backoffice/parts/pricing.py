"""Where a family counts as living and what one may join, as a profile says it."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.domain.families.rules import fold
from portal.domain.pricing.enums import Holder, Validity
from portal.domain.pricing.models import MembershipKind, ResidencePolicy
from portal.domain.pricing.services import RECORD_AID, RECORD_FACTS, VIEW_AID


@dataclass(frozen=True, kw_only=True)
class ResidenceTable(Table):
    towns: tuple[str, ...] = key(
        kinds.lines,
        "La commune, par les noms que portent les adresses, seuls ou après leur code postal.",
        example='["Les Rousses", "39220 Les Rousses"]',
    )
    area: tuple[str, ...] = key(
        kinds.lines,
        "Les autres communes de l’intercommunalité, de la même façon.",
        example='["Prémanon", "Bois-d’Amont"]',
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class MembershipTable(Table):
    code: str = key(
        kinds.slug(), "Son code, que nomment les grilles de tarif et qui ne change plus.", example='"espace-jeunes"'
    )
    name: str = key(kinds.text(80), "Son nom.", example='"Espace jeunes"')
    holder: str = key(kinds.choice(dict(Holder.choices)), "Qui adhère.", example='"child"', default=Holder.CHILD.value)
    validity: str = key(
        kinds.choice(dict(Validity.choices)),
        "Pendant quoi elle vaut.",
        example='"school_year"',
        default=Validity.SCHOOL_YEAR.value,
    )
    months: int | None = key(
        kinds.integer(1, 36), 'Combien de mois, avec `validity = "months"`.', example="12", default=None
    )
    price: str = key(kinds.text(80), "Son prix, en mots.", example='"10 € par an"', default="")
    how_to: str = key(
        kinds.text(250),
        "Une phrase pour la famille : comment adhérer.",
        example='"L’adhésion se prend à l’accueil de l’espace jeunes."',
    )


def connect() -> None:
    """Register the sections of this part."""
    register_section(
        Section(
            name="residence",
            kind=kinds.table(ResidenceTable),
            help="Qui habite la commune, l’intercommunalité ou ailleurs, pour les tarifs qui le demandent. Sans cette "
            "table, toutes les familles comptent comme habitant la commune.",
            example="[residence]",
            order=27,
            check=_check_residence,
            load=_load_residence,
        )
    )
    register_section(
        Section(
            name="memberships",
            kind=kinds.tables(MembershipTable),
            help="Les adhésions dont un tarif peut dépendre.",
            example="[[memberships]]",
            order=28,
            check=_check_memberships,
            load=_load_memberships,
        )
    )
    screens = [f"pricing.{action}_{model}" for model in ("membershipkind", "residencepolicy") for action in _ACTIONS]
    grant(Role.MANAGEMENT, *screens, RECORD_FACTS, RECORD_AID, VIEW_AID)
    grant(Role.ACCOUNTING, *screens, RECORD_FACTS, RECORD_AID, VIEW_AID)


_ACTIONS = ("view", "add", "change", "delete")


def _check_residence(profile: Profile, table: ResidenceTable, place: Place) -> None:
    if not valid(table.towns, table.area):
        return
    if not table.towns:
        place.at("towns").refuse("attend au moins le nom de la commune.")
    both = {fold(name) for name in table.towns} & {fold(name) for name in table.area}
    for name in table.area:
        if fold(name) in both:
            place.at("area").refuse(f"« {name} » est déjà dans « towns ».")


def _check_memberships(profile: Profile, table: tuple[MembershipTable, ...], place: Place) -> None:
    if not valid(table):
        return
    unique(table, "code", place)
    for each in table:
        here = Place(place.folder, place.problems, place.file, each.path).at("months")
        if not valid(each.validity, each.months):
            continue
        if each.validity == Validity.MONTHS.value and each.months is None:
            here.refuse("manque : cette adhésion se compte en mois.")
        elif each.validity != Validity.MONTHS.value and each.months is not None:
            here.refuse('ne va qu’avec `validity = "months"`.')


def _load_residence(loading: Loading, table: ResidenceTable) -> None:
    values = {"towns": list(table.towns), "area": list(table.area)}
    loading.store(ResidencePolicy, find={"only": True}, values=values, path=table.path)


def _load_memberships(loading: Loading, table: tuple[MembershipTable, ...]) -> None:
    for order, each in enumerate(table):
        loading.store(
            MembershipKind,
            find={"code": each.code},
            values={
                "name": each.name,
                "holder": each.holder,
                "validity": each.validity,
                "months": each.months,
                "price_text": each.price,
                "how_to": each.how_to,
                "order": order,
                "is_offered": True,
            },
            path=each.path,
        )
    # One that left the profile stays for those who have joined; nobody is told to join any more.
    MembershipKind.objects.exclude(code__in=[each.code for each in table]).update(is_offered=False)
