"""The answer that carries a private file: what it is called, what it may do, and what happens when it is lost."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.http import Http404

from portal.domain.files.checks import FileType
from portal.domain.files.models import StoredFile
from portal.domain.files.sending import PDF_POLICY, POLICY, Source, private_answer, stored_answer


class Broken(io.BytesIO):
    """A stream that fails while it is read, as a disk does."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


def lost() -> bytes:
    raise FileNotFoundError


def refused() -> bytes:
    raise ValueError("sealed")


@pytest.mark.parametrize("kind", FileType)
def test_a_file_is_sent_under_its_own_type_and_kept_by_nobody(kind: FileType) -> None:
    answer = private_answer(b"content", name=f"a.{kind.value}", kind=kind)
    assert answer.content == b"content"
    assert answer["Content-Type"] == kind.content_type
    assert answer["Content-Disposition"] == f'attachment; filename="a.{kind.value}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == (PDF_POLICY if kind == FileType.PDF else POLICY)


def test_everything_but_a_pdf_is_shown_in_a_sandbox() -> None:
    assert "sandbox" in POLICY
    assert "sandbox" not in PDF_POLICY
    for policy in (POLICY, PDF_POLICY):
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy


def test_what_is_no_accepted_type_says_its_own() -> None:
    assert private_answer(b"PK", name="a.zip", kind="application/zip")["Content-Type"] == "application/zip"


@pytest.mark.parametrize(
    ("name", "inline", "said"),
    [
        ("piece.pdf", True, 'inline; filename="piece.pdf"'),
        ("pièce n° 2.pdf", True, "inline; filename*=utf-8''pi%C3%A8ce%20n%C2%B0%202.pdf"),
        ("été.pdf", False, "attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf"),
        ('a"b.pdf', False, 'attachment; filename="a\\"b.pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", False, "attachment; filename*=utf-8''a%0D%0ASet-Cookie%3A%20x%3D1.pdf"),
    ],
)
def test_a_name_is_said_as_it_is_and_breaks_nothing(name: str, inline: bool, said: str) -> None:
    answer = private_answer(b"", name=name, kind=FileType.PDF, inline=inline)
    assert answer["Content-Disposition"] == said


@pytest.mark.parametrize("as_opener", [False, True], ids=["stream", "opener"])
def test_a_stream_is_read_whole_and_closed(as_opener: bool) -> None:
    stream = io.BytesIO(b"abc")
    assert private_answer((lambda: stream) if as_opener else stream, name="a.txt", kind=FileType.TXT).content == b"abc"
    assert stream.closed


@pytest.mark.parametrize("source", [lost, Broken(), lambda: Broken()], ids=["opener", "stream", "opened stream"])
def test_what_cannot_be_read_does_not_exist_and_the_operator_is_told(
    source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Http404):
        private_answer(source, name="jugement.pdf", kind=FileType.PDF)
    assert "A private file cannot be read" in caplog.text
    assert "jugement" not in caplog.text


def test_what_an_opener_refuses_for_another_reason_is_left_to_its_door() -> None:
    with pytest.raises(ValueError, match="sealed"):
        private_answer(refused, name="a.pdf", kind=FileType.PDF)


def test_a_kept_file_is_sent_under_its_name(private_folder: Path) -> None:
    stored = StoredFile(kind=FileType.PNG.value, name="portrait.png")
    stored.content.save("portrait.png", ContentFile(b"\x89PNG"), save=False)
    answer = stored_answer(stored, inline=True)
    assert answer.content == b"\x89PNG"
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "image/png",
        'inline; filename="portrait.png"',
    )
    next(path for path in private_folder.rglob("*") if path.is_file()).unlink()
    with pytest.raises(Http404):
        stored_answer(stored)


def test_a_kept_file_without_content_does_not_exist() -> None:
    with pytest.raises(Http404):
        stored_answer(StoredFile(kind=FileType.PDF.value, name="a.pdf"))
