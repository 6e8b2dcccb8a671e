"""What the site does by itself."""

from celery import shared_task
from django.conf import settings

from cms_pages.town import outside


@shared_task(name="town.check_links")
def check_links() -> int:
    """Look whether the links to other sites still lead somewhere; does nothing unless the town asked for it."""
    if not settings.CHECK_EXTERNAL_LINKS:
        return 0
    outside.collect()
    return outside.check()
