"""The linter of templates: each fault is seen, and good French is left alone."""

from pathlib import Path

import pytest

from scripts.lint_templates import lint_messages, lint_template, unmarked

NBSP, THIN = "\u00a0", "\u202f"


def faults(tmp_path: Path, source: str, name: str = "essai.html") -> list[str]:
    path = tmp_path / name
    path.write_text(source)
    return [f"{fault.line}: {fault.words}" for fault in lint_template(path)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p style='color: red'>a</p>", "attribut « style »"),
        ("<button onclick='go()'>a</button>", "attribut « onclick »"),
        ("<button hx-on:click='go()'>a</button>", "attribut « hx-on:click »"),
        ("<a href='javascript:go()'>a</a>", "javascript:"),
        ("<style>p { color: red }</style>", "« <style> » dans la page"),
        ("<script>go()</script>", "« <script> » dans la page"),
        ("<script src='https://cdn.example/a.js'></script>", "rien ne se charge d’ailleurs"),
        ("<link rel='stylesheet' href='//cdn.example/a.css'>", "rien ne se charge d’ailleurs"),
        ("<img src='{% static \"a.svg\" %}'>", "sans « alt »"),
        ("<input value={{ value }}>", "variable sans guillemets"),
        ("<div><p>a</div>", "« </div> » ferme"),
        ("<div>{% if a %}</div>{% endif %}", "« </div> » ferme"),
        ("{% if a %}<div>{% else %}<p>a</p>{% endif %}", "« <div> » n’est pas fermé"),
        ("<p>l'école</p>", "apostrophe"),
        ("<p>Prix : 3</p>", "avant « : »"),
        ("<p>Prix: 3</p>", "il manque l’espace"),
        (f"<p>Quoi{NBSP}?</p>", "U+202F"),
        ("<p>Quoi ?</p>", "U+202F"),
        ("<p>4,30 €</p>", "avant « € »"),
        ("<p>{{ price }} €</p>", "avant « € »"),
        ("<p>« oui »</p>", "dans « »"),
        ("<p>Attendez...</p>", "trois points"),
        ("<img alt=\"l'école\" src='a.svg'>", "apostrophe"),
        ('{% translate "l\'école" %}', "apostrophe"),
        ("{% blocktranslate %}l'école{% endblocktranslate %}", "apostrophe"),
    ],
)
def test_a_fault_is_seen(tmp_path: Path, source: str, words: str) -> None:
    found = faults(tmp_path, f"<p>Un</p>\n{source}\n")

    assert found
    assert all(fault.startswith("2: ") for fault in found)
    assert any(words in fault for fault in found)


@pytest.mark.parametrize(
    "source",
    [
        f"<p>L’école{NBSP}: 4,30{NBSP}€{THIN}; «{NBSP}oui{NBSP}»{THIN}?</p>",
        "<p>{{ price|euros }}</p>",
        "<li{% if current %} aria-current='page'{% endif %}>a</li>",
        "<h{{ level }}>a</h{{ level }}>",
        "{% if a %}<p>a</p>{% elif b %}<div>b</div>{% else %}c{% endif %}",
        "{% for a in b %}<li>{{ a }}</li>{% empty %}<p>rien</p>{% endfor %}",
        "<input value='{{ value }}'><br><img alt='' src='{{ url }}'>",
        "{# l'école : 3 € #}{% comment %}<div style='x'>{% endcomment %}<!-- l'école -->",
        "<script src='{% static \"a.js\" %}' defer></script>",
        "<script type='application/json'>{\"a\": 'b'}</script>",
        "<a href='https://www.service-public.example/'>Ailleurs</a>",
        "<time>12:30</time> {% url 'a:b' %} <code>a: 'b'</code>",
    ],
)
def test_good_french_and_sound_html_pass(tmp_path: Path, source: str) -> None:
    assert faults(tmp_path, source) == []


def test_mails_in_plain_text_are_read_too(tmp_path: Path) -> None:
    assert faults(tmp_path, "Bonjour,\nL'école vous attend.\n", "essai.txt") == [
        "2: droit au lieu de ’ (apostrophe) : « L'école vous atte »"
    ]


def test_messages_of_python_obey_the_same_rules(tmp_path: Path) -> None:
    path = tmp_path / "forms.py"
    path.write_text("from x import gettext as _\nGOOD = _('L’école')\nBAD = _(\"L'école\")\nELSE = \"l'école\"\n")

    assert [fault.line for fault in lint_messages(path)] == [3]


@pytest.mark.parametrize(
    "source",
    [
        "<p>Bonjour</p>",
        '<img alt="Une école" src="{{ url }}">',
        "<p>{% if a %}oui{% else %}{% translate 'Non' %}{% endif %}</p>",
        "<p>{% blocktranslate %}Bonjour{% endblocktranslate %} à tous</p>",
    ],
)
def test_a_word_outside_gettext_is_seen(source: str) -> None:
    assert [line for line, _words in unmarked(f"<p></p>\n{source}")] == [2]


@pytest.mark.parametrize(
    "source",
    [
        "<p>{% translate 'Bonjour' %}, {{ name }} (RSS)</p>",
        "<p>{% blocktranslate %}Bonjour {{ name }}{% endblocktranslate %}</p>",
        "{% block page_class %}narrow{% endblock %}<code>fr</code>",
        '<a href="https://cnil.fr/" title="{{ title }}">cnil.fr/fr/plaintes</a>',
    ],
)
def test_what_gettext_sees_or_no_language_says_is_left_alone(source: str) -> None:
    assert unmarked(source) == []
