"""What agents record: rights, days that do not meet, ends; and the aids of a booked day."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking
from portal.domain.bookings.queries import explain_cell
from portal.domain.families.access import NotAllowed
from portal.domain.kernel.clock import PARIS
from portal.domain.pricing import services
from portal.domain.pricing.enums import AidKind, Residence
from portal.domain.pricing.models import AidGrant, Membership, ResidenceRuling
from portal.domain.pricing.queries import standings_of_child
from portal.domain.pricing.services import Days, RecordRefused
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.conftest import AT as BOOKING_AT
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.families.factories import ChildFactory
from tests.domain.pricing.factories import (
    AidGrantFactory,
    HouseholdFiguresFactory,
    MembershipFactory,
    MembershipKindFactory,
    ResidenceRulingFactory,
    clerk,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 9, 10, tzinfo=PARIS)
TODAY = date(2026, 9, 9)


@pytest.fixture
def home():
    return household(priced_unit(), children=2)


def rule(home, by, **more):
    values = {"residence": Residence.TOWN, "days": Days(TODAY), "reason": "Travaille ici."} | more
    return services.record_residence(family=home.family, by=by, at=AT, **values)


def test_a_ruling_is_written_with_its_reason_and_in_the_journal(home):
    agent = clerk()
    row = rule(home, agent, reason="  Travaille ici.  ")
    assert (row.reason, row.valid_until, row.recorded_by) == ("Travaille ici.", None, agent)
    entry = AuditEntry.objects.get(verb="record_residence")
    assert (entry.by, entry.family_key) == (agent, home.family.pk)


def test_whoever_has_not_the_right_writes_nothing(home):
    for by in (UserFactory(), clerk("record_aid"), home.parent):
        with pytest.raises(PermissionDenied):
            rule(home, by)
    with pytest.raises(PermissionDenied):
        aid(home, clerk("record_facts"))
    assert not ResidenceRuling.objects.exists()


def test_two_answers_on_one_day_are_refused_by_the_verb_and_by_postgresql(home):
    rule(home, clerk(), days=Days(TODAY, date(2026, 12, 31)))
    with pytest.raises(RecordRefused) as refused:
        rule(home, clerk(), days=Days(date(2026, 12, 31)))
    assert refused.value.field == "valid_from"
    rule(home, clerk(), days=Days(date(2027, 1, 1)))
    for factory, owner in (
        (ResidenceRulingFactory, {"family": home.family}),
        (HouseholdFiguresFactory, {"family": home.family}),
        (MembershipFactory, {"child": home.child}),
        (MembershipFactory, {"family": home.family}),
    ):
        first = factory(valid_until=date(2026, 9, 8), valid_from=date(2026, 9, 2), **owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            factory(valid_from=first.valid_until, valid_until=date(2026, 9, 8), **owner)


def test_nothing_is_recorded_in_a_dossier_put_away(home):
    home.family.archived_at = AT
    home.family.save()
    with pytest.raises(NotAllowed):
        rule(home, clerk())


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(RecordRefused, match="avant le premier"):
        Days(TODAY, date(2026, 9, 8))


def join(home, child, **more):
    values = {"kind": MembershipKindFactory(), "valid_from": TODAY} | more
    return services.record_membership(family=home.family, child=child, by=clerk(), at=AT, **values)


@pytest.mark.exigence("B27", "I17")
def test_a_child_joins_and_its_page_says_until_when(home):
    kind = MembershipKindFactory()
    (before,) = standings_of_child(home.family, home.child, TODAY)
    assert not before.is_member
    assert before.sentence.endswith(kind.how_to)
    row = join(home, home.child)
    assert (row.child, row.family, row.valid_until) == (home.child, None, date(2027, 7, 31))
    (after,) = standings_of_child(home.family, home.child, TODAY)
    assert after.until == date(2027, 7, 31)
    assert "valable jusqu’au 31\u00a0juillet 2027" in after.sentence
    (other,) = standings_of_child(home.family, home.children[1], TODAY)
    assert not other.is_member


def test_a_membership_is_of_a_child_of_the_dossier_and_once(home):
    with pytest.raises(RecordRefused) as refused:
        join(home, None)
    assert refused.value.field == "child"
    with pytest.raises(RecordRefused):
        join(home, ChildFactory())
    join(home, home.child)
    with pytest.raises(RecordRefused, match="déjà adhérent"):
        join(home, home.child)
    assert Membership.objects.count() == 1


def test_a_membership_of_the_family_is_that_of_all_its_children(home):
    row = join(home, home.child, kind=MembershipKindFactory(holder="family"))
    assert (row.child, row.family) == (None, home.family)
    assert all(standings_of_child(home.family, child, TODAY)[0].is_member for child in home.children)


def end(home, row, last):
    services.end_record(row=row, family=home.family, last=last, reason="Erreur", by=clerk(), at=AT)


def test_an_end_keeps_the_days_that_were_and_takes_away_what_never_held(home):
    row = join(home, home.child)
    end(home, row, date(2026, 9, 30))
    assert Membership.objects.get().valid_until == date(2026, 9, 30)
    with pytest.raises(RecordRefused, match="déjà fini"):
        end(home, row, date(2026, 10, 5))
    end(home, row, date(2026, 9, 8))
    assert not Membership.objects.exists()
    assert AuditEntry.objects.filter(verb="end_price_fact").count() == 2


def aid(home, by, **more):
    values = {
        "child": None,
        "label": "Aide cantine",
        "payer": "CCAS",
        "kind": AidKind.AMOUNT,
        "number": Decimal("2.00"),
        "days": Days(date(2026, 9, 1)),
    } | more
    return services.record_aid(family=home.family, by=by, at=AT, **values)


def why(home, day, child=0):
    code = home.code(day, child=child)
    return explain_cell(family=home.family, user=home.parent, code=code, at=BOOKING_AT)


def test_an_aid_is_a_line_beside_the_price_within_its_cap(home):
    aid(home, clerk(), amount_cap=Decimal("3.00"))
    book(home, [MONDAY])
    told = why(home, MONDAY)
    assert told.price == Booking.objects.get().unit_price == Decimal("4.30")
    assert [(line.label, line.amount) for line in told.helped.lines] == [("Aide cantine", Decimal("2.00"))]
    assert (told.due, told.helped.capped) == (Decimal("2.30"), True)
    assert why(home, TUESDAY).due == Decimal("3.30")


def test_an_aid_for_one_child_or_some_tariffs_helps_with_nothing_else(home):
    other = priced_unit(activity__short_name="Club")
    aid(home, clerk(), child=home.child, tariffs=[other.tariff_link.tariff])
    assert why(home, MONDAY).helped.lines == ()
    AidGrant.objects.get().tariffs.set([home.unit.tariff_link.tariff])
    assert why(home, MONDAY).due == Decimal("2.30")
    assert why(home, MONDAY, child=1).due == Decimal("4.30")


@pytest.mark.parametrize(("kind", "number"), [(AidKind.PERCENT, Decimal(101)), (AidKind.AMOUNT, Decimal(-1))])
def test_an_impossible_aid_is_refused_on_its_field(home, kind, number):
    with pytest.raises(RecordRefused) as refused:
        aid(home, clerk(), kind=kind, number=number)
    assert refused.value.field == "number"


def test_the_journal_tells_neither_aids_nor_resources(home):
    aid(home, clerk(), label="Aide sociale", payer="Département")
    services.record_figures(family=home.family, income=Decimal(1234), disabled=1, days=Days(TODAY), by=clerk(), at=AT)
    told = " ".join(str((entry.before, entry.after)) for entry in AuditEntry.objects.all())
    assert "sociale" not in told
    assert "Département" not in told
    assert "1234" not in told


def test_one_aid_more_asks_no_query_more(home, django_assert_max_num_queries):
    AidGrantFactory.create_batch(3, family=home.family)
    book(home, [MONDAY, TUESDAY])
    with django_assert_max_num_queries(17):
        assert len(why(home, MONDAY).helped.lines) == 3
