"""The commune's colour never makes a text unreadable, whatever it is."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.web.design.colour import (
    NotAColour,
    Oklch,
    contrast,
    palette,
    parse_hex,
    to_hex,
    to_oklch,
    to_rgb,
    validate_brand_colour,
)

TOKENS = Path(__file__).parents[3] / "site/static/css/tokens.css"
channels = st.integers(0, 255)
colours = st.tuples(channels, channels, channels).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))
PRIMARIES = ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff", "#000000", "#ffffff", "#808080"]


def test_known_values_of_oklch():
    """Reference values of CSS Color 4 and of the author of the space."""
    white = to_oklch(parse_hex("#fff"))
    assert white.lightness == pytest.approx(1, abs=1e-4)
    assert white.chroma == pytest.approx(0, abs=1e-4)
    red = to_oklch(parse_hex("#ff0000"))
    assert (red.lightness, red.chroma, red.hue) == pytest.approx((0.62796, 0.25768, 29.234), abs=1e-3)


def test_known_contrasts():
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@settings(max_examples=300)
@given(colours)
def test_a_colour_survives_the_way_there_and_back(colour):
    assert to_hex(to_rgb(to_oklch(parse_hex(colour)))) == colour


def pairs_hold(brand: str) -> None:
    scale = palette(brand)
    assert contrast(scale.ink, "#ffffff") >= 7
    assert contrast(scale.ink, "#faf7f1") >= 7
    assert contrast(scale.ink, scale.soft) >= 6.5
    assert contrast(scale.ink, scale.wash) >= 7
    assert contrast("#ffffff", scale.deep) >= 11
    assert contrast(scale.glow, scale.deep) >= 7
    assert contrast("#22252a", scale.soft) >= 12
    assert contrast("#484c53", scale.soft) >= 7


@settings(max_examples=400)
@given(colours)
def test_every_pair_keeps_its_contrast_for_any_colour(brand):
    pairs_hold(brand)


@pytest.mark.parametrize("brand", [*PRIMARIES, "#1f6173", "#f6e27a", "#e4572e", "#123"])
def test_every_pair_keeps_its_contrast_for_the_extremes(brand):
    pairs_hold(brand)


def declared(name: str) -> str:
    found = re.search(rf"--{name}: (#[0-9a-f]{{3,6}})", TOKENS.read_text(encoding="utf-8"))
    assert found, name
    return found[1]


@pytest.mark.parametrize("state", ["good", "plan", "bad", "wait", "mute"])
def test_fixed_pairs_of_the_states_are_readable(state):
    assert contrast(declared(f"{state}-ink"), declared(f"{state}-soft")) >= 7


@pytest.mark.parametrize("state", ["good", "plan", "bad", "wait"])
def test_white_signs_are_seen_on_the_solids_of_the_states(state):
    assert contrast(declared(f"{state}-solid"), "#ffffff") >= 4.5


def test_secondary_text_and_borders_of_controls():
    for ground in ("surface", "paper"):
        assert contrast(declared("ink-soft"), declared(ground)) >= 7
    assert contrast(declared("line-strong"), declared("surface")) >= 3.8


def test_the_bounds_are_those_of_the_style_sheet():
    """tokens.css derives the scale in the browser, colour.py on the server: same bounds, or the sites differ."""
    from portal.web.design.colour import _RULES

    rules = re.findall(
        r"--brand-(\w+): oklch\(from var\(--brand\) (min\(l, )?([.\d]+)\)? min\(c, ([.\d]+)\) h\)",
        TOKENS.read_text(encoding="utf-8"),
    )
    in_css = {name: (float(bound), bool(ceiling), float(cap)) for name, ceiling, bound, cap in rules}
    assert in_css == _RULES


def test_default_values_of_the_style_sheet_are_the_computed_ones():
    scale = palette(declared("brand"))
    for name in ("ink", "deep", "line", "soft", "wash", "glow"):
        assert declared(f"brand-{name}") == getattr(scale, name)


@pytest.mark.parametrize("value", ["", "bleu", "#12", "#12345", "#1234567", "rgb(1,2,3)", "#ggg", "#12345;", "red}"])
def test_what_is_not_a_colour_is_refused(value):
    with pytest.raises(NotAColour):
        validate_brand_colour(value)


def test_an_ordinary_colour_raises_no_warning():
    assert validate_brand_colour("#1f6173") == []


@pytest.mark.parametrize("value", ["#ffffff", "#f9f9f7", "#777777", "#111111"])
def test_a_near_grey_is_said_to_look_neutral(value):
    assert "neutre" in " ".join(validate_brand_colour(value))


def test_a_pale_colour_is_said_to_be_darkened_with_both_values():
    [warning, *_] = validate_brand_colour("#f6e27a")
    assert "#f6e27a" in warning
    assert palette("#f6e27a").ink in warning


@pytest.mark.parametrize(
    ("value", "state"), [("#1c7344", "vert"), ("#1f56b5", "bleu"), ("#b3261e", "rouge"), ("#8f5600", "ambre")]
)
def test_a_colour_of_a_state_is_pointed_out(value, state):
    assert any(state in warning for warning in validate_brand_colour(value))


@given(st.floats(0, 1), st.floats(0, 0.4), st.floats(0, 360))
def test_out_of_gamut_colours_are_brought_back(lightness, chroma, hue):
    assert re.fullmatch("#[0-9a-f]{6}", to_hex(to_rgb(Oklch(lightness, chroma, hue))))
