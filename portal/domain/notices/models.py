"""Notices and how people want them."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from portal.domain.families.models import Family, FamilyMember
from portal.domain.notices.enums import OPTIONAL, NoticeKind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """A notice belongs to one account, and one about a family is read while its person may look there."""
        if not user.is_authenticated:
            return self.none()
        members = FamilyMember.objects.filter(family=OuterRef("family"), adult__user=user, can_see=True)
        return self.filter(Q(family=None) | Exists(members), user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notice(models.Model):
    """One thing said to one person. `path` is where to read it, an address of the portal."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="notices"
    )  # said to somebody who is gone
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    kind = models.CharField("sujet", max_length=10, choices=NoticeKind.choices)
    title = models.CharField("titre", max_length=200)
    text = models.CharField("texte", max_length=500, blank=True)
    path = models.CharField("page", max_length=200, blank=True)
    reference = models.CharField("référence", max_length=64, blank=True)
    at = models.DateTimeField("le")
    read_at = models.DateTimeField("lue le", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "notification"
        verbose_name_plural = "notifications"
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class NoticePreference(models.Model):
    """Whether a mail comes with the notices of a kind, and whether the space shows them. Without a row: yes."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="notice_preferences"
    )  # a taste without its person
    kind = models.CharField("sujet", max_length=10, choices=NoticeKind.choices)
    by_mail = models.BooleanField("par courriel", default=True)
    in_space = models.BooleanField("dans l’espace", default=True)

    class Meta:
        verbose_name = "préférence de notification"
        verbose_name_plural = "préférences de notification"
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notice_preference_once"),
            models.CheckConstraint(
                condition=Q(in_space=True) | Q(kind__in=sorted(OPTIONAL)),
                name="notice_preference_space_is_kept",
                violation_error_message="Seuls les rappels se retirent de l’espace.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_kind_display()}"
