import os, pytest, time_machine
from tests.web.planning.scene import NOW, vuillet, code
from datetime import date
from django.test import Client
from django.conf import settings
OUT=os.environ.get("SHOTS","/tmp/w/pl/shots")

def sign_in(page, live_server, user):
    c=Client(); c.force_login(user)
    page.context.add_cookies([{"name":settings.SESSION_COOKIE_NAME,"value":c.cookies[settings.SESSION_COOKIE_NAME].value,"url":live_server.url}])

@pytest.mark.e2e
@pytest.mark.parametrize("w",[390,1280,320])
def test_shots(open_page, live_server, w):
    os.makedirs(OUT,exist_ok=True)
    with time_machine.travel(NOW, tick=True):
        scene=vuillet()
        page=open_page(width=w, javascript=True)
        sign_in(page, live_server, scene.user)
        def shot(name): page.screenshot(path=f"{OUT}/{name}-{w}.png", full_page=True)
        for name,url in [("consult","/famille/planning/"),("edit","/famille/planning/?mois=2026-09&modifier=1"),("semaine","/famille/planning/?vue=semaine&jour=2026-09-16&modifier=1"),("quinzaine","/famille/planning/?vue=quinzaine&jour=2026-09-16"),("activite","/famille/planning/?par=activite&modifier=1"),("aout","/famille/planning/?mois=2026-08&modifier=1"),("vide","/famille/panier/"),("juillet27","/famille/planning/?mois=2027-07"),("nov","/famille/planning/?mois=2026-11&modifier=1"), ("jour","/famille/planning/?vue=jour&jour=2026-09-16&modifier=1")]:
            r=page.goto(url); assert r.status==200,(url,r.status)
            html=page.content(); print(name, len(html.encode()))
            sw=page.evaluate("document.documentElement.scrollWidth"); assert sw<=w,(name,sw)
            shot(name)
