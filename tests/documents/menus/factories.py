"""Menus of a small canteen. The week of reference is that of 9 November 2026 (ISO week 46)."""

from datetime import UTC, datetime
from typing import Any

from documents.menus.entries import DayEntry, DishEntry, WeekEntry
from documents.menus.models import MenuSite, MenuWeek
from documents.menus.services import publish_week, save_week
from portal.domain.accounts.models import User
from portal.domain.kernel.calendar import Week

#: A Tuesday of term; the next day is a public holiday.
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
THIS_WEEK = Week(2026, 46)


def dish(
    course: str, name: str, *allergens: str, rank: int = 1, labels: tuple[str, ...] = (), **more: Any
) -> DishEntry:
    return DishEntry(course, rank, name, allergens, labels, **more)


def monday() -> DayEntry:
    return DayEntry(
        1,
        (
            dish("starter", "Carottes râpées", "mustard", labels=("organic", "local")),
            dish("main", "Sauté de poulet", "milk", labels=("french_meat",)),
            dish("main", "Galette de pois chiches", "gluten", rank=2, labels=("vegetarian",)),
            dish("side", "Riz de Camargue"),
            dish("dairy", "Comté", "milk", labels=("origin",)),
            dish("dessert", "Pomme", labels=("local",)),
        ),
    )


def tuesday() -> DayEntry:
    return DayEntry(
        2,
        (
            dish("starter", "Betteraves", "sulphites", "mustard"),
            dish("main", "Gratin de pâtes", "gluten", "milk", "eggs", labels=("vegetarian", "homemade")),
            dish("dessert", "Yaourt", "milk"),
        ),
        special="Semaine du goût",
    )


def a_week(*days: DayEntry, note: str = "") -> WeekEntry:
    return WeekEntry(days or (monday(), tuesday()), note)


def write(site: MenuSite, week: Week = THIS_WEEK, entry: WeekEntry | None = None, **more: Any) -> MenuWeek:
    """A draft, written by the system."""
    by = more.pop("by", None) or User.objects.system()
    return save_week(site=site, week=week, entry=entry or a_week(), version=None, by=by, at=NOW, **more)


def put_on_line(site: MenuSite, week: Week = THIS_WEEK, entry: WeekEntry | None = None) -> MenuWeek:
    """A published week."""
    row = write(site, week, entry)
    publish_week(week=row, by=User.objects.system(), at=NOW)
    row.refresh_from_db()
    return row
