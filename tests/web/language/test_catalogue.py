"""The English catalogue: complete, faithful to its holes, compiled, and read again from the project's own texts."""

import gettext
import shutil
from pathlib import Path

import pytest

from scripts.messages import catalogue, collected, entries, faults, merged

pytestmark = pytest.mark.exigence("C18")

WRITTEN = catalogue("en")


def test_every_text_is_translated_with_the_same_variables_and_tags() -> None:
    assert list(faults(WRITTEN.read_text())) == []


def test_what_is_compiled_is_what_is_written() -> None:
    with WRITTEN.with_suffix(".mo").open("rb") as compiled:
        known = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]  # the only list of what was compiled
    for entry in entries(WRITTEN.read_text()):
        context = f"{entry.context[0]}\x04" if entry.context else ""
        for form, translation in enumerate(entry.translations):
            key = f"{context}{entry.texts[0]}"
            assert known[key if len(entry.texts) == 1 else (key, form)] == translation


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs GNU gettext")
def test_the_catalogue_holds_every_text_of_the_screens_and_no_other() -> None:
    assert merged("en", collected()) == WRITTEN.read_text(), "make messages"


def test_english_is_set_like_english() -> None:
    for entry in entries(WRITTEN.read_text()):
        for translation in entry.translations:
            assert not set("«»\u202f") & set(translation), translation
            assert "\u00a0:" not in translation
            assert "'" not in translation, translation


def fault_of(tmp_path: Path, block: str) -> list[str]:
    path = tmp_path / "django.po"
    path.write_text(f'msgid ""\nmsgstr "Language: en\\n"\n\n{block}\n')
    return list(faults(path.read_text()))


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ('msgid "Bonjour"\nmsgstr ""', "à traduire"),
        ('msgid "%(count)s jour"\nmsgid_plural "%(count)s jours"\nmsgstr[0] "%(count)s day"\nmsgstr[1] ""', "à"),
        ('msgid "Le %(day)s"\nmsgstr "On %(date)s"', "d’autres variables"),
        ('msgid "<b>Oui</b>"\nmsgstr "Yes"', "d’autres variables ou balises"),
    ],
)
def test_a_fault_of_the_catalogue_is_seen(tmp_path: Path, block: str, words: str) -> None:
    (fault,) = fault_of(tmp_path, block)
    assert words in fault


def test_a_faithful_translation_is_left_alone(tmp_path: Path) -> None:
    assert fault_of(tmp_path, 'msgid "Le <b>%(day)s</b>"\nmsgstr "On <b>%(day)s</b>"') == []
