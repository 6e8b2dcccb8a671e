"""A town that accepts absences: its reasons, its rule for the canteen, agents who decide."""

import io
from typing import Any

import factory
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.domain.absences.models import AbsenceReason, AbsenceRule
from portal.domain.accounts.models import User
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityTypeFactory


class ReasonFactory(factory.django.DjangoModelFactory[AbsenceReason]):
    """Illness, with a certificate; traits `school` (none, no carence) and `other` (words)."""

    class Meta:
        model = AbsenceReason
        django_get_or_create = ("code",)

    class Params:
        school = factory.Trait(
            code="ecole", name="Sortie ou enseignant absent", needs_certificate=False, skips_carence=True
        )
        other = factory.Trait(code="autre", name="Autre", needs_certificate=False, needs_words=True)

    code = "maladie"
    name = "Maladie"


class RuleFactory(factory.django.DjangoModelFactory[AbsenceRule]):
    """The canteens: two days to declare, eight for the certificate, one day of carence."""

    class Meta:
        model = AbsenceRule

    type = factory.SubFactory(ActivityTypeFactory)
    declare_days = 2
    certificate_days = 8
    carence_days = 1


def certificate(name: str = "certificat.jpg", *, shade: int = 255) -> SimpleUploadedFile:
    """A photograph of its own shade: two shades are two contents."""
    out = io.BytesIO()
    Image.new("RGB", (30, 40), (shade, shade, shade)).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def decider(username: str = "gestion", **values: Any) -> User:
    """An agent who may read certificates, decide, and see who is absent."""
    agent = UserFactory(username=username, agent=True, **values)
    agent.user_permissions.set(Permission.objects.filter(content_type__app_label="absences"))
    return User.objects.get(pk=agent.pk)
