"""The secret address of a person's agenda."""

from django.conf import settings
from django.db import models

from portal.domain.families.models import FamilyMember
from portal.domain.feeds.enums import ChildNames


class CalendarFeed(models.Model):
    """One live address for a person in a household, and what its agenda holds. Revoked, the row is gone.

    The address is derived from `nonce` with the site's key and never stored: `digest` finds the row. A copy of the
    database alone opens no agenda.
    """

    member = models.OneToOneField(
        FamilyMember, verbose_name="membre", on_delete=models.CASCADE, related_name="calendar_feed"
    )  # whoever leaves the household reads nothing more of it
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="calendar_feeds"
    )  # the address was given to this account, not to the next one of the same adult
    nonce = models.CharField("graine de l’adresse", max_length=43, unique=True)
    digest = models.CharField("empreinte de l’adresse", max_length=64, unique=True)
    names = models.CharField(
        "enfants nommés", max_length=10, choices=ChildNames.choices, default=ChildNames.FIRST_NAME
    )
    with_deadlines = models.BooleanField("avec les échéances", default=True)
    with_alarms = models.BooleanField("avec une alerte la veille des échéances", default=True)
    with_closures = models.BooleanField("avec les fermetures", default=True)
    with_prices = models.BooleanField("avec les prix", default=False)
    created_at = models.DateTimeField("créée le")
    changed_at = models.DateTimeField("changée le")
    last_read_on = models.DateField("lue pour la dernière fois le")

    class Meta:
        verbose_name = "agenda"
        verbose_name_plural = "agendas"
        indexes = [models.Index(fields=["last_read_on"], name="calendar_feed_read")]

    def __str__(self) -> str:
        return f"agenda de {self.member}"
