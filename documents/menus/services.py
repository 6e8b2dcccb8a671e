"""Writing menus: a week as a whole, its publication, its copies. Every change is in the journal."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from documents.menus.entries import Cell, DayEntry, WeekEntry, as_data, entry_of
from documents.menus.enums import Course, Label, SiteKind, WeekState
from documents.menus.models.menu import Dish, MenuDay, MenuSite, MenuWeek
from documents.menus.rules import folded, indicators
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel import french
from portal.domain.kernel.calendar import Week


class WeekChanged(Exception):
    """Somebody saved the week after it was read. `week` is what the database holds now, `entry` its content."""

    def __init__(self, week: MenuWeek, entry: WeekEntry) -> None:
        super().__init__("the week has a newer version")
        self.week = week
        self.entry = entry


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in one cell of a week, in French. `cell` is None for the day itself or for the week."""

    message: str
    weekday: int = 0
    cell: Cell | None = None

    @property
    def where(self) -> str:
        """“lundi, plat”, “mardi, entrée au choix”, “lundi”; "" for the week."""
        if self.cell is None:
            return french.weekday_name(self.weekday) if self.weekday else ""
        weekday, course, rank = self.cell
        return f"{french.weekday_name(weekday)}, {Course(course).label}{' au choix' if rank == 2 else ''}"

    def __str__(self) -> str:
        return f"{self.where}\u00a0: {self.message}" if self.where else self.message


class WeekRefused(Exception):
    """A week that cannot be written; nothing was. `errors` name every cell."""

    def __init__(self, errors: list[CellError]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = errors


def check_week(site: MenuSite, entry: WeekEntry) -> list[CellError]:
    """What is wrong in a week at a site; empty when it can be written. No query."""
    errors: list[CellError] = []
    if entry.note:
        errors += [CellError(message) for message in _field_errors(MenuWeek(note=entry.note), "note")]
    for day in entry.days:
        errors += _check_day(site, day)
    return errors


def _check_day(site: MenuSite, day: DayEntry) -> list[CellError]:
    errors = []
    if day.weekday not in site.weekdays:
        days = french.weekday_names(site.weekdays)
        errors.append(CellError(f"ce jour n’est pas servi à « {site.name} » ({days}).", day.weekday))
    if day.closed and not day.reason:
        errors.append(CellError("dites pourquoi ce jour est fermé.", day.weekday))
    row = MenuDay(weekday=day.weekday, special=day.special, reason=day.reason)
    for field in ("special", "reason"):
        errors += [CellError(message, day.weekday) for message in _field_errors(row, field)]
    seen = set()
    for dish in day.dishes:
        cell = (day.weekday, dish.course, dish.rank)
        if cell in seen:
            errors.append(CellError("deux plats à la même place\u00a0: gardez-en un.", day.weekday, cell))
        seen.add(cell)
        if dish.course not in site.courses:
            errors.append(CellError(f"« {site.name} » n’a pas cette composante.", day.weekday, cell))
        if dish.texture and site.kind != SiteKind.NURSERY:
            errors.append(CellError("la texture ne se note qu’à la crèche.", day.weekday, cell))
        built = Dish(
            course=dish.course, rank=dish.rank, name=dish.name, texture=dish.texture,
            allergens=list(dish.allergens), labels=list(dish.labels),
        )  # fmt: skip
        for field in ("name", "course", "texture", "allergens", "labels"):
            errors += [CellError(message, day.weekday, cell) for message in _field_errors(built, field)]
    for cell in sorted(seen):
        if cell[2] == 2 and (cell[0], cell[1], 1) not in seen:
            errors.append(CellError("écrivez d’abord le plat servi, puis celui au choix.", day.weekday, cell))
    return errors


def _field_errors(row: MenuWeek | MenuDay | Dish, name: str) -> list[str]:
    others = {field.name for field in row._meta.fields} - {name}
    try:
        row.clean_fields(exclude=others)
    except ValidationError as error:
        return [
            message for key in error.message_dict for message in error.message_dict[key] if key != NON_FIELD_ERRORS
        ]
    return []


def locked_week(site: MenuSite, week: Week) -> MenuWeek | None:
    """The row of a week, locked until the end of the transaction."""
    return MenuWeek.objects.select_for_update(of=("self",)).filter(site=site, monday=week.monday).first()


def stored_entry(week: MenuWeek) -> WeekEntry:
    """What the database holds of a week (two queries)."""
    return entry_of(week, week.days.prefetch_related("dishes").order_by("weekday"))


@transaction.atomic
def save_week(
    *,
    site: MenuSite,
    week: Week,
    entry: WeekEntry,
    version: int | None,
    by: User,
    at: datetime,
    verb: str = "save_menu_week",
    from_profile: bool = False,
) -> MenuWeek:
    """Write a whole week, created as a draft; a published week stays published with its new content.

    `version` is the one that was read, 0 for a week that did not exist; None writes over whatever is there.
    Raises WeekChanged when somebody saved in between, WeekRefused when the content cannot be written.
    Saving what is already there changes nothing, not even the version.
    """
    if errors := check_week(site, entry):
        raise WeekRefused(errors)
    # Two agents who begin the same week wait for each other on the site.
    MenuSite.objects.select_for_update(of=("self",)).get(pk=site.pk)
    row = locked_week(site, week)
    before = stored_entry(row) if row is not None else WeekEntry()
    if row is not None and before == entry:
        return row
    if version is not None and version != (row.version if row is not None else 0):
        if row is None:  # it was read, then deleted: what was typed makes it anew
            version = None
        else:
            raise WeekChanged(row, before)
    if row is None:
        row = MenuWeek(site=site, monday=week.monday, version=0)
    row.note = entry.note
    row.version += 1
    row.changed_at, row.changed_by, row.from_profile = at, by, from_profile
    row.save()
    row.days.all().delete()
    days = MenuDay.objects.bulk_create(
        MenuDay(week=row, weekday=day.weekday, closed=day.closed, reason=day.reason, special=day.special)
        for day in entry.days
    )
    Dish.objects.bulk_create(
        Dish(
            day=row_of_day,
            course=dish.course,
            rank=dish.rank,
            name=dish.name,
            key=folded(dish.name)[:130],
            allergens=list(dish.allergens),
            labels=list(dish.labels),
            texture=dish.texture,
        )
        for row_of_day, day in zip(days, entry.days, strict=True)
        for dish in day.dishes
    )
    old, new = as_data(before), as_data(entry)
    record(
        verb=verb,
        target=row,
        by=by,
        at=at,
        before={name: value for name, value in old.items() if new.get(name) != value},
        after={name: value for name, value in new.items() if old.get(name) != value},
    )
    return row


@transaction.atomic
def publish_week(*, week: MenuWeek, by: User, at: datetime) -> list[str]:
    """Let everybody read a week. Returns what the agent should know. Raises WeekRefused on an empty week."""
    row = MenuWeek.objects.select_for_update(of=("self",)).get(pk=week.pk)
    entry = stored_entry(row)
    if not entry.days:
        raise WeekRefused(
            [CellError("Cette semaine est vide\u00a0: écrivez un plat ou une fermeture avant de publier.")]
        )
    if not row.published:
        row.state, row.published_at = WeekState.PUBLISHED, at
        row.version += 1
        row.changed_at, row.changed_by = at, by
        row.save()
        record(verb="publish_menu_week", target=row, by=by, at=at, after={"state": WeekState.PUBLISHED.value})
    return warnings_for(entry)


@transaction.atomic
def unpublish_week(*, week: MenuWeek, by: User, at: datetime) -> None:
    """Take a week back to draft: nobody but agents reads it."""
    row = MenuWeek.objects.select_for_update(of=("self",)).get(pk=week.pk)
    if not row.published:
        return
    # What an agent takes back, no loading of the profile puts on line again.
    row.state, row.published_at, row.from_profile = WeekState.DRAFT, None, False
    row.version += 1
    row.changed_at, row.changed_by = at, by
    row.save()
    record(verb="unpublish_menu_week", target=row, by=by, at=at, after={"state": WeekState.DRAFT.value})


def warnings_for(entry: WeekEntry) -> list[str]:
    """What the law or good sense would have the agent look at; nothing here forbids publishing."""
    told = []
    dishes = entry.dishes()
    if dishes and not any(Label.VEGETARIAN in dish.labels for dish in dishes if dish.course == Course.MAIN):
        told.append(
            "Aucun plat végétarien cette semaine\u00a0: la loi en demande un par semaine dans les cantines scolaires "
            "(Code rural, article L. 230-5-6). Cochez « végétarien » s’il y en a un."
        )
    silent = sum(not dish.allergens for dish in dishes)
    if dishes and silent == len(dishes):
        told.append("Aucun allergène n’est indiqué\u00a0: est-ce un oubli\u202f?")
    found = indicators(dishes)
    if dishes:
        told.append(
            f"Plats bio\u00a0: {found.organic_share}\u00a0%. "
            f"Plats de qualité, bio compris\u00a0: {found.quality_share}\u00a0%. "
            "La loi demande 20\u00a0% et 50\u00a0%, comptés en achats."
        )
    return told


@transaction.atomic
def copy_week(
    *, site: MenuSite, source: MenuWeek, weeks: Iterable[Week], by: User, at: datetime
) -> tuple[list[Week], list[Week]]:
    """Copy a week onto others that hold nothing yet, as drafts: (written, left as they were because not empty).

    Closures by hand and special days are of one date: they are not copied. Courses or days that the other site
    does not have are left out.
    """
    entry = _for_site(site, stored_entry(source))
    written, left = [], []
    for week in weeks:
        row = locked_week(site, week)
        if row is not None and stored_entry(row).days:
            left.append(week)
            continue
        save_week(site=site, week=week, entry=entry, version=None, by=by, at=at, verb="copy_menu_week")
        written.append(week)
    return written, left


def _for_site(site: MenuSite, entry: WeekEntry) -> WeekEntry:
    """What of a week makes sense at a site on another date."""
    days = tuple(
        DayEntry(
            weekday=day.weekday,
            dishes=tuple(
                dish if site.kind == SiteKind.NURSERY else replace(dish, texture="")
                for dish in day.dishes
                if dish.course in site.courses
            ),
        )
        for day in entry.days
        if day.weekday in site.weekdays
    )
    return WeekEntry(days=days)
