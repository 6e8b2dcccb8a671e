"""Where the embedded servers keep their data, sockets and binaries, and who runs them.

Computed from `stat` alone, so that settings may ask for an address without starting anything.

PostgreSQL refuses to run as root; it then runs as a service account, which must be able to
reach its data and its binaries. When the clone lies in a folder only its owner may enter
(`/root/…`), both move to `/var/lib/portail-famille/<hash of the path>/`. The owner's folders
keep their modes.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.errors import EmbeddedServerError

SERVICE_ACCOUNT = "portail-famille"
OUTSIDE = Path("/var/lib/portail-famille")

#: `sun_path` holds 108 bytes with its final zero; PostgreSQL appends `/.s.PGSQL.5432.lock`.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


def package_folder(name: str) -> Path:
    """The folder of an installed package, without importing it (and without its side effects)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            f"Le paquet Python « {name} » manque : « make demo » l’installe, "
            "ou donnez l’adresse d’un serveur à vous (DATABASE_URL, REDIS_URL)."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def open_to_others(path: Path) -> bool:
    """Whether an account without rights of its own may walk down to `path` (its parents, if it is not there yet)."""
    path = path.resolve()
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists() and folder.is_dir()
    )


def make_walkable(folder: Path) -> None:
    """Create `folder` and its missing parents so that every account may walk through; existing ones are left alone."""
    if not folder.exists():
        make_walkable(folder.parent)
        folder.mkdir(exist_ok=True)
        # Explicit, because root's umask may be 077.
        folder.chmod(0o755)


def open_to_everyone(folder: Path) -> None:
    """Let every account read and run a copied program folder, whatever the modes of its source."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444))


def digest(path: Path) -> str:
    """A short name for a path, the same on every run."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Account:
    """Who runs a server: the arguments that `subprocess` needs to become that person."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of_uid(cls, uid: int) -> "Account":
        """The account of a user id; without an entry in the user database, its number."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(str(uid), uid, uid)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()

    def run(self, command: Sequence[object], *, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, with nothing of our environment but the path."""
        return subprocess.run(  # noqa: S603  # our own binaries, no shell
            [str(part) for part in command],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            cwd="/",
            check=False,
            user=None if self.is_me else self.uid,
            group=None if self.is_me else self.gid,
            extra_groups=None if self.is_me else [],
        )

    def make_folder(self, folder: Path) -> None:
        """Create a folder that this account alone may enter; its parents stay as they are."""
        make_walkable(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode) or (found.st_uid not in {self.uid, os.geteuid()}):
            raise EmbeddedServerError(
                f"Le dossier {folder} appartient à {Account.of_uid(found.st_uid).name}, pas à {self.name}.\n"
                f"Lancez la commande avec ce compte, ou effacez ce dossier s’il ne sert plus."
            )
        if found.st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


def service_account() -> Account:
    """The account that runs PostgreSQL for root, created when missing; `nobody` when it cannot be."""
    for attempt in ("look", "create"):
        try:
            entry = pwd.getpwnam(SERVICE_ACCOUNT)
        except KeyError:
            useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
            if attempt == "look" and useradd:
                subprocess.run(  # noqa: S603  # constant arguments
                    [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_ACCOUNT],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    check=False,
                )
        else:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return Account.of_uid(pwd.getpwnam("nobody").pw_uid)


@dataclass(frozen=True)
class Layout:
    """Every path of the embedded servers of one `var` folder."""

    var: Path

    @cached_property
    def outside(self) -> Path:
        """The folder that serves when the service account cannot enter `var`."""
        return OUTSIDE / digest(self.var)

    @cached_property
    def postgres(self) -> Path:
        """The folder of PostgreSQL: `data/`, `run/` and `server.log`, all of the account that runs it."""
        inside, outside = self.var / "postgres", self.outside / "postgres"
        if os.geteuid() != 0 or (inside.exists() and inside.stat().st_uid != 0):
            return inside
        if outside.exists() or not open_to_others(self.var):
            return outside
        return inside

    @property
    def data(self) -> Path:
        return self.postgres / "data"

    @property
    def postgres_log(self) -> Path:
        return self.postgres / "server.log"

    @cached_property
    def postgres_sockets(self) -> Path:
        return self._sockets(self.postgres / "run", "pg")

    @property
    def redis(self) -> Path:
        return self.var / "redis"

    @property
    def redis_log(self) -> Path:
        return self.redis / "server.log"

    @cached_property
    def redis_socket(self) -> Path:
        return self._sockets(self.redis, "redis") / "redis.sock"

    @property
    def lock(self) -> Path:
        return self.var / "embedded.lock"

    def _sockets(self, folder: Path, kind: str) -> Path:
        """`folder`, or a short one of `/tmp` when the clone lies too deep for a socket's path."""
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        return Path("/tmp") / f"portail-{kind}-{os.geteuid()}-{digest(folder)}"  # noqa: S108  # checked by make_folder
