"""Where what families join is kept: outside the folder that the web server shows."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import Storage

from portal.domain.files.storage import PrivateStorage


def forms_folder() -> Path:
    """The folder of the joined files."""
    return Path(settings.PRIVATE_ROOT) / "forms"


def forms_storage() -> Storage:
    """The storage of the field, named so that migrations hold no folder."""
    return PrivateStorage("forms")


def stored_name(instance: Any, filename: str) -> str:
    """A name that says nothing of the family, in a folder by form."""
    return f"{instance.answer.page_id}/{uuid4().hex}.{filename.rsplit('.', 1)[-1]}"


def sweep(*, known: set[str], before: datetime) -> int:
    """Remove the files that no row knows and that are more than a day old, and return how many.

    A file is written before its row is committed: one whose transaction failed stays behind.
    """
    folder, removed = forms_folder(), 0
    limit = (before - timedelta(days=1)).timestamp()
    for path in folder.rglob("*") if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < limit and str(path.relative_to(folder)) not in known:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
