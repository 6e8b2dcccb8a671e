"""`python -m config.embedded start|stop|status|wipe`."""

import sys
from collections.abc import Callable

from config.embedded import EmbeddedServerError, servers

USAGE = "Usage : python -m config.embedded start|stop|status|wipe"


def status() -> str:
    """One line per server: whether it answers, and where."""
    postgres, redis = servers.postgres, servers.redis
    return "\n".join(
        f"{name} : {'en marche' if server.is_ready() else 'arrêté'} ({server.url}), journal {log}"
        for name, server, log in (
            ("PostgreSQL", postgres, servers.layout.postgres_log),
            ("Redis", redis, servers.layout.redis_log),
        )
    )


def main(arguments: list[str]) -> int:
    """Run one verb; errors are told in French on stderr."""
    verbs: dict[str, Callable[[], object]] = {
        "start": servers.ensure_started,
        "stop": servers.stop,
        "wipe": servers.wipe,
    }
    if len(arguments) != 1 or arguments[0] not in {*verbs, "status"}:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    try:
        verbs.get(arguments[0], status)()
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{status()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
