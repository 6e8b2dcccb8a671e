"""Measures, run by hand: `python -m tests.bench.planning`, `python -m tests.bench.rush`. Never part of the suite.

Importing the package sets Django up, with real commits (`synchronous_commit` as in production, unlike the tests).
"""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
settings.DATABASES["default"]["OPTIONS"].pop("options", None)
django.setup()
