"""Accounts, as the portal makes them."""

from datetime import UTC, datetime, timedelta

import factory
from django.contrib.auth.hashers import make_password

from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import Activation, TermsVersion, User
from portal.domain.accounts.rules import digest

PASSWORD = "trois chamois sur la crête"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """An open account. `pending=True`: it waits for its activation."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        agent = factory.Trait(is_staff=True)
        pending = factory.Trait(is_active=False)

    username = factory.Sequence(lambda number: f"compte{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@famille.example")
    first_name = "Claire"
    last_name = "Vuillet"
    password = factory.LazyFunction(lambda: make_password(PASSWORD))
    origin = AccountOrigin.SELF


class ActivationFactory(factory.django.DjangoModelFactory[Activation]):
    """The link of a waiting account, sent on 7 September 2026 at noon; its token is `token`."""

    class Meta:
        model = Activation
        exclude = ["token"]

    token = factory.Sequence(lambda number: f"6a9c1234.jeton{number}")
    user = factory.SubFactory(UserFactory, pending=True)
    token_digest = factory.LazyAttribute(lambda activation: digest(activation.token))
    sent_at = datetime(2026, 9, 7, 10, tzinfo=UTC)
    expires_at = factory.LazyAttribute(lambda activation: activation.sent_at + timedelta(hours=24))


class TermsVersionFactory(factory.django.DjangoModelFactory[TermsVersion]):
    class Meta:
        model = TermsVersion

    number = factory.Sequence(lambda number: number + 1)
    title = "Conditions générales d’utilisation"
    body = "Le portail sert à réserver les services de la commune."
    published_at = datetime(2026, 1, 5, 8, tzinfo=UTC)
