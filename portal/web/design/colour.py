"""From the commune's one colour to a scale that is always readable.

The rules are those of `tokens.css` (relative colours in OKLCH: lightness fixed or bounded, chroma capped),
computed here in hex so that every browser, mail and printer gets the same values and so that contrasts are tested.
Conversions after B. Ottosson, "A perceptual color space for image processing" (2020) and CSS Color Module Level 4.
"""

import math
import re
from dataclasses import dataclass

_HEX = re.compile(r"#(?P<short>[0-9a-fA-F]{3})|#(?P<long>[0-9a-fA-F]{6})")

RGB = tuple[float, float, float]
"""Gamma-encoded sRGB channels between 0 and 1."""


class NotAColour(ValueError):
    """The value is not a colour written `#rgb` or `#rrggbb`."""


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour by lightness (0 to 1), chroma (0 to about 0.37) and hue in degrees."""

    lightness: float
    chroma: float
    hue: float


@dataclass(frozen=True, slots=True)
class Palette:
    """The scale drawn from a brand colour, every value as `#rrggbb`.

    `brand` is raw and never stands under or as text. The others keep the contrasts of the design system:
    `ink` on white at least 8:1, white on `deep` at least 12:1, `ink` on `soft` at least 6.5:1, `glow` on `deep` 7:1.
    """

    brand: str
    ink: str
    deep: str
    line: str
    soft: str
    wash: str
    glow: str


# name of the token: lightness bound, whether it is a ceiling or a fixed value, cap of the chroma (tokens.css)
_RULES: dict[str, tuple[float, bool, float]] = {
    "ink": (0.405, True, 0.1),
    "deep": (0.31, True, 0.065),
    "line": (0.82, False, 0.045),
    "soft": (0.952, False, 0.02),
    "wash": (0.98, False, 0.008),
    "glow": (0.88, False, 0.04),
}


def parse_hex(value: str) -> RGB:
    """Channels of `#rgb` or `#rrggbb`. Raises NotAColour for anything else."""
    match = _HEX.fullmatch(value.strip())
    if match is None:
        raise NotAColour(value)
    digits = match["long"] or "".join(digit * 2 for digit in match["short"])
    red, green, blue = (int(digits[position : position + 2], 16) / 255 for position in (0, 2, 4))
    return red, green, blue


def to_hex(rgb: RGB) -> str:
    """`#rrggbb`, channels rounded and clamped to the gamut."""
    return "#" + "".join(f"{round(min(1.0, max(0.0, channel)) * 255):02x}" for channel in rgb)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def to_oklch(rgb: RGB) -> Oklch:
    """OKLCH of a gamma-encoded sRGB colour. A grey has hue 0 and a chroma near 0."""
    red, green, blue = (_linear(channel) for channel in rgb)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    chroma = math.hypot(a, b)
    hue = math.degrees(math.atan2(b, a)) % 360 if chroma > 4e-6 else 0.0
    return Oklch(lightness, chroma, hue)


def _unclamped(colour: Oklch) -> RGB:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (_encoded(channel) if channel > 0 else channel * 12.92 for channel in linear)
    return red, green, blue


def to_rgb(colour: Oklch) -> RGB:
    """sRGB of an OKLCH colour; out of the gamut, each channel is clamped, as browsers do when they paint."""
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in _unclamped(colour))
    return red, green, blue


def luminance(rgb: RGB) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (_linear(channel) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two hex colours, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(parse_hex(first)), luminance(parse_hex(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette(brand: str) -> Palette:
    """The scale of a brand colour. Raises NotAColour when the value is not one."""
    rgb = parse_hex(brand)
    source = to_oklch(rgb)
    shades = {
        name: to_hex(
            to_rgb(
                Oklch(
                    min(source.lightness, bound) if ceiling else bound,
                    min(source.chroma, cap),
                    source.hue,
                )
            )
        )
        for name, (bound, ceiling, cap) in _RULES.items()
    }
    return Palette(brand=to_hex(rgb), **shades)


@dataclass(frozen=True, slots=True)
class Reading:
    """One couple of colours of the portal: what is read on what, the contrast it has and the least it must have."""

    what: str
    text: str
    ground: str
    ratio: float
    least: float

    @property
    def readable(self) -> bool:
        """Whether the contrast is enough (rounded down, as WCAG asks)."""
        return self.ratio >= self.least


def readings(value: str) -> tuple[Reading, ...]:
    """Every couple that the scale of this colour is used for. Raises NotAColour when the value is not one.

    Contrasts of WCAG 2.2: 4.5 for words (1.4.3), 3 for the lines that mark a control (1.4.11).
    """
    scale = palette(value)
    couples = (
        ("les boutons, en blanc sur la couleur", "#ffffff", scale.ink, 4.5),
        ("les liens et les titres, sur fond blanc", scale.ink, "#ffffff", 4.5),
        ("les liens, sur les fonds clairs", scale.ink, scale.soft, 4.5),
        ("le pied des pages, en blanc sur fond sombre", "#ffffff", scale.deep, 4.5),
        ("les liens du pied des pages", scale.glow, scale.deep, 4.5),
        ("le contour des champs et du focus", scale.ink, scale.wash, 3.0),
    )
    return tuple(Reading(what, text, ground, contrast(text, ground), least) for what, text, ground, least in couples)


def unreadable(value: str) -> list[str]:
    """What could not be read with this colour, and what to do, in French; empty when everything can be."""
    return [
        f"Avec cette couleur, on lirait mal {found.what} : contraste {found.ratio:.1f} pour 1".replace(".", ",")
        + f", il en faut {found.least:.1f}. ".replace(".", ",", 1)
        + "Choisissez-la plus foncée ou plus vive."
        for found in readings(value)
        if not found.readable
    ]


# Hues of the four meanings of tokens.css, in degrees of OKLCH, measured on their solids.
_STATE_HUES = {
    "vert des jours réservés": 152.0,
    "bleu des jours à réserver": 259.0,
    "rouge des annulations": 28.0,
    "ambre des attentes": 66.0,
}
_HUE_MARGIN = 12.0
_DARKENED_FROM = 0.12
_GREY_BELOW = 0.025
_NEARLY_WHITE = 0.95


def validate_brand_colour(value: str) -> list[str]:
    """What an agent must know about the colour chosen for the commune, in French; empty when all is well.

    A warning never forbids: the scale stays readable whatever the colour (interface rules, "The commune's colour").
    Raises NotAColour when the value is not a colour, which the settings screen refuses.
    """
    colour = to_oklch(parse_hex(value))
    scale = palette(value)
    if colour.chroma < _GREY_BELOW or colour.lightness > _NEARLY_WHITE:
        return [
            "Cette couleur est presque blanche, noire ou grise : le portail paraîtra neutre.",
        ]
    warnings = []
    if colour.lightness - 0.405 > _DARKENED_FROM:
        warnings.append(
            f"Cette couleur est trop claire pour du texte : les boutons et les liens seront en {scale.ink}, "
            f"plus foncé que votre {scale.brand}."
        )
    for state, hue in _STATE_HUES.items():
        distance = abs((colour.hue - hue + 180) % 360 - 180)
        if distance <= _HUE_MARGIN:
            warnings.append(
                f"Cette couleur est proche du {state} : les états gardent leurs symboles et leurs mots, "
                "mais le planning sera moins contrasté."
            )
    return warnings
