"""A week of menus ready to be shown: on the page, on paper, in the feeds. Reads nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from documents.menus.closing import Openings
from documents.menus.entries import DayEntry, DishEntry, WeekEntry
from documents.menus.enums import Allergen, Course, Label, Texture
from documents.menus.models.menu import in_european_order
from portal.domain.kernel.calendar import Week


@dataclass(frozen=True, slots=True)
class ShownDish:
    """A dish in words. `avoided` are those of its allergens that the reader asked to see."""

    course: str
    course_label: str
    alternative: bool
    name: str
    allergens: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    texture: str
    avoided: tuple[str, ...] = ()

    @property
    def label_words(self) -> list[str]:
        return [word for _code, word in self.labels]


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day: `closed` holds the reason when nothing is served, `dishes` the meal in its order."""

    day: date
    dishes: tuple[ShownDish, ...]
    closed: str = ""
    special: str = ""
    today: bool = False

    @property
    def anchor(self) -> str:
        return f"j{self.day.isoweekday()}"

    @property
    def allergens(self) -> list[str]:
        """Of the whole meal, alternatives included, in the European order."""
        codes = in_european_order((code for dish in self.dishes for code in dish.allergens), Allergen)
        return [str(Allergen(code).label) for code in codes]

    @property
    def avoided(self) -> list[str]:
        """The allergens asked about that the meal holds, in words."""
        codes = in_european_order((code for dish in self.dishes for code in dish.avoided), Allergen)
        return [str(Allergen(code).label) for code in codes]

    @property
    def vegetarian(self) -> bool:
        """Whether what is served as the main dish is vegetarian."""
        return any(
            dish.course == Course.MAIN and not dish.alternative and Label.VEGETARIAN in dict(dish.labels)
            for dish in self.dishes
        )

    @property
    def courses(self) -> list[tuple[ShownDish, list[ShownDish]]]:
        """Each served dish with its « ou »."""
        served: list[tuple[ShownDish, list[ShownDish]]] = []
        for dish in self.dishes:
            if dish.alternative and served and served[-1][0].course == dish.course:
                served[-1][1].append(dish)
            else:
                served.append((dish, []))
        return served


@dataclass(frozen=True, slots=True)
class ShownWeek:
    """The served days of a week, and closed ones with their reason."""

    week: Week
    days: tuple[ShownDay, ...]
    note: str = ""

    @property
    def first(self) -> date:
        return self.days[0].day if self.days else self.week.monday

    @property
    def last(self) -> date:
        return self.days[-1].day if self.days else self.week.day(5)

    @property
    def avoided_days(self) -> list[ShownDay]:
        return [day for day in self.days if day.avoided]


def shown_week(
    week: Week,
    entry: WeekEntry,
    openings: Openings,
    *,
    today: date | None = None,
    avoided: Sequence[str] = (),
    courses: Iterable[str] = Course.values,
) -> ShownWeek:
    """The days of a week that the site serves or could serve; a day closed by the calendar shows no dish."""
    kept = frozenset(courses)
    days = []
    for weekday in sorted({*openings.weekdays, *(day.weekday for day in entry.days)}):
        on = week.monday + timedelta(days=weekday - 1)
        days.append(shown_day(on, entry.day(weekday), openings, today=today, avoided=avoided, courses=kept))
    return ShownWeek(week, tuple(days), entry.note)


def shown_day(
    on: date,
    entry: DayEntry,
    openings: Openings,
    *,
    today: date | None = None,
    avoided: Sequence[str] = (),
    courses: Iterable[str] = Course.values,
) -> ShownDay:
    """One day. What an agent wrote as the reason of a closing comes before what the calendar says."""
    closed = entry.reason if entry.closed else openings.why_closed(on)
    kept = frozenset(courses)
    dishes = () if closed else tuple(shown_dish(dish, avoided) for dish in entry.dishes if dish.course in kept)
    return ShownDay(on, dishes, closed=closed, special=entry.special, today=on == today)


def shown_dish(dish: DishEntry, avoided: Sequence[str] = ()) -> ShownDish:
    """A dish in the words of the active language; its name stays as it was typed."""
    return ShownDish(
        course=dish.course,
        course_label=str(Course(dish.course).label),
        alternative=dish.rank > 1,
        name=dish.name,
        allergens=dish.allergens,
        labels=tuple((code, str(Label(code).label)) for code in dish.labels),
        texture=_("texture %(texture)s") % {"texture": Texture(dish.texture).label} if dish.texture else "",
        avoided=tuple(code for code in dish.allergens if code in avoided),
    )


def allergen_words(codes: Iterable[str]) -> list[str]:
    """“gluten”, “œufs”…, in the European order."""
    return [str(Allergen(code).label) for code in in_european_order(codes, Allergen)]
