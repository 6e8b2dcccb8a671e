"""What the pages of the dossier show, said by the areas that know: a rubric of the family, a rubric of a child.

An area registers from `portal.web.apps.ready`; the pages draw each rubric as a card with its pencil.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.domain.families.models import Child
from portal.web.family import FamilyRequest


@dataclass(frozen=True, slots=True)
class Rubric:
    """A card. `template` draws its inside with `context`; without template, `facts` are (label, value) pairs.

    `edit_url` is its pencil (empty: read only). `badge` is a word with its `badge_kind` ("good", "wait", "bad", "").
    `note` is one soft line under the title. `aside` puts it in the side column of a child's page, `wide` gives it the
    whole width of the family's page. `swap`: the pencil's page answers htmx with the form alone (see `editing`).
    """

    title: str
    edit_url: str = ""
    edit_label: str = ""
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    facts: tuple[tuple[str, str], ...] = ()
    badge: str = ""
    badge_kind: str = ""
    note: str = ""
    aside: bool = False
    wide: bool = False
    swap: bool = False


FamilyRubric = Callable[[FamilyRequest], Rubric | None]
ChildRubric = Callable[[FamilyRequest, Child], Rubric | None]

_family: dict[str, tuple[int, FamilyRubric]] = {}
_child: dict[str, tuple[int, ChildRubric]] = {}


def register_family_rubric(code: str, rubric: FamilyRubric, *, order: int = 100) -> None:
    """Add a rubric to the family's page; the same code again replaces it."""
    _family[code] = (order, rubric)


def register_child_rubric(code: str, rubric: ChildRubric, *, order: int = 100) -> None:
    """Add a rubric to each child's page; the same code again replaces it."""
    _child[code] = (order, rubric)


@dataclass(frozen=True, slots=True)
class Card:
    """A rubric with its code: what the pages draw. `id` is where htmx puts the form, then the card back."""

    code: str
    rubric: Rubric

    @property
    def id(self) -> str:
        return f"rubrique-{self.code}"


#: The documents are a list: they take the whole width under the cards.
WIDE = frozenset({"papers"})


def family_cards(request: FamilyRequest) -> list[Card]:
    """The rubrics of the family with their codes, in order."""
    sources = sorted(_family.items(), key=lambda item: (item[1][0], item[0]))
    return [Card(code, rubric) for code, (_order, source) in sources if (rubric := source(request)) is not None]


def child_cards(request: FamilyRequest, child: Child) -> list[Card]:
    """The rubrics of one child with their codes, in order."""
    sources = sorted(_child.items(), key=lambda item: (item[1][0], item[0]))
    return [Card(code, rubric) for code, (_order, source) in sources if (rubric := source(request, child)) is not None]


def family_rubrics(request: FamilyRequest) -> list[Rubric]:
    """The rubrics of the family, in order."""
    return [card.rubric for card in family_cards(request)]


def child_rubrics(request: FamilyRequest, child: Child) -> list[Rubric]:
    """The rubrics of one child, in order."""
    return [card.rubric for card in child_cards(request, child)]
