"""A checkout on one machine, and the demo (which runs with DEBUG=0). No mail ever leaves it."""

from config import places
from config.settings.base import *

DEBUG = env.bool("DEBUG", default=True)
DEMO = True

# Known to everybody: production refuses to start without its own.
SECRET_KEY = env.str("SECRET_KEY", default="cle-publique-de-demonstration-sans-aucune-valeur-hors-de-cette-machine")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = places.VAR_DIR / "mail"

if DEBUG:
    WHITENOISE_AUTOREFRESH = True
    WHITENOISE_USE_FINDERS = True
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
else:
    # The demo: the hashed names of production, without compressing a thousand files for one machine.
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
