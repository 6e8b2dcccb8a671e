"""The ASGI entry point: `config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from config import embedded
from config.places import default_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_settings())
embedded.ensure_started()

application = get_asgi_application()
