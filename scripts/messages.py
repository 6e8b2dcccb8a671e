"""The texts of public and family screens and their translations. `make messages`, or `--check` to change nothing.

Reads every text marked for translation, brings `locale/<language>/LC_MESSAGES/django.po` up to date and compiles it.
A text that changed comes back empty: nobody guesses its translation. Says what is left to translate, and answers 1.
Needs GNU gettext (Debian: `apt-get install gettext`); running the portal does not, the compiled file is kept with it.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en",)

#: What families never read on a screen, or read in French whatever their language: mails, printed documents.
LEFT_OUT = (
    ".*",
    "docs",
    "node_modules",
    "scripts",
    "site",
    "tests",
    "var",
    "*/backoffice/*",
    "templates/mails/*",
    "*.txt",
    "*pdf.html",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^<>]+>")


@dataclass
class Entry:
    """One text of a catalogue: itself, its plural if it has one, its translations in order, its marks."""

    texts: list[str] = field(default_factory=list)
    translations: list[str] = field(default_factory=list)
    context: str = ""
    fuzzy: bool = False
    obsolete: bool = False

    @property
    def complete(self) -> bool:
        """Whether every form is translated."""
        return bool(self.translations) and all(self.translations) and not self.fuzzy


def catalogue(language: str) -> Path:
    """The file of a language that people write."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def entries(source: str) -> Iterator[Entry]:
    """The texts of a catalogue, without its header."""
    for block in re.split(r"\n\s*\n", source):
        entry, target = Entry(), [""]
        for line in block.splitlines():
            if line.startswith("#~"):
                entry.obsolete = True
            elif line.startswith("#,"):
                entry.fuzzy = "fuzzy" in line
            elif found := re.fullmatch(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")', line):
                if found[1]:
                    target = entry.translations if found[1].startswith("msgstr") else entry.texts
                    target = [""] if found[1] == "msgctxt" else target
                    target.append("")
                target[-1] += ast.literal_eval(found[2])
        if entry.texts and entry.texts[0]:
            yield entry


def faults(source: str) -> Iterator[str]:
    """What is wrong with a catalogue: a text without translation, or whose holes are not the same."""
    for entry in entries(source):
        if entry.obsolete:
            yield f"n’existe plus : « {entry.texts[0]} »"
        elif not entry.complete:
            yield f"à traduire : « {entry.texts[0]} »"
        else:
            holes = {frozenset(PLACEHOLDER.findall(text)) for text in entry.texts}
            for translation in entry.translations:
                if frozenset(PLACEHOLDER.findall(translation)) not in holes:
                    yield f"d’autres variables ou balises que le texte : « {translation} »"


def tidy(source: str) -> str:
    """The catalogue without what changes at each run, and without guesses."""
    source = re.sub(r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|X-Generator):.*\n', "", source, flags=re.M)
    blocks = []
    for block in source.strip().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#|")]
        guessed = any(line.startswith("#,") and "fuzzy" in line for line in lines) and 'msgid ""' != lines[1]
        if guessed:
            lines = [re.sub(r", fuzzy|fuzzy, ", "", line) for line in lines if line != "#, fuzzy"]
            start = next(number for number, line in enumerate(lines) if line.startswith("msgstr"))
            forms = [line.split(" ")[0] for line in lines[start:] if line.startswith("msgstr")]
            lines = lines[:start] + [f'{form} ""' for form in forms]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def collect() -> None:
    """Read the texts again and merge them into the catalogues."""
    command = ["makemessages", "--add-location=file", "--no-obsolete", "--no-wrap", "--verbosity=0"]
    command += [f"--locale={language}" for language in LANGUAGES] + [f"--ignore={name}" for name in LEFT_OUT]
    without_settings = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-m", "django", *command], cwd=ROOT, check=True, env=without_settings)
    for language in LANGUAGES:
        path = catalogue(language)
        path.write_text(tidy(path.read_text()))


def compiled(path: Path) -> bytes:
    """What gettext makes of a catalogue. Raises CalledProcessError when it refuses it."""
    return subprocess.run(
        ["msgfmt", "--check-format", "--output-file=-", str(path)], check=True, capture_output=True
    ).stdout


def main(arguments: list[str]) -> int:
    """Collect, compile, tell; 1 when something is left to do."""
    checking = "--check" in arguments
    left = 0
    if not checking:
        collect()
    for language in LANGUAGES:
        path = catalogue(language)
        for words in faults(path.read_text()):
            left += 1
            sys.stdout.write(f"{path.relative_to(ROOT)} : {words}\n")
        if not checking:
            path.with_suffix(".mo").write_bytes(compiled(path))
    return bool(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
