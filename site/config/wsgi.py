"""The WSGI entry point: `config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from config import embedded
from config.places import default_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", default_settings())
embedded.ensure_started()

application = get_wsgi_application()
