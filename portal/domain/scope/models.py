"""The places to which an agent is limited. Without a row: the whole town."""

from django.conf import settings
from django.db import models

from portal.domain.activities.models import Structure


class AgentLimit(models.Model):
    """One of the places for which an agent works."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="agent", on_delete=models.CASCADE, related_name="limits"
    )  # says nothing without its agent
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="+"
    )  # taking away somebody's last place would open the whole town to them

    class Meta:
        verbose_name = "limite d’un agent"
        verbose_name_plural = "limites des agents"
        default_permissions = ()
        permissions = [("limit_agent", "Peut limiter des agents à des structures")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "structure"],
                name="agent_limit_once",
                violation_error_message="Cet agent est déjà limité à cette structure.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.structure}"
