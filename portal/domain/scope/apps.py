from django.apps import AppConfig


class ScopeConfig(AppConfig):
    name = "portal.domain.scope"
    label = "scope"
    verbose_name = "périmètre des agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what limits agents, before anybody asks."""
        from portal.domain.families.scope import Scope, register_scope
        from portal.domain.scope.queries import enrolled, is_limited

        register_scope(Scope(is_limited=is_limited, enrolled=enrolled))
