"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.db import connections

from config import embedded
from config.places import default_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_settings())

app = Celery("portail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def start_servers(**_: Any) -> None:
    """Start the embedded servers if nobody has: they are shared by web, worker and tests."""
    embedded.ensure_started()


@worker_init.connect
def prepare_worker(**_: Any) -> None:
    """Start the servers, and leave no connection pool to be shared by the forked children."""
    embedded.ensure_started()
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
