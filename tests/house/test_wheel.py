"""What a commune's server installs: a wheel, without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from config.places import COMMUNES_DIR, LOCALE_DIR, ROOT, STATIC_DIR, TEMPLATES_DIR

FOLDERS = {
    "config/templates": TEMPLATES_DIR,
    "config/locale": LOCALE_DIR,
    "config/static": STATIC_DIR,
    "config/communes": COMMUNES_DIR,
}


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release would."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    return next(folder.glob("*.whl"))


def test_holds_packages_templates_static_files_and_profiles(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    for inside, outside in FOLDERS.items():
        for path in outside.rglob("*"):
            if path.is_file():
                assert f"{inside}/{path.relative_to(outside)}" in names
    assert not any(name.startswith(("tests/", "site/", "scripts/")) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_runs_from_an_empty_folder_with_production_settings(wheel: Path, tmp_path: Path) -> None:
    """Installed beside the checkout but found before it; the folder is empty so that nothing else is."""
    target, elsewhere = tmp_path / "installed", tmp_path / "empty"
    elsewhere.mkdir()
    zipfile.ZipFile(wheel).extractall(target)
    environment = {
        "PYTHONPATH": str(target),
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "portail.mairie.example",
        "DATABASE_URL": "postgresql://portail@db.mairie.example/portail",
        "REDIS_URL": "redis://cache.mairie.example:6379/0",
        "DJANGO_SETTINGS_MODULE": "",
    }
    environment["DJANGO_SETTINGS_MODULE"] = run(
        sys.executable,
        "-c",
        "from config.places import default_settings; print(default_settings())",
        cwd=elsewhere,
        **environment,
    ).strip()

    told = run(
        sys.executable,
        "-c",
        "import django; django.setup(); import config, portal; from django.conf import settings;"
        "from django.core.management import call_command; call_command('check');"
        "print(config.__file__, portal.__file__, *settings.TEMPLATES[0]['DIRS'], *settings.STATICFILES_DIRS,"
        " *settings.COMMUNES_DIRS)",
        cwd=elsewhere,
        **environment,
    )

    assert environment["DJANGO_SETTINGS_MODULE"] == "config.settings.production"
    assert all(path.startswith(str(target)) for path in told.splitlines()[-1].split())


def test_the_metadata_name_the_direct_dependencies_and_the_console_script(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = archive.read(info).decode()
    scripts = archive.read(info.replace("METADATA", "entry_points.txt")).decode()

    assert "Requires-Dist: django<5.3,>=5.2" in metadata
    assert "License-Expression: AGPL-3.0-or-later" in metadata
    assert "portail = config.cli:main" in scripts
