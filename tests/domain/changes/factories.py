"""A household that changes things, and the agent who answers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.changes.enums import Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.services import submit_changes
from portal.domain.changes.subjects import Subject
from portal.domain.families.models import Adult, Child, Family
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import (
    AdultFactory,
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolFactory,
    SchoolingFactory,
)

AT = datetime(2026, 9, 8, 10, tzinfo=UTC)
ADDRESS = {"street": "3, chemin des Essais", "address_extra": "", "postcode": "39220", "town": "Les Rousses"}


def agent(*permissions: str) -> User:
    """Somebody of the service, who may answer changes and move households unless other permissions are given."""
    user: User = UserFactory(agent=True, first_name="Gaëlle")
    names = permissions or ("decide_changerequest", "change_childlink", "view_family")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return User.objects.get(pk=user.pk)


@dataclass
class Household:
    """Two parents with an account, one child at school."""

    family: Family = field(default_factory=lambda: FamilyFactory(street="12, rue de l’Exemple"))

    def __post_init__(self) -> None:
        self.claire: User = UserFactory(first_name="Claire")
        self.samir: User = UserFactory(first_name="Samir")
        self.mother: Adult = AdultFactory(user=self.claire, first_name="Claire", phone="06 39 98 45 10")
        self.father: Adult = AdultFactory(user=self.samir, first_name="Samir")
        MemberFactory(family=self.family, adult=self.mother)
        MemberFactory(family=self.family, adult=self.father, parent=True)
        self.child: Child = ChildFactory()
        ChildLinkFactory(family=self.family, child=self.child)
        SchoolFactory(code="village", name="École du Village")
        SchoolingFactory(child=self.child)

    def about(self, rubric: Rubric) -> Subject:
        adult = self.mother if rubric in {Rubric.ADULT_IDENTITY, Rubric.COORDINATES, Rubric.WORK} else None
        child = self.child if rubric in {Rubric.CHILD_IDENTITY, Rubric.SCHOOL} else None
        year = 2026 if rubric == Rubric.SCHOOL else None
        return Subject(family=self.family, rubric=rubric, adult=adult, child=child, school_year=year)

    def ask_address(self, street: str = "3, chemin des Essais", *, by: User | None = None) -> ChangeRequest:
        done = submit_changes(
            subject=self.about(Rubric.ADDRESS), values=ADDRESS | {"street": street}, by=by or self.claire, at=AT
        )
        assert done.request is not None
        return done.request


def separate(household: Household) -> Household:
    """The other household of the same child, elsewhere."""
    other = Household(family=FamilyFactory(number="5236", name="Girod", street="77, route Cachée", town="Prémanon"))
    other.child.links.all().delete()
    ChildLinkFactory(family=other.family, child=household.child)
    return other
