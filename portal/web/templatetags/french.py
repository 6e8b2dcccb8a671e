"""Amounts, dates and hours in the language of the page, and French spaces in the texts that agents write.

The rules are in `portal.domain.kernel.french` and `english`; the examples below are the French ones.
An empty value (None, "") gives an empty text, so that a missing date never breaks a page.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from portal.domain import language
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import to_paris

register = template.Library()


def _day(value: date | datetime) -> date:
    """The day on the clocks of Paris."""
    return to_paris(value).date() if isinstance(value, datetime) else value


@register.filter
def euros(value: Decimal | int | None) -> str:
    """`{{ price|euros }}`: “4,30 €”."""
    return "" if value is None or value == "" else language.words().amount(value)


@register.filter
def signed_euros(value: Decimal | int | None) -> str:
    """`{{ change|signed_euros }}`: “+16,50 €”, “−4,30 €”."""
    return "" if value is None or value == "" else language.words().signed_amount(value)


@register.filter
def date_longue(value: date | datetime | None) -> str:
    """`{{ day|date_longue }}`: “lundi 7 septembre 2026”."""
    return language.words().long_date(_day(value)) if value else ""


@register.filter
def date_courte(value: date | datetime | None) -> str:
    """`{{ day|date_courte }}`: “lundi 7 sept.”."""
    return language.words().short_date(_day(value)) if value else ""


@register.filter
def jour_mois(value: date | datetime | None) -> str:
    """`{{ day|jour_mois }}`: “7 septembre”."""
    return language.words().day_month(_day(value)) if value else ""


@register.filter
def date_complete(value: date | datetime | None) -> str:
    """`{{ day|date_complete }}`: “7 septembre 2026”."""
    return language.words().full_date(_day(value)) if value else ""


@register.filter
def mois_annee(value: date | datetime | None) -> str:
    """`{{ day|mois_annee }}`: “septembre 2026”."""
    return language.words().month_year(_day(value)) if value else ""


@register.filter
def jours_du_au(value: DateRange | None) -> str:
    """`{{ period.days|jours_du_au }}`: “du 19 décembre 2026 au 3 janvier 2027”."""
    return language.words().date_range_year(value.first, value.last) if value else ""


@register.filter
def instant(value: datetime | None) -> str:
    """`{{ moment|instant }}`: “jeudi 10 septembre 2026 à 23 h 59”, Paris time."""
    return language.words().instant(value) if value else ""


@register.filter
def instant_court(value: datetime | None) -> str:
    """`{{ moment|instant_court }}`: “jeudi 10 sept., 23 h 59”, Paris time."""
    return language.words().short_instant(value) if value else ""


@register.filter
def instant_proche(value: datetime | None) -> str:
    """`{{ deadline.closes_at|instant_proche }}`: « jeudi 10 septembre à 23 h 59 », without year."""
    return "" if value is None else language.words().near_instant(value)


@register.filter
def heure(value: time | datetime | None) -> str:
    """`{{ moment|heure }}`: “23 h 59”, Paris time for an instant."""
    if value is None or value == "":
        return ""
    return language.words().hour(to_paris(value).time() if isinstance(value, datetime) else value)


@register.filter
def duree(value: timedelta | datetime | None) -> str:
    """`{{ delay|duree }}`: “18 min”, “25 h”, “6 jours”; from an instant, what is left until then."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = value - timezone.now()
    return language.words().remaining(value)


@register.filter
def enumere(values: list[object]) -> str:
    """`{{ names|enumere }}`: “lundi, mardi et jeudi”."""
    return language.words().join_words(str(value) for value in values)


@register.filter
def nombre(value: int | None) -> str:
    """`{{ number|nombre }}`: “1 380”."""
    return "" if value is None or value == "" else language.words().integer(int(value))


@register.filter(is_safe=False)
def typo(value: object) -> str:
    """`{{ text|typo }}`: plain text with French apostrophes, marks and spaces; escaped afterwards as usual."""
    return french.typography(str(value))


_MARKUP = re.compile(r"(<(script|style|pre|code|textarea)\b.*?</\2\s*>|<!--.*?-->|<[^>]*>)", re.S | re.I)


def typography_html(source: str) -> str:
    """French typography in the words of an HTML text; tags, attributes, code and entities stay as they are."""
    parts: list[str] = []
    position = 0
    for markup in _MARKUP.finditer(source):
        parts.append(french.typography(source[position : markup.start()]))
        parts.append(markup.group())
        position = markup.end()
    parts.append(french.typography(source[position:]))
    return "".join(parts)


@register.filter
def typo_html(value: object) -> SafeString:
    """`{{ body|richtext|typo_html }}`: the same for HTML; what is not marked safe is escaped first."""
    return mark_safe(typography_html(conditional_escape(value)))  # noqa: S308  # escaped unless already safe


class _TypographyNode(template.Node):
    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        return mark_safe(typography_html(self.nodelist.render(context)))  # noqa: S308  # rendered by the template


@register.tag("typo")
def typo_block(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """`{% typo %}…{% endtypo %}`: French typography on a piece of page, for prose (not for tables of cells)."""
    nodelist = parser.parse(("endtypo",))
    parser.delete_first_token()
    return _TypographyNode(nodelist)


@register.filter
def jours_semaine(weekdays: list[int]) -> str:
    """`{{ days|jours_semaine }}`: “lundi, mardi et jeudi” from ISO weekdays."""
    return language.words().weekday_names(weekdays)


@register.filter
def jour_iso(value: str) -> str:
    """`{{ "2026-09-07"|jour_iso }}`: “lundi 7 septembre 2026”, for days kept as text in a session."""
    return language.words().long_date(date.fromisoformat(value))
