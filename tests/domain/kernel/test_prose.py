"""The light markup of the town's texts: what it understands, and that nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel.prose import Block, BlockKind, addresses, blocks, html, inline_html


def test_titles_paragraphs_and_lists_are_told_apart() -> None:
    source = "## Titre\nPremière ligne\nsuite\n\n- un\n- deux\n  suite\n\n1. a\n2. b\n\n### Sous-titre"

    assert blocks(source) == (
        Block(BlockKind.TITLE, ("Titre",)),
        Block(BlockKind.PARAGRAPH, ("Première ligne suite",)),
        Block(BlockKind.BULLETS, ("un", "deux suite")),
        Block(BlockKind.NUMBERS, ("a", "b")),
        Block(BlockKind.SUBTITLE, ("Sous-titre",)),
    )


def test_a_list_of_another_kind_is_another_list() -> None:
    assert [block.kind for block in blocks("- un\n1. deux")] == [BlockKind.BULLETS, BlockKind.NUMBERS]


def test_marks_and_links_become_html() -> None:
    assert (
        html("Jusqu'au **jeudi**, voir [l’*aide*](/aide/).")
        == '<p>Jusqu’au <b>jeudi</b>, voir <a href="/aide/">l’<i>aide</i></a>.</p>'
    )


def test_french_spaces_are_set() -> None:
    assert html("Une question ? 4,30 €") == "<p>Une question\u202f? 4,30\u00a0€</p>"


def test_html_in_a_text_is_shown_not_obeyed() -> None:
    assert html("<script>alert(1)</script> & co") == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; co</p>"


@pytest.mark.parametrize("address", ["javascript:alert", "data:text/html,x", "//ailleurs.example", "page:aide"])
def test_an_address_that_is_not_safe_leads_nowhere(address: str) -> None:
    assert inline_html(f"[mots]({address})") == '<a href="#">mots</a>'


@pytest.mark.parametrize(
    "address", ["https://a.example/x", "mailto:a@b.example", "tel:+33199001234", "/aide/", "#haut"]
)
def test_safe_addresses_are_followed(address: str) -> None:
    assert inline_html(f"[mots]({address})") == f'<a href="{address}">mots</a>'


def test_quotes_cannot_leave_an_address() -> None:
    assert inline_html('[mots](/x"onclick="y)') == '<a href="/x&quot;onclick=&quot;y">mots</a>'


def test_the_addresses_of_a_text_are_listed_in_order() -> None:
    assert addresses("[a](page:un) et [b](/deux/)") == ("page:un", "/deux/")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_no_text_can_bring_its_own_tags(source: str) -> None:
    """Whatever is typed, the only tags are ours."""
    left = html(source)
    for tag in ("h2", "h3", "p", "ul", "ol", "li", "b", "i"):
        left = left.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    left = left.replace("</a>", "").replace('<a href="', "")

    assert "<" not in left.replace('">', "")


def test_marks_used_inside_the_module_cannot_be_typed() -> None:
    assert html("avant \ue000 après") == "<p>avant  après</p>"
