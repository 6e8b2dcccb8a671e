"""One error for whoever reads a terminal: what failed, where the log is, what to do."""

from pathlib import Path


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be used. The message is in French and complete."""


#: What a log line reveals, and what to do about it; the first that matches is told.
KNOWN_CAUSES = (
    ("No space left on device", "Le disque est plein : libérez de la place, puis relancez la même commande."),
    ("Disk quota exceeded", "Votre quota de disque est épuisé : libérez de la place, puis relancez."),
    (
        "incompatible with server",
        "Les données viennent d’une autre version de PostgreSQL : « make demo-reset » les recrée.",
    ),
    (
        "could not create shared memory segment",
        "La mémoire partagée manque : fermez d’autres programmes, ou agrandissez /dev/shm.",
    ),
    ("Cannot allocate memory", "La mémoire manque : fermez d’autres programmes, puis relancez."),
    (
        "another postmaster",
        "Un autre PostgreSQL tient déjà ces données : « make stop », puis relancez.",
    ),
    (
        "could not bind Unix",
        "Le fichier de la prise (socket) est occupé par un autre programme : « make stop », puis relancez.",
    ),
    (
        "Address already in use",
        "Le fichier de la prise (socket) est occupé par un autre programme : « make stop », puis relancez.",
    ),
    ("invalid locale", "La langue demandée manque au système : relancez avec « LC_ALL=C »."),
    (
        "Permission denied",
        "Un dossier n’est pas accessible au compte qui lance le serveur : voyez les droits du chemin cité.",
    ),
    ("Read-only file system", "Le disque est en lecture seule : placez les données ailleurs (PORTAIL_VAR_DIR)."),
)

OTHERWISE = (
    "Relancez la même commande ; si cela persiste, « make demo-reset » recrée les données de démonstration, "
    "ou donnez l’adresse d’un serveur à vous (DATABASE_URL, REDIS_URL)."
)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, or an empty text when it cannot be read."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def advice(evidence: str) -> str:
    """What to do, judging from the server's own words."""
    return next((words for sign, words in KNOWN_CAUSES if sign in evidence), OTHERWISE)


def failure(what: str, *, log: Path, output: str = "") -> EmbeddedServerError:
    """The complete message of a server that failed: fact, log, last lines, way out."""
    tail = last_lines(log)
    parts = [what, advice(f"{output}\n{tail}"), f"Journal : {log}"]
    shown = "\n".join(filter(None, [output.strip(), tail]))
    if shown:
        parts.append("Dernières lignes :\n" + "\n".join(f"  | {line}" for line in shown.splitlines()[-12:]))
    return EmbeddedServerError("\n".join(parts))
