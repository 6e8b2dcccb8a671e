"""Agents who may merge and archive."""

from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from tests.domain.accounts.factories import UserFactory


def make_merger(*codenames: str) -> User:
    """An agent with the rights of this package, or with those named."""
    agent: User = UserFactory(agent=True)
    wanted = codenames or ("merge_family", "archive_family")
    agent.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return User.objects.get(pk=agent.pk)
