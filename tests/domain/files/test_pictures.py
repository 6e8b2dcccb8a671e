"""Photographs that families send: what is left of them, and those that are refused."""

import io
import zipfile
from typing import Any

import pytest
from PIL import Image

from portal.domain.files import pictures
from portal.domain.files.checks import PUBLISHED, SENT_BY_FAMILIES, CheckedFile, FileType, check_file
from portal.domain.files.refusal import FileRefused

MEGABYTE = 1024 * 1024
ORIENTATION, DEVICE, GPS = 0x0112, 0x0110, 0x8825
SECRET = b"prise au 12 rue de l'Exemple"


def photograph(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """A picture red on its left half and blue on its right, written by Pillow."""
    picture = Image.new(mode, size, "blue")
    picture.paste(Image.new(mode, (size[0] // 2, size[1]), "red"), (0, 0))
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def with_metadata(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[DEVICE] = SECRET.decode()
    exif.get_ifd(GPS)[1] = "N"
    return photograph(exif=exif, comment=SECRET, size=(60, 40))


def taken(name: str, content: bytes) -> CheckedFile:
    return check_file(name, content, accepted=SENT_BY_FAMILIES, most=5 * MEGABYTE)


def opened(file: CheckedFile) -> Image.Image:
    return Image.open(io.BytesIO(file.content))


def test_a_photograph_says_neither_where_nor_with_what_it_was_taken() -> None:
    original = with_metadata()
    assert SECRET in original

    kept = taken("Carte d'assuré.JPG", original)

    assert SECRET not in kept.content
    assert dict(opened(kept).getexif()) == {}
    assert kept.name == "carte-dassure.jpg"


def test_a_photograph_lying_on_its_side_is_stood_up() -> None:
    kept = opened(taken("photo.jpg", with_metadata(orientation=6)))

    assert kept.size == (40, 60)


@pytest.mark.parametrize("kind", ["HEIF", "WEBP"])
def test_what_not_every_computer_opens_becomes_a_jpeg(kind: str) -> None:
    kept = taken("photo.heic", photograph(kind))

    assert kept.kind is FileType.JPEG
    assert kept.name == "photo.jpg"
    assert opened(kept).format == "JPEG"


def test_a_jpeg_under_another_name_is_taken_for_what_it_is() -> None:
    assert taken("IMG_0042.HEIC", photograph()).kind is FileType.JPEG
    assert taken("scan.pdf", photograph()).kind is FileType.JPEG


def test_a_transparent_drawing_stays_transparent() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")

    kept = taken("signature.png", out.getvalue())

    assert kept.kind is FileType.PNG
    assert opened(kept).getpixel((5, 5)) == (0, 0, 0, 0)


def test_nothing_hidden_behind_a_picture_is_kept() -> None:
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("virus.exe", "MZ")

    kept = taken("photo.jpg", photograph() + behind.getvalue() + b"<script>alert(1)</script>")

    assert not zipfile.is_zipfile(io.BytesIO(kept.content))
    assert b"<script" not in kept.content


def test_a_large_picture_is_reduced_to_a_readable_page() -> None:
    kept = opened(taken("affiche.png", photograph("PNG", size=(7016, 400))))

    assert kept.size == (3508, 200)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_POINTS", 1_000)

    with pytest.raises(FileRefused, match="trop grande"):
        taken("bombe.png", photograph("PNG"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vide.jpg", b"", "vide"),
        ("coupee.jpg", photograph(size=(900, 900))[:400], "ne s’ouvre pas"),
        ("fausse.jpg", b"\xff\xd8\xff\xe0 pas une image", "ne s’ouvre pas"),
        ("animee.gif", photograph("GIF"), "n’est pas accepté"),
        ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est pas accepté"),
        ("page.jpg", b"<html><script>alert(1)</script>", "ce n’en est pas un"),
        ("lourde.jpg", photograph() + b" " * 5 * MEGABYTE, "au plus"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_with_what_to_do(name: str, content: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        taken(name, content)


def test_the_town_does_not_publish_photographs_as_documents() -> None:
    with pytest.raises(FileRefused, match="n’est pas accepté"):
        check_file("photo.jpg", photograph(), accepted=PUBLISHED, most=MEGABYTE)
