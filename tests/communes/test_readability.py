"""Plain French, measured: help, questions, terms, mails, and above all the pages that are easy to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.places import COMMUNES_DIR, TEMPLATES_DIR
from portal.domain.kernel.readability import Reading, reading_of, reading_of_lines
from tests.communes.towns import TOWNS

pytestmark = pytest.mark.exigence("C18")


@dataclass(frozen=True)
class Limit:
    """What a kind of text owes its readers: a score at least, and no sentence over so many words."""

    score: float
    words: int


#: Kandel and Moles: 80 is « very easy », 70 « easy ». « Facile à lire » is judged by the length of sentences first.
EASY_TO_READ = Limit(score=85, words=12)
HELP = Limit(score=80, words=25)
TERMS = Limit(score=75, words=25)
ANY_TEXT = Limit(score=45, words=30)
MAILS = Limit(score=65, words=30)

KINDS = (
    ("facile-a-lire.md", EASY_TO_READ),
    ("aide.md", HELP),
    ("questions-frequentes.md", HELP),
    ("guide-du-portail.md", HELP),
    ("cgu.md", TERMS),
)


def limit_of(path: Path) -> Limit:
    return next((limit for name, limit in KINDS if path.name == name), ANY_TEXT)


def complaints(reading: Reading, limit: Limit) -> list[str]:
    """The sentences to write again, each with what is wrong with it."""
    found = [
        f"{sentence.words} mots, {limit.words} au plus : « {sentence.text} »"
        for sentence in reading.sentences
        if sentence.words > limit.words
    ]
    if reading.score < limit.score:
        hardest = " / ".join(sentence.text for sentence in reading.hardest())
        found.append(f"score {reading.score:.1f}, {limit.score} au moins ; à récrire d’abord : {hardest}")
    return found


@pytest.mark.parametrize("town", TOWNS)
def test_the_texts_of_a_town_are_easy_enough(town: str) -> None:
    found = [
        f"{path.relative_to(COMMUNES_DIR)} : {complaint}"
        for path in sorted((COMMUNES_DIR / town).rglob("*.md"))
        for complaint in complaints(reading_of(path.read_text(encoding="utf-8")), limit_of(path))
    ]

    assert found == []


def test_every_town_has_the_texts_that_are_measured_most_closely() -> None:
    for town in COMMUNES_DIR.glob("*/profile.toml"):
        names = {path.name for path in town.parent.rglob("*.md")}
        assert names >= {name for name, _limit in KINDS}, town.parent.name


def test_easy_to_read_says_one_thing_a_line() -> None:
    """A paragraph of these pages is one line of one or two sentences, a title has no more than eight words."""
    for path in COMMUNES_DIR.glob("*/pages/facile-a-lire.md"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert len(reading_of(line).sentences) <= 2, line
            if line.startswith("## "):
                assert reading_of(line).words <= 8, line


TRANSLATED = re.compile(
    r"""\{%\s*translate\s+"([^"]+)"|\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate""", re.S
)
#: Numbers and a link, in French only: nothing of it is marked for translation.
TO_AGENTS = "desk_digest"
VARIABLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)


def mail_lines(path: Path) -> Iterator[str]:
    """The lines of a mail as it is written, a name standing for each variable."""
    for quoted, block in TRANSLATED.findall(path.read_text(encoding="utf-8")):
        yield from (line for line in VARIABLE.sub("Hugo", quoted or block).splitlines() if line.strip())


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in (TEMPLATES_DIR / "mails").glob("*.txt")
        if ".subject." not in path.name and path.stem != TO_AGENTS
    ),
    ids=lambda path: path.stem,
)
def test_a_mail_is_easy_enough(path: Path) -> None:
    lines = list(mail_lines(path))

    assert lines, "no text was found in this mail"
    assert complaints(reading_of_lines(lines), MAILS) == []


def test_a_hard_sentence_is_named() -> None:
    hard = (
        "Les dispositions réglementaires susmentionnées s’appliqueront postérieurement à leur promulgation officielle."
    )

    assert complaints(reading_of(hard), HELP)[0].endswith(f"à récrire d’abord : {hard}")
    assert complaints(reading_of("mot " * 26 + "fin."), HELP)[0].startswith("27 mots, 25 au plus")
