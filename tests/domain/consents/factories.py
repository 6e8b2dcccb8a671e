"""Authorisations of the town."""

from datetime import UTC, datetime

import factory

from portal.domain.consents.models import ConsentText, ConsentType


class ConsentTypeFactory(factory.django.DjangoModelFactory[ConsentType]):
    """The right to one's image on the town's site."""

    class Meta:
        model = ConsentType
        django_get_or_create = ("code",)

    code = "image-site"
    kind = "image"
    use = "website"
    title = "Site de la commune"


class ConsentTextFactory(factory.django.DjangoModelFactory[ConsentText]):
    class Meta:
        model = ConsentText

    type = factory.SubFactory(ConsentTypeFactory)
    number = 1
    text = "J’autorise la diffusion de photos de mon enfant sur le site de la commune."
    published_at = datetime(2026, 6, 1, 8, tzinfo=UTC)
