"""Quotients of families: checked, waiting, refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.quotients.enums import Authority, QuotientSource, QuotientState
from portal.domain.quotients.formula import CAF, to_data
from portal.domain.quotients.models import Quotient, QuotientDefinition, QuotientPolicy
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import FamilyFactory

SENT_AT = datetime(2026, 9, 2, 8, tzinfo=UTC)


class PolicyFactory(factory.django.DjangoModelFactory[QuotientPolicy]):
    class Meta:
        model = QuotientPolicy
        django_get_or_create = ("only",)

    only = True
    reminder_days = factory.LazyFunction(lambda: [30, 7])
    proof_required = False


class DefinitionFactory(factory.django.DjangoModelFactory[QuotientDefinition]):
    """The CAF's; `town=True` for one that the town computes."""

    class Meta:
        model = QuotientDefinition
        django_get_or_create = ("code",)

    class Params:
        msa = factory.Trait(code="msa", name="Quotient de la MSA", authority=Authority.MSA, order=1)
        town = factory.Trait(
            code="commune", name="Calculé par la mairie", authority=Authority.TOWN, formula=to_data(CAF), order=2
        )

    code = "caf"
    name = "Quotient familial de la Caf"
    authority = Authority.CAF


class QuotientFactory(factory.django.DjangoModelFactory[Quotient]):
    """A declaration that waits; `accepted=True` holds from 2 September 2026 to 31 August 2027."""

    class Meta:
        model = Quotient

    class Params:
        accepted = factory.Trait(
            state=QuotientState.ACCEPTED,
            valid_from=date(2026, 9, 2),
            valid_until=date(2027, 8, 31),
            decided_at=SENT_AT,
        )
        refused = factory.Trait(
            state=QuotientState.REFUSED, reason="Le justificatif n’est pas lisible.", decided_at=SENT_AT
        )
        asked = factory.Trait(state=QuotientState.ASKED, reason="Il manque le verso.", decided_at=SENT_AT)

    family = factory.SubFactory(FamilyFactory)
    definition = factory.SubFactory(DefinitionFactory)
    value = Decimal(842)
    declared_value = factory.SelfAttribute("value")
    month = date(2026, 8, 1)
    source = QuotientSource.DECLARED
    state = QuotientState.SENT
    sent_at = SENT_AT
    sent_by = factory.SubFactory(UserFactory)


def checker(username: str = "regie") -> User:
    """An agent who may decide on quotients."""
    agent = UserFactory(username=username, agent=True)
    agent.user_permissions.set(Permission.objects.filter(content_type__app_label="quotients"))
    return User.objects.get(pk=agent.pk)
