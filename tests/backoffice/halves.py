"""Two halves of a town: a family in each of two places, with one of everything that has an address at the desk.

`ours` is of the place to which an agent is limited, `theirs` of the other; the words of `theirs` are nobody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.activities.models import EnrolmentWindow, Structure
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking, Receipt, ReceiptLine
from portal.domain.changes.enums import Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.custody.enums import CustodyState, Pattern
from portal.domain.custody.models import Custody
from portal.domain.dossier.enums import Branch, YearlyState
from portal.domain.dossier.models import Certification, YearlyUpdate
from portal.domain.families.models import Adult, Child, Family, Registration, Schooling
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.models import StoredFile
from portal.domain.files.services import store_file
from portal.domain.health.enums import DocumentKind
from portal.domain.health.models import HealthDocument, HealthFile
from portal.domain.health.sealing import seal
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.models import Notice
from portal.domain.papers.models import Paper, PaperFile
from portal.domain.privacy.models import ErasureRequest
from portal.domain.quotients.models import Quotient
from portal.domain.scope.models import AgentLimit
from portal.domain.waiting.models import ListRule, WaitingEntry
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import (
    ActivityFactory,
    BookingLimitFactory,
    ClosureFactory,
    PlacePoolFactory,
    StructureFactory,
)
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.contacts.factories import ContactFactory, ContactLinkFactory, KinshipFactory
from tests.domain.families.factories import ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.health.factories import upload
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory, photo
from tests.domain.quotients.factories import DefinitionFactory, QuotientFactory
from tests.domain.transport.factories import bus_line

NOW = datetime(2026, 9, 15, 10, tzinfo=UTC)


@dataclass
class Half:
    """A place, a family of it, and one of everything; `sibling` is enrolled nowhere."""

    place: Structure
    number: str
    name: str
    first_name: str

    def __post_init__(self) -> None:
        self.pool = PlacePoolFactory(name=f"Places {self.name}")
        activity = ActivityFactory(structure=self.place, name=f"Cantine {self.name}", short_name=f"C {self.name}")
        self.unit = priced_unit(pools=[self.pool], activity=activity)
        self.limit = BookingLimitFactory(activity=activity, count=5)
        self.line = bus_line(self.unit, name=f"Bus {self.name}")
        home = household(self.unit, number=self.number, name=self.name)
        self.family: Family = home.family
        self.parent: User = home.parent
        self.child: Child = home.child
        Child.objects.filter(pk=self.child.pk).update(first_name=self.first_name, last_name=self.name)
        self.child.refresh_from_db()
        self.adult = Adult.objects.get(memberships__family=self.family)
        Adult.objects.filter(pk=self.adult.pk).update(last_name=self.name, email=f"{self.number}@adulte.example")
        self.guest: Adult = MemberFactory(family=self.family, parent=True, adult__last_name=self.name).adult
        self.sibling: Child = ChildFactory(first_name=f"Cadet{self.number}", last_name=self.name)
        ChildLinkFactory(family=self.family, child=self.sibling, order=8)
        self.enrolment = self.child.enrolments.get()
        self.booking: Booking = book(home, [date(2026, 9, 21)])[0]
        self.entry_in_line = WaitingEntry.objects.create(
            family=self.family,
            child=self.child,
            unit=self.unit,
            day=date(2026, 9, 22),
            pools=[self.pool.pk],
            joined_at=NOW,
            joined_by=self.parent,
            changed_at=NOW,
            closes_at=NOW + timedelta(days=5),
        )
        ListRule.objects.create(activity=activity)
        self.schooling = Schooling.objects.get(child=self.child)
        self.window = EnrolmentWindow.objects.create(activity=activity, label=f"Fenêtre {self.name}")
        self.closure = ClosureFactory(structure=self.place, reason=f"Travaux {self.name}")
        self._sent()
        self._told()

    def _sent(self) -> None:
        sent = {"sent_at": NOW, "sent_by": self.parent}
        self.paper: Paper = PaperFactory(family=self.family, type=PaperTypeFactory(), **sent)
        self.paper_file = self._stored(photo(), sealed=False)
        PaperFile.objects.create(paper=self.paper, file=self.paper_file)
        self.quotient: Quotient = QuotientFactory(family=self.family, definition=DefinitionFactory(), **sent)
        self.change = ChangeRequest.objects.create(
            family=self.family,
            rubric=Rubric.ADDRESS,
            new={"street": "9 rue Neuve"},
            asked_by=self.parent,
            asked_at=NOW,
        )
        self.joining = Registration.objects.create(
            user=UserFactory(last_name=self.name), family=self.family, contact_email="x@y.example", asked_at=NOW
        )
        self.health = HealthDocument.objects.create(
            child=self.child, family=self.family, kind=DocumentKind.CARE_PLAN, school_year=2026, **sent
        )
        self.page = HealthFile.objects.create(document=self.health, file=self._stored(upload(), sealed=True), order=0)
        other = FamilyFactory(number=f"{self.number}9", name=self.name)
        ChildLinkFactory(family=other, child=self.child, order=1)
        self.custody = Custody.objects.create(
            child=self.child,
            household_a=self.family,
            household_b=other,
            state=CustodyState.CONTESTED,
            pattern=Pattern.WEEKS,
            reference=date(2026, 9, 4),
            judgement=self._stored(upload(), sealed=False),
            proposed_by=self.parent,
            proposed_at=NOW,
            answered_by=self.parent,
            answered_at=NOW,
        )
        self.erasure = ErasureRequest.objects.create(
            family_key=self.family.pk, family_number=self.number, user=self.parent, asked_at=NOW
        )
        self.yearly = YearlyUpdate.objects.create(
            family=self.family,
            school_year=2026,
            branch=Branch.RENEWAL,
            state=YearlyState.SENT,
            started_at=NOW,
            certification=Certification.objects.create(
                family=self.family,
                school_year=2026,
                by=self.parent,
                at=NOW,
                shown_on=NOW,
                effective_on=NOW,
                valid_until=date(2027, 8, 31),
                text_version="1",
            ),
            **sent,
        )
        contact = ContactFactory(family=self.family, last_name=f"Contact{self.number}")
        self.contact = ContactLinkFactory(contact=contact, child=self.child)
        self.kinship = KinshipFactory(adult=self.adult, child=self.child, restricted=True)

    def _told(self) -> None:
        self.receipt = Receipt.objects.create(
            number=f"2026-09-{self.number}",
            code=f"CODE-{self.number}",
            family=self.family,
            basket_key=self.paper_file.key,
            at=NOW,
            by=self.parent,
            total=4,
        )
        ReceiptLine.objects.create(
            receipt=self.receipt,
            wish="add",
            child=self.child,
            child_name=self.first_name,
            unit=self.unit,
            label=f"Cantine {self.name}",
            day=date(2026, 9, 21),
            tariff_name="Repas",
            rate_label="unique",
            amount=4,
        )
        self.adult.refresh_from_db()
        self.mail = OutgoingMail.objects.create(
            kind="booking_receipt",
            recipient=self.adult.email,
            subject=f"Reçu {self.number}",
            text=self.name,
            queued_at=NOW,
            next_attempt_at=NOW,
            sent_at=NOW,
            state="sent",
        )
        Notice.objects.create(
            user=self.parent, family=self.family, kind=NoticeKind.values[0], title=f"Avis {self.name}", at=NOW
        )
        self.entry = AuditEntry.objects.create(
            at=NOW,
            by=self.parent,
            verb="change_dossier",
            target="families.family",
            target_key=str(self.family.pk),
            family_key=self.family.pk,
            after={"name": self.name},
        )

    def _stored(self, content: Any, *, sealed: bool) -> StoredFile:
        stored = store_file(upload=content, accepted=SENT_BY_FAMILIES, most=1_000_000, by=self.parent, at=NOW)
        if sealed:
            with stored.content.open("rb") as stream:
                whole = stream.read()
            with stored.content.storage.open(stored.content.name or "", "wb") as stream:
                stream.write(seal(whole))
        return stored

    @property
    def secrets(self) -> tuple[str, ...]:
        """Words that only this half has."""
        return (self.name, self.number, self.first_name, f"Cadet{self.number}", f"Contact{self.number}")


@dataclass
class Halves:
    """Both, an agent who sees the first one only, and one who sees the town; each may do everything there is to do."""

    def __post_init__(self) -> None:
        here, there = StructureFactory(name="Ici"), StructureFactory(name="Ailleurs")
        self.ours = Half(here, "8127", "Delorme", "Barnabé")
        self.theirs = Half(there, "9047", "Quatremer", "Ildefonse")
        self.limited = limited(here)
        self.whole = limited()


def limited(*places: Structure) -> User:
    """An agent who may do everything, in these places only; in the whole town without any."""
    agent: User = UserFactory(agent=True, username=f"agent{User.objects.count()}", last_name="Perrier")
    agent.user_permissions.set(Permission.objects.exclude(codename="limit_agent"))
    limit(agent, places)
    return agent


def limit(agent: User, places: Sequence[Structure]) -> None:
    """The rows, without the verb."""
    AgentLimit.objects.bulk_create(AgentLimit(agent=agent, structure=place) for place in places)
