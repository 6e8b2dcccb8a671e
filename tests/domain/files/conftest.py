"""Files of tests lie in a folder of their own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def private_folder(settings: Any, tmp_path: Path) -> Path:
    """Where `families` files of this test lie: never where a real portal keeps them."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    return tmp_path / "private" / "families"
