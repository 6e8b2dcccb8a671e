"""Units tied to each other on the page: what follows a tick is shown and said, with and without script."""

from datetime import date

import pytest

from portal.domain.activities.enums import RelationKind
from portal.domain.activities.models import UnitRelation
from tests.web.planning.reading import PLANNING, Reader, draft_codes
from tests.web.planning.scene import code

EDIT = f"{PLANNING}?mois=2026-09&modifier=1"
SAVE = ("suite", "enregistrer")
FRIDAY = date(2026, 9, 18)


@pytest.mark.exigence("P34")
def test_what_replaces_is_said_after_a_press_without_script(reader: Reader, hugo, canteen, evening):
    UnitRelation.objects.create(kind=RelationKind.EXCLUSIVE, unit=evening, other=canteen)
    page = reader.get(EDIT)
    page = reader.press(page, SAVE, tick=[code(hugo, evening, FRIDAY)])
    assert draft_codes() == {code(hugo, evening, FRIDAY): "add", code(hugo, canteen, FRIDAY): "remove"}
    assert page.box(code(hugo, evening, FRIDAY)).has_attr("checked")
    assert not page.box(code(hugo, canteen, FRIDAY)).has_attr("checked")
    said = page.text("#avis").replace("\u00a0", " ")
    assert said.startswith("Un autre choix a suivi le vôtre Hugo, vendredi 18 sept. : « ")
    assert "remplace « Cantine »" in said
    page = reader.press(page, SAVE, untick=[code(hugo, evening, FRIDAY)])
    assert draft_codes() == {}
    assert "retour de « Cantine », comme avant." in page.text("#avis").replace("\u00a0", " ")


@pytest.mark.exigence("P33")
def test_a_tick_sent_by_script_brings_back_the_cells_that_followed(reader: Reader, hugo, canteen, evening):
    UnitRelation.objects.create(kind=RelationKind.DEPENDENT, unit=evening, other=canteen)
    page = reader.get(EDIT)
    reader.tick_by_htmx(page, tick=[code(hugo, evening, FRIDAY)])
    assert draft_codes() == {code(hugo, evening, FRIDAY): "add"}
    answer = reader.tick_by_htmx(reader.get(EDIT), untick=[code(hugo, canteen, FRIDAY)])
    assert draft_codes() == {code(hugo, canteen, FRIDAY): "remove"}
    swapped = [str(piece["hx-swap-oob"]) for piece in answer.all("[hx-swap-oob]")]
    assert f"innerHTML:td:has(#c{code(hugo, evening, FRIDAY).replace('.', '-')})" in swapped
    assert "qui a besoin de « Cantine »" in answer.soup.get_text(" ").replace("\u00a0", " ")
