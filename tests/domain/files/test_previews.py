"""Looking at a page: drawn, turned, bounded."""

import io
from pathlib import Path

import pytest
from PIL import Image

from portal.domain.accounts.models import User
from portal.domain.files.previews import LONGEST_SIDE, WIDTHS, NoPreview, Turn, page_count, page_picture
from portal.domain.files.shape import hard_to_read
from tests.domain.accounts.factories import UserFactory
from tests.domain.files.samples import pdf, photo, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent() -> User:
    return UserFactory()


def drawn(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    assert picture.format == "PNG"
    return picture


@pytest.mark.exigence("D29")
def test_each_page_of_a_pdf_is_drawn_at_the_width_asked(parent: User) -> None:
    kept = stored(parent, pdf(pages=3))

    assert page_count(kept) == 3
    assert drawn(page_picture(kept, page=3, width=320)).width == 320


def test_a_photograph_is_drawn_and_turned(parent: User) -> None:
    kept = stored(parent, photo(size=(1200, 1600)), name="photo.jpg")

    assert drawn(page_picture(kept, width=320)).size == (320, 427)
    assert drawn(page_picture(kept, width=320, turn=Turn.RIGHT)).size == (427, 320)
    assert drawn(page_picture(kept, width=320, turn=Turn.UPSIDE_DOWN)).size == (320, 427)


def test_a_quarter_turn_goes_clockwise(parent: User) -> None:
    picture = Image.new("RGB", (800, 800), "white")
    picture.paste("red", (0, 0, 800, 400))
    out = io.BytesIO()
    picture.save(out, "PNG")

    turned = drawn(page_picture(stored(parent, out.getvalue(), name="a.png"), width=160, turn=Turn.RIGHT))

    assert turned.convert("RGB").getpixel((150, 80)) == (255, 0, 0)


@pytest.mark.parametrize("size", [(14_400, 10), (10, 14_400), (14_400, 14_400)])
def test_a_page_as_long_as_a_wall_stays_bounded(parent: User, size: tuple[float, float]) -> None:
    picture = drawn(page_picture(stored(parent, pdf(size=size)), width=WIDTHS[-1]))

    assert picture.width <= WIDTHS[-1] + 1
    assert picture.height <= LONGEST_SIDE + 1


@pytest.mark.parametrize(("page", "width"), [(0, 320), (-1, 320), (2, 320), (1, 321), (1, 100_000)])
def test_a_page_or_a_width_that_does_not_exist_is_not_drawn(parent: User, page: int, width: int) -> None:
    with pytest.raises(NoPreview):
        page_picture(stored(parent, pdf()), page=page, width=width)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 %%EOF", b"\x00" * 500])
def test_a_file_damaged_on_the_disk_is_not_drawn(parent: User, private_folder: Path, content: bytes) -> None:
    for kept in (stored(parent, pdf()), stored(parent, photo(), name="a.jpg")):
        Path(kept.content.path).write_bytes(content)

        with pytest.raises(NoPreview):
            page_picture(kept)


def test_a_lost_file_is_not_drawn(parent: User) -> None:
    kept = stored(parent, pdf())
    Path(kept.content.path).unlink()

    with pytest.raises(NoPreview):
        page_picture(kept)


@pytest.mark.parametrize(
    ("width", "height", "hard"), [(799, 2000, True), (2000, 799, True), (800, 800, False), (None, None, False)]
)
def test_a_photograph_of_few_points_is_hard_to_read(width: int | None, height: int | None, hard: bool) -> None:
    assert hard_to_read(width, height) is hard
