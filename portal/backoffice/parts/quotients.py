"""How a town takes quotients, as its profile says it; and the quotients of the sample town."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import INVALID, Kind, Place, Table, key, shown, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.families.models import Family
from portal.domain.kernel.clock import at_paris, paris_date
from portal.domain.quotients.enums import Authority, QuotientSource, QuotientState
from portal.domain.quotients.formula import Amount, Formula, Parts, Per, Rounding, to_data
from portal.domain.quotients.models import Quotient, QuotientDefinition, QuotientPolicy
from portal.domain.quotients.queries import load_policy
from portal.domain.quotients.rules import last_day

#: The last day of each month that comes every year.
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BATCH = 500
_MORNING = time(10)


def _numbers(label: str, lowest: int, highest: int) -> Kind:
    """A list of numbers between two bounds, included."""

    def read(value: Any, place: Place) -> Any:
        listed = value if isinstance(value, list) else [None]
        good = all(isinstance(each, int | Decimal) and not isinstance(each, bool) for each in listed)
        if not good or not all(lowest <= each <= highest for each in listed):
            return (
                place.refuse(f"attend une liste de {label}, de {lowest} à {highest}, et non {shown(value)}.")
                or INVALID
            )
        return tuple(listed)

    return Kind(f"liste de {label}, de {lowest} à {highest}", read)


@dataclass(frozen=True, kw_only=True)
class AmountTable(Table):
    code: str = key(kinds.slug(30), "Son code.", example='"revenus"')
    label: str = key(kinds.text(80), "La question.", example='"Revenu fiscal de référence"')
    per: str = key(
        kinds.choice({Per.YEAR.value: "par an", Per.MONTH.value: "par mois"}), "Sa période.", example='"year"'
    )
    minus: bool = key(kinds.boolean, "S’il se retire au lieu de s’ajouter.", example="true", default=False)
    help: str = key(kinds.text(150), "Où le trouver.", example='"Page 1 de l’avis d’imposition."', default="")


@dataclass(frozen=True, kw_only=True)
class FormulaTable(Table):
    amounts: tuple[AmountTable, ...] = key(
        kinds.tables(AmountTable, least=1), "Ce que la famille indique.", example="[[quotients.kinds.formula.amounts]]"
    )
    couple: Decimal = key(kinds.price, "Les parts d’un couple.", example="2", default=Decimal(2))
    alone: Decimal = key(kinds.price, "Les parts d’un parent seul.", example="2", default=Decimal(2))
    children: tuple[Decimal, ...] = key(
        _numbers("nombres de parts", 0, 10),
        "Les parts de chaque enfant, dans l’ordre.",
        example="[0.5, 0.5, 1]",
        default=(Decimal("0.5"), Decimal("0.5"), Decimal(1)),
    )
    further: Decimal = key(kinds.price, "Celles de chaque enfant suivant.", example="0.5", default=Decimal("0.5"))
    disabled: Decimal = key(
        kinds.price, "Celles qu’ajoute un enfant en situation de handicap.", example="0.5", default=Decimal("0.5")
    )
    rounding: str = key(
        kinds.choice(
            {
                Rounding.UNIT.value: "à l’unité",
                Rounding.DOWN.value: "à l’unité inférieure",
                Rounding.CENT.value: "au centime",
            }
        ),
        "L’arrondi.",
        example='"unit"',
        default=Rounding.UNIT.value,
    )


@dataclass(frozen=True, kw_only=True)
class KindTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"caf"')
    name: str = key(kinds.text(80), "Son nom.", example='"Quotient familial de la Caf"')
    authority: str = key(kinds.choice(dict(Authority.choices)), "Qui le donne.", example='"caf"')
    help: str = key(
        kinds.text(300), "Une phrase pour la famille.", example='"Il est sur votre espace Caf."', default=""
    )
    formula: FormulaTable | None = key(
        kinds.table(FormulaTable), "Comment la commune le calcule.", example="[quotients.kinds.formula]", default=None
    )


@dataclass(frozen=True, kw_only=True)
class QuotientsTable(Table):
    valid_until: str = key(
        kinds.text(5), "Jusqu’à quel jour de l’année il vaut, « mois-jour ».", example='"08-31"', default=""
    )
    valid_months: int | None = key(kinds.integer(1, 36), "Ou combien de mois il vaut.", example="12", default=None)
    reminder_days: tuple[int, ...] = key(
        _numbers("nombres de jours", 1, 180), "Les rappels, en jours avant la fin.", example="[30, 7]", default=(30, 7)
    )
    proof_required: bool = key(kinds.boolean, "Si un justificatif est obligatoire.", example="true", default=True)
    proof_hint: str = key(
        kinds.text(200),
        "Le justificatif attendu.",
        example='"Attestation de la Caf de moins de trois mois."',
        default="",
    )
    api: bool = key(
        kinds.boolean,
        "Si la famille peut laisser la commune demander son quotient (API Particulier).",
        example="false",
        default=False,
    )
    sorts: tuple[KindTable, ...] = key(
        kinds.tables(KindTable, least=1),
        "Les sortes de quotient acceptées.",
        example="[[quotients.kinds]]",
        name="kinds",
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="quotients",
            kind=kinds.table(QuotientsTable),
            help="Le quotient familial : sortes, validité, justificatif, rappels.",
            example="[quotients]",
            order=26,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("quotients", 60, _fill, before_bookings=True))
    for role in (Role.MANAGEMENT, Role.ACCOUNTING):
        grant(role, "quotients.view_quotient", "quotients.decide_quotient")
    grant(Role.MANAGEMENT, "quotients.view_quotientfetch")


def _check(profile: Profile, table: QuotientsTable, place: Place) -> None:
    if valid(table.valid_until, table.valid_months):
        if bool(table.valid_until) == (table.valid_months is not None):
            place.refuse("attend « valid_until » ou « valid_months », l’un des deux.")
        elif table.valid_until and _day_of_year(table.valid_until) is None:
            place.at("valid_until").refuse("attend un mois et un jour comme 08-31 ; en février, 28 au plus.")
    if not valid(table.sorts):
        return
    unique(table.sorts, "code", place)
    for kind in table.sorts:
        here = Place(place.folder, place.problems, place.file, kind.path)
        if kind.authority == Authority.TOWN.value and kind.formula is None:
            here.at("formula").refuse("manque : la commune calcule son quotient avec une formule.")
        formula = kind.formula
        if formula and valid(formula.couple, formula.alone) and min(formula.couple, formula.alone) <= 0:
            here.at("formula").refuse("attend plus de zéro part pour les adultes.")


def _day_of_year(text: str) -> tuple[int, int] | None:
    month, _, day = text.partition("-")
    if not (month.isdecimal() and day.isdecimal() and 1 <= int(month) <= 12):
        return None
    return (int(month), int(day)) if 1 <= int(day) <= _MONTH_DAYS[int(month) - 1] else None


def _load(loading: Loading, table: QuotientsTable) -> None:
    day = _day_of_year(table.valid_until) if table.valid_until else None
    loading.store(
        QuotientPolicy,
        find={"only": True},
        values={
            "valid_month": day[0] if day else None,
            "valid_day": day[1] if day else None,
            "valid_months": table.valid_months,
            "reminder_days": sorted({int(each) for each in table.reminder_days}, reverse=True),
            "proof_required": table.proof_required,
            "proof_hint": table.proof_hint,
            "api_enabled": table.api,
        },
        path=table.path,
    )
    for order, kind in enumerate(table.sorts):
        loading.store(
            QuotientDefinition,
            find={"code": kind.code},
            values={
                "name": kind.name,
                "authority": kind.authority,
                "help": kind.help,
                "formula": to_data(_formula(kind.formula)) if kind.formula else None,
                "order": order,
                "is_offered": True,
            },
            path=kind.path,
        )
    # A kind that left the profile stays for the quotients that have it; nobody declares it any more.
    QuotientDefinition.objects.exclude(code__in=[kind.code for kind in table.sorts]).update(is_offered=False)


def _formula(table: FormulaTable) -> Formula:
    return Formula(
        amounts=tuple(Amount(each.code, each.label, Per(each.per), each.minus, each.help) for each in table.amounts),
        parts=Parts(
            couple=table.couple,
            alone=table.alone,
            children=tuple(Decimal(each) for each in table.children),
            further=table.further,
            disabled=table.disabled,
        ),
        rounding=Rounding(table.rounding),
    )


# -- the sample town ------------------------------------------------------------------------

_PARENT, _PARENT2 = "4127", "5236"


def _fill(filling: Filling) -> None:
    """Most families have a checked value, some wait, some have one that ended; the second parent has none."""
    definition = QuotientDefinition.objects.filter(is_offered=True).order_by("order", "pk").first()
    if definition is None:
        return
    validity = load_policy().validity
    today = paris_date(filling.at)
    rows: list[Quotient] = []
    for family in Family.objects.filter(archived_at=None).order_by("pk").iterator(chunk_size=_BATCH):
        if family.number == _PARENT2:
            continue
        luck, value = filling.draw.random(), _draw_value(filling)
        if family.number == _PARENT:
            luck, value = 0.0, Decimal(842)
        row = _row(filling, family, definition, value)
        if luck < 0.72:
            first = min(date(filling.year.start, 9, 2), today)
            last = max(last_day(validity, first), today + timedelta(days=20))
            if family.number == _PARENT and validity.months is None:
                last = last_day(validity, today)
            _accept(row, filling, first, last)
        elif luck < 0.84:
            row.source = QuotientSource.DECLARED
            row.sent_at = filling.at - timedelta(hours=filling.draw.randrange(2, 24 * 9))
        elif luck < 0.94:
            _accept(row, filling, date(today.year - 1, 9, 2), today - timedelta(days=filling.draw.randrange(5, 90)))
        else:
            continue
        rows.append(row)
    Quotient.objects.bulk_create(rows, batch_size=_BATCH)


def _draw_value(filling: Filling) -> Decimal:
    """Spread as in a small town: few very low, many around a thousand, some above two thousand."""
    return Decimal(int(min(max(filling.draw.lognormvariate(6.85, 0.5), 0), 4200)))


def _row(filling: Filling, family: Family, definition: QuotientDefinition, value: Decimal) -> Quotient:
    return Quotient(
        family=family,
        definition=definition,
        value=value,
        declared_value=value,
        month=date(filling.year.start, 8, 1),
        source=QuotientSource.DECLARED,
        state=QuotientState.SENT,
        sent_at=filling.at - timedelta(days=30),
        sent_by=filling.by,
    )


def _accept(row: Quotient, filling: Filling, first: date, last: date) -> None:
    row.state = QuotientState.ACCEPTED
    row.valid_from, row.valid_until = first, max(first, last)
    row.decided_at, row.decided_by = min(at_paris(first, _MORNING), filling.at), filling.by
    row.sent_at = row.decided_at - timedelta(days=2)
