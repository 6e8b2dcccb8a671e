"""What is wrong in a profile, said so that whoever wrote it can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from portal.domain.kernel.french import join_words, typography


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, the key, the reason, and what to do when the reason does not say it."""

    file: str
    path: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.file, self.path)))
        # The place is code: only the sentences take French spaces.
        return f"{place}\u00a0: {typography(' '.join(filter(None, (self.reason, self.hint))))}"


class ProfileRefused(Exception):
    """The profile was not loaded; `problems` says everything that is wrong. Nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def suggestion(word: object, choices: Iterable[str]) -> str:
    """“Vouliez-vous dire « service » ?”, or the choices when they are few, or nothing."""
    known = sorted(set(choices))
    near = get_close_matches(str(word), known, n=1, cutoff=0.6)
    if near:
        return f"Vouliez-vous dire « {near[0]} » ?"
    if 0 < len(known) <= 12:
        return f"Au choix : {join_words(known, last='ou')}."
    return ""
