"""Finding families by whatever somebody says at the counter: a name, a number, a mail, a telephone, a birth date.

Names are folded in the database by `portal_fold` (no accents, no capitals, no hyphens) and indexed as words, so that
the start of each word finds them: “lea rose” and « Léa-Rose » are the same. Telephones are compared by their last nine
digits, which every French way of writing shares. Migration 0006 makes the functions and the indexes.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Lower

from portal.domain.accounts.models import User
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember

#: What is read of a question, in characters and in words.
LONGEST, MOST_WORDS = 100, 6
_PHONE_DIGITS = 9
_PHONE = re.compile(r"[+\d][\d\s .\-()/]*")
_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})


class Fold(Func):
    """A text without accents, capitals, hyphens or apostrophes, as the database folds it."""

    function = "portal_fold"
    output_field = TextField()


class Words(Func):
    """The folded words of one or several columns, as they are indexed."""

    template = "to_tsvector('simple', portal_fold(%(expressions)s))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class PhoneKey(Func):
    """The last nine digits of a telephone number."""

    function = "portal_phone"
    output_field = TextField()


FAMILY_WORDS = Words("name")
PERSON_WORDS = Words("first_name", "last_name")
PHONES_OF_ADULTS = ("phone", "other_phone", "work_phone")


@dataclass(frozen=True, slots=True)
class Found:
    """A family that answers. `former` is the old number by which it was asked for, when its dossier was merged."""

    family: Family
    former: str = ""


def find_families(asked: str, *, limit: int, among: QuerySet[Family] | None = None) -> list[Found]:
    """The families that answer, the likeliest first, `limit` at most; three queries beside their people's.

    A number, a telephone or a mail written whole comes first, then the family's name, its adults, its children; what
    is archived comes last. An old number leads to the dossier that replaced it. `among`: only those
    to which an answer leads (`Family.objects.for_agent`).
    """
    rows = families_matching(asked, former=True)
    if among is not None:
        rows = rows.filter(Exists(among.filter(pk=Coalesce(OuterRef("merged_into"), OuterRef("pk")))))
    rows = rows.alias(desk_name=Fold("name"), desk_rank=_rank(asked))
    rows = rows.order_by("desk_rank", F("archived_at").desc(nulls_first=True), "name", "number")
    found: dict[int, Found] = {}
    for family in rows.prefetch_related("merged_into")[:limit]:
        into = family.merged_into
        if into is None:
            found.setdefault(family.pk, Found(family))
        else:
            found[into.pk] = Found(into, former=family.number)
    return list(found.values())


def families_matching(asked: str, *, former: bool = False) -> QuerySet[Family]:
    """The families that answer, in no order. `former`: also the old numbers of dossiers merged into another."""
    asked = _clean(asked)
    if (born := _birth_date(asked)) is not None:
        return Family.objects.filter(pk__in=ChildLink.objects.filter(child__birth_date=born).values("family"))
    answers = Q(pk__in=_of_names(asked)) if words_of(asked) else Q(pk__in=[])
    if "@" in asked:
        answers = Q(pk__in=_of_mail(asked))
    elif _PHONE.fullmatch(asked):
        answers = Q(pk__in=_of_phone(asked).union(_numbered(asked).values("pk")))
    rows = Family.objects.filter(answers)
    return rows if former and asked.isdigit() else rows.filter(merged_into=None)


def words_of(asked: str) -> list[str]:
    """The words of a question, folded. A letter alone is left aside when something longer is there."""
    folded = unicodedata.normalize("NFKD", asked.lower().translate(_LIGATURES))
    words = re.findall(r"[^\W_]+", "".join(each for each in folded if not unicodedata.combining(each)))
    return [word for word in words if len(word) > 1][:MOST_WORDS] or words[:1]


def begins(vector: str, asked: str) -> dict[str, Any]:
    """The condition under which a `Words` holds the start of each word asked for."""
    return {vector: _starts(" & ".join(f"{word}:*" for word in words_of(asked)))}


def _starts(query: str) -> SearchQuery:
    return SearchQuery(query, config="simple", search_type="raw")


def _clean(asked: str) -> str:
    return " ".join(unicodedata.normalize("NFC", asked).replace("\x00", "").split())[:LONGEST]


def _birth_date(asked: str) -> date | None:
    found = _DATE.fullmatch(asked)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _of_names(asked: str) -> QuerySet[Any]:
    """Families for which each word begins a word of the family's name, of an adult or of a child."""
    first, *others = [_of_word(word) for word in words_of(asked)]
    return first.intersection(*others) if others else first


def _of_word(word: str) -> QuerySet[Any]:
    query = _starts(f"{word}:*")
    adults = Adult.objects.alias(desk_words=PERSON_WORDS).filter(desk_words=query)
    children = Child.objects.alias(desk_words=PERSON_WORDS).filter(desk_words=query)
    families = Family.objects.alias(desk_words=FAMILY_WORDS).filter(desk_words=query).values("pk")
    legs: list[QuerySet[Any, Any]] = [
        FamilyMember.objects.filter(adult__in=adults.values("pk")).values("family"),
        ChildLink.objects.filter(child__in=children.values("pk")).values("family"),
    ]
    if word.isascii() and word.isdigit():
        legs.append(_numbered(word).values("pk"))
    return families.union(*legs)


def _numbered(asked: str) -> QuerySet[Family]:
    digits = re.sub(r"\D", "", asked)
    return Family.objects.filter(number__startswith=digits) if 0 < len(digits) < 7 else Family.objects.none()


def _of_mail(asked: str) -> QuerySet[Any]:
    start = {"desk_mail__startswith": asked.lower()}
    contacts = Family.objects.alias(desk_mail=Lower("contact_email")).filter(**start).values("pk")
    adults = Adult.objects.alias(desk_mail=Lower("email")).filter(**start).values("pk")
    holders = User.objects.alias(desk_mail=Lower("email")).filter(desk_mail=asked.lower()).values("pk")
    accounts = Adult.objects.filter(user__in=list(holders)).values("pk")
    members = [FamilyMember.objects.filter(adult__in=found).values("family") for found in (adults, accounts)]
    return contacts.union(*members)


def _of_phone(asked: str) -> QuerySet[Any]:
    """A whole number by its key; the start of one, from four digits, by the start of the key."""
    digits = re.sub(r"\D", "", asked)
    if len(digits) >= _PHONE_DIGITS:
        wanted = {"desk_phone": digits[-_PHONE_DIGITS:]}
    elif len(digits) >= 4 and digits.startswith("0"):
        wanted = {"desk_phone__startswith": digits[1:]}
    else:
        return Family.objects.none().values("pk")
    families = Family.objects.alias(desk_phone=PhoneKey("phone")).filter(**wanted).values("pk")
    members = [
        FamilyMember.objects.filter(
            adult__in=Adult.objects.alias(desk_phone=PhoneKey(name)).filter(**wanted).values("pk")
        ).values("family")
        for name in PHONES_OF_ADULTS
    ]
    return families.union(*members)


def _rank(asked: str) -> Case:
    """0 for what names the family itself, then its name, its adults, its children, then the rest."""
    asked = _clean(asked)
    words = words_of(asked)
    cases = [When(number=asked, then=Value(0))]
    if words:
        whole = _starts(" & ".join(words))
        members = FamilyMember.objects.filter(family=OuterRef("pk"))
        adults = members.alias(desk_words=Words("adult__first_name", "adult__last_name")).filter(desk_words=whole)
        links = ChildLink.objects.filter(family=OuterRef("pk"))
        children = links.alias(desk_words=Words("child__first_name", "child__last_name")).filter(desk_words=whole)
        cases += [
            When(desk_name=" ".join(words), then=Value(1)),
            When(Exists(adults), then=Value(2)),
            When(Exists(children), then=Value(3)),
        ]
    return Case(*cases, default=Value(4), output_field=IntegerField())
