"""Two families, their accounts and everything that has an address: what an adversary would try to reach.

The first family is the victim: `SECRETS` are the words that nobody else may ever read. Everything is in the real
database, made by the domain's own verbs where there is one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction

from portal.domain.accounts.models import Activation, TermsAcceptance, TermsVersion, User
from portal.domain.accounts.rules import digest
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Unit
from portal.domain.bookings.models import Basket, BasketLine, Booking, DayPlaces, Receipt, ReceiptLine
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember, Registration, Schooling
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import open_procedure
from tests.domain.accounts.factories import ActivationFactory, TermsVersionFactory, UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.web.planning.scene import NOW, SCHOOL_WEEK, Scene, code, days_of, make_unit

#: Words of the first family. The mails and the address of the dossier are made of its name and number.
NAME, NUMBER = "Quatremer", "904127"
FIRST_NAMES = ("Ildefonse", "Sidonie", "Anatole")
CONTACT = f"dossier{NUMBER}@quatremer.example"

#: A day that may still change on `NOW`, and one that is closed since the Thursday before.
OPEN_DAY, CLOSED_DAY = date(2026, 9, 15), date(2026, 9, 10)

JOINING_TOKEN = "6a9c1234.rattachement"
ACTIVATION_TOKEN = "6aa31234.activation"


@dataclass
class Town:
    """The first family in full, the accounts around it, and a second family that wants to know."""

    first: Scene
    second: Scene
    other_parent: User
    relative: User
    agent: User
    orphan: User
    applicant: User
    canteen: Unit
    evening: Unit
    wednesday: Unit
    receipt: Receipt
    terms: TermsVersion

    @property
    def family(self) -> Family:
        return self.first.family

    @property
    def owner(self) -> User:
        return self.first.user

    @property
    def stranger(self) -> User:
        return self.second.user

    @property
    def children(self) -> list[Child]:
        return list(Child.objects.filter(links__family=self.family).order_by("links__order"))

    @property
    def enrolled(self) -> Child:
        return self.children[0]

    @property
    def not_enrolled(self) -> Child:
        """A child of the first family who could be enrolled in anything."""
        return self.children[2]

    @property
    def enrolment(self) -> Enrolment:
        return Enrolment.objects.get(child=self.enrolled, activity=self.canteen.activity)

    @property
    def basket(self) -> Basket:
        return Basket.objects.get(family=self.family)

    @property
    def token(self) -> str:
        """What the recap says of the draft that it shows."""
        return f"{self.basket.key}:{self.basket.version}"

    @property
    def mail(self) -> OutgoingMail:
        return OutgoingMail.objects.get(reference=self.receipt.number)

    @property
    def reset_key(self) -> tuple[str, str]:
        return user_pk_to_url_str(self.owner), default_token_generator.make_token(self.owner)

    def code(self, day: date = OPEN_DAY, *, child: Child | None = None, unit: Unit | None = None) -> str:
        return code(child or self.enrolled, unit or self.canteen, day)

    def tick(self, day: date, *, child: Child | None = None, unit: Unit | None = None) -> dict[str, Any]:
        """What the form sends when one free box is ticked."""
        cell = self.code(day, child=child, unit=unit)
        return {"montre": [f"{cell}.0"], "jour": [cell]}

    def untick(self, day: date, *, child: Child | None = None, unit: Unit | None = None) -> dict[str, Any]:
        """What the form sends when one ticked box is emptied."""
        return {"montre": [f"{self.code(day, child=child, unit=unit)}.1"], "jour": []}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody outside the first family may read."""
        return (
            NAME,
            NUMBER,
            *FIRST_NAMES,
            self.owner.username,
            self.receipt.number,
            self.receipt.code,
            str(self.basket.key) if Basket.objects.filter(family=self.family).exists() else NAME,
        )

    def ledger(self) -> dict[str, list[Any]]:
        """Every row about the first family, to see that nothing moved."""
        family, children = self.family, Child.objects.filter(links__family=self.family)
        rows = (
            Family.objects.filter(pk=family.pk),
            FamilyMember.objects.filter(family=family),
            Adult.objects.filter(memberships__family=family),
            Child.objects.filter(pk__in=children),
            ChildLink.objects.filter(family=family),
            Schooling.objects.filter(child__in=children),
            Enrolment.objects.filter(child__in=children),
            PatternDay.objects.filter(enrolment__child__in=children),
            Booking.objects.filter(child__in=children),
            Basket.objects.filter(family=family),
            BasketLine.objects.filter(basket__family=family),
            Receipt.objects.filter(family=family),
            ReceiptLine.objects.filter(receipt__family=family),
            Procedure.objects.filter(family=family),
            Notice.objects.filter(user=self.owner),
            Registration.objects.filter(family=family),
            Activation.objects.all(),
            DayPlaces.objects.all(),
            TermsAcceptance.objects.all(),
        )
        kept: dict[str, list[Any]] = {each.model.__name__: sorted(map(str, each.values_list())) for each in rows}
        kept["User"] = sorted(
            map(str, User.objects.order_by("pk").values_list("pk", "password", "email", "is_active"))
        )
        return kept


@contextmanager
def rehearsal(subtests: pytest.Subtests, name: object) -> Iterator[None]:
    """One case among many on the same town: what it writes is taken back, its failure does not hide the next one's."""
    with subtests.test(repr(name)[:60]), transaction.atomic():
        yield
        transaction.set_rollback(True)


def build() -> Town:
    """The town at `NOW`; call it under the frozen clock, after the profile of a commune if there is one."""
    terms = TermsVersion.objects.order_by("-number").first() or TermsVersionFactory(number=1)
    first = Scene(
        family=FamilyFactory(number=NUMBER, name=NAME, contact_email=CONTACT, street=f"{NUMBER} chemin de l’Essai"),
        user=UserFactory(
            username="berengere", first_name="Bérangère", last_name=NAME, email="berengere@quatremer.example"
        ),
    )
    second = Scene(
        family=FamilyFactory(number="333", name="Vuillet"),
        user=UserFactory(username="curieux", first_name="Lou", last_name="Vuillet"),
    )
    relative = UserFactory(username="tante", first_name="Odette", last_name="Vuillet")
    MemberFactory(family=first.family, adult=AdultFactory(user=relative, first_name="Odette"), relative=True)
    canteen = make_unit(order=1, capacity=20)
    evening = make_unit("Accueil du soir", name="Soir", price="2.10", order=2)
    wednesday = make_unit(
        "Mercredi",
        name="Journée",
        price="10.40",
        weekdays=[3],
        order=3,
        code="mercredi-2026",
        enrolment_mode=EnrolmentMode.PATTERN,
    )
    for name, level in zip(FIRST_NAMES, ("CM1", "CE1", "CP"), strict=True):
        first.child(name, level=level)
    other_child = second.child("Tom")
    ildefonse, sidonie, _anatole = Child.objects.filter(links__family=first.family).order_by("links__order")
    first.enrol(ildefonse, canteen, evening)
    first.enrol(sidonie, canteen)
    second.enrol(other_child, canteen)
    first.book(ildefonse, evening, days_of((2026, 9), SCHOOL_WEEK, 2))
    second.book(other_child, canteen, [CLOSED_DAY])
    town = Town(
        first=first,
        second=second,
        other_parent=first.other_parent(),
        relative=relative,
        agent=UserFactory(username="gestion", first_name="Ana", last_name="Vuillet", agent=True),
        orphan=UserFactory(username="orphelin", first_name="Max", last_name="Vuillet"),
        applicant=ActivationFactory(
            token=ACTIVATION_TOKEN, sent_at=NOW - timedelta(hours=1), user__username="candidat"
        ).user,
        canteen=canteen,
        evening=evening,
        wednesday=wednesday,
        receipt=_validate(first, [town_code(ildefonse, canteen, 21)]),
        terms=terms,
    )
    Registration.objects.create(
        user=town.applicant,
        family=first.family,
        contact_email=CONTACT,
        asked_at=NOW,
        confirm_digest=digest(JOINING_TOKEN),
        confirm_until=NOW + timedelta(hours=90),
    )
    for account in User.objects.exclude(username="candidat"):
        TermsAcceptance.objects.create(user=account, version=terms, accepted_at=datetime(2026, 9, 1, tzinfo=UTC))
    open_procedure(
        family=first.family,
        kind=ProcedureKind.CHANGE,
        title=f"Changement d’adresse de {NAME}",
        state=ProcedureState.RECEIVED,
        by=first.user,
        at=NOW,
    )
    change_draft(
        family=first.family,
        add=[town_code(ildefonse, canteen, 22), town_code(sidonie, canteen, 22)],
        remove=[town_code(ildefonse, evening, 22)],
        by=first.user,
        at=NOW,
    )
    return town


def town_code(child: Child, unit: Unit, day: int) -> str:
    return code(child, unit, date(2026, 9, day))


def _validate(scene: Scene, add: list[str]) -> Receipt:
    change = change_draft(family=scene.family, add=add, remove=[], by=scene.user, at=NOW)
    return confirm_basket(family=scene.family, key=change.draft.key, by=scene.user, at=NOW)
