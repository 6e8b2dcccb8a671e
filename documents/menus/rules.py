"""What may be written on a menu, and what the law expects of a week. Sentences are French."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.core.exceptions import ValidationError

from documents.menus.enums import QUALITY_LABELS, Course, Label

#: A menu names what is eaten. A category of people, above all a religious one, is forbidden data (GDPR, article 9).
#: Whole words, without accents; a trailing s is accepted. « Religieuse » is a cake: it is not one of them.
_RELIGIOUS = re.compile(
    r"\b(halal|hallal|casher|cacher|kasher|kosher|confessionnel|confessionnelle|religion|"
    r"musulman|musulmane|juif|juive|israelite|chretien|chretienne|catholique|protestant|protestante|hindou|hindoue|"
    r"bouddhiste|rituel|rituelle|ramadan|careme)s?\b"
)


def folded(text: str) -> str:
    """Small letters without accents, ligatures opened: for comparing words."""
    opened = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("’", "'")
    plain = unicodedata.normalize("NFKD", opened)
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).casefold().split())


def religious_word(text: str) -> str:
    """The word of religion that `text` holds, folded; empty when there is none."""
    found = _RELIGIOUS.search(folded(text))
    return found.group() if found else ""


def describe_the_dish(text: str) -> None:
    """Refuse a name that says for whom a dish is instead of what it is."""
    if word := religious_word(text):
        raise ValidationError(
            "«\u00a0%(word)s\u00a0» désigne une religion\u00a0: décrivez le plat par ce qu’il contient, par exemple "
            "«\u00a0sans porc\u00a0» ou «\u00a0galette de légumes\u00a0».",
            code="religious",
            params={"word": word},
        )


class ServedDish(Protocol):
    """What the rules read of a dish."""

    course: str
    rank: int
    name: str
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Indicators:
    """Dishes of some weeks: how many, and how many are organic, of quality (organic included), homemade, local."""

    dishes: int
    organic: int
    quality: int
    local: int
    homemade: int
    vegetarian_mains: int

    def share(self, number: int) -> int:
        """A number of dishes in percent, rounded down; 0 without dishes."""
        return number * 100 // self.dishes if self.dishes else 0

    @property
    def organic_share(self) -> int:
        return self.share(self.organic)

    @property
    def quality_share(self) -> int:
        return self.share(self.quality)


def indicators(dishes: Iterable[ServedDish]) -> Indicators:
    """Counted in dishes, not in euros: the law counts purchases, which the portal does not know."""
    listed = list(dishes)
    return Indicators(
        dishes=len(listed),
        organic=sum(Label.ORGANIC in dish.labels for dish in listed),
        quality=sum(not QUALITY_LABELS.isdisjoint(dish.labels) for dish in listed),
        local=sum(Label.LOCAL in dish.labels for dish in listed),
        homemade=sum(Label.HOMEMADE in dish.labels for dish in listed),
        vegetarian_mains=sum(dish.course == Course.MAIN and Label.VEGETARIAN in dish.labels for dish in listed),
    )
