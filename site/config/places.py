"""Where things lie, in a checkout and in an installed wheel; reads `.env` before anybody asks.

A wheel carries `templates/`, `static/`, `locale/` and `communes/` inside the `config` package;
a checkout keeps them outside it. Both are resolved here, once.
"""

import os
from pathlib import Path

import environ

CONFIG_DIR = Path(__file__).resolve().parent

#: True in an installed wheel, false in a checkout (editable install included).
IS_PACKAGED = (CONFIG_DIR / "templates").is_dir()

#: The checkout; in a wheel, the folder the process was started in.
ROOT = Path.cwd() if IS_PACKAGED else CONFIG_DIR.parents[1]

if (ROOT / ".env").is_file():
    environ.Env.read_env(ROOT / ".env")

TEMPLATES_DIR = CONFIG_DIR / "templates" if IS_PACKAGED else ROOT / "templates"
STATIC_DIR = CONFIG_DIR / "static" if IS_PACKAGED else ROOT / "site" / "static"
LOCALE_DIR = CONFIG_DIR / "locale" if IS_PACKAGED else ROOT / "locale"
COMMUNES_DIR = CONFIG_DIR / "communes" if IS_PACKAGED else ROOT / "site" / "communes"

#: Everything the portal writes: uploads, demo mails, embedded servers.
VAR_DIR = Path(os.environ.get("PORTAIL_VAR_DIR") or ROOT / "var").resolve()


def default_settings() -> str:
    """The settings module used when the environment names none.

    A checkout is somebody's workshop, a wheel is somebody's server: only the first
    may fall back on settings with a public secret key.
    """
    return "config.settings.production" if IS_PACKAGED else "config.settings.dev"
