"""Where the files of the library lie: outside everything a web server shows."""

from django.core.files.storage import Storage, storages

ALIAS = "library"


def library_storage() -> Storage:
    """The storage named `library` in STORAGES. It never replaces a file: a taken name gets another."""
    return storages[ALIAS]
