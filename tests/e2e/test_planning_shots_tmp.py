import os, pytest, time_machine
from tests.web.planning.scene import NOW, code
from tests.e2e.test_planning import opened, scene, EDIT, TUESDAY, WEDNESDAY, FRIDAY, Child, Unit, change_draft, date
OUT=os.environ.get("SHOTS","/tmp/w/pl/shots")

@pytest.mark.parametrize("w",[390,1280])
def test_shots(opened, live_server, w, scene):
    os.makedirs(OUT,exist_ok=True)
    hugo=Child.objects.get(first_name="Hugo"); lena=Child.objects.get(first_name="Léna")
    U=lambda c: Unit.objects.get(code=c)
    page=opened(width=w)
    def shot(name, full=True): page.screenshot(path=f"{OUT}/{name}-{w}.png", full_page=full)
    change_draft(family=scene.family, add=[code(hugo,U("soir"),TUESDAY),code(lena,U("avec-repas"),WEDNESDAY),code(lena,U("sans-repas"),date(2026,9,23)),code(hugo,U("soir"),date(2026,10,6))], remove=[code(hugo,U("repas"),FRIDAY)], by=scene.user, at=NOW)
    for name,url in [("consult2","/famille/planning/"),("panier","/famille/panier/"),("effacer","/famille/panier/effacer/"),("pourquoi",f"/famille/planning/pourquoi/{code(hugo,U('repas'),date(2026,9,11))}/"),("pourquoi2",f"/famille/planning/pourquoi/{code(hugo,U('repas'),date(2026,9,25))}/")]:
        page.goto(url); shot(name)
    page.goto(EDIT); shot("edit2", False)
    page.get_by_text("Plusieurs semaines").click(); shot("periode")
    page.locator("button[value=periode]").click(); shot("periode-err")
    page.goto(EDIT); page.get_by_text("Affichage").click(); shot("affichage", False)
    page.goto("/famille/panier/"); page.get_by_role("button", name="Valider mes").click(); shot("recu")
    with time_machine.travel("2026-10-20 12:00 +0200", tick=True):
        page=opened(width=w); page.goto("/famille/planning/?mois=2026-09"); shot("frozen")
