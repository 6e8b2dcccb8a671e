"""The menus in any template: the public home, the family's day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.utils import timezone

from documents.menus import queries
from documents.menus.enums import Allergen
from documents.menus.models.menu import in_european_order
from documents.menus.presenting import ShownWeek
from documents.menus.queries import SiteMenu
from portal.domain import language
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.clock import paris_date
from portal.web.public_content import kept

register = template.Library()


@register.simple_tag
def todays_menus() -> list[SiteMenu]:
    """`{% todays_menus as menus %}`: what each site serves today, in two queries; nothing on a day without menu."""
    today = paris_date(timezone.now())
    return kept("menus.today", lambda: queries.menus_of_day(today), during=today.isoformat())


@register.simple_tag
def menus_of(day: date) -> list[SiteMenu]:
    """`{% menus_of tomorrow as menus %}`: what each site serves on a day, in two queries."""
    return queries.menus_of_day(day)


@dataclass(frozen=True, slots=True)
class AllergenWord:
    """An allergen in words. `asked`: the reader looks for it."""

    code: str
    label: str
    asked: bool = False


@register.filter
def allergenes(codes: Iterable[str], asked: Sequence[str] = ()) -> list[AllergenWord]:
    """`{{ dish.allergens|allergenes:dish.avoided }}`: in words, in the European order, those asked for marked."""
    return [
        AllergenWord(code, str(Allergen(code).label), code in asked) for code in in_european_order(codes, Allergen)
    ]


@register.filter
def jour_semaine(day: date) -> str:
    """`{{ day|jour_semaine }}`: “lundi 7”, the month goes without saying."""
    return f"{language.words().weekday_name(day.isoweekday())} {language.words().day_number(day.day)}"


@register.filter
def week_words(shown: ShownWeek) -> str:
    """`{{ shown|week_words }}`: “du 9 au 13 novembre 2026”, served days only."""
    return language.words().date_range_year(shown.first, shown.last)


@register.filter
def lower_first_word(text: str) -> str:
    """`{{ title|lower_first_word }}`: for a title in the middle of a sentence."""
    return text[:1].lower() + text[1:]


@register.filter
def week_code(week: Week) -> str:
    """`{{ week|week_code }}`: “2026-S46”, as addresses write it."""
    return queries.week_code(week)


@register.inclusion_tag("menus/todays_menus.html", takes_context=True)
def menus_today(context: template.Context, level: int = 2) -> dict[str, Any]:
    """`{% menus_today %}`: the block « Au menu aujourd’hui » of a home page; draws nothing on a day without menu."""
    return {"request": context.get("request"), "level": level}
