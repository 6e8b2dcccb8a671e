"""Who may do what on a screen: the permissions of the agent's groups, read without a query per screen."""

from typing import Any

from django.db import models
from wagtail_modeladmin.helpers import PermissionHelper

from portal.domain.accounts.models import User

_ACTIONS = ("view", "add", "change", "delete")


class AgentPermissions(PermissionHelper):
    """A screen opens to whoever may do anything with its model, and says what an agent limited to places changes."""

    screen: Any

    def user_has_any_permissions(self, user: User) -> bool:
        """modeladmin reads the list of permissions in the database; ours are Django's four."""
        return any(self.user_has_specific_permission(user, self.get_perm_codename(action)) for action in _ACTIONS)

    def user_can_create(self, user: User) -> bool:
        return bool(super().user_can_create(user)) and self.screen.may_create(user)

    def user_can_edit_obj(self, user: User, obj: models.Model) -> bool:
        return bool(super().user_can_edit_obj(user, obj)) and self.screen.may_change(user, obj)

    def user_can_delete_obj(self, user: User, obj: models.Model) -> bool:
        return bool(super().user_can_delete_obj(user, obj)) and self.screen.may_change(user, obj)


class ReadOnlyPermissions(AgentPermissions):
    """Nobody writes these here, not even a superuser: only the domain does."""

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_edit_obj(self, user: User, obj: models.Model) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: models.Model) -> bool:
        return False


class KeptPermissions(AgentPermissions):
    """Created and corrected, never deleted."""

    def user_can_delete_obj(self, user: User, obj: models.Model) -> bool:
        return False


class SingleRowPermissions(KeptPermissions):
    """One row for the town: created when it is missing, then only corrected."""

    def user_can_create(self, user: User) -> bool:
        return super().user_can_create(user) and not self.model._default_manager.exists()
