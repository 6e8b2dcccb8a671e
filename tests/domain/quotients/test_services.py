"""Declaring, deciding, recording, reminding: what is written, what is refused, what is told."""

import io
import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Family
from portal.domain.families.requirements import Asked, Standing
from portal.domain.files.models import StoredFile
from portal.domain.files.refusal import FileRefused
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.quotients.connections import erase_quotients, find_outdated, personal_data, requirements
from portal.domain.quotients.deciding import accept_quotient, ask_quotient_again, record_quotient, refuse_quotient
from portal.domain.quotients.enums import QuotientSource, QuotientState
from portal.domain.quotients.formula import Household
from portal.domain.quotients.models import Quotient, QuotientReminder
from portal.domain.quotients.queries import load_timelines, quotient_on
from portal.domain.quotients.rules import Status
from portal.domain.quotients.services import QuotientDecided, QuotientRefused, declare_quotient, remind_expiring
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.domain.quotients.factories import DefinitionFactory, PolicyFactory, QuotientFactory, checker

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 18, tzinfo=UTC)
TODAY = date(2026, 9, 9)
MONTH = date(2026, 8, 1)


def photo(name: str = "attestation.jpg", colour: str = "white") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (30, 40), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def family() -> Family:
    PolicyFactory()
    return FamilyFactory()


@pytest.fixture
def parent(family: Family) -> User:
    return _parent(family)


def _parent(family: Family, **options: Any) -> User:
    user = UserFactory()
    MemberFactory(family=family, adult=AdultFactory(user=user), **options)
    return user


def declare(family: Family, by: User, *, value: str | None = "842", at: datetime = AT, **options: Any) -> Quotient:
    given: dict[str, Any] = {
        "family": family,
        "definition": DefinitionFactory(),
        "value": Decimal(value) if value is not None else None,
        "month": MONTH,
        "key": uuid.uuid4(),
        "by": by,
        "at": at,
    }
    return declare_quotient(**(given | options))


@pytest.mark.exigence("D4", "D5", "D29")
def test_a_declaration_waits_with_its_proofs_and_its_demarche(family: Family, parent: User) -> None:
    quotient = declare(family, parent, proofs=[photo(), photo("verso.jpg", "black"), photo("encore.jpg")])

    assert quotient.state == QuotientState.SENT
    assert quotient.proofs.count() == 2  # the same content twice is kept once
    procedure = Procedure.objects.get(family=family)
    assert (procedure.kind, procedure.state) == ("quotient", ProcedureState.RECEIVED)
    assert quotient_on(family, TODAY).status is Status.UNKNOWN
    assert quotient_on(family, TODAY).pending


def test_the_same_form_sent_twice_is_one_declaration(family: Family, parent: User) -> None:
    key = uuid.uuid4()

    assert declare(family, parent, key=key) == declare(family, parent, key=key)
    assert Quotient.objects.count() == Procedure.objects.count() == Notice.objects.count() == 1


def test_a_newer_declaration_replaces_the_one_that_waits(family: Family, parent: User) -> None:
    first = declare(family, parent)
    second = declare(family, parent, value="850")

    first.refresh_from_db()
    assert first.state == QuotientState.REPLACED
    assert second.state == QuotientState.SENT
    assert set(Procedure.objects.values_list("state", flat=True)) == {"received", "cancelled"}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"value": Decimal(-1)}, "value"),
        ({"value": Decimal(100_000)}, "value"),
        ({"value": None}, "value"),
        ({"month": date(2026, 10, 1)}, "month"),
        ({"month": date(2023, 10, 1)}, "month"),
    ],
)
def test_refuses_what_makes_no_sense(family: Family, parent: User, options: dict[str, Any], field: str) -> None:
    with pytest.raises(QuotientRefused) as refused:
        declare_quotient(
            **(
                {
                    "family": family,
                    "definition": DefinitionFactory(),
                    "value": Decimal(1),
                    "month": MONTH,
                    "key": uuid.uuid4(),
                    "by": parent,
                    "at": AT,
                }
                | options
            )
        )
    assert refused.value.field == field
    assert not Quotient.objects.exists()


def test_a_proof_may_be_compulsory(family: Family, parent: User) -> None:
    PolicyFactory()
    type(PolicyFactory()).objects.update(proof_required=True)

    with pytest.raises(QuotientRefused, match="justificatif"):
        declare(family, parent)
    assert declare(family, parent, proofs=[photo()]).proofs.count() == 1


def test_a_refused_file_leaves_nothing_behind(family: Family, parent: User) -> None:
    with pytest.raises(FileRefused):
        declare(family, parent, proofs=[photo(), SimpleUploadedFile("page.pdf", b"<html><script>")])

    assert not Quotient.objects.exists()
    assert not StoredFile.objects.exists()


def test_who_may_only_look_declares_nothing(family: Family) -> None:
    with pytest.raises(NotAllowed):
        declare(family, _parent(family, relative=True))
    with pytest.raises(NotAllowed):
        declare(family, UserFactory())


def test_the_town_computes_its_own_quotient(family: Family, parent: User) -> None:
    home = Household({"revenus": Decimal(36_444), "prestations": Decimal(331)}, couple=True, children=3)

    quotient = declare(family, parent, definition=DefinitionFactory(town=True), value=None, household=home)

    assert (quotient.value, quotient.source) == (842, QuotientSource.COMPUTED)
    assert quotient.details["parts"] == "4.0"


# -- agents -------------------------------------------------------------------------------


@pytest.mark.exigence("D5")
def test_an_accepted_value_holds_from_today(family: Family, parent: User) -> None:
    quotient = accept_quotient(quotient=declare(family, parent).pk, by=checker(), at=AT)

    assert (quotient.valid_from, quotient.valid_until) == (TODAY, date(2027, 8, 31))
    assert quotient_on(family, TODAY - timedelta(days=1)).status is Status.UNKNOWN
    assert quotient_on(family, TODAY).value == 842
    assert quotient_on(family, date(2027, 9, 1)).status is Status.EXPIRED
    assert Procedure.objects.get().state == ProcedureState.ACCEPTED


def test_an_agent_corrects_the_value_and_what_was_declared_stays(family: Family, parent: User) -> None:
    quotient = accept_quotient(quotient=declare(family, parent).pk, value=Decimal("851.50"), by=checker(), at=AT)

    assert (quotient.value, quotient.declared_value) == (Decimal("851.50"), 842)


@pytest.mark.exigence("D5")
def test_a_new_value_prices_future_days_only(family: Family, parent: User) -> None:
    agent = checker()
    accept_quotient(quotient=declare(family, parent).pk, by=agent, at=AT)
    before = {day: quotient_on(family, day).value for day in (TODAY, date(2026, 11, 30))}
    later = datetime(2026, 12, 1, 9, tzinfo=UTC)

    accept_quotient(quotient=declare(family, parent, value="0", at=later).pk, by=agent, at=later)

    assert {day: quotient_on(family, day).value for day in before} == before
    assert quotient_on(family, date(2026, 12, 1)).value == 0
    assert Quotient.objects.accepted().count() == 2


def test_days_that_are_past_cannot_be_chosen(family: Family, parent: User) -> None:
    waiting = declare(family, parent)

    with pytest.raises(QuotientRefused, match="jours passés"):
        accept_quotient(quotient=waiting.pk, valid_from=TODAY - timedelta(days=1), by=checker(), at=AT)
    with pytest.raises(QuotientRefused, match="dernier jour"):
        accept_quotient(quotient=waiting.pk, valid_until=TODAY - timedelta(days=1), by=checker("a2"), at=AT)


def test_a_refusal_and_a_complement_have_their_reason(family: Family, parent: User) -> None:
    agent = checker()
    refuse_quotient(quotient=declare(family, parent).pk, reason="Le justificatif n’est pas lisible.", by=agent, at=AT)
    assert quotient_on(family, TODAY).status is Status.REFUSED

    asked = ask_quotient_again(quotient=declare(family, parent).pk, message="Il manque le verso.", by=agent, at=AT)
    assert asked.state == QuotientState.ASKED
    assert Procedure.objects.filter(state=ProcedureState.YOUR_TURN).count() == 1
    with pytest.raises(QuotientRefused, match="motif"):
        refuse_quotient(quotient=declare(family, parent).pk, reason=" ", by=agent, at=AT)


def test_a_second_answer_changes_nothing(family: Family, parent: User) -> None:
    waiting = declare(family, parent)
    accept_quotient(quotient=waiting.pk, by=checker(), at=AT)

    with pytest.raises(QuotientDecided):
        refuse_quotient(quotient=waiting.pk, reason="Trop ancien.", by=checker("autre"), at=AT)
    assert quotient_on(family, TODAY).value == 842


def test_only_who_has_the_permission_decides(family: Family, parent: User) -> None:
    waiting = declare(family, parent)

    for nobody in (parent, UserFactory(agent=True)):
        with pytest.raises(PermissionDenied):
            accept_quotient(quotient=waiting.pk, by=nobody, at=AT)
        with pytest.raises(PermissionDenied):
            record_quotient(
                family=family,
                definition=DefinitionFactory(),
                value=Decimal(1),
                month=MONTH,
                key=uuid.uuid4(),
                by=nobody,
                at=AT,
            )


def test_a_quotient_shown_at_the_counter_holds_at_once(family: Family, parent: User) -> None:
    waiting = declare(family, parent)
    key, agent = uuid.uuid4(), checker()
    shown = {"family": family, "definition": DefinitionFactory(), "month": MONTH, "key": key, "by": agent, "at": AT}

    first = record_quotient(value=Decimal(700), **shown)
    again = record_quotient(value=Decimal(900), **shown)

    assert first == again
    assert quotient_on(family, TODAY).value == 700
    waiting.refresh_from_db()
    assert waiting.state == QuotientState.REPLACED


# -- never the value ----------------------------------------------------------------------


@pytest.mark.exigence("D5")
def test_the_value_is_in_no_mail_no_notice_no_title_no_journal(family: Family, parent: User) -> None:
    agent = checker()
    accept_quotient(quotient=declare(family, parent, value="8421.37").pk, by=agent, at=AT)
    declare(family, parent, value="8421.37")
    refuse_quotient(quotient=Quotient.objects.open().get().pk, reason="Illisible.", by=agent, at=AT)

    said = [
        *map(str, Notice.objects.values_list("title", "text", "reference")),
        *map(str, OutgoingMail.objects.values_list("subject", "text", "html")),
        *map(str, Procedure.objects.values_list("title", "reference", "events__note")),
        json.dumps(list(AuditEntry.objects.values("verb", "target", "before", "after"))),
    ]
    assert len(said) > 8
    assert not [text for text in said if "8421" in text or "8 421" in text or "8\u202f421" in text]


# -- the database -------------------------------------------------------------------------


def test_two_values_of_a_day_are_refused_by_the_database(family: Family) -> None:
    QuotientFactory(family=family, accepted=True)

    with pytest.raises(IntegrityError, match="quotient_no_overlap"), transaction.atomic():
        QuotientFactory(family=family, accepted=True, valid_from=date(2027, 8, 31), valid_until=date(2028, 1, 1))
    QuotientFactory(family=family, accepted=True, valid_from=date(2027, 9, 1), valid_until=date(2028, 1, 1))
    QuotientFactory(accepted=True)


@pytest.mark.parametrize(
    ("options", "constraint"),
    [
        ({"value": Decimal(-1)}, "quotient_value_range"),
        ({"accepted": True, "valid_until": date(2026, 1, 1)}, "quotient_accepted_has_days|range lower bound"),
        ({"accepted": True, "valid_until": None}, "quotient_accepted_has_days"),
        ({"state": QuotientState.REFUSED}, "quotient_no_has_reason"),
        ({"month": date(2026, 8, 2)}, "quotient_month_first_day"),
    ],
)
def test_the_database_refuses(options: dict[str, Any], constraint: str) -> None:
    with pytest.raises(Exception, match=constraint), transaction.atomic():
        QuotientFactory(**options)


def test_one_declaration_waits_at_most(family: Family) -> None:
    QuotientFactory(family=family)

    with pytest.raises(IntegrityError, match="quotient_one_open"), transaction.atomic():
        QuotientFactory(family=family, asked=True)


# -- reminders ----------------------------------------------------------------------------


@pytest.mark.exigence("D5")
def test_reminds_thirty_and_seven_days_before_once_each(family: Family, parent: User) -> None:
    QuotientFactory(family=family, accepted=True)
    system = User.objects.system()
    told = []
    for number in range(40):
        day = datetime(2027, 7, 25, 6, tzinfo=UTC) + timedelta(days=number)
        for _again in range(2):
            if remind_expiring(by=system, at=day):
                told.append(day.date())

    assert told == [date(2027, 8, 1), date(2027, 8, 24)]
    assert Notice.objects.count() == OutgoingMail.objects.count() == 2
    assert QuotientReminder.objects.count() == 2


def test_who_sent_the_next_one_is_not_reminded(family: Family, parent: User) -> None:
    QuotientFactory(family=family, accepted=True)
    QuotientFactory(family=family)

    assert remind_expiring(by=User.objects.system(), at=datetime(2027, 8, 30, tzinfo=UTC)) == 0


# -- reading ------------------------------------------------------------------------------


def test_many_families_are_read_in_one_query(django_assert_num_queries: Any) -> None:
    families = [QuotientFactory(accepted=True).family for _ in range(4)] + [FamilyFactory()]

    with django_assert_num_queries(1):
        timelines = load_timelines([each.pk for each in families])
    assert [len(timelines[each.pk].periods) for each in families] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("trait", "standing"),
    [
        ({}, Standing.SENT),
        ({"accepted": True}, Standing.DONE),
        ({"refused": True}, Standing.REFUSED),
        ({"asked": True}, Standing.REFUSED),
        ({"accepted": True, "valid_from": date(2025, 9, 1), "valid_until": date(2026, 8, 31)}, Standing.EXPIRED),
        (None, Standing.MISSING),
    ],
)
def test_what_the_dossier_asks(family: Family, trait: dict[str, Any] | None, standing: Standing) -> None:
    DefinitionFactory()
    if trait is not None:
        QuotientFactory(family=family, **trait)

    (asked,) = requirements(Asked(family=family, children=[], activities={}, at=AT))

    assert asked.standing == standing
    if standing is Standing.MISSING:
        assert "tarif le plus élevé" in asked.note


def test_my_data_are_mine_alone(family: Family, parent: User) -> None:
    QuotientFactory(family=family, accepted=True)

    assert next(iter(personal_data(family.pk, parent)))["Valeur"] == "842.00"
    assert list(personal_data(family.pk, _parent(FamilyFactory()))) == []


def test_what_is_old_is_forgotten_with_its_files(family: Family, parent: User) -> None:
    old = declare(family, parent, proofs=[photo()])
    accept_quotient(quotient=old.pk, by=checker(), at=AT)
    kept = declare(family, parent)

    assert [each.key for each in find_outdated(date(2027, 8, 30), 10)] == []
    found = find_outdated(date(2027, 8, 31), 10)
    assert [each.key for each in found] == [old.pk]
    assert erase_quotients([old.pk, kept.pk], User.objects.system(), AT) == 1
    assert list(Quotient.objects.all()) == [kept]
    assert not StoredFile.objects.exists()
