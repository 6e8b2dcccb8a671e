"""One migrated database per state of the migrations; each run copies it instead of migrating again.

Replaying every migration of Wagtail and ours takes twenty seconds of processor; copying, one.
The model is named by a digest of the migration files themselves, so that it cannot be stale.
"""

import hashlib
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection

PREFIX = "modele_portail_"
MODELS_KEPT = 16
KEYS_APART = 10_000
LOCK = 0x506F72746169  # one maker at a time, whatever the number of test processes


def migrations_digest() -> str:
    """A digest of everything that shapes the migrated database."""
    digest = hashlib.sha256(django.__version__.encode() + Path(__file__).read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        digest.update(config.label.encode())
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def use_migrated_model() -> None:
    """Make sure the model exists, and tell Django to create the test database from it."""
    name = PREFIX + migrations_digest()
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
            _make(server, name)
    settings["TEST"] |= {"TEMPLATE": name, "MIGRATE": False}


def _make(server: psycopg.Connection, name: str) -> None:
    """Migrate a draft, then give it its name: an interrupted run leaves no half-made model."""
    draft = PREFIX + "brouillon"
    server.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
    server.execute(f"CREATE DATABASE {draft} TEMPLATE template0")
    settings = connection.settings_dict
    connection.close()
    before, settings["NAME"] = settings["NAME"], draft
    try:
        call_command("migrate", verbosity=0, interactive=False)
        _number_apart()
    finally:
        connection.close()
        settings["NAME"] = before
    server.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
    models = server.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC", [PREFIX + "%"]
    ).fetchall()
    for (old,) in models[MODELS_KEPT:]:
        server.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")


def _number_apart() -> None:
    """Let every table count from its own far number, as after years of use.

    Two tables then never share a key, so one taken for another is seen; and nothing passes because keys are small.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2")
        for rank, (schema, name, last) in enumerate(cursor.fetchall(), start=1):
            first = max(last or 0, rank * KEYS_APART)
            cursor.execute("SELECT setval(format('%%I.%%I', %s::text, %s::text), %s)", [schema, name, first])
