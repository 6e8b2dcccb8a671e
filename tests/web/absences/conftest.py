from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> None:
    """The papers of one test are nothing to the next."""
    settings.PRIVATE_ROOT = tmp_path
