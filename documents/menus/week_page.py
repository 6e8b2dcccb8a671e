"""What the page of a week shows: everything its template needs, read in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from documents.menus import queries
from documents.menus.enums import Allergen, SiteKind
from documents.menus.models.menu import MenuSite, in_european_order
from documents.menus.presenting import allergen_words, shown_week
from documents.menus.queries import week_code
from documents.menus.weeks import week_to_show, within_reach
from portal.domain import language
from portal.domain.kernel.calendar import Week

#: The parameter of the address that marks days: `?sans=milk&sans=eggs`. Read, shown, kept nowhere.
AVOIDED = "sans"


@dataclass(frozen=True, slots=True)
class Step:
    """A link to another week: the words of its Monday and its address."""

    label: str
    url: str


def avoided_from(values: Sequence[str]) -> list[str]:
    """The allergens of the address, in the European order; what is no allergen is dropped."""
    return in_european_order(values, Allergen)


def site_named(sites: Sequence[MenuSite], code: str | None) -> MenuSite | None:
    """The site of this code, the first one without code, None when there is none."""
    if code is None:
        return sites[0] if sites else None
    return next((site for site in sites if site.code == code), None)


def week_context(
    *, base: str, sites: Sequence[MenuSite], site: MenuSite, week: Week, today: date, avoided: Sequence[str]
) -> dict[str, Any]:
    """The context of menus/menus_page.html. Two queries for the menu's openings, one to three for its dishes."""
    row = queries.published_week(site, week)
    openings = queries.openings_of(site, week.range)
    shown = shown_week(week, queries.entry_for(row), openings, today=today, avoided=avoided, courses=site.courses)
    kept = f"?{urlencode([(AVOIDED, code) for code in avoided])}" if avoided else ""
    here = f"{base}{site.code}/"
    followed = queries.next_published(site, week.sunday) if row is None else None
    return {
        "place": site,
        "sites": [
            {"label": each.tab, "url": f"{base}{each.code}/{week_code(week)}/{kept}", "current": each.pk == site.pk}
            for each in sites
        ],
        "week": week,
        "week_code": week_code(week),
        "shown": shown,
        "published": row is not None,
        "past": week.sunday < today,
        "heading": heading(site),
        "period": language.words().date_range_year(shown.first, shown.last),
        "when": _relative(week, today),
        "previous": _step(here, week.shift(-1), today, kept),
        "next": _step(here, week.shift(1), today, kept),
        "this_week": "" if week == week_to_show(site, today) else f"{here}{kept}",
        "followed": {"monday": followed, "url": f"{here}{week_code(Week.of(followed))}/{kept}"} if followed else None,
        "all_closed": bool(shown.days) and all(day.closed for day in shown.days),
        "allergens": [
            {"code": code, "label": Allergen(code).label, "chosen": code in avoided} for code in Allergen.values
        ],
        "avoided": avoided,
        "avoided_words": allergen_words(avoided),
        "avoided_days": shown.avoided_days,
        "month": shown.first,
    }


def heading(site: MenuSite) -> str:
    """« Menus de la cantine », « Menus de la crèche »."""
    return _("Menus de la crèche") if site.kind == SiteKind.NURSERY else _("Menus de la cantine")


def _step(here: str, week: Week, today: date, kept: str) -> Step | None:
    if not within_reach(week, today):
        return None
    return Step(language.words().day_month(week.monday), f"{here}{week_code(week)}/{kept}")


def _relative(week: Week, today: date) -> str:
    """« cette semaine », « la semaine prochaine », « la semaine dernière », or nothing."""
    now = Week.of(today)
    if week == now:
        return _("cette semaine")
    if week == now.shift(1):
        return _("la semaine prochaine")
    if week == now.shift(-1):
        return _("la semaine dernière")
    return ""
