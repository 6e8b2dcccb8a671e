import os, pytest
from tests.e2e.test_account import *
from tests.web.accounts.journeys import links
from tests.web.planning.scene import Scene, make_unit, NOW, code
import time_machine
from datetime import date
OUT="/tmp/w/acc/shots"
ID={"name":"Les Rousses","name_with_article":"des Rousses","contact_name":"Service Enfance","phone":"01 99 00 12 34","email":"enfance@les-rousses.example","hours":["du lundi au vendredi,","de 8 h 30 à 12 h"],"address":["1, place de l’Exemple","39220 Les Rousses"]}
@pytest.mark.parametrize("w",[390,1280])
def test_shots(open_page, live_server, settings, w, monkeypatch):
    from portal.web import identity
    settings.PORTAL_IDENTITY=ID
    monkeypatch.setattr(identity,"_identity_providers",[])
    os.makedirs(OUT,exist_ok=True)
    page=open_page(width=w)
    def shot(n): page.screenshot(path=f"{OUT}/{n}-{w}.png",full_page=True)
    page.goto("/famille/"); shot("01-login")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill("x"); page.get_by_label("Mot de passe", exact=True).fill("y"); press(page,"Me connecter"); shot("02-login-err")
    page.goto("/compte/inscription/"); press(page,"Continuer"); shot("03-parent-err")
    fill_parent(page, email="claire.pro@travail.example"); press(page,"Continuer")
    fill_dossier(page,name="Durand"); page.get_by_text("Où le trouver").click(); press(page,"Continuer"); page.get_by_text("Où le trouver").click(); shot("04-dossier-err")
    fill_dossier(page); press(page,"Continuer"); shot("05-terms")
    page.get_by_label("J’ai lu").check(); press(page,"Accepter et continuer"); shot("06-check")
    press(page,"Valider et créer mon compte"); shot("07-sent")
    link=links("activation")[-1]
    page.goto(link); shot("08-activate")
    page.goto("/demo/courriels/"); shot("09-outbox")
    page.get_by_role("link", name="Activez votre compte").click(); page.wait_for_timeout(500); shot("10-mail")
    page.goto(link)
    page.get_by_label("Votre mot de passe").fill(PASSWORD); press(page,"Activer mon compte"); shot("11-welcome-wait")
    page.goto("/famille/"); shot("12-home-nofamily")
    page.goto(links("rattachement")[-1]); shot("13-joining")
    page.goto("/demo/courriels/"); page.get_by_role("link", name="Un compte demande").click(); page.wait_for_timeout(500); shot("14-mail-joining")
    page.goto(links("rattachement")[-1]); press(page,"Ouvrir mon dossier à ce compte")
    shot("15-joined")
    page.goto("/compte/bienvenue/"); shot("16-welcome")
    page.goto(link); shot("17-used")
    page.goto("/compte/activation/65000000.abc/"); shot("18-expired")
    TermsVersionFactory.create(number=2, body="## Article 1\n\nTexte nouveau.")
    page.goto("/famille/"); shot("19-gate")
    page.context.clear_cookies()
    page.goto("/compte/mot-de-passe/"); shot("20-reset")

@pytest.mark.parametrize("w",[390,1280])
def test_home(open_page, live_server, settings, w, monkeypatch):
    from portal.web import identity
    from django.test import Client
    from django.conf import settings as st
    from portal.domain.bookings.services import change_draft
    from portal.domain.procedures.services import open_procedure
    from portal.domain.procedures.enums import ProcedureKind, ProcedureState
    from portal.domain.accounts.models import TermsVersion
    TermsVersion.objects.all().delete()
    settings.PORTAL_IDENTITY=ID
    monkeypatch.setattr(identity,"_identity_providers",[])
    with time_machine.travel(NOW, tick=True):
        from tests.domain.accounts.factories import UserFactory
        scene=Scene(family=__import__("tests.domain.families.factories",fromlist=["x"]).FamilyFactory.create(number="5127"))
        u=make_unit(); v=make_unit("Mercredi", name="Journée", weekdays=[3], price="10.40", order=2)
        for n in ("Hugo","Léna","Noé"):
            c=scene.child(n); scene.enrol(c,u,v); scene.book(c,u,[date(2026,9,10)])
        change_draft(family=scene.family, add=[code(c,u,date(2026,9,14)),code(c,v,date(2026,9,16))], remove=[], by=scene.user, at=NOW)
        open_procedure(family=scene.family, kind=ProcedureKind.ENROLMENT, title="Inscription : Hugo, cantine", state=ProcedureState.RECEIVED, by=scene.user, at=NOW)
        open_procedure(family=scene.family, kind=ProcedureKind.BOOKING, title="Planning : 3 ajouts", reference="2026-09-00318", state=ProcedureState.RECORDED, by=scene.user, at=NOW)
        page=open_page(width=w)
        cl=Client(); cl.force_login(scene.user)
        page.context.add_cookies([{"name":st.SESSION_COOKIE_NAME,"value":cl.cookies[st.SESSION_COOKIE_NAME].value,"url":live_server.url}])
        page.goto("/famille/"); page.screenshot(path=f"{OUT}/30-home-{w}.png",full_page=True)
        page.goto("/famille/demarches/"); page.screenshot(path=f"{OUT}/31-demarches-{w}.png",full_page=True)
