"""One migrated database per state of the migrations; each run copies it instead of migrating again.

Replaying every migration of Wagtail and ours takes a minute of processor; copying, a second. The model is named by a
digest of the migration files themselves, so that it cannot be stale; it keeps the list of these files, so that one
more migration is played on the nearest model, not on nothing.
"""

import hashlib
import json
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from psycopg import sql

PREFIX = "modele_portail_"
MODELS_KEPT = 16
KEYS_APART = 10_000
LOCK = 0x506F72746169  # one maker at a time, whatever the number of test processes


def migration_files() -> dict[str, str]:
    """Everything that shapes the migrated database: a digest of each migration file."""
    files = {}
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            files[f"{config.label}/{path.stem}"] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return files


def digest_of(files: dict[str, str]) -> str:
    """One digest for all of them, and for what plays them."""
    played = hashlib.sha256(django.__version__.encode() + Path(__file__).read_bytes())
    played.update(json.dumps(files, sort_keys=True).encode())
    return played.hexdigest()[:16]


def use_migrated_model() -> None:
    """Make sure the model exists, and tell Django to create the test database from it."""
    files = migration_files()
    name = PREFIX + digest_of(files)
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _make(server, name, files)
    settings["TEST"] |= {"TEMPLATE": name, "MIGRATE": False}


def _make(server: psycopg.Connection, name: str, files: dict[str, str]) -> None:
    """Migrate a draft, then give it its name: an interrupted run leaves no half-made model."""
    draft = PREFIX + "brouillon"
    server.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
    server.execute(f"CREATE DATABASE {draft} TEMPLATE {_nearest(server, files)}")
    settings = connection.settings_dict
    connection.close()
    before, settings["NAME"] = settings["NAME"], draft
    try:
        call_command("migrate", verbosity=0, interactive=False)
        _number_apart()
    finally:
        connection.close()
        settings["NAME"] = before
    server.execute(sql.SQL(f"COMMENT ON DATABASE {draft} IS {{}}").format(json.dumps(files)))
    server.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
    models = server.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC", [PREFIX + "%"]
    ).fetchall()
    for (old,) in models[MODELS_KEPT:]:
        server.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")


def _nearest(server: psycopg.Connection, files: dict[str, str]) -> str:
    """The model that has played the most of these migrations and no other; the empty template when there is none."""
    known = server.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"]
    ).fetchall()
    best, most = "template0", 0
    for name, comment in known:
        played = json.loads(comment) if comment else {}
        if len(played) > most and played.items() <= files.items():
            best, most = name, len(played)
    return best


def _number_apart() -> None:
    """Let every table count from its own far number, as after years of use.

    Two tables then never share a key, so one taken for another is seen; and nothing passes because keys are small.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2")
        for rank, (schema, name, last) in enumerate(cursor.fetchall(), start=1):
            first = max(last or 0, rank * KEYS_APART)
            cursor.execute("SELECT setval(format('%%I.%%I', %s::text, %s::text), %s)", [schema, name, first])
