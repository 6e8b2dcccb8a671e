"""What a template of ours may not contain. `python scripts/lint_templates.py [folder or file …]`.

The page must live under a policy without inline code, be read by a screen reader, and be set like
French text: typographic apostrophe, no-break space before `:` and `€` and inside « », narrow one
before `; ! ?`. The same rules of typography hold for the msgids of `_()` in Python. What visitors and
families read goes through gettext: it is shown in English too.
Blocks are balanced within themselves: what `{% if %}` opens, it closes before `{% else %}`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("cms_pages", "documents", "news", "portal", "tariffs_simulator")

TOKEN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT = re.compile(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
MESSAGE = re.compile(r"""\{%\s*(?:translate|trans)\s+(?:"([^"]*)"|'([^']*)')""")
#: Mails and printed pages carry their style with them; no policy applies there.
OWN_STYLES = ("layout/mail.html", "layout/pdf.html")
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
TEXT_ATTRIBUTES = frozenset({"alt", "title", "placeholder", "aria-label", "data-confirm"})
#: Stands for a Django token while the HTML around it is read: a letter of nobody's alphabet.
HOLE = "\ue000"

TYPOGRAPHY = (
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])"), "droit au lieu de ’ (apostrophe)"),
    (re.compile(r"(?<=\S)[ \t\n]+:(?=\s|$)"), "espace ordinaire avant « : » (U+00A0 attendu)"),
    (re.compile(r"(?<=\S)[ \t\u00a0]+[;!?](?=\s|$|»)"), "espace avant « ; ! ? » (U+202F attendu)"),
    (re.compile(r"(?<=[^\W\d_])[:;!?](?=\s)"), "il manque l’espace avant « : ; ! ? »"),
    (re.compile(rf"(?<=[\d{HOLE}])[ \t\n]*€"), "espace insécable U+00A0 attendue avant « € »"),
    (re.compile(r"«(?!\u00a0)|(?<!\u00a0)»"), "espace insécable U+00A0 attendue dans « »"),
    (re.compile(r"\.\.\."), "trois points au lieu de …"),
)


@dataclass(frozen=True)
class Fault:
    """One place of one file that breaks one rule."""

    path: Path
    line: int
    words: str

    def __str__(self) -> str:
        where = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{where}:{self.line}: {self.words}"


def blank(match: re.Match[str]) -> str:
    """The same number of lines, and nothing on them."""
    return "\n" * match[0].count("\n")


def typography(text: str) -> Iterator[str]:
    """The rules that a French text breaks, with the place."""
    for rule, words in TYPOGRAPHY:
        for found in rule.finditer(text):
            around = text[max(0, found.start() - 15) : found.end() + 15].replace(HOLE, "…").strip()
            yield f"{words} : « {' '.join(around.split())} »"


class Page(HTMLParser):
    """Reads the HTML of one template, with every Django token replaced by a hole."""

    def __init__(self, *, styles_allowed: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.styles_allowed = styles_allowed
        self.faults: list[tuple[int, str]] = []
        self.open: list[tuple[str, int]] = []

    def report(self, words: str) -> None:
        self.faults.append((self.getpos()[0], words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inspect(tag, attrs)
        if tag not in VOID:
            self.open.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inspect(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1][0] != tag:
            expected = f", « </{self.open[-1][0]}> » était attendu" if self.open else ""
            self.report(f"« </{tag}> » ferme ce qui n’est pas ouvert ici{expected}")
        if any(name == tag for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] in {"script", "style", "pre", "code"}:
            return
        for words in typography(data):
            self.report(words)

    def inspect(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Everything that concerns one tag alone."""
        values = {name: value or "" for name, value in attrs}
        if (tag == "style" and not self.styles_allowed) or (
            tag == "script" and "src" not in values and values.get("type") != "application/json"
        ):
            self.report(f"« <{tag}> » dans la page : la politique de contenu le refuse")
        if tag == "img" and "alt" not in values:
            self.report("« <img> » sans « alt » (vide si l’image est décorative)")
        for name, value in values.items():
            if name == "style" or re.fullmatch(r"on[a-z]+|hx-on.*", name):
                self.report(f"attribut « {name} » : la politique de contenu le refuse")
            if value.strip().lower().startswith("javascript:"):
                self.report(f"« javascript: » dans « {name} »")
            if re.match(r"(https?:)?//", value) and (name == "src" or (name == "href" and tag == "link")):
                self.report(f"« {value} » : rien ne se charge d’ailleurs")
            if name in TEXT_ATTRIBUTES:
                for words in typography(value):
                    self.report(words)

    def finish(self) -> None:
        """What is still open at the end of the block."""
        for tag, line in self.open:
            self.faults.append((line, f"« <{tag}> » n’est pas fermé dans le même bloc"))


#: What nobody reads in another language: agents' screens, the demo's own pages, mails and printed documents.
FRENCH_ONLY = re.compile(
    r"/templates/(?:(?:backoffice|design|mails|modeladmin|outbox|wagtailadmin)/|.*/(?:agents|desk)/)|(?:pdf|mail)\.html$"
)
TRANSLATED = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
#: A block that holds names of classes, not words.
CLASSES = re.compile(r"\{%\s*block (?:page|body)_class\s*%\}.*?\{%\s*endblock\b.*?%\}", re.DOTALL)
#: A word, unless it is an address (`cnil.fr`) or a name that no language translates.
WORD = re.compile(r"(?<![\w./])(?!(?:Atom|CSV|JSON|PDF|RSS|SIRET)\b)[^\W\d_]{2,}(?![\w/]|\.\w)")


class Unmarked(HTMLParser):
    """Finds the words that a visitor reads and gettext does not see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[tuple[int, str]] = []
        self.silent = ""

    def report(self, text: str) -> None:
        shown = " ".join(text.replace(HOLE, "…").split())
        self.faults.append((self.getpos()[0], f"texte hors de gettext : « {shown[:60]} »"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "code"}:
            self.silent = tag
        for name, value in attrs:
            if name in TEXT_ATTRIBUTES and WORD.search(value or ""):
                self.report(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        if not self.silent and WORD.search(data):
            self.report(data)


def unmarked(source: str) -> list[tuple[int, str]]:
    """The words of a template (without its comments) that are outside `translate` and `blocktranslate`."""
    source = CLASSES.sub(blank, TRANSLATED.sub(blank, source))
    page = Unmarked()
    page.feed(re.sub(rf"(</?[a-zA-Z0-9]+){HOLE}+", r"\1 ", TOKEN.sub(lambda token: HOLE + blank(token), source)))
    page.close()
    return page.faults


#: Tags whose bodies are read apart; the second list cuts a body in two.
ENDINGS = re.compile(r"\{%-?\s*end(\w+)")
BRANCHES = frozenset({"else", "elif", "empty", "plural"})


def branches(source: str) -> Iterator[tuple[int, str]]:
    """The source cut at the blocks: first the innermost bodies, then what is left around them.

    Each piece comes with its first line; what was cut out leaves its line breaks behind.
    """
    closers = set(ENDINGS.findall(source))
    stack: list[tuple[str, int, list[str]]] = [("", 1, [])]
    line = 1
    position = 0
    for token in TOKEN.finditer(source):
        text = source[position : token.start()]
        stack[-1][2].append(text)
        line += text.count("\n")
        position = token.end()
        words = token[0][2:-2].split()
        name = words[0] if words and token[0].startswith("{%") else ""
        gap = "\n" * token[0].count("\n")
        if name in closers:
            stack.append((name, line, [gap]))
        elif name in BRANCHES and len(stack) > 1:
            kind, first, parts = stack.pop()
            yield first, "".join(parts)
            stack[-1][2].append("\n" * "".join(parts).count("\n"))
            stack.append((kind, line, [gap]))
        elif name.startswith("end") and name[3:] == stack[-1][0]:
            _, first, parts = stack.pop()
            yield first, "".join(parts)
            stack[-1][2].append(HOLE + "\n" * "".join(parts).count("\n") + gap)
        else:
            stack[-1][2].append((HOLE if token[0].startswith("{{") or name in {"translate", "trans"} else "") + gap)
        line += token[0].count("\n")
    stack[-1][2].append(source[position:])
    while stack:
        _, first, parts = stack.pop()
        yield first, "".join(parts)


def unquoted(source: str) -> Iterator[tuple[int, str]]:
    """Attributes whose value is a variable without quotes: a space in it would become another attribute."""
    for found in re.finditer(r"<[a-zA-Z][^<>]*?\s[\w:-]+=\{\{", source):
        yield source.count("\n", 0, found.end()) + 1, "variable sans guillemets dans un attribut"


def lint_template(path: Path) -> list[Fault]:
    """Every fault of one template, in the order of its lines."""
    source = COMMENT.sub(blank, path.read_text())
    faults = [Fault(path, line, words) for line, words in unquoted(source)]
    for found in MESSAGE.finditer(source):
        line = source.count("\n", 0, found.start()) + 1
        faults += [Fault(path, line, words) for words in typography(found[1] or found[2] or "")]
    if path.suffix == ".html":
        if path.is_relative_to(ROOT / "templates") and not FRENCH_ONLY.search(str(path)):
            faults += [Fault(path, line, words) for line, words in unmarked(source)]
        for first, piece in branches(source):
            page = Page(styles_allowed=str(path).endswith(OWN_STYLES))
            # `<h{{ level }}>` and `<li{% if … %} class="…"{% endif %}>` are still an `h` and an `li`.
            page.feed(re.sub(rf"(</?[a-zA-Z0-9]+){HOLE}+", r"\1 ", piece))
            page.close()
            page.finish()
            faults += [Fault(path, first + line - 1, words) for line, words in page.faults]
    else:
        text = TOKEN.sub(lambda token: HOLE + "\n" * token[0].count("\n"), source)
        for number, line in enumerate(text.splitlines(), start=1):
            faults += [Fault(path, number, words) for words in typography(line)]
    return sorted(set(faults), key=lambda fault: (fault.line, fault.words))


def lint_messages(path: Path) -> list[Fault]:
    """The msgids of one Python file that are not set like French text."""
    faults = []
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
        ):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    faults += [Fault(path, argument.lineno, words) for words in typography(argument.value)]
    return faults


def files(arguments: list[str]) -> Iterator[Path]:
    """The files named, or all of ours."""
    named = [Path(argument).resolve() for argument in arguments]
    for root in named or [ROOT / "templates", *(ROOT / package for package in PACKAGES)]:
        if root.is_file():
            yield root
        else:
            patterns = ("*.html", "*.txt") if root.name == "templates" else ("*.py",)
            for pattern in patterns:
                yield from (path for path in sorted(root.rglob(pattern)) if "migrations" not in path.parts)


def main(arguments: list[str]) -> int:
    """Print the faults; 1 when there are any."""
    faults = [
        fault
        for path in files(arguments)
        for fault in (lint_messages(path) if path.suffix == ".py" else lint_template(path))
    ]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
