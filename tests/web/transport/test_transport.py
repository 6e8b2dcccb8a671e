"""The bus for families: choosing at the enrolment, changing, one day elsewhere; what mails and plannings say of it."""

from datetime import date

import pytest
from django.urls import reverse

from portal.domain.activities.enums import LateKind
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Receipt
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import FamilyMember
from portal.domain.mails.models import OutgoingMail
from portal.domain.transport.models import StopChoice, StopException
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import book, household
from tests.domain.transport.conftest import AT, LATER, OCTOBER
from tests.domain.transport.factories import bus_line, bus_unit, driver, enrolment_of, rider, stop
from tests.domain.transport.test_services import choose

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B30")]


def usual(home, line):
    return reverse("transport:usual", args=[enrolment_of(home).pk, line.code])


def day_url(home, line, day=OCTOBER):
    return reverse("transport:day", args=[enrolment_of(home).pk, line.code, day.isoformat()])


def sent(line, outward="vignes", homeward="sans", **more):
    keys = [value if value == "sans" else str(stop(line, value).pk) for value in (outward, homeward)]
    return {"aller": keys[0], "retour": keys[1], "depart": "collected"} | more


def test_the_home_page_asks_for_the_stop_that_is_missing(parent, home, line):
    page = parent.get(reverse("home:index")).content.decode()
    assert "Choisir l’arrêt de bus\u00a0: Hugo" in page
    choose(home, line)
    assert "Choisir l’arrêt de bus" not in parent.get(reverse("home:index")).content.decode()


def test_a_first_choice_is_saved_and_said(parent, home, line):
    answer = parent.post(usual(home, line), sent(line, "marche", "marche"), follow=True)
    assert "L’arrêt est enregistré" in answer.content.decode()
    assert StopChoice.objects.get().outward.code == "marche"


def test_the_page_says_from_when_a_change_counts_before_it_is_made(parent, home, line):
    choose(home, line)
    page = parent.get(usual(home, line)).content.decode()
    assert "jeudi 1er octobre 2026" in page.replace("\u00a0", " ")


def test_a_stop_of_nowhere_is_said_beside_its_field_and_what_was_typed_stays(parent, home, line):
    answer = parent.post(usual(home, line), sent(line, "marche") | {"retour": "999999"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Arrêt du retour" in page
    assert "checked" in page
    assert not StopChoice.objects.exists()


def test_leaving_alone_without_the_authorisation_says_where_it_is_given(parent, home, line):
    answer = parent.post(usual(home, line), sent(line, "marche", "marche", depart="alone"))
    assert answer.status_code == 422
    assert "autorisation de rentrer seul" in answer.content.decode()


def test_one_day_elsewhere_then_as_usual_again(parent, home, line):
    book(home, [OCTOBER, LATER])
    choose(home, line)
    parent.post(day_url(home, line), sent(line))
    assert StopException.objects.get().outward.code == "vignes"
    assert "ce jour seulement" in parent.get(reverse("transport:index")).content.decode()
    parent.post(day_url(home, line), {"habituel": "1"})
    assert not StopException.objects.exists()


def test_a_day_that_is_not_booked_has_no_page(parent, home, line):
    choose(home, line)
    assert parent.get(day_url(home, line)).status_code == 404
    assert parent.get(day_url(home, line, date(2026, 10, 8))).status_code == 404


def test_a_day_past_its_deadline_is_shown_without_form(parent, home, line):
    september = date(2026, 9, 16)
    book(home, [september])
    choose(home, line)
    page = parent.get(day_url(home, line, september)).content.decode()
    assert "Le délai du bus est passé" in page
    assert "Enregistrer pour ce jour" not in page


def test_another_family_finds_nothing_there(client, home, line):
    book(home, [OCTOBER])
    client.force_login(rider().parent)
    assert client.get(usual(home, line)).status_code == 404
    assert client.post(usual(home, line), sent(line)).status_code == 404
    assert client.get(day_url(home, line)).status_code == 404


def test_who_may_only_look_reads_the_stops_and_changes_nothing(parent, home, line):
    choose(home, line)
    FamilyMember.objects.update(can_book=False)
    page = parent.get(reverse("transport:index")).content.decode()
    assert "Place du Marché" in page
    assert "Changer l’arrêt habituel" not in page
    assert parent.get(usual(home, line)).status_code == 404


def test_the_enrolment_asks_for_the_stop_and_writes_both_or_nothing(client, calendar, line):
    unit = bus_unit()
    bus = bus_line(unit)
    new = household(unit, enrolled=False)
    client.force_login(new.parent)
    url = reverse("enrolments:enrol", args=[new.child.pk, unit.activity.code])
    page = client.get(url).content.decode()
    assert "Place du Marché" in page
    answer = client.post(url, {"starts_on": "2026-09-16"})
    assert "Choisissez un arrêt" in answer.content.decode()
    assert not Enrolment.objects.filter(child=new.child).exists()
    prefix = f"bus_{bus.pk}_"
    client.post(
        url,
        {"starts_on": "2026-09-16", f"{prefix}aller": str(stop(bus, "moulin").pk), f"{prefix}retour": "sans"},
    )
    choice = StopChoice.objects.get(enrolment__child=new.child)
    assert (choice.outward.code, choice.since) == ("moulin", date(2026, 9, 16))


def test_no_stop_in_any_way_is_refused_with_the_enrolment(client, calendar, line):
    unit = bus_unit()
    bus = bus_line(unit)
    new = household(unit, enrolled=False)
    client.force_login(new.parent)
    url = reverse("enrolments:enrol", args=[new.child.pk, unit.activity.code])
    prefix = f"bus_{bus.pk}_"
    page = client.post(url, {"starts_on": "2026-09-16", f"{prefix}aller": "sans", f"{prefix}retour": "sans"})
    assert "à l’aller, au retour, ou les deux" in page.content.decode()
    assert not Enrolment.objects.filter(child=new.child).exists()


def test_the_planning_the_receipt_and_its_mail_tell_the_stop(parent, home, line):
    choose(home, line, "marche", "vignes")
    draft = change_draft(family=home.family, add=[home.code(OCTOBER)], remove=[], by=home.parent, at=AT).draft
    confirm_basket(family=home.family, key=draft.key, by=home.parent, at=AT)
    assert "Place du Marché à 11" in Receipt.objects.get().lines.get().note
    mail = OutgoingMail.objects.get(reference=Receipt.objects.get().number)
    assert "Place du Marché" in mail.text
    assert "Cité des Vignes" in mail.html
    page = parent.get(reverse("planning:index"), {"mois": "2026-10"}).content.decode()
    assert "Place du Marché" in page
    receipt = parent.get(reverse("basket:receipt", args=[Receipt.objects.get().number])).content.decode()
    assert "Place du Marché" in receipt


def test_anybody_reads_the_lines_and_takes_their_sheet(client, line):
    page = client.get(reverse("transport:lines")).content.decode()
    assert "École du Moulin" in page
    sheet = client.get(reverse("transport:sheet", args=[line.code]))
    assert sheet["Content-Type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")
    assert client.get(reverse("transport:sheet", args=["aucune"])).status_code == 404


def test_the_planning_shows_what_a_late_day_costs_more_before_it_is_chosen(parent, home):
    activity = home.unit.activity
    activity.late_booking_deadline = {"kind": "days_before", "days": 1}
    activity.late_kind, activity.late_value = LateKind.AMOUNT, 2
    activity.save()
    page = parent.get(reverse("planning:index"), {"modifier": "1"}).content.decode().replace("\u00a0", " ")
    assert "en retard :" in page
    assert "+ 2,00 €" in page
    why = parent.get(reverse("planning:why", args=[home.code(date(2026, 9, 16))])).content.decode()
    assert "avec un supplément de" in why


def test_an_agent_lists_the_bus_on_screen_in_a_spreadsheet_and_on_paper(client, home, line):
    book(home, [OCTOBER])
    choose(home, line)
    agent = driver(is_superuser=True)
    client.force_login(agent)
    query = {"ligne": line.code, "du": OCTOBER.isoformat()}
    page = client.get(reverse("desk_bus"), query).content.decode()
    assert "Hugo" in page
    table = client.get(reverse("desk_bus_csv"), query).content.decode()
    assert "Place du Marché" in table
    assert client.get(reverse("desk_bus_pdf"), query).content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(verb="export_riders").count() == 2
    client.force_login(UserFactory(agent=True))
    assert client.get(reverse("desk_bus"), query).status_code in {302, 403}


def test_an_agent_sees_who_is_concerned_before_a_stop_closes(client, home, line):
    choose(home, line)
    client.force_login(driver(is_superuser=True))
    url = reverse("desk_bus_stop", args=[stop(line, "marche").pk])
    form = {"name": "Place du Marché", "place": "", "outward_3": "11:35", "homeward_3": "17:50", "last": "2026-10-07"}
    page = client.post(url, form).content.decode()
    assert "Hugo" in page
    assert stop(line, "marche").ends_on is None
    client.post(url, form | {"faire": "1"})
    assert stop(line, "marche").ends_on == OCTOBER
    refused = client.post(url, form | {"outward_3": "midi"})
    assert refused.status_code == 422
    assert "indiquez une heure" in refused.content.decode()
