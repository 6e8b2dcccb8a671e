"""Reading families across models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.accounts.rules import clean_email, digest
from portal.domain.families.models import Adult, Family, FamilyMember, Registration, Schooling
from portal.domain.families.rules import compatible_first_names, same_name


def load_schoolings(*, children: Iterable[int], school_year: int) -> dict[int, Schooling]:
    """The schooling of each child for that school year (2026 means 2026/2027), in one query."""
    schoolings = Schooling.objects.filter(child__in=list(children), school_year=school_year).select_related("school")
    return {schooling.child_id: schooling for schooling in schoolings}


def load_members(*, family: Family) -> list[FamilyMember]:
    """The adults of a dossier with their place in it, the first entered first, in one query."""
    return list(FamilyMember.objects.filter(family=family).select_related("adult").order_by("pk"))


def find_person(*, members: Sequence[FamilyMember], first_name: str, last_name: str, email: str) -> Adult | None:
    """Which adult of the dossier somebody is; None for a person the town does not know yet.

    The same first and last name, however written; else the same mail address with a first name that may be
    theirs (“Claire”, “Marie-Claire”), for a name that changed. A shared mailbox alone names nobody.
    """
    adults = [member.adult for member in members]
    same_mail = [adult for adult in adults if adult.email and clean_email(adult.email) == clean_email(email)]
    namesakes = [
        adult for adult in adults if same_name(first_name, adult.first_name) and same_name(last_name, adult.last_name)
    ]
    close = [adult for adult in same_mail if compatible_first_names(first_name, adult.first_name)]
    both = [adult for adult in namesakes if adult in same_mail]
    return next(iter([*both, *namesakes, *close]), None)


@dataclass(frozen=True, slots=True)
class JoiningRequest:
    """Who asks to join the dossier, as the contact address is asked about it."""

    applicant: str
    email: str


def read_joining_request(*, token: str, at: datetime) -> JoiningRequest | None:
    """The wish behind a contact address's link, or None when the link is unknown, used or past its delay."""
    asked = Registration.objects.filter(confirm_digest=digest(token), confirm_until__gt=at).select_related("user")
    found = asked.first()
    return JoiningRequest(applicant=found.user.get_full_name(), email=found.user.email) if found else None


def find_registration(*, user: User) -> Registration | None:
    """The wish of this account to join a dossier that still waits for the contact address."""
    return Registration.objects.filter(user=user).first()


def list_schoolings(*, family: Family, limit: int, among: Q | None = None) -> list[Schooling]:
    """Schools and levels of the family's children, the last year first, in one query. `among`: a condition."""
    rows = Schooling.objects.filter(among or Q(), child__links__family=family).select_related("child", "school")
    return list(rows.order_by("-school_year", "child__birth_date", "child")[:limit])


def addresses_of(*, family: Family) -> frozenset[str]:
    """Every mail address at which the family is written to: its own, its adults', their accounts'. One query."""
    rows = FamilyMember.objects.filter(family=family).values_list("adult__email", "adult__user__email")
    return frozenset(filter(None, [family.contact_email, *(each for row in rows for each in row)]))


def archived_numbers(*, user: User) -> list[str]:
    """The numbers of this person's dossiers that the service put away; an absorbed one has no people any more."""
    members = FamilyMember.objects.filter(adult__user=user, can_see=True, family__archived_at__isnull=False)
    return sorted(members.values_list("family__number", flat=True))
