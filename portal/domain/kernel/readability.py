"""How easily a French text is read: words, sentences and syllables counted, and the score of Kandel and Moles.

The score is that of L. Kandel and A. Moles (1958), Flesch's for French: 207 − 1,015 × words per sentence
− 73,6 × syllables per word. Landmarks: 80 and more, very easy; 70, easy; 60, standard; 50, rather hard; under 30,
a text of law. Titles and items of a list are sentences of their own, whatever their punctuation.

Syllables are those of careful reading: a final mute e is not counted, nor the e of « -ent » in verbs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.domain.kernel import prose

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+(?:[.,]\d+)*")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\w)", re.IGNORECASE)
#: What ends a sentence, unless a figure or a small letter follows: « 4.30 », « enfance@mairie.example ».
_END = re.compile(r"(?:[.!?…]+|(?<=[\w»)\u00a0]) ?:)(?=\s|$|»)")
_ADDRESS = re.compile(r"\b\S+@\S+\b|https?://\S+")
_LINK = re.compile(r"\[([^\[\]]+)\]\([^()\s]+\)")
_MARKS = re.compile(r"\*+")

_VOWELS = "aeiouyàâäæéèêëîïôöœùûü"
_GROUP = re.compile(rf"[{_VOWELS}]+")
_SILENT_U = re.compile(rf"(?<=[qg])u(?=[{_VOWELS}])")
#: Two vowels said apart: « é » before another, a diaeresis, « y » between two vowels, « i » after two consonants.
_APART = (
    re.compile(r"(?<=é)(?=[aiouéè]|e(?!s?$))"),
    re.compile(r"(?<=[aeou])(?=[ïëü])"),
    re.compile(rf"(?<=[{_VOWELS}])(?=y[{_VOWELS}])"),
    re.compile(r"(?<=[bcdfgptv][lr]i)(?=[aeoé])"),
)
_SILENT_E = re.compile(rf"(?<=[^{_VOWELS}])e(?:s)?$")
_SILENT_ENT = re.compile(r"(?:(?<=[^m])|(?<=[ai]m)|(?<=mm))ent$")
#: Words in « -ent » whose ending is heard.
_SOUNDED_ENT = frozenset(
    {
        "absent",
        "accident",
        "adhérent",
        "adolescent",
        "agent",
        "argent",
        "cent",
        "client",
        "content",
        "couvent",
        "dent",
        "différent",
        "équivalent",
        "évident",
        "excellent",
        "fréquent",
        "inconvénient",
        "ingrédient",
        "lent",
        "parent",
        "patient",
        "permanent",
        "précédent",
        "présent",
        "prudent",
        "récent",
        "référent",
        "souvent",
        "talent",
        "transparent",
        "urgent",
        "vent",
        "violent",
    }
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and what was counted in it."""

    text: str
    words: int
    syllables: int

    @property
    def score(self) -> float:
        """The score of this sentence alone: to find the hardest, not to judge a text."""
        return kandel_moles(words=self.words, sentences=1, syllables=self.syllables)


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentences of a text that has at least one."""

    sentences: tuple[Sentence, ...]

    @property
    def words(self) -> int:
        return sum(sentence.words for sentence in self.sentences)

    @property
    def score(self) -> float:
        """Kandel and Moles for the whole text, higher is easier. Raises ValueError without a word."""
        return kandel_moles(
            words=self.words,
            sentences=len(self.sentences),
            syllables=sum(sentence.syllables for sentence in self.sentences),
        )

    @property
    def longest(self) -> Sentence:
        """The sentence with the most words. Raises ValueError without a sentence."""
        return max(self.sentences, key=lambda sentence: sentence.words)

    def hardest(self, number: int = 3) -> tuple[Sentence, ...]:
        """The sentences to write again first: at least five words, lowest scores first."""
        long_enough = [sentence for sentence in self.sentences if sentence.words >= 5]
        return tuple(sorted(long_enough, key=lambda sentence: sentence.score)[:number])


def kandel_moles(*, words: int, sentences: int, syllables: int) -> float:
    """The score from the three counts. Raises ValueError when there is no word or no sentence."""
    if words < 1 or sentences < 1:
        raise ValueError("a text without words or sentences has no score")
    return 207 - 1.015 * words / sentences - 73.6 * syllables / words


def reading_of(source: str) -> Reading:
    """Count a text in the light markup of `prose`: marks and addresses of links are not words."""
    return reading_of_lines(line for block in prose.blocks(source) for line in block.lines)


def reading_of_lines(lines: Iterable[str]) -> Reading:
    """Count plain lines, each of which ends a sentence."""
    found = []
    for line in lines:
        plain = _MARKS.sub("", _LINK.sub(r"\1", line))
        for text in _split(_ADDRESS.sub("adresse", plain)):
            words = words_of(text)
            if words:
                found.append(Sentence(text, len(words), sum(syllables(word) for word in words)))
    return Reading(tuple(found))


def _split(line: str) -> list[str]:
    sentences, start = [], 0
    for end in _END.finditer(line):
        sentences.append(line[start : end.end()].strip())
        start = end.end()
    return [*sentences, line[start:].strip()]


def words_of(text: str) -> list[str]:
    """The words: « l’école » is one, « rendez-vous » is one, « 23 h 59 » is three."""
    return _WORD.findall(_ELISION.sub("", text))


def syllables(word: str) -> int:
    """The syllables of one French word, at least one. A number counts as one for each figure."""
    word = word.lower()
    if word[0].isdigit():
        return sum(letter.isdigit() for letter in word)
    return sum(_syllables(part) for part in word.split("-"))


def _syllables(word: str) -> int:
    word = _SILENT_U.sub("", word)
    for apart in _APART:
        word = apart.sub("-", word)
    ending = word if word in _SOUNDED_ENT or word.removesuffix("s") in _SOUNDED_ENT else _SILENT_ENT.sub("", word)
    shorter = _SILENT_E.sub("", ending)
    return max(1, len(_GROUP.findall(shorter)))
