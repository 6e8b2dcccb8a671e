"""Where files that are not for everybody lie: outside every folder that a web server shows."""

from pathlib import Path
from typing import Any

from django.conf import settings
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
