"""What agents read: lists in a constant number of queries, search, filters, and what stays unseen."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.test import Client

from config.places import ROOT
from portal.domain.accounts.models import User
from portal.domain.activities.models import CalendarSettings, PublicHoliday, SchoolHoliday
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.services import record
from portal.domain.audit.words import VERBS
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Booking, Receipt, ReceiptLine
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Adult, Child, Family
from portal.domain.mails.enums import MailKind, MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.services import queue_mail
from portal.domain.tariffs.models import Tariff
from tests.backoffice.desk import ANIMATION, GESTION, REGIE, SCREENS, address, is_refused, last_entry, sign_in, words
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory, ServiceFactory
from tests.domain.bookings.factories import Household, book, household, priced_unit
from tests.domain.enrolments.factories import PatternDayFactory
from tests.domain.families.factories import SchoolFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 9, 14), date(2026, 9, 15)


@pytest.fixture(autouse=True)
def september() -> Any:
    """Monday 7 September 2026, noon in Paris."""
    with time_machine.travel(NOON, tick=False):
        yield


def receipt(home: Household, number: int = 1, at: datetime = NOON) -> Receipt:
    """A validation of one meal, with a day that fell out."""
    made = Receipt.objects.create(
        number=f"2026-09-{number:05d}",
        code=f"K7QF-29TD-{number:02d}",
        family=home.family,
        basket_key=f"00000000-0000-4000-8000-{number:012d}",
        at=at,
        by=home.parent,
        sent_to="claire@famille.example",
        total=Decimal("-4.30"),
        left_out=[
            {
                "code": "1.1.2026-09-15",
                "child": "Hugo",
                "label": "Cantine, Repas",
                "day": "2026-09-15",
                "wish": "add",
                "reason": "Il n’y a plus de place ce jour-là.",
            }
        ],
    )
    ReceiptLine.objects.create(
        receipt=made,
        wish=Wish.REMOVE,
        child=home.child,
        child_name="Hugo",
        unit=home.unit,
        label="Cantine, Repas",
        day=MONDAY,
        tariff_name="Repas enfant",
        rate_label="à l’unité",
        amount=Decimal("-4.30"),
    )
    return made


def mail(kind: MailKind = MailKind.BOOKING_RECEIPT, **changes: Any) -> OutgoingMail:
    values = {
        "recipient": "claire@famille.example",
        "subject": "Vos réservations",
        "text": "Bonjour,\nc’est <enregistré>.",
        "reference": "2026-09-00001",
        "at": NOON,
    }
    return queue_mail(kind=kind, **values | changes)


def one_more(number: int) -> None:
    """One more row, with all it is linked to, on every screen."""
    unit = priced_unit(pools=[PlacePoolFactory(), PlacePoolFactory()])
    home = household(unit, children=2, parents=2)
    book(home, [MONDAY + timedelta(days=number)])
    receipt(home, number)
    mail()
    ServiceFactory(code=f"service-{number}")
    SchoolFactory(code=f"ecole-{number}")
    ClosureFactory(activity=unit.activity)
    day = date(2026, 1, 1) + timedelta(days=number)
    SchoolHoliday.objects.create(zone="A", name="Vacances", starts_on=day, ends_on=day)
    PublicHoliday.objects.create(day=day, name="Fête")
    record(verb="create", target=home.family, by=home.parent, at=NOON, family_key=home.family.pk)


def test_lists_cost_the_same_whatever_their_length(client: Client, django_assert_max_num_queries: Any) -> None:
    """Each list with one row and with ten: the same number of queries, and few."""
    sign_in(client)
    CalendarSettings.objects.create(zone="A")
    one_more(1)
    costs: dict[str, list[int]] = {screen: [] for screen in SCREENS}

    def measure() -> None:
        # What every page says of the town is read again after a change, by the first page that comes.
        client.get(address(next(iter(costs))))
        for screen, cost in costs.items():
            with django_assert_max_num_queries(18) as queries:
                assert client.get(address(screen)).status_code == 200
            cost.append(len(queries))

    measure()  # content types and the like are read once
    measure()
    for number in range(2, 11):
        one_more(number)
    measure()

    assert {screen: cost for screen, (_first, cost, *rest) in costs.items() if rest != [cost]} == {}


# Families


def test_a_dossier_is_read_in_one_page(client: Client) -> None:
    sign_in(client, GESTION)
    home = household(priced_unit(), children=2, parents=2, number="4127", phone="01 99 00 12 34")
    User.objects.filter(pk=home.others[0].pk).update(is_active=False)

    page = client.get(address("familles/dossiers", "inspect", home.family.pk))

    said = words(page)
    for expected in (
        "4127",
        "01 99 00 12 34",
        "3 chemin des Essais, 39220 Les Rousses",
        "responsable du dossier",
        f"compte «\u00a0{home.parent.username}\u00a0»",
        "compte à activer",
        "consulter, modifier, réserver, payer",
        "Hugo Vuillet",
        "12\u00a0mars 2018",
        "CM1, École du Centre",
    ):
        assert expected in said, expected
    assert address("familles/enfants", "inspect", home.child.pk) in page.content.decode()


@pytest.mark.parametrize(
    "asked",
    ["4127", "vuillet lena", "LÉNA", "dossier4127@famille", "claire vuillet", "l'ours"],
)
def test_a_dossier_is_found_by_what_a_family_says_on_the_telephone(client: Client, asked: str) -> None:
    sign_in(client, GESTION)
    home = household(children=2, number="4127", contact_email="dossier4127@famille.example")
    other = household(number="5200", name="Ozanne", contact_email="o@famille.example")
    Child.objects.filter(pk=home.children[1].pk).update(first_name="Léna")
    Family.objects.filter(pk=home.family.pk).update(name="Vuillet de l’Ours")
    Adult.objects.filter(user=other.parent).update(first_name="Paul", last_name="Ozanne")
    Child.objects.filter(pk=other.child.pk).update(first_name="Zoé", last_name="Ozanne")

    page = client.get(address("familles/dossiers"), {"q": asked})

    assert [family.pk for family in page.context["object_list"]] == [home.family.pk]


def test_animation_sees_children_and_not_their_dossiers(client: Client) -> None:
    sign_in(client, ANIMATION)
    home = household(priced_unit(), contact_email="secret@famille.example")

    page = client.get(address("familles/enfants", "inspect", home.child.pk))

    assert page.status_code == 200
    assert "acceptée" in words(page)
    assert "secret@famille.example" not in words(page)
    assert address("familles/dossiers", "inspect", home.family.pk) not in page.content.decode()


# Enrolments, bookings, receipts


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, {7, 8, 13, 14}),
        ({"jour": "aujourdhui"}, {7}),
        ({"jour": "demain"}, {8}),
        ({"jour": "semaine"}, {7, 8, 13}),
        ({"jour": "2026-09-14"}, {14}),
        ({"jour": "2026-09-14", "state__exact": "cancelled"}, set()),
        ({"q": "vuillet"}, {7, 8, 13, 14}),
        ({"q": "personne"}, set()),
    ],
)
def test_bookings_are_filtered_by_day_and_state(client: Client, query: dict[str, str], days: set[int]) -> None:
    sign_in(client, ANIMATION)
    book(household(priced_unit()), [date(2026, 9, day) for day in (7, 8, 13, 14)])

    page = client.get(address("inscriptions/reservations"), query)

    assert {booking.day.day for booking in page.context["object_list"]} == days


def test_bookings_are_filtered_by_activity(client: Client) -> None:
    sign_in(client, ANIMATION)
    canteen, club = priced_unit(), priced_unit()
    book(household(canteen), [MONDAY])
    book(household(club), [TUESDAY])

    page = client.get(address("inscriptions/reservations"), {"unit__activity__id__exact": club.activity_id})

    assert [booking.day for booking in page.context["object_list"]] == [TUESDAY]


def test_the_day_typed_keeps_the_other_filters(client: Client) -> None:
    sign_in(client, ANIMATION)
    book(household(priced_unit()), [MONDAY])

    page = client.get(
        address("inscriptions/reservations"), {"jour": "2026-09-14", "state__exact": "booked"}
    ).content.decode()

    assert '<input type="hidden" name="state__exact" value="booked">' in page
    assert 'value="2026-09-14"' in page
    assert "Le 14\u00a0septembre 2026" in page


def test_an_enrolment_shows_its_regular_week(client: Client) -> None:
    sign_in(client, ANIMATION)
    unit = priced_unit(name="Repas")
    household(unit)
    enrolment = Enrolment.objects.get()
    for weekday in (4, 1):
        PatternDayFactory(enrolment=enrolment, unit=unit, weekday=weekday)

    assert "Repas\u00a0: lundi et jeudi" in words(
        client.get(address("inscriptions/inscriptions", "inspect", enrolment.pk))
    )


def test_a_receipt_is_read_with_its_lines_and_what_fell_out(client: Client) -> None:
    sign_in(client, REGIE)
    made = receipt(household(priced_unit()))

    said = words(client.get(address("inscriptions/recus", "inspect", made.pk)))

    for expected in (
        "2026-09-00001",
        "lundi 14\u00a0sept.",
        "annulation",
        "Repas enfant, à l’unité",
        "−4,30\u00a0€",
        "Hugo, Cantine, Repas, mardi 15\u00a0sept., réservation\u00a0: Il n’y a plus de place ce jour-là.",
    ):
        assert expected in said, expected


def test_a_receipt_is_found_by_number_dossier_or_child(client: Client) -> None:
    sign_in(client, REGIE)
    receipt(household(priced_unit(), number="4127"))
    receipt(household(priced_unit(), number="5200", name="Ozanne"), number=2)

    def found(asked: str) -> list[str]:
        return [each.number for each in client.get(address("inscriptions/recus"), {"q": asked}).context["object_list"]]

    assert found("2026-09-00002") == ["2026-09-00002"]
    assert found("4127") == ["2026-09-00001"]
    assert len(found("hugo")) == 2


def test_receipts_of_yesterday_are_those_of_a_day_of_paris(client: Client) -> None:
    sign_in(client, REGIE)
    home = household(priced_unit())
    receipt(home, 1, at=datetime(2026, 9, 5, 22, 30, tzinfo=UTC))
    receipt(home, 2, at=datetime(2026, 9, 6, 22, 30, tzinfo=UTC))

    page = client.get(address("inscriptions/recus"), {"jour": "hier"})

    assert [each.number for each in page.context["object_list"]] == ["2026-09-00001"]


# Tariffs


def test_a_tariff_shows_its_price_of_today_and_its_versions(client: Client) -> None:
    sign_in(client, REGIE)
    unit = priced_unit(price="4.30")
    tariff = Tariff.objects.get()
    tariff.versions.create(valid_from=date(2027, 1, 1), unit_price=Decimal("4.50"), deliberation="délibération n° 12")

    listed, read = (
        words(client.get(address("tarifs/tarifs"))),
        client.get(address("tarifs/tarifs", "inspect", tariff.pk)),
    )

    assert "4,30\u00a0€" in listed
    assert "4,50" not in listed
    assert "1er\u00a0janvier 2027" in words(read)
    assert "délibération n°" in words(read)
    assert str(unit) in words(read)


# Mails


def test_a_mail_is_read_as_text(client: Client) -> None:
    sign_in(client, GESTION)

    page = client.get(address("courriels", "inspect", mail().pk)).content.decode()

    assert "c’est &lt;enregistré&gt;." in page


@pytest.mark.parametrize("kind", [MailKind.ACTIVATION, MailKind.PASSWORD_RESET])
@pytest.mark.parametrize("role", [None, GESTION], ids=["superuser", "gestion"])
def test_a_personal_link_is_never_shown_nor_sent_again(client: Client, kind: MailKind, role: Any) -> None:
    """Whoever reads it could open the family's account."""
    sign_in(client, role)
    secret = mail(kind, text="https://portail.example/compte/activer/jeton-secret/")

    for page in (
        address("courriels"),
        address("courriels", "inspect", secret.pk),
        address("courriels", "renvoyer", secret.pk),
    ):
        assert "jeton-secret" not in client.get(page).content.decode()
    assert client.get(address("courriels"), {"q": "jeton-secret"}).context["object_list"] == []
    client.post(address("courriels", "renvoyer", secret.pk))

    assert OutgoingMail.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_mail_is_sent_again_after_a_question(
    client: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    agent = sign_in(client, GESTION)
    with django_capture_on_commit_callbacks(execute=True):
        first = mail()
    assert address("courriels", "renvoyer", first.pk) in client.get(address("courriels")).content.decode()
    question = client.get(address("courriels", "renvoyer", first.pk))
    assert OutgoingMail.objects.count() == 1

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address("courriels", "renvoyer", first.pk), follow=True)

    assert "repart tel quel à claire@famille.example" in words(question)
    second = OutgoingMail.objects.exclude(pk=first.pk).get()
    assert f"Le mail n°\u00a0{second.pk} part à claire@famille.example." in words(answer)
    assert (second.state, second.text) == (MailState.SENT, first.text)
    assert [message.to for message in outbox.outbox] == [["claire@famille.example"]] * 2
    entry = last_entry()
    assert (entry.verb, entry.by, entry.target_key, entry.after) == (
        "resend_mail",
        agent,
        str(first.pk),
        {"number": second.pk},
    )


def test_who_only_reads_mails_does_not_send_them(client: Client) -> None:
    sign_in(client, REGIE)
    sent = mail()
    OutgoingMail.objects.update(state=MailState.FAILED)

    assert "Renvoyer" not in client.get(address("courriels")).content.decode()
    assert is_refused(client.post(address("courriels", "renvoyer", sent.pk)))
    assert OutgoingMail.objects.get().state == MailState.FAILED


# The journal


def test_the_journal_is_in_words(client: Client) -> None:
    agent = sign_in(client, GESTION)
    home = household(priced_unit(), number="4127")
    book(home, [MONDAY])
    record(
        verb="change",
        target=Booking.objects.get(),
        by=agent,
        at=NOON,
        family_key=home.family.pk,
        before={"day": "2026-09-14", "state": "booked"},
        after={"day": "2026-09-15", "state": "booked", "account": 12},
    )
    entry = last_entry()

    listed = words(client.get(address("journal")))
    read = words(client.get(address("journal", "inspect", entry.pk)))

    for expected in (
        "modification",
        "réservation n°\u00a0",
        "4127",
        "jour, état, compte",
        "7\u00a0septembre 2026, 12\u00a0h",
    ):
        assert expected in listed, expected
    for expected in (
        "14\u00a0septembre 2026",
        "15\u00a0septembre 2026",
        "Vuillet (4127)",
        "modification, réservation",
    ):
        assert expected in read, expected


def test_the_journal_is_found_by_dossier_author_action_and_day(client: Client) -> None:
    agent = sign_in(client, GESTION)
    User.objects.filter(pk=agent.pk).update(last_name="Grandclément")
    ours, theirs = household(number="4127").family, household(number="412").family
    record(verb="create", target=ours, by=agent, at=NOON, family_key=ours.pk)
    record(verb="delete", target=theirs, by=User.objects.system(), at=NOON - timedelta(days=1), family_key=theirs.pk)

    def found(**query: str) -> list[str]:
        return [each.verb for each in client.get(address("journal"), query).context["object_list"]]

    assert found(q="4127") == ["create"]
    assert found(q="412") == ["delete"]
    assert found(q="9999") == []
    assert found(q="grandclement") == ["create"]
    assert found(action="delete") == ["delete"]
    assert found(jour="aujourdhui") == ["create"]
    assert found(jour="hier") == ["delete"]


def test_the_journal_outlives_what_it_tells_about(client: Client) -> None:
    agent = sign_in(client, GESTION)
    entry = record(
        verb="change", target=ServiceFactory(), by=agent, at=NOON, after={"name": "Sports", "date": "2026-99-99"}
    )
    AuditEntry.objects.filter(pk=entry.pk).update(target="disparu.modele", verb="verbe_oublie")

    for page in (address("journal"), address("journal", "inspect", entry.pk)):
        assert "disparu.modele" in words(client.get(page))


def test_every_verb_of_the_journal_has_its_words() -> None:
    """A new verb of the domain comes with what an agent reads."""
    used = set()
    for package in ("portal", "cms_pages", "news", "documents", "tariffs_simulator"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                    used |= {
                        keyword.value.value
                        for keyword in node.keywords
                        if keyword.arg == "verb" and isinstance(keyword.value, ast.Constant)
                    }

    assert used
    assert used - set(VERBS) == set()
