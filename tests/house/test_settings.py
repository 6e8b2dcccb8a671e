"""The settings that cost dear when they are wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from config.places import ROOT
from config.settings.base import database_from_url
from portal.domain.accounts.hashers import OwaspArgon2PasswordHasher

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "portail.mairie.example",
    "DATABASE_URL": "postgresql://portail@db.mairie.example/portail",
    "REDIS_URL": "redis://cache.mairie.example:6379/0",
}


def ask(expression: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression on the settings of a fresh process."""
    code = f"from django.conf import settings\nprint(({expression}))"
    kept = {name: value for name, value in os.environ.items() if name not in {"DEBUG", *PRODUCTION}}
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True, check=False, cwd="/"
    )


def test_passwords_cost_the_owasp_minimum() -> None:
    encoded = OwaspArgon2PasswordHasher().encode("un mot de passe", "0123456789abcdef")
    from_settings = ask("settings.PASSWORD_HASHERS[0]", DJANGO_SETTINGS_MODULE="config.settings.base", SECRET_KEY="x")

    assert from_settings.stdout.strip() == "portal.domain.accounts.hashers.OwaspArgon2PasswordHasher"
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", ["onze carac.", "qwerty123456"])
def test_short_or_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_a_long_plain_sentence_is_a_good_password() -> None:
    validate_password("les sapins du risoux")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_does_not_start_without(missing: str) -> None:
    answer = ask("settings.DEBUG", **{name: value for name, value in PRODUCTION.items() if name != missing})

    assert answer.returncode != 0
    assert missing in answer.stderr


def test_production_starts_no_server_of_its_own(tmp_path: Path) -> None:
    code = "from config import embedded; embedded.ensure_started()"
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "PORTAIL_VAR_DIR": str(tmp_path / "var")}

    subprocess.run([sys.executable, "-c", code], env=kept | environment, check=True)

    assert not (tmp_path / "var").exists()


def test_production_is_no_demo_and_sends_secure_cookies() -> None:
    answer = ask(
        "settings.DEBUG, settings.DEMO, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        "settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_NAME, settings.EMAIL_BACKEND,"
        "settings.DATABASES['default']['OPTIONS']['pool']['max_size']",
        **PRODUCTION,
    )

    assert answer.stdout.strip() == str(
        (False, False, True, True, True, "__Host-session", "django.core.mail.backends.smtp.EmailBackend", 8)
    )


def test_no_mail_leaves_the_demo() -> None:
    answer = ask("settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH", DJANGO_SETTINGS_MODULE="config.settings.dev")

    assert "filebased.EmailBackend" in answer.stdout
    assert re.search(r"var/mail'\)\)?$", answer.stdout.strip())


def test_given_addresses_are_used_as_they_are() -> None:
    answer = ask(
        "settings.DATABASES['default']['HOST'], settings.CACHES['default']['LOCATION'], settings.CELERY_BROKER_URL",
        DJANGO_SETTINGS_MODULE="config.settings.dev",
        DATABASE_URL="postgresql://p:secret@db.example:5433/portail",
        REDIS_URL="rediss://cache.example:6380/2",
    )

    assert answer.stdout.strip() == str(
        ("db.example", "rediss://cache.example:6380/2", "rediss://cache.example:6380/2")
    )


def test_a_socket_serves_database_cache_and_queue() -> None:
    answer = ask(
        "settings.CACHES['default']['LOCATION'], settings.CELERY_BROKER_URL",
        DJANGO_SETTINGS_MODULE="config.settings.dev",
        REDIS_URL="unix:///run/r.sock?db=3",
    )
    database = database_from_url("postgresql://portail@/portail?host=/run/My Folder")

    assert answer.stdout.strip() == str(("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3"))
    assert (database["HOST"], database["NAME"], database["USER"]) == ("/run/My Folder", "portail", "portail")


def test_french_in_france() -> None:
    assert (settings.LANGUAGE_CODE, settings.TIME_ZONE, settings.USE_TZ) == ("fr", "Europe/Paris", True)


def test_a_file_of_the_environment_is_read_before_the_servers_are_chosen(tmp_path: Path) -> None:
    """A DATABASE_URL in `.env` counts like one of the environment."""
    places = (ROOT / "site" / "config" / "places.py").read_text()
    folder = tmp_path / "site" / "config"
    folder.mkdir(parents=True)
    (folder / "places.py").write_text(places)
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://elsewhere.example/portail\n")
    code = "import places, os; print(os.environ['DATABASE_URL'])"

    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "postgresql://elsewhere.example/portail"
