"""Where files that are not for everybody lie: outside every folder that a web server shows."""

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible
class PrivateStorage(FileSystemStorage):
    """A folder of `PRIVATE_ROOT`, readable by the portal's own account. Files have no address of their own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(base_url=None, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> Any:
        """Read at each use: tests have a root of their own."""
        return str(Path(settings.PRIVATE_ROOT) / self.folder)

    @property
    def location(self) -> Any:
        return str(Path(self.base_location).absolute())

    def url(self, name: str | None) -> str:
        """There is none: a view checks the right to read, then sends the file. Raises ValueError."""
        raise ValueError("a private file has no address")

    def _save(self, name: str, content: "File[Any]") -> str:
        """Written beside under another name, then given its own: a full disk leaves nothing, or the whole file."""
        part = f"{name}.{uuid.uuid4().hex}.part"
        try:
            super()._save(part, content)  # type: ignore[misc]  # django-stubs leave it out; Storage.save calls it
            Path(self.path(part)).replace(self.path(name))
        except BaseException:
            with suppress(OSError):
                Path(self.path(part)).unlink(missing_ok=True)
            raise
        return name

    def every_name(self) -> Iterator[str]:
        """The names of all the files that lie there, as the database writes them. Links are not followed."""
        root = Path(self.location)
        for folder, _folders, names in os.walk(root, followlinks=False):
            for name in names:
                path = Path(folder) / name
                if not path.is_symlink():
                    yield path.relative_to(root).as_posix()
