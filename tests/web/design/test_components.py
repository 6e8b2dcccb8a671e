"""Components: what they say, what they tie, what they escape."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string

from portal.web.design.weeks import Cell, CellState, DayHead, Row, RowGroup, WeekTable, render_cell
from portal.web.forms import NamedErrorsMixin


def soup(source: str) -> BeautifulSoup:
    return BeautifulSoup(source, "html.parser")


def draw(template: str, **context) -> BeautifulSoup:
    return soup(Template("{% load ui french %}" + template).render(Context(context)))


class Enrolment(NamedErrorsMixin, forms.Form):
    dossier = forms.RegexField(
        r"^\d{3,4}$",
        label="Numéro de dossier",
        help_text="3 ou 4 chiffres",
        error_messages={"invalid": "Le numéro de dossier compte 3 ou 4 chiffres"},
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    mail = forms.EmailField(label="Adresse mail")
    comment = forms.CharField(label="Message", required=False, widget=forms.Textarea)
    password = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    day = forms.DateField(label="Date d’entrée")
    meal = forms.ChoiceField(label="Formule", choices=[("a", "Avec"), ("s", "Sans")], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(
        label="Jours", choices=[("1", "lun."), ("2", "mar.")], widget=forms.CheckboxSelectMultiple
    )
    paper = forms.FileField(label="Assurance")
    terms = forms.BooleanField(label="J’accepte le règlement", help_text="version de juin")


@pytest.fixture
def blank():
    return Enrolment()


@pytest.fixture
def sent():
    return Enrolment({"dossier": "41", "mail": "claire@", "comment": "<b>bonjour</b>", "day": "2026-02-31"}, {})


def controls(page: BeautifulSoup):
    return [tag for tag in page.find_all(["input", "select", "textarea"]) if tag.get("type") != "hidden"]


def test_every_control_has_a_name_for_the_ears(blank):
    page = soup(str(blank))
    assert len(controls(page)) == 11
    for control in controls(page):
        label = page.find("label", attrs={"for": control["id"]})
        assert label is not None, control
        assert label.get_text(strip=True)


def test_ids_are_unique_and_every_tie_leads_somewhere(sent):
    page = soup(str(sent))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    ties = [
        name for tag in page.find_all(attrs={"aria-describedby": True}) for name in tag["aria-describedby"].split()
    ]
    assert ties
    assert set(ties) <= set(ids)


def test_an_error_is_tied_to_its_control_and_said_in_the_same_words_on_top(sent):
    page = soup(str(sent))
    control = page.find(id="id_dossier")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "id_dossier_helptext id_dossier_error"
    assert control["value"] == "41"
    beside = page.find(id="id_dossier_error").get_text(strip=True)
    summary = page.find(id="erreurs")
    assert summary["role"] == "alert"
    assert summary.find("a", href="#id_dossier").get_text(strip=True) == beside


def test_links_of_the_summary_lead_to_controls_even_in_groups(sent):
    page = soup(str(sent))
    targets = {link["href"][1:] for link in page.select("#erreurs a")}
    assert {"id_meal_0", "id_days_0", "id_terms", "id_paper"} <= targets
    for target in targets:
        assert page.find(id=target).name in {"input", "select", "textarea"}


def test_a_group_of_boxes_is_a_fieldset_that_names_its_error(sent):
    page = soup(str(sent))
    group = page.find("legend", string=lambda text: text and "Jours" in text) or page.select_one("#id_days_error")
    fieldset = group.find_parent("fieldset")
    assert "id_days_error" in fieldset["aria-describedby"]


def test_what_was_typed_stays_and_is_escaped(sent):
    page = soup(str(sent))
    assert page.find("textarea").get_text(strip=True) == "<b>bonjour</b>"
    assert "<b>bonjour</b>" not in str(sent)


def test_a_password_is_never_written_back():
    form = Enrolment({"password": "secret-du-soir"}, {})
    assert "secret-du-soir" not in str(form)


def test_dates_use_the_browser_s_calendar_in_iso():
    form = Enrolment(initial={"day": date(2026, 9, 7)})
    control = soup(str(form)).find(id="id_day")
    assert control["type"] == "date"
    assert control["value"] == "2026-09-07"


def test_required_fields_have_a_star_and_optional_ones_say_so(blank):
    page = soup(str(blank))
    assert "obligatoires" in page.get_text()
    assert page.find("label", attrs={"for": "id_dossier"}).find(class_="star")
    assert "(facultatif)" in page.find("label", attrs={"for": "id_comment"}).get_text()


def test_plain_form_shows_neither_star_nor_optional(blank):
    page = draw('{% include "components/form.html" with form=form plain=True only %}', form=blank)
    assert not page.select(".star, .optional")


def test_default_messages_name_the_field(sent):
    messages = {name: [str(message) for message in errors] for name, errors in sent.errors.items()}
    assert messages["password"] == ["«\u00a0Mot de passe\u00a0» est à remplir"]
    assert messages["mail"] == ["Indiquez une adresse mail complète, par exemple nom@exemple.fr"]
    assert "date qui existe" in messages["day"][0]
    assert messages["dossier"] == ["Le numéro de dossier compte 3 ou 4 chiffres"]
    assert "cochez" in messages["days"][0]


def test_error_summary_counts_in_words_and_is_silent_before_sending(blank, sent):
    assert str(draw("{% error_summary form %}", form=blank)).strip() == ""
    assert "Huit réponses sont à revoir" in draw("{% error_summary form %}", form=sent).h2.string


def test_a_general_error_stands_alone_without_a_link():
    class Login(forms.Form):
        def clean(self):
            raise forms.ValidationError("Ces identifiants ne correspondent à aucun compte.")

    page = draw("{% error_summary form %}", form=Login({}))
    assert page.find(role="alert").get_text(strip=True) == "Ces identifiants ne correspondent à aucun compte."
    assert page.find("a") is None


def test_icons_are_hidden_from_the_ears_and_have_a_size():
    drawing = draw('{% icon "clock" %}').svg
    assert drawing["aria-hidden"] == "true"
    assert drawing["width"] == "20"
    assert drawing.use["href"].endswith("icons.svg#i-clock")


def test_crumbs_end_with_the_page_itself():
    page = draw('{% crumbs "Accueil" "/" "Planning" "/p/" "Vérifier" %}')
    assert page.nav["aria-label"] == "Vous êtes ici"
    last = page.find_all("li")[-1]
    assert last["aria-current"] == "page"
    assert last.a is None
    assert [link["href"] for link in page.find_all("a")] == ["/", "/p/"]


def test_steps_say_which_is_done_and_which_is_now():
    page = draw('{% steps 2 "Choisir" "Vérifier" "Fini" %}')
    first, second, third = page.find_all("li")
    assert "faite" in first.get_text()
    assert second["aria-current"] == "step"
    assert not third.attrs


def test_pager_keeps_the_other_parameters_and_is_absent_for_one_page():
    pages = Paginator(range(95), 10)
    page = draw('{% include "components/pager.html" %}', page=pages.page(5), query="q=pain")
    assert page.find(attrs={"aria-current": "page"}).get_text(strip=True).endswith("5")
    assert all(link["href"].startswith("?q=pain&page=") for link in page.find_all("a"))
    alone = draw('{% include "components/pager.html" %}', page=Paginator(range(3), 10).page(1))
    assert alone.get_text(strip=True) == ""


def test_table_cells_say_their_column_when_they_stack():
    page = draw(
        '{% include "components/table.html" %}',
        caption="Facture",
        columns=[{"label": "Objet"}, {"label": "Montant", "right": True}],
        rows=[["Repas", "4,30 €"]],
    )
    assert page.td["data-label"] == "Montant"
    assert page.tbody.th["scope"] == "row"


@pytest.mark.parametrize(
    ("state", "marks"),
    [
        (CellState.FREE, ("free", False)),
        (CellState.TO_BOOK, ("free", True)),
        (CellState.BOOKED, ("booked", True)),
        (CellState.TO_CANCEL, ("booked", False)),
    ],
)
def test_a_cell_that_may_change_is_a_box_that_says_what_it_was_and_what_it_becomes(state, marks):
    was, checked = marks
    page = soup(
        render_cell(Cell(state, day="je 17", name="Hugo, cantine, jeudi 17 septembre", value="7.3.2026-09-17"))
    )
    assert was in page.label["class"]
    assert page.input.has_attr("checked") is checked
    assert page.input["value"] == "7.3.2026-09-17"
    assert page.label.get_text().startswith("Hugo, cantine, jeudi 17 septembre\u00a0: ")
    shown = [tag.get_text() for tag in page.select(".on, .off") if not tag.has_attr("hidden")]
    assert (
        shown
        == {
            CellState.FREE: ["libre"],
            CellState.TO_BOOK: ["à réserver"],
            CellState.BOOKED: ["réservé"],
            CellState.TO_CANCEL: ["à annuler"],
        }[state]
    )


def test_a_cell_past_its_deadline_is_a_link_that_says_why():
    cell = Cell(
        CellState.BOOKED,
        day="je 10",
        name="Hugo, cantine",
        href="/p/?a=1&b=2",
        why="délai passé, pourquoi ?",
        locked=True,
    )
    page = soup(render_cell(cell))
    assert page.a["href"] == "/p/?a=1&b=2"
    assert page.a.get_text().endswith("réservé, délai passé, pourquoi ?")
    assert page.select_one(".lock")
    assert page.input is None


@pytest.mark.parametrize("state", list(CellState))
def test_no_state_is_told_by_colour_alone(state):
    page = soup(render_cell(Cell(state, day="je 10", name="Hugo, cantine")))
    if state is CellState.NOT_OFFERED:
        assert page.td["class"] == ["none"]
    else:
        assert page.select_one(".say").get_text()


def test_words_given_to_a_cell_are_escaped():
    nasty = '<script>"&'
    drawn = render_cell(Cell(CellState.CLOSED, day=nasty, name=nasty, word=nasty, id=nasty))
    assert "<script>" not in drawn
    ticked = render_cell(Cell(CellState.FREE, day=nasty, name=nasty, value=nasty, id=nasty))
    assert "<script>" not in ticked


def test_a_week_is_a_table_whose_heads_give_day_child_and_activity():
    days = (DayHead("lu", 14, "lundi 14 septembre"), DayHead("ma", 15, "mardi 15 septembre", today=True))
    week = WeekTable(
        id="s38",
        number=38,
        range="du 14 au 15 septembre",
        days=days,
        groups=(
            RowGroup(
                "Hugo",
                (
                    Row("Cantine", (Cell(CellState.FREE, value="a"), Cell(CellState.BOOKED, value="b"))),
                    Row("Mercredi", (Cell(CellState.NOT_OFFERED), Cell(CellState.FREE, value="c"))),
                ),
            ),
        ),
        limit_until="jeudi 10 sept., 23 h 59",
    )
    page = soup(render_to_string("components/week.html", {"week": week}))
    assert page.table["aria-labelledby"] == "t-s38"
    assert [head["scope"] for head in page.thead.find_all("th")] == ["col", "col"]
    assert page.find(attrs={"aria-current": "date"}).get_text().startswith("mardi 15")
    assert page.find("th", scope="rowgroup")["colspan"] == "3"
    assert "solo" in page.find_all("tr")[-1]["class"]
    assert "jusqu’au" in page.select_one(".limit").get_text()


def test_draft_bar_gives_amount_and_instant_for_people_and_for_the_script():
    until = datetime(2026, 9, 9, 20, 58, tzinfo=UTC)
    page = draw(
        '{% include "components/draft_bar.html" with sum="+16,50 €" summary="3 ajouts" until=until only %}',
        until=until,
    )
    assert "22\u00a0h\u00a058" in page.select_one(".until").get_text()
    assert page.find(attrs={"data-until": True})["data-until"].startswith("2026-09-09T22:58")
    assert [button["value"] for button in page.find_all("button")] == ["effacer", "verifier"]


def test_an_empty_draft_offers_no_button():
    page = draw('{% include "components/draft_bar.html" with empty=True only %}')
    assert page.find("button") is None


def test_price_says_the_former_amount():
    page = draw(
        '{% include "components/price.html" with amount=now before=was only %}',
        now=Decimal("86"),
        was=Decimal("90.30"),
    )
    assert page.get_text(" ", strip=True) == "au lieu de 90,30\u00a0€ 86,00\u00a0€"


def test_tear_off_date_uses_the_clocks_of_paris():
    page = draw("{% tear_off moment %}", moment=datetime(2026, 9, 10, 22, 30, tzinfo=UTC))
    assert page.get_text(" ", strip=True) == "ven. 11 sept."
    assert page.time["datetime"].startswith("2026-09-11T00:30")


def test_every_symbol_of_the_sprite_is_drawn_once():
    from portal.web.design.living import sprite_names

    names = sprite_names()
    assert len(names) == len(set(names)) >= 30
    assert {"alert", "arrow", "calendar", "lock", "user"} <= set(names)
