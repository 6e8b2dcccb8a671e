"""Reading the menus. Nothing here shows a draft to the public; the agents' readers say so in their name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import OuterRef, Prefetch, Q, QuerySet

from cms_pages.site_facts import page_address
from documents.menus.closing import Openings, load_openings
from documents.menus.entries import Remembered, WeekEntry, entry_of
from documents.menus.enums import Course, WeekState
from documents.menus.models.menu import Dish, MenuDay, MenuSite, MenuWeek
from documents.menus.rules import folded
from portal.domain.activities.queries import load_calendar
from portal.domain.kernel.calendar import DateRange, Week, monday_of

#: The key of the address of the menus among the facts of the site.
LANDMARK = "menus"
#: How long the menus of the past stay in what the portal publishes.
PAST_WEEKS = 5
#: How far ahead agents are reminded of missing weeks.
WEEKS_AHEAD = 3
_SEARCH_LENGTH = 12


def sites() -> list[MenuSite]:
    """Every site in its order, each with `structure_keys`, in one query."""
    keys = MenuSite.structures.through.objects.filter(menusite=OuterRef("pk")).values("structure_id")
    return list(MenuSite.objects.annotate(structure_keys=ArraySubquery(keys)).order_by("order", "name"))


def openings_of(site: MenuSite, days: DateRange) -> Openings:
    """The openings of a site read by `sites`, in one query."""
    return load_openings(
        days,
        service_days=site.service_days,
        weekdays=site.weekdays,
        structures=getattr(site, "structure_keys", ()),
    )


def _days() -> Prefetch:
    """Days in order with their dishes in order: two queries for any number of weeks."""
    return Prefetch(
        "days",
        queryset=MenuDay.objects.order_by("weekday").prefetch_related(
            Prefetch("dishes", queryset=Dish.objects.order_by("rank"))
        ),
    )


def published_week(site: MenuSite, week: Week) -> MenuWeek | None:
    """The week as anybody may read it, with its days and dishes (three queries), or None."""
    return _with_days(site).filter(monday=week.monday, state=WeekState.PUBLISHED).first()


def published_weeks(site: MenuSite, days: DateRange) -> list[MenuWeek]:
    """The published weeks that share a day with `days`, in order (three queries)."""
    first = monday_of(days.first)
    return list(
        _with_days(site).filter(monday__range=(first, days.last), state=WeekState.PUBLISHED).order_by("monday")
    )


def week_of_agents(site: MenuSite, week: Week) -> MenuWeek | None:
    """The week whatever its state, for agents."""
    return _with_days(site).select_related("changed_by").filter(monday=week.monday).first()


def _with_days(site: MenuSite) -> "QuerySet[MenuWeek]":
    return MenuWeek.objects.filter(site=site).prefetch_related(_days())


def entry_for(week: MenuWeek | None) -> WeekEntry:
    """What a week read here holds; an empty entry for None."""
    return entry_of(week, week.days.all()) if week is not None else WeekEntry()


def next_published(site: MenuSite, after: date) -> date | None:
    """The Monday of the first published week after a day, or None."""
    return (
        MenuWeek.objects.filter(site=site, state=WeekState.PUBLISHED, monday__gt=after)
        .order_by("monday")
        .values_list("monday", flat=True)
        .first()
    )


@dataclass(frozen=True, slots=True)
class SiteMenu:
    """What a site serves on one day: `closed` says why it serves nothing, dishes are in the order of the meal."""

    site: MenuSite
    day: date
    dishes: Sequence[Dish]
    special: str = ""
    closed: str = ""


def menus_of_day(day: date) -> list[SiteMenu]:
    """What every site serves on `day`, in two queries. Sites without published menu that day are left out."""
    keys = MenuSite.structures.through.objects.filter(menusite=OuterRef("day__week__site")).values("structure_id")
    dishes = list(
        Dish.objects.published()
        .filter(day__week__monday=monday_of(day), day__weekday=day.isoweekday())
        .select_related("day__week__site")
        .annotate(structure_keys=ArraySubquery(keys))
        .in_order()
    )
    if not dishes:
        return []
    calendar = load_calendar(DateRange(day, day))
    found: dict[int, tuple[Dish, list[Dish]]] = {}
    for dish in dishes:
        found.setdefault(dish.day.week.site_id, (dish, []))[1].append(dish)
    shown = []
    for first, served in found.values():
        site = first.day.week.site
        openings = Openings(
            calendar,
            service_days=site.service_days,
            weekdays=site.weekdays,
            structures=getattr(first, "structure_keys", ()),
        )
        closed = first.day.reason if first.day.closed else openings.why_closed(day)
        shown.append(SiteMenu(site, day, () if closed else served, first.day.special, closed))
    return sorted(shown, key=lambda menu: (menu.site.order, menu.site.name))


def menu_of_structure(structure: int, day: date) -> SiteMenu | None:
    """What a structure's site serves on `day`: the menu of a child's own canteen. Two queries, three when found."""
    menus = menus_of_day(day)
    if not menus:
        return None
    linked = set(
        MenuSite.structures.through.objects.filter(structure_id=structure).values_list("menusite_id", flat=True)
    )
    return next((menu for menu in menus if menu.site.pk in linked), None)


@dataclass(frozen=True, slots=True)
class MissingWeeks:
    """The weeks ahead that a site should have published and has not. `drafts` are begun."""

    site: MenuSite
    weeks: Sequence[Week]
    drafts: Sequence[Week]


def missing_weeks(today: date, ahead: int = WEEKS_AHEAD) -> list[MissingWeeks]:
    """For each site, the next weeks without published menu, weeks without any served day apart. Three queries."""
    monday = monday_of(today)
    wanted = [Week.of(monday + timedelta(weeks=number)) for number in range(1, ahead + 1)]
    listed = sites()
    if not listed or not wanted:
        return []
    calendar = load_calendar(DateRange(wanted[0].monday, wanted[-1].sunday))
    states = {
        (site, day): state
        for site, day, state in MenuWeek.objects.filter(monday__in=[week.monday for week in wanted]).values_list(
            "site_id", "monday", "state"
        )
    }
    found = []
    for site in listed:
        openings = Openings(calendar, site.service_days, site.weekdays, getattr(site, "structure_keys", ()))
        expected = [week for week in wanted if openings.served(week.range.days())]
        missing = [week for week in expected if states.get((site.pk, week.monday)) != WeekState.PUBLISHED]
        if missing:
            drafts = [week for week in missing if (site.pk, week.monday) in states]
            found.append(MissingWeeks(site, missing, drafts))
    return found


def remembered(names: Iterable[str] | None = None, limit: int = 400) -> dict[str, Remembered]:
    """What the last entry of each dish said, by compared name: of these names, or of the latest dishes. One query."""
    dishes = Dish.objects.order_by("key", "-pk").distinct("key")
    if names is not None:
        dishes = dishes.filter(key__in={folded(name)[:130] for name in names})
    return {
        dish.key: Remembered(dish.name, tuple(dish.allergens), tuple(dish.labels))
        for dish in dishes.only("key", "name", "allergens", "labels")[:limit]
    }


@dataclass(frozen=True, slots=True)
class DishFound:
    """A dish found by its words, the day it is served and where to read it."""

    name: str
    course: str
    day: date
    site: MenuSite
    week: Week

    @property
    def title(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The page of the week, anchored on the day; "" when the menus have no page on line."""
        base = menus_address()
        return f"{base}{self.site.code}/{week_code(self.week)}/#j{self.day.isoweekday()}" if base else ""


def search(text: str, on: date, limit: int = _SEARCH_LENGTH) -> list[DishFound]:
    """Published dishes whose name holds `text`, French stems or the beginning of words; one query.

    From five weeks before `on`: what comes first, nearest day first, then what is past, latest first.
    """
    wanted = text.strip()
    if not wanted:
        return []
    query = SearchQuery(wanted, config="french", search_type="websearch")
    dishes = (
        Dish.objects.published()
        .filter(day__week__monday__gte=monday_of(on) - timedelta(weeks=PAST_WEEKS))
        .annotate(words=SearchVector("name", config="french"))
        .filter(Q(words=query) | Q(key__contains=folded(wanted)))
        .select_related("day__week__site")
        .in_order()[:200]
    )
    found = [
        DishFound(dish.name, str(Course(dish.course).label), dish.day.date, dish.day.week.site, dish.day.week.week)
        for dish in dishes
    ]
    to_come = [dish for dish in found if dish.day >= on]
    past = sorted((dish for dish in found if dish.day < on), key=lambda dish: dish.day, reverse=True)
    return [*to_come, *past][:limit]


def week_code(week: Week) -> str:
    """“2026-S46”, as it is written in addresses."""
    return f"{week.year}-S{week.number:02d}"


def menus_address() -> str:
    """Where the menus are, from the facts that every page shares; "" when there is no page on line."""
    return page_address(LANDMARK)
