"""French dates, amounts and spaces, as templates write them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.template import Context, Template

LATE = datetime(2026, 9, 10, 21, 59, tzinfo=UTC)


def draw(expression: str, **context) -> str:
    return Template("{% load french %}" + expression).render(Context(context))


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("{{ v|euros }}", Decimal("1120"), "1\u202f120,00\u00a0€"),
        ("{{ v|signed_euros }}", Decimal("16.5"), "+16,50\u00a0€"),
        ("{{ v|signed_euros }}", Decimal("-4.3"), "\u22124,30\u00a0€"),
        ("{{ v|date_longue }}", date(2026, 9, 7), "lundi 7\u00a0septembre 2026"),
        ("{{ v|date_courte }}", date(2026, 9, 7), "lundi 7\u00a0sept."),
        ("{{ v|jour_mois }}", date(2026, 10, 1), "1er\u00a0octobre"),
        ("{{ v|date_complete }}", date(2026, 9, 7), "7\u00a0septembre 2026"),
        ("{{ v|mois_annee }}", date(2026, 9, 7), "septembre 2026"),
        ("{{ v|instant }}", LATE, "jeudi 10\u00a0septembre 2026 à 23\u00a0h\u00a059"),
        ("{{ v|instant_court }}", LATE, "jeudi 10\u00a0sept., 23\u00a0h\u00a059"),
        ("{{ v|heure }}", LATE, "23\u00a0h\u00a059"),
        ("{{ v|heure }}", time(8), "8\u00a0h"),
        ("{{ v|duree }}", timedelta(minutes=18), "18\u00a0min"),
        ("{{ v|enumere }}", ["lundi", "mardi", "jeudi"], "lundi, mardi et jeudi"),
        ("{{ v|nombre }}", 1380, "1\u202f380"),
        ("{{ v|typo }}", "Pourquoi ? L'heure : 23h59", "Pourquoi\u202f? L’heure\u00a0: 23\u00a0h\u00a059"),
    ],
)
def test_filters_write_french(expression, value, expected):
    assert draw(expression, v=value) == expected


@pytest.mark.parametrize("name", ["euros", "signed_euros", "date_longue", "date_courte", "instant", "heure", "duree"])
@pytest.mark.parametrize("value", [None, ""])
def test_nothing_gives_nothing(name, value):
    assert draw("{{ v|" + name + " }}", v=value) == ""


def test_a_day_is_read_on_the_clocks_of_paris():
    assert (
        draw("{{ v|date_longue }}", v=datetime(2026, 9, 10, 22, 30, tzinfo=UTC)) == "vendredi 11\u00a0septembre 2026"
    )


@time_machine.travel("2026-09-09T20:40:00+00:00", tick=False)
def test_an_instant_gives_what_is_left():
    assert draw("{{ v|duree }}", v=datetime(2026, 9, 9, 20, 58, tzinfo=UTC)) == "18\u00a0min"


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        draw("{{ v|euros }}", v=4.3)


def test_typo_escapes_what_it_writes():
    assert draw("{{ v|typo }}", v="<b> : oui !") == "&lt;b&gt;\u00a0: oui\u202f!"


def test_block_touches_words_only():
    source = '<a href="/x?a=1" title="a ; b">Une question ?</a><code>a ? b : c</code> &amp; &nbsp;; l\'heure'
    assert draw("{% typo %}" + source + "{% endtypo %}") == (
        '<a href="/x?a=1" title="a ; b">Une question\u202f?</a><code>a ? b : c</code> &amp; &nbsp;; l’heure'
    )
