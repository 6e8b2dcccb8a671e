"""The console script `portail`: Django's management commands, from any directory."""

import os
import sys

from django.core.management import execute_from_command_line

from config import embedded
from config.places import default_settings

#: Commands that never open the database: they must not wait for a server.
WITHOUT_DATABASE = frozenset(
    {"help", "--help", "-h", "version", "--version", "check", "collectstatic", "compilemessages", "diffsettings"}
    | {"makemessages"}
)


def main() -> None:
    """Run the management command of `sys.argv`, with the embedded servers up when it needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_settings())
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_DATABASE:
        try:
            embedded.ensure_started()
        except embedded.EmbeddedServerError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
