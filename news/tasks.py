"""What happens to pages by the clock."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="news.publish_scheduled")
def publish_scheduled() -> None:
    """Put on line what was to be, take down what is over: Wagtail's own command, for pages of every kind."""
    call_command("publish_scheduled", verbosity=0)
