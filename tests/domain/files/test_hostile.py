"""What people send by mistake or on purpose: refused with what to do, or harmless once kept."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.files.checks import SENT_BY_FAMILIES, FileType, check_file
from portal.domain.files.refusal import FileRefused
from portal.domain.files.shape import shape_of
from tests.domain.files.samples import MEGABYTE, pdf, photo

MOST = 6 * MEGABYTE


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("programme.exe", "MZ")
    return out.getvalue()


@pytest.mark.exigence("T10")
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("piece.pdf", pdf() + archive(), "contient un autre fichier", id="pdf-and-zip"),
        pytest.param("piece.pdf", b"<script>1</script>" + pdf(), "n’en est pas un", id="page-before-a-pdf"),
        pytest.param("piece.pdf", b"GIF89a/*" + pdf() + b"*/=1;alert(1)", "n’en est pas un", id="gif-and-script"),
        pytest.param("piece.gif", b"GIF89a=1;alert(1)", "n’est pas accepté", id="gif-that-is-a-script"),
        pytest.param("piece.pdf", b"<html><body>attestation</body></html>", "n’en est pas un", id="page-named-pdf"),
        pytest.param("piece.pdf", b"<svg onload='alert(1)'/>", "n’en est pas un", id="drawing-named-pdf"),
        pytest.param("piece.svg", b"<svg onload='alert(1)'/>", "n’est pas accepté", id="drawing"),
        pytest.param("piece.pdf", b"", "vide", id="empty"),
        pytest.param("piece.pdf", pdf()[:300], "n’en est pas un", id="cut"),
        pytest.param("piece.jpg", photo()[:500], "ne s’ouvre pas", id="cut-photograph"),
        pytest.param("piece.pdf", pdf(password="secret"), "mot de passe", id="locked"),
        pytest.param("piece.pdf", pdf(javascript="app.alert(1)"), "programme", id="program"),
        pytest.param("piece.pdf", pdf(attached="a;b"), "fichier joint", id="attached"),
        pytest.param("piece.zip", archive(), "n’est pas accepté", id="archive"),
        pytest.param("piece.pdf.exe", b"MZ" + bytes(200), "n’est pas accepté", id="two-extensions"),
        pytest.param("piece", pdf(), "n’est pas accepté", id="no-extension"),
    ],
)
def test_a_hostile_file_is_refused_with_what_to_do(name: str, content: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        check_file(name, content, accepted=SENT_BY_FAMILIES, most=MOST)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\system.pdf", "system.pdf"),
        ("/tmp/lien.pdf", "lien.pdf"),
        ("facture\u202efdp.exe.pdf", "facturefdpexe.pdf"),
        ("وثيقة.pdf", "document.pdf"),
        ("📄.pdf", "document.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("nom\r\nSet-Cookie: a=b.pdf", "nom-set-cookie-ab.pdf"),
        ("é" * 500 + ".PDF", "e" * 80 + ".pdf"),
    ],
)
def test_a_name_keeps_nothing_that_a_folder_or_a_header_would_read(name: str, kept: str) -> None:
    assert check_file(name, pdf(), accepted=SENT_BY_FAMILIES, most=MOST).name == kept


def repeated(times: int) -> bytes:
    """A PDF whose only page is named many times."""
    whole = pdf()
    kids = re.search(rb"/Kids \[ (\d+ 0 R) \]", whole)
    assert kids is not None
    written = whole.replace(kids[0], b"/Kids [ " + (kids[1] + b" ") * times + b"]")
    return written.replace(b"/Count 1", b"/Count %d" % times)


def multiplied(levels: int) -> bytes:
    """A PDF whose tree of pages names each branch ten times: ten to the power of `levels` pages in a few lines."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    for level in range(2, levels + 2):
        kids = b"%d 0 R " % (level + 1) * 10
        objects.append(b"<</Type/Pages/Count %d/Kids[%s]>>" % (10 ** (levels + 2 - level), kids))
    objects.append(b"<</Type/Page/MediaBox[0 0 9 9]>>")
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, written) for number, written in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 99>>\nstartxref\n0\n%%EOF"


@pytest.mark.parametrize(
    ("content", "pages"),
    [
        (pdf(pages=3), 3),
        (repeated(40_000), None),
        (multiplied(9), None),
        (pdf().replace(b"/Count 1", b"/Count -5"), 1),
        (pdf().replace(b"/Count 1", b"/Count 99999"), None),
        (pdf().replace(b"/Count 1", b"/Count 1000000000000"), 1),
    ],
    ids=["honest", "one-page-many-times", "tree-that-multiplies", "negative", "many", "enormous"],
)
def test_a_number_of_pages_that_is_not_believed_is_not_kept(content: bytes, pages: int | None) -> None:
    """The column holds 32,767: one page named 40,000 times was an error of the database, told to nobody."""
    assert shape_of(FileType.PDF, content).pages == pages


def test_a_pdf_of_a_million_beginnings_is_read_once() -> None:
    """A million streams that never end: looking for the end of each would take hours."""
    content = b"%PDF-1.4\n" + b"stream\n" * 800_000 + b"%%EOF"

    assert check_file("piece.pdf", content, accepted=SENT_BY_FAMILIES, most=MOST).kind is FileType.PDF


def test_a_program_between_two_false_streams_is_still_seen() -> None:
    content = pdf().replace(b"%%EOF", b"stream\nendstream /JS (app.alert(1)) stream\nendstream\n%%EOF")

    with pytest.raises(FileRefused, match="programme"):
        check_file("piece.pdf", content, accepted=SENT_BY_FAMILIES, most=MOST)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(cut=st.integers(0, 700), noise=st.binary(max_size=60))
def test_no_damage_breaks_the_reading_of_a_pdf(cut: int, noise: bytes) -> None:
    whole = pdf()
    shape_of(FileType.PDF, whole[:cut] + noise + whole[cut:])


def test_no_folder_of_the_project_is_touched(private_folder: Path, settings: Any) -> None:
    assert str(private_folder).startswith(str(settings.PRIVATE_ROOT))
