"""Papers of families: in preparation, sent, accepted, refused."""

import io
from datetime import UTC, date, datetime
from typing import Any

import factory
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.families.requirements import Effect
from portal.domain.papers.enums import PaperForm, PaperScope, PaperState, Validity
from portal.domain.papers.models import Paper, PaperType
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import (
    AdultFactory,
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
)

SENT_AT = datetime(2026, 9, 2, 8, tzinfo=UTC)


class PaperTypeFactory(factory.django.DjangoModelFactory[PaperType]):
    """Proof of address of the family, to 31 August; `insurance`, `rules`, `lodging` for the others."""

    class Meta:
        model = PaperType
        django_get_or_create = ("code",)

    class Params:
        insurance = factory.Trait(
            code="assurance",
            name="Assurance scolaire",
            scope=PaperScope.CHILD,
            effect=Effect.HOLDS.value,
            reasons=["La date de fin n’est pas lisible."],
            order=1,
        )
        rules = factory.Trait(
            code="reglement",
            name="Règlement intérieur",
            form=PaperForm.AGREEMENT,
            text_version="2026",
            validity=Validity.FOREVER,
            order=2,
        )
        lodging = factory.Trait(
            code="hebergement",
            name="Attestation d’hébergement",
            is_required=False,
            validity=Validity.WRITTEN,
            order=3,
        )

    code = "domicile"
    name = "Justificatif de domicile"
    scope = PaperScope.FAMILY
    validity = Validity.DAY_OF_YEAR
    valid_month = 8
    valid_day = 31


class PaperFactory(factory.django.DjangoModelFactory[Paper]):
    """A paper that waits for the service; without a file."""

    class Meta:
        model = Paper

    class Params:
        draft = factory.Trait(state=PaperState.DRAFT, sent_at=None)
        accepted = factory.Trait(state=PaperState.ACCEPTED, valid_until=date(2027, 8, 31), decided_at=SENT_AT)
        refused = factory.Trait(state=PaperState.REFUSED, reason="La pièce est illisible.", decided_at=SENT_AT)
        asked = factory.Trait(state=PaperState.ASKED, reason="Il manque le verso.", decided_at=SENT_AT)

    type = factory.SubFactory(PaperTypeFactory)
    family = factory.SubFactory(FamilyFactory)
    state = PaperState.SENT
    prepared_at = SENT_AT
    sent_at = SENT_AT
    sent_by = factory.SubFactory(UserFactory)


def photo(name: str = "piece.jpg", *, shade: int = 255) -> SimpleUploadedFile:
    """A photograph of its own shade: two shades are two contents."""
    out = io.BytesIO()
    Image.new("RGB", (30, 40), (shade, shade, shade)).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def parent_of(family: Family, **options: Any) -> User:
    user = UserFactory()
    MemberFactory(family=family, adult=AdultFactory(user=user), **options)
    return user


def child_of(*families: Family, **options: Any) -> Child:
    """A child of these households."""
    child = ChildFactory(**options)
    for family in families:
        ChildLinkFactory(family=family, child=child)
    return child


def decider(username: str = "gestion") -> User:
    """An agent who may decide on papers."""
    agent = UserFactory(username=username, agent=True)
    agent.user_permissions.set(Permission.objects.filter(content_type__app_label="papers"))
    return User.objects.get(pk=agent.pk)
