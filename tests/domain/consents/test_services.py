"""Answering, both parents, new texts, and reading in a constant number of queries."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from portal.domain.audit.models import AuditEntry
from portal.domain.consents.defaults import DEFAULTS, store_types
from portal.domain.consents.enums import Answer, ImageUse, Verdict
from portal.domain.consents.models import Consent, ConsentText
from portal.domain.consents.queries import image_right, load_sheets, may_leave_alone
from portal.domain.consents.services import TextChanged, answer_consents, publish_text
from portal.domain.families.access import NotAllowed
from portal.domain.families.requirements import Asked, Standing, requirements_of
from portal.domain.kernel.clock import PARIS
from portal.domain.notices.models import Notice
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.consents.factories import ConsentTextFactory
from tests.domain.families.factories import (
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolingFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 9, 10, tzinfo=PARIS)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def text():
    return ConsentTextFactory()


@pytest.fixture
def claire():
    return UserFactory()


@pytest.fixture
def family(claire):
    return MemberFactory(adult__user=claire).family


@pytest.fixture
def marc(family):
    return MemberFactory(
        family=family, adult__user=UserFactory(username="marc", first_name="Marc"), parent=True
    ).adult.user


@pytest.fixture
def children(family):
    return [ChildLinkFactory(family=family, child__first_name=name).child for name in ("Hugo", "Léna")]


def answer(family, children, text, user, *, yes, at=NOW):
    return answer_consents(family=family, children=children, answers={text.pk: yes}, by=user, at=at)


def granted(children):
    return list(image_right(children=children, use=ImageUse.WEBSITE).values())


@pytest.mark.exigence("D11", "D17", "D18")
def test_one_press_answers_for_every_child_and_leaves_a_receipt(family, children, text, claire):
    assert granted(children) == [False, False]
    procedure = answer(family, children, text, claire, yes=True)
    assert granted(children) == [True, True]
    assert procedure.title == "Autorisations de Hugo et Léna"
    assert Notice.objects.filter(user=claire).count() == 1


def test_sent_twice_is_one_answer_and_one_demarche(family, children, text, claire):
    answer(family, children, text, claire, yes=True)
    assert answer(family, children, text, claire, yes=True, at=LATER) is None
    assert Consent.objects.count() == 2
    assert Procedure.objects.count() == 1


def test_no_after_ones_own_yes_is_a_withdrawal(family, children, text, claire):
    answer(family, children[:1], text, claire, yes=True)
    answer(family, children[:1], text, claire, yes=False, at=LATER)
    assert list(Consent.objects.order_by("at").values_list("answer", flat=True)) == [Answer.GRANTED, Answer.WITHDRAWN]
    assert granted(children[:1]) == [False]


@pytest.mark.exigence("D17")
def test_one_parent_who_refuses_is_enough_and_the_other_reads_who(family, children, text, claire, marc):
    answer(family, children[:1], text, claire, yes=True)
    answer(family, children[:1], text, marc, yes=False, at=LATER)
    [sheet] = load_sheets(children=children[:1], at=LATER, user=claire)
    [asked] = sheet.asked
    assert asked.standing.verdict is Verdict.REFUSED
    assert asked.decided_by == "Marc Vuillet"
    assert asked.own is Answer.GRANTED


def test_the_other_household_is_told(family, children, text, claire):
    other = MemberFactory(family=FamilyFactory(), adult__user=UserFactory(username="paul")).family
    ChildLinkFactory(family=other, child=children[0])
    answer(family, children, text, claire, yes=True)
    notice = Notice.objects.get(family=other)
    assert "Hugo" in notice.title
    assert "Léna" not in notice.title


def test_a_new_text_asks_again_and_an_answer_to_the_former_is_refused(family, children, text, claire):
    answer(family, children, text, claire, yes=True)
    newer = publish_text(kind=text.type, text="Un autre texte.", by=claire, at=LATER)
    assert publish_text(kind=text.type, text="Un autre texte.", by=claire, at=LATER) == newer
    assert granted(children) == [False, False]
    with pytest.raises(TextChanged):
        answer(family, children, text, claire, yes=True, at=LATER)


def test_another_familys_child_is_refused(family, children, text, claire):
    with pytest.raises(NotAllowed):
        answer(family, [*children, ChildFactory()], text, claire, yes=True)
    assert not Consent.objects.exists()


def test_answers_and_texts_never_change_in_the_database(family, children, text, claire):
    answer(family, children[:1], text, claire, yes=True)
    with pytest.raises(IntegrityError, match="une réponse ne change plus"):
        Consent.objects.update(answer=Answer.REFUSED)


def test_a_published_text_never_changes_in_the_database(text):
    with pytest.raises(IntegrityError, match="un texte publié ne change plus"):
        ConsentText.objects.update(text="autre chose")


@pytest.mark.exigence("D11")
def test_a_compulsory_question_is_asked_until_it_is_answered_yes_or_no(family, children, text, claire):
    def asked():
        found = requirements_of(Asked(family=family, children=children, activities={}, at=NOW), effects={})
        return [each.standing for each in found if each.code.startswith("consents")]

    assert asked() == [Standing.MISSING, Standing.MISSING]
    answer(family, children, text, claire, yes=False)
    assert asked() == [Standing.DONE, Standing.DONE]


def test_leaving_alone_needs_the_age_the_school_and_a_yes(family, children, claire):
    store_types(DEFAULTS, by=claire, at=NOW)
    alone = ConsentText.objects.get(type__code="rentre-seul")
    SchoolingFactory(child=children[0], level="CE2")
    SchoolingFactory(child=children[1], level="GS")
    answer(family, children, alone, claire, yes=True)
    assert may_leave_alone(children=children, at=NOW) == {children[0].pk: True, children[1].pk: False}


def test_care_is_answered_without_its_answer_in_the_journal(family, children, claire):
    store_types(DEFAULTS, by=claire, at=NOW)
    care = ConsentText.objects.get(type__code="soins-urgence")
    answer(family, children, care, claire, yes=False)
    entry = AuditEntry.objects.filter(verb="answer_consents").first()
    assert entry.after == {"soins-urgence": "answered"}


def test_reading_costs_the_same_for_many_children(family, children, claire, text, django_assert_num_queries):
    many = [*children, *(ChildFactory() for _ in range(8))]
    with django_assert_num_queries(3):
        load_sheets(children=many, at=NOW)
    with django_assert_num_queries(2):
        image_right(children=many, use=ImageUse.WEBSITE)
