import pytest, os
from datetime import UTC, date, datetime
from pathlib import Path
from django.core.management import call_command
from django.conf import settings
from django.utils import timezone
from tests.domain.accounts.factories import UserFactory, PASSWORD
from tests.domain.bookings.factories import household, book
from portal.domain.activities.models import *
from portal.domain.bookings.draft import change_draft
from portal.domain.bookings.services import confirm_basket
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.services import queue_mail
from portal.domain.audit.models import AuditEntry
from portal.domain.kernel.calendar import DateRange

SHOTS = Path("/tmp/w/shots"); SHOTS.mkdir(exist_ok=True)

def test_shots(open_page, live_server):
    admin = UserFactory(username="admin", is_staff=True, is_superuser=True)
    from django.db.models.sql.compiler import SQLCompiler
    real = {c: v.cell_contents for c, v in zip(SQLCompiler.get_from_clause.__code__.co_freevars, SQLCompiler.get_from_clause.__closure__)}["real_from_clause"]
    SQLCompiler.get_from_clause = real
    call_command("load_commune", "site/communes/les-rousses")
    unit = Unit.objects.filter(activity__code__startswith="restaurant").first()
    for number in range(3):
        home = household(unit, children=2, parents=2)
        days = [d for d in DateRange(date(2026,11,23), date(2026,12,11)) if d.isoweekday() in (1,2,4,5)]
        book(home, days)
    queue_mail(kind="booking_receipt", recipient="a@famille.example", subject="Vos réservations", text="Bonjour,\n\nC’est enregistré.", at=timezone.now(), reference="2026-11-00001")
    queue_mail(kind="activation", recipient="a@famille.example", subject="Activez", text="http://secret", at=timezone.now())
    page = open_page(width=1280)
    page.goto("/gestion/")
    page.fill("input[name=login]", "admin"); page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    n = 0
    def shot(name, url=None):
        if url: page.goto(url)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    shot("home", "/gestion/")
    from portal.domain.families.models import Family, Child
    a = Activity.objects.get(pk=unit.activity_id)
    f = Family.objects.first()
    shot("families", "/gestion/familles/dossiers/")
    shot("family", f"/gestion/familles/dossiers/inspect/{f.pk}/")
    shot("child", f"/gestion/familles/enfants/inspect/{Child.objects.first().pk}/")
    shot("activities", "/gestion/activites/activites/")
    shot("activity_edit", f"/gestion/activites/activites/edit/{a.pk}/")
    shot("activity", f"/gestion/activites/activites/inspect/{a.pk}/")
    shot("units", "/gestion/activites/unites/")
    shot("unit_edit", f"/gestion/activites/unites/edit/{unit.pk}/")
    page.fill("textarea[name=booking_deadline]", '{"kind": "weekday_before"}')
    page.click("button.action-save")
    shot("unit_error")
    shot("bookings", "/gestion/inscriptions/reservations/?jour=2026-11-24")
    shot("enrolments", "/gestion/inscriptions/inscriptions/")
    shot("closure_new", "/gestion/calendrier/fermetures/create/")
    page.fill("input[name=reason]", "pont"); page.fill("input[name=starts_on]", "24/11/2026"); page.keyboard.press("Tab"); page.fill("input[name=ends_on]", "24/11/2026"); page.keyboard.press("Tab")
    shot("closure_filled")
    page.click("button.action-save")
    shot("closure_saved")
    shot("holidays", "/gestion/calendrier/vacances/")
    shot("tariffs", "/gestion/tarifs/tarifs/")
    from portal.domain.tariffs.models import Tariff
    shot("tariff", f"/gestion/tarifs/tarifs/inspect/{Tariff.objects.first().pk}/")
    shot("mails", "/gestion/courriels/")
    m = OutgoingMail.objects.get(kind="booking_receipt")
    shot("mail", f"/gestion/courriels/inspect/{m.pk}/")
    shot("resend", f"/gestion/courriels/renvoyer/{m.pk}/")
    page.click("text=Renvoyer >> nth=-1")
    shot("resent")
    shot("journal", "/gestion/journal/")
    e = AuditEntry.objects.filter(verb="create").first()
    shot("entry", f"/gestion/journal/inspect/{e.pk}/")
    shot("closure_delete", f"/gestion/calendrier/fermetures/delete/{Closure.objects.last().pk}/")
