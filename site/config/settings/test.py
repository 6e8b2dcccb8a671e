"""The test suite: real PostgreSQL, nothing kept, nothing sent, quick passwords."""

from config.settings.base import *

# The pages of the demo are tested too.
DEMO = True
SECRET_KEY = "tests"  # noqa: S105  # nothing lasts beyond the run
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
COMMUNE = "les-rousses"

# TEST_DB_SUFFIX: several runs at once on one machine, each with its own database.
DATABASES["default"]["TEST"] = {
    "NAME": "_".join(filter(None, ["test_portail", env.str("TEST_DB_SUFFIX", default="")])),
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
# What a test commits may be lost by a power cut, the database around it may not: `fsync` stays on.
# A statement that does not end is a failed test, not a suite that never answers.
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off -c statement_timeout=120s"

CACHES = {alias: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for alias in ("default", "public")}
# Most tests change the database without a commit, which would tell the kept pages nothing.
PAGE_CACHE = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Tasks run where they are sent; a test that needs the queue asks for a worker.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_URL = "memory://"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "library": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]

LOGGING = {"version": 1, "disable_existing_loggers": False}
