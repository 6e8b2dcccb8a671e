from pathlib import Path

import pytest

from tests.communes.small import ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A small profile without mistake."""
    return ProfileFolder(tmp_path / "essai")
