"""Questions by subject: their anchors, and finding one."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import strip_tags
from django.utils.text import slugify


@dataclass(frozen=True, slots=True)
class Question:
    anchor: str
    question: str
    answer: Any

    @property
    def plain_answer(self) -> str:
        """The answer without its marks, for search engines."""
        return " ".join(strip_tags(str(self.answer)).split())


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    anchor: str
    title: str
    questions: tuple[Question, ...]


def found_questions(groups: Iterable[Any], asked: str) -> list[QuestionGroup]:
    """The questions that hold every word of `asked`, accents and case aside; all when nothing is asked.

    An anchor comes from the words of the question: it does not move when another question is added before.
    """
    words = _folded(asked).split()
    taken: set[str] = set()
    found = []
    for block in groups:
        group = block.value
        anchor = _anchor(group["title"], taken)
        questions = tuple(
            Question(_anchor(one["question"], taken), one["question"], one["answer"]) for one in group["questions"]
        )
        kept = tuple(one for one in questions if _holds(one, group["title"], words))
        if kept:
            found.append(QuestionGroup(anchor, group["title"], kept))
    return found


def _holds(one: Question, title: str, words: list[str]) -> bool:
    text = _folded(f"{title} {one.question} {one.plain_answer}")
    return all(word in text for word in words)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _anchor(words: str, taken: set[str]) -> str:
    base = slugify(words)[:60].strip("-") or "question"
    anchor, rank = base, 2
    while anchor in taken:
        anchor, rank = f"{base}-{rank}", rank + 1
    taken.add(anchor)
    return anchor
