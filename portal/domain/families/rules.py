"""Comparing what a person types with what the town knows. Pure."""

import re
import unicodedata
from collections.abc import Iterable

#: The ligatures, barred and dotless letters that Unicode does not take apart.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})

DOSSIER_NUMBER = re.compile(r"\d{3,6}", re.ASCII)
_AROUND_NUMBER = re.compile(r"[\s.]|n°|nº", re.IGNORECASE)


def fold(text: str) -> str:
    """Letters and digits only, without case, accents, spaces, hyphens, apostrophes: “D’Œuvre-Élie” is “doeuvreelie”.

    Folding twice changes nothing.
    """
    folded = text
    # Taking a letter apart may bring a capital or a ligature back: until nothing changes.
    while (again := unicodedata.normalize("NFKD", folded).casefold().translate(_LETTERS)) != folded:
        folded = again
    return "".join(character for character in folded if character.isalnum())


def same_name(given: str, known: str) -> bool:
    """Whether two names are the same name written differently. An empty name is nobody's."""
    return fold(given) != "" and fold(given) == fold(known)


def is_any_name(given: str, known: Iterable[str]) -> bool:
    """Whether `given` is one of the known names. All are folded: a “no” takes as long as a “yes”."""
    folded = {fold(name) for name in known}
    return fold(given) != "" and fold(given) in folded


def compatible_first_names(given: str, known: str) -> bool:
    """Whether two first names may be one person's: “Claire” and “Marie-Claire”, “Jean” and “Jean-Marc”."""
    one, other = fold(given), fold(known)
    return one != "" and other != "" and (one in other or other in one)


def clean_dossier_number(text: str) -> str:
    """The number without what people copy with it: “N° 4127 ” is “4127”. Not validated: see `DOSSIER_NUMBER`."""
    return _AROUND_NUMBER.sub("", text)
