"""Who lives in the sample town: drawn from a seed, without the database."""

import random
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.backoffice.sample.names import DOMAINS, FIRST_NAMES, LAST_NAMES, PARENT_NAMES, STREETS
from portal.domain.families.enums import SchoolLevel
from portal.domain.kernel.school_year import SchoolYear

#: From the first year of nursery school to the last of primary: ages 3 to 11 in the year.
LEVELS = (
    SchoolLevel.PS, SchoolLevel.MS, SchoolLevel.GS, SchoolLevel.CP, SchoolLevel.CE1, SchoolLevel.CE2, SchoolLevel.CM1,
    SchoolLevel.CM2,
)  # fmt: skip
#: How many families have one, two, three, four children.
CHILDREN = ((1, 45), (2, 40), (3, 13), (4, 2))
#: The share of families whose children also live in a second household, the next family of the town.
SEPARATED = 0.06
#: The share of families with two parents in the dossier, and of first parents who have an account.
COUPLES = 0.7
WITH_ACCOUNT = 0.7
#: The share of children who go to the first school of the profile.
FIRST_SCHOOL = 0.92
#: Dossier numbers begin here, so that some have three figures.
FIRST_NUMBER = 350
OLDEST_DOSSIER = timedelta(days=6 * 365)


@dataclass(frozen=True, slots=True)
class PlannedAdult:
    first_name: str
    last_name: str
    email: str
    phone: str
    username: str


@dataclass(frozen=True, slots=True)
class PlannedChild:
    """`school` is a rank among the schools of the profile."""

    first_name: str
    last_name: str
    birth_date: date
    level: str
    school: int


@dataclass(frozen=True, slots=True)
class PlannedFamily:
    """A household. `shared` are the ranks of the children of the family before that live here too."""

    number: str
    name: str
    street: str
    created_on: date
    adults: tuple[PlannedAdult, ...]
    children: tuple[PlannedChild, ...]
    shared: tuple[int, ...] = ()
    has_account: bool = True


def plan_families(
    *, count: int, seed: int, year: SchoolYear, schools: int, today: date, taken: Collection[str] = ()
) -> Iterator[PlannedFamily]:
    """`count` families, always the same for one seed and one day. No dossier number is in `taken`.

    Not a secret of any kind: the draw must be repeatable.
    """
    draw = random.Random(seed)  # noqa: S311  # repeatable on purpose, protects nothing
    numbers = _numbers(taken)
    before: PlannedFamily | None = None
    for rank in range(count):
        number = next(numbers)
        if before is not None and not before.shared and draw.random() < SEPARATED:
            family = _second_household(draw, rank, number, before, today)
        else:
            family = _family(draw, rank, number, year, schools, today)
        yield family
        before = family


def _numbers(taken: Collection[str]) -> Iterator[str]:
    number = FIRST_NUMBER
    while True:
        if str(number) not in taken:
            yield str(number)
        number += 1


def _family(draw: random.Random, rank: int, number: str, year: SchoolYear, schools: int, today: date) -> PlannedFamily:
    name = draw.choice(LAST_NAMES)
    adults = [_adult(draw, rank, 1, name)]
    if draw.random() < COUPLES:
        second = name if draw.random() < 0.6 else draw.choice(LAST_NAMES)
        adults.append(_adult(draw, rank, 2, second))
    how_many = draw.choices([number for number, _ in CHILDREN], [weight for _, weight in CHILDREN])[0]
    first_names = draw.sample(FIRST_NAMES, how_many)
    children = tuple(_child(draw, first_name, name, year, schools) for first_name in first_names)
    return PlannedFamily(
        number=number,
        name=name,
        street=_street(draw),
        created_on=_created(draw, today),
        adults=tuple(adults),
        children=children,
        has_account=draw.random() < WITH_ACCOUNT,
    )


def _second_household(draw: random.Random, rank: int, number: str, first: PlannedFamily, today: date) -> PlannedFamily:
    """The other parent's: another dossier, the same children."""
    name = draw.choice(LAST_NAMES)
    return PlannedFamily(
        number=number,
        name=name,
        street=_street(draw),
        created_on=_created(draw, today),
        adults=(_adult(draw, rank, 1, name),),
        children=(),
        shared=tuple(range(len(first.children))),
        has_account=draw.random() < WITH_ACCOUNT,
    )


def _adult(draw: random.Random, rank: int, order: int, last_name: str) -> PlannedAdult:
    first_name = draw.choice(PARENT_NAMES)
    username = f"{_ascii(first_name)}.{_ascii(last_name)}.{rank}{'ab'[order - 1]}"
    return PlannedAdult(
        first_name=first_name,
        last_name=last_name,
        email=f"{username}@{draw.choice(DOMAINS)}",
        phone=fictional_mobile(draw),
        username=username,
    )


def _child(draw: random.Random, first_name: str, last_name: str, year: SchoolYear, schools: int) -> PlannedChild:
    rank = draw.randrange(len(LEVELS))
    # A child enters the first year of nursery school in the civil year of their third birthday.
    birth = date(year.start - 3 - rank, 1, 1) + timedelta(days=draw.randrange(365))
    school = 0 if schools < 2 or draw.random() < FIRST_SCHOOL else draw.randrange(1, schools)
    return PlannedChild(first_name, last_name, birth, LEVELS[rank].value, school)


def _street(draw: random.Random) -> str:
    return f"{draw.randint(1, 120)}, {draw.choice(STREETS)}"


def _created(draw: random.Random, today: date) -> date:
    return today - timedelta(days=draw.randint(90, OLDEST_DOSSIER.days))


def fictional_mobile(draw: random.Random) -> str:
    """A mobile number of the range reserved for fiction (Arcep: 06 39 98)."""
    return f"06 39 98 {draw.randrange(100):02d} {draw.randrange(100):02d}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "")).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum())
