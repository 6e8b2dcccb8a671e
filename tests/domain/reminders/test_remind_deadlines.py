"""The evening before: who is told, of what, once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.bookings.services import change_draft
from portal.domain.families.models import ChildLink, FamilyMember
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.models import Notice
from portal.domain.notices.services import set_preferences
from portal.domain.reminders.models import DeadlineReminder, ReminderSettings
from portal.domain.reminders.rules import is_awake, is_due, period_of
from portal.domain.reminders.services import remind_deadlines
from tests.domain.bookings.conftest import MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import BookingFactory, book, household, join, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory

pytestmark = pytest.mark.django_db

NBSP = "\u00a0"
#: The canteen of the week of the 14th closes on Thursday 10 September 2026 at 23 h 59.
EVE = datetime(2026, 9, 9, 18, tzinfo=PARIS)
CLOSES = datetime(2026, 9, 11, tzinfo=PARIS)


def remind(at=EVE):
    return remind_deadlines(by=User.objects.system(), at=at)


def told(user):
    return list(Notice.objects.filter(user=user, kind=NoticeKind.REMINDER).order_by("pk"))


def mails(user):
    return list(OutgoingMail.objects.filter(recipient=user.email).order_by("pk"))


@pytest.mark.exigence("B16", "C3")
def test_a_family_without_a_day_is_told_the_evening_before(home):
    assert remind() == 1
    (notice,) = told(home.parent)
    assert notice.title == f"Cantine{NBSP}: à réserver avant le jeudi 10{NBSP}septembre à 23{NBSP}h{NBSP}59"
    assert "du 14 au 18" in notice.text
    assert "Hugo et Léna" in notice.text
    assert notice.path == "/famille/planning/?mois=2026-09&modifier=1"
    (mail,) = mails(home.parent)
    assert mail.subject == notice.title
    for words in ("Hugo et Léna", "/famille/planning/?mois=2026-09&modifier=1", "/famille/notifications/preferences/"):
        assert words in mail.text
        assert words.replace("&", "&amp;") in mail.html
    assert AuditEntry.objects.get(verb="remind_deadline").after["people"] == 1


@pytest.mark.exigence("B16")
def test_never_twice_for_the_same_deadline(home):
    assert remind() == 1
    for later in (timedelta(minutes=15), timedelta(hours=14), timedelta(hours=25)):
        assert remind(EVE + later) == 0
    assert len(told(home.parent)) == 1
    assert remind(EVE + timedelta(weeks=1)) == 1


@pytest.mark.parametrize(
    "at",
    [
        EVE - timedelta(minutes=1),
        datetime(2026, 9, 9, 22, 30, tzinfo=PARIS),
        datetime(2026, 9, 10, 6, 59, tzinfo=PARIS),
        datetime(2026, 9, 10, 23, 30, tzinfo=PARIS),
        CLOSES,
        CLOSES + timedelta(hours=9),
    ],
)
def test_neither_before_nor_at_night_nor_after(home, at):
    assert remind(at) == 0
    assert not Notice.objects.exists()


def test_late_in_the_day_is_better_than_never(home):
    assert remind(datetime(2026, 9, 10, 21, 45, tzinfo=PARIS)) == 1


@pytest.mark.exigence("B16")
def test_a_family_that_chose_is_left_in_peace(home, canteen):
    book(home, [TUESDAY])
    BookingFactory(
        child=home.children[1],
        unit=canteen,
        day=MONDAY,
        enrolment=home.children[1].enrolments.get(),
        cancelled=True,
    )
    # One booked, the other gave the day back: both have decided.
    assert remind() == 0


def test_the_town_may_remind_everybody_enrolled(home):
    ReminderSettings.objects.create(only_when_empty=False)
    book(home, [MONDAY], child=0)
    book(home, [MONDAY], child=1)
    assert remind() == 1


def test_the_town_may_send_none(home):
    ReminderSettings.objects.create(is_enabled=False)
    assert remind() == 0


def test_the_town_says_at_what_hour(home):
    ReminderSettings.objects.create(hour=time(20))
    assert remind() == 0
    assert remind(EVE + timedelta(hours=2)) == 1


@pytest.mark.exigence("B16")
def test_a_draft_that_nobody_validated_is_recalled(home):
    for child in (0, 1):
        book(home, [TUESDAY], child=child)
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=EVE - timedelta(hours=1))
    assert remind() == 1
    assert "à valider" in told(home.parent)[0].title
    assert "(Hugo), dans votre brouillon" in told(home.parent)[0].text
    assert "Tant qu’un brouillon n’est pas validé, rien n’est réservé." in mails(home.parent)[0].text


def test_a_cancellation_that_waits_in_a_draft_counts_too(home, canteen):
    canteen.activity.booking_deadline = {"kind": "never"}
    canteen.activity.save()
    bookings = book(home, [MONDAY])
    assert remind() == 0
    change_draft(family=home.family, add=[], remove=[home.code(MONDAY)], by=home.parent, at=EVE - timedelta(hours=1))
    assert home.family.basket.lines.get().wish == Wish.REMOVE
    assert remind() == 1
    assert Booking.objects.get(pk=bookings[0].pk).state == "booked"


def test_nobody_is_told_while_choosing(home):
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=EVE - timedelta(minutes=5))
    assert remind() == 0
    assert remind(EVE + timedelta(minutes=16)) == 1


@pytest.mark.exigence("B16")
def test_one_mail_a_person_for_all_children_and_activities(home):
    club = priced_unit(activity__short_name="Accueil du soir", activity__name="Accueil du soir 2026/2027")
    for child in home.children:
        EnrolmentFactory(child=child, family=home.family, activity=club.activity)
    assert remind() == 1
    (mail,) = mails(home.parent)
    assert "Cantine" in mail.text
    assert "Accueil du soir" in mail.text
    assert len(told(home.parent)) == 1
    assert DeadlineReminder.objects.filter(user=home.parent).count() == 2


@pytest.mark.exigence("B16")
@pytest.mark.parametrize(
    ("by_mail", "in_space", "expected"),
    [
        (True, True, (1, 1)),
        (False, True, (0, 1)),
        (True, False, (1, 0)),
        (False, False, (0, 0)),
    ],
)
def test_as_the_person_prefers_channel_by_channel(home, by_mail, in_space, expected):
    kinds = [NoticeKind.REMINDER]
    set_preferences(user=home.parent, by_mail=kinds * by_mail, in_space=kinds * in_space, at=EVE)
    remind()
    assert (len(mails(home.parent)), len(told(home.parent))) == expected


def test_only_a_reminder_may_leave_the_space(home):
    set_preferences(user=home.parent, by_mail=[], in_space=[], at=EVE)
    hidden = home.parent.notice_preferences.filter(in_space=False).values_list("kind", flat=True)
    assert list(hidden) == ["reminder"]
    with pytest.raises(IntegrityError, match="notice_preference_space_is_kept"), transaction.atomic():
        home.parent.notice_preferences.filter(kind="booking").update(in_space=False)


def test_only_who_may_book_and_wants_to_be_told(canteen):
    homes = [household(canteen, parents=2) for _ in range(4)]
    FamilyMember.objects.filter(family=homes[0].family, adult__user=homes[0].parent).update(is_notified=False)
    FamilyMember.objects.filter(family=homes[1].family, adult__user=homes[1].parent).update(can_book=False)
    ChildLink.objects.filter(family=homes[2].family).update(is_notified=False)
    homes[3].family.archived_at = EVE
    homes[3].family.save()
    assert remind() == 2
    people = {notice.user for notice in Notice.objects.select_related("user")}
    assert people == {homes[0].others[0], homes[1].others[0]}


@pytest.mark.exigence("B3", "B16")
def test_each_household_of_a_child_is_told_of_it_alone(canteen):
    mother, father = household(canteen), household(canteen, enrolled=False)
    join(father.family, mother.child)
    assert remind() == 2
    assert father.child.first_name == mother.child.first_name == "Hugo"
    assert DeadlineReminder.objects.count() == 2
    (mail,) = mails(father.parent)
    assert mother.family.name not in mail.text


def test_full_days_are_not_announced(home, canteen, pool):
    for day in DateRange(MONDAY, MONDAY + timedelta(days=4)):
        DayPlaces.objects.create(pool=pool, day=day, capacity=2, taken=2)
    assert remind() == 0
    DayPlaces.objects.filter(day=TUESDAY).update(taken=1)
    assert remind() == 1


def test_where_each_day_closes_by_itself_a_week_is_told_once(home, canteen):
    canteen.activity.booking_deadline = canteen.activity.cancellation_deadline = {"kind": "days_before", "days": 2}
    canteen.activity.save()
    said = [
        day
        for day in DateRange(date(2026, 9, 10), date(2026, 9, 23))
        if remind(datetime.combine(day, time(18), tzinfo=PARIS))
    ]
    # Monday the 14th closes on the 12th, Monday the 21st on the 19th: told on the Fridays before.
    assert said == [date(2026, 9, 11), date(2026, 9, 18)]


def test_after_three_reminders_without_a_booking_silence(home):
    said = [remind(EVE + timedelta(weeks=week)) for week in range(5)]
    assert said == [1, 1, 1, 0, 0]
    Booking.objects.all().update(booked_at=EVE)
    (booking,) = book(home, [NEXT_MONDAY + timedelta(weeks=2)])
    Booking.objects.filter(pk=booking.pk).update(booked_at=EVE + timedelta(weeks=4, days=1))
    assert remind(EVE + timedelta(weeks=5)) == 1


def test_the_database_has_the_last_word(home, canteen):
    row = {"user": home.parent, "activity": canteen.activity, "period_start": MONDAY, "closes_at": CLOSES}
    DeadlineReminder.objects.create(**row, told_at=EVE)
    for name, changed in (
        ("reminder_once_per_deadline", {"period_start": TUESDAY}),
        ("reminder_once_per_period", {"closes_at": CLOSES + timedelta(hours=1)}),
        ("reminder_before_the_deadline", {"period_start": TUESDAY, "closes_at": EVE}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            DeadlineReminder.objects.create(**row | changed, told_at=EVE)


def test_families_that_need_nothing_cost_nothing(db, django_assert_num_queries):
    """Settings, activities, units, calendar; then one query for the deadline, whatever the number of families."""
    meal = priced_unit()
    by = User.objects.system()
    for more in (1, 4):
        for _ in range(more):
            book(household(meal), [TUESDAY])
        with django_assert_num_queries(5):
            assert remind_deadlines(by=by, at=EVE) == 0


def test_what_is_due_and_when():
    shown = datetime(2026, 9, 10, 21, 59, tzinfo=UTC)
    assert is_due(shown, at=EVE, hour=time(18))
    assert not is_due(shown, at=EVE - timedelta(seconds=1), hour=time(18))
    assert not is_due(shown, at=shown - timedelta(minutes=30), hour=time(18))
    assert not is_awake(datetime(2026, 9, 9, 20, 0, tzinfo=UTC))
    assert period_of(DateRange(TUESDAY, TUESDAY)) == DateRange(MONDAY, MONDAY + timedelta(days=6))
    month = DateRange(date(2026, 10, 1), date(2026, 10, 30))
    assert period_of(month) == month
