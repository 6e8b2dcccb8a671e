"""Background doors of the families."""

from celery import shared_task
from django.utils import timezone

from portal.domain.families import acting, registration


@shared_task(name="families.resend_activation")
def resend_activation(*, email: str) -> None:
    """Send a new activation link if an account waits at this address.

    Behind the queue so that the page which asks does the same work whether one waits or not.
    """
    registration.resend_activation(email=email, at=timezone.now())


@shared_task(name="families.close_expired_acting")
def close_expired_acting() -> None:
    """Close the spaces of families that agents left open; also done at their next page."""
    acting.close_expired_acting(at=timezone.now())
