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
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en",)

SOURCES = ("cms_pages", "documents", "news", "portal", "tariffs_simulator", "templates")

#: What nobody reads on a family's screen, or what everybody reads in French: mails, printed documents.
LEFT_OUT = ("*/backoffice/*", "*/mails/*", "*.txt", "*pdf.html")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^<>]+>")


HEADER = """\
# The screens of families and visitors. Written by hand; `make messages` adds the texts that are new.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


@dataclass
class Entry:
    """One text of a catalogue: itself, its plural if it has one, its translations in order, its comments."""

    texts: list[str] = field(default_factory=list)
    translations: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it one text."""
        return (*self.context, *self.texts)

    @property
    def words(self) -> tuple[str, ...]:
        """The same whatever its spaces: French typography put right changes nothing to the translation."""
        return tuple(" ".join(text.split()) if text.strip() == text else text for text in self.key)

    @property
    def complete(self) -> bool:
        """Whether every form is translated."""
        return len(self.translations) >= len(self.texts) and all(self.translations)

    def __str__(self) -> str:
        """The entry as gettext writes it, without cutting lines."""
        names = ["msgstr"] if len(self.texts) == 1 else [f"msgstr[{form}]" for form in range(len(self.texts))]
        translations = self.translations or [""] * len(names)
        pairs = [("msgctxt", text) for text in self.context]
        pairs += zip(("msgid", "msgid_plural"), self.texts, strict=False)
        pairs += zip(names, translations, strict=True)
        return "\n".join([*self.comments, *(f"{name} {quoted(text)}" for name, text in pairs)])


def quoted(text: str) -> str:
    """A string of a catalogue: spaces are written as they are, so that a translator sees what families see."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def catalogue(language: str) -> Path:
    """The file of a language that people write."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def entries(source: str) -> Iterator[Entry]:
    """The texts of a catalogue, without its header."""
    for block in re.split(r"\n\s*\n", source):
        entry = Entry()
        target = entry.texts
        for line in block.splitlines():
            if line.startswith("#"):
                entry.comments.append(line)
            elif found := re.fullmatch(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")', line):
                if found[1]:
                    target = {"msgc": entry.context, "msgi": entry.texts}.get(found[1][:4], entry.translations)
                    target.append("")
                # xgettext leaves the escapes of Python's strings (\\u00a0) as they are written.
                text = re.sub(r"\\\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), found[2])
                target[-1] += ast.literal_eval(text)
        if entry.texts and entry.texts[0]:
            yield entry


def faults(source: str) -> Iterator[str]:
    """What is wrong with a catalogue: a text without translation, or whose holes are not the same."""
    for entry in entries(source):
        if not entry.complete:
            yield f"à traduire : « {entry.texts[0]} »"
            continue
        holes = {frozenset(PLACEHOLDER.findall(text)) for text in entry.texts}
        for translation in entry.translations:
            if frozenset(PLACEHOLDER.findall(translation)) not in holes:
                yield f"d’autres variables ou balises que le texte : « {translation} »"


def collected() -> list[Entry]:
    """Every text marked for translation in the project, without translation, in a stable order."""
    with TemporaryDirectory() as folder:
        # Elsewhere: in the project, it would write in our own catalogue and guess.
        (Path(folder) / "locale").mkdir()
        for name in SOURCES:
            (Path(folder) / name).symlink_to(ROOT / name, target_is_directory=True)
        command = [sys.executable, "-m", "django", "makemessages", "--locale=en", "--symlinks"]
        command += ["--add-location=file", "--no-wrap", "--verbosity=0", *(f"--ignore={name}" for name in LEFT_OUT)]
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(command, cwd=folder, check=True, env=environment)  # noqa: S603  # our own words
        found = (Path(folder) / "locale" / "en" / "LC_MESSAGES" / "django.po").read_text()
    return sorted(entries(found), key=lambda entry: (entry.comments, entry.key))


def merged(language: str, fresh: list[Entry]) -> str:
    """The catalogue of `language` with the texts of today; a text that changed has no translation: nobody guesses."""
    path = catalogue(language)
    known = {entry.words: entry.translations for entry in entries(path.read_text())} if path.exists() else {}
    written = [replace(entry, translations=known.get(entry.words, [])) for entry in fresh]
    return "\n\n".join([HEADER.format(language=language).strip(), *map(str, written)]) + "\n"


def compiled(path: Path) -> bytes:
    """What gettext makes of a catalogue. Raises CalledProcessError when it refuses it."""
    command = ["msgfmt", "--check-format", "--output-file=-", str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603  # our own words


def main(arguments: list[str]) -> int:
    """Collect, compile, tell; 1 when something is left to do."""
    left = 0
    fresh = collected()
    for language in LANGUAGES:
        path, written = catalogue(language), merged(language, fresh)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written)
            path.with_suffix(".mo").write_bytes(compiled(path))
        elif written != path.read_text():
            left += 1
            sys.stdout.write(f"{path.relative_to(ROOT)} n’est plus à jour : make messages\n")
        for words in faults(written):
            left += 1
            sys.stdout.write(f"{path.relative_to(ROOT)} : {words}\n")
    return bool(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
