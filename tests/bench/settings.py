"""The settings of the measured server: those of the demo without DEBUG, its own keys in the cache."""

# ruff: noqa: F403, F405  # settings that chain another module

import os

os.environ["DEBUG"] = "0"

from config.settings.dev import *

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
for cache in CACHES.values():
    cache["KEY_PREFIX"] = f"bench-{os.environ.get('BENCH', os.getpid())}"
LOGGING["root"]["level"] = "ERROR"
