"""What PostgreSQL itself refuses, and the words it uses."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from documents.menus.entries import DayEntry
from documents.menus.models import Dish, MenuDay, MenuSite, MenuWeek
from documents.menus.rules import indicators, religious_word
from documents.menus.services import warnings_for
from tests.documents.menus.factories import NOW, a_week, dish, monday, tuesday, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> MenuSite:
    return MenuSite.objects.create(code="cantine", name="Cantine")


@pytest.fixture
def week(site: MenuSite) -> MenuWeek:
    return write(site)


def refused(build: Any) -> bool:
    try:
        with transaction.atomic():
            build()
    except IntegrityError:
        return True
    return False


def test_a_week_begins_on_a_monday(site: MenuSite) -> None:
    row = MenuWeek(site=site, monday=date(2026, 11, 10), changed_at=NOW)

    assert refused(row.save)
    with pytest.raises(ValidationError) as error:
        row.full_clean()
    assert "le mardi 10\u00a0novembre 2026" in error.value.message_dict["monday"][0]


def test_a_site_has_one_week_of_a_date(site: MenuSite, week: MenuWeek) -> None:
    assert refused(lambda: MenuWeek.objects.create(site=site, monday=week.monday, changed_at=NOW))


def test_a_published_week_has_its_date(site: MenuSite) -> None:
    assert refused(
        lambda: MenuWeek.objects.create(site=site, monday=date(2026, 1, 5), changed_at=NOW, state="published")
    )


def test_a_closed_day_says_why(week: MenuWeek) -> None:
    assert refused(lambda: MenuDay.objects.create(week=week, weekday=5, closed=True))
    assert refused(lambda: MenuDay.objects.create(week=week, weekday=8))
    assert refused(lambda: MenuDay.objects.create(week=week, weekday=1))


@pytest.mark.exigence("B29")
@pytest.mark.parametrize(
    "values",
    [{"allergens": ["poussière"]}, {"labels": ["halal"]}, {"course": "soup"}, {"rank": 3}, {"name": ""}, {"rank": 1}],
)
def test_a_dish_holds_only_what_the_lists_know(week: MenuWeek, values: dict[str, Any]) -> None:
    day = MenuDay.objects.get(week=week, weekday=1)

    assert refused(lambda: Dish.objects.create(day=day, **({"course": "main", "rank": 1, "name": "Riz"} | values)))


def test_a_site_serves_days_of_the_week() -> None:
    assert refused(lambda: MenuSite.objects.create(code="a", name="A", weekdays=[8]))
    assert refused(lambda: MenuSite.objects.create(code="b", name="B", weekdays=[]))
    assert refused(lambda: MenuSite.objects.create(code="c", name="C", courses=["soup"]))


@pytest.mark.exigence("B29")
@pytest.mark.parametrize(
    "name", ["Poulet HALAL", "Agneau hallal", "Menu casher", "Repas Confessionnels", "Plat pour Musulmans", "Kasher"]
)
def test_no_dish_is_described_by_a_religion(name: str) -> None:
    assert religious_word(name)
    with pytest.raises(ValidationError, match="décrivez le plat"):
        Dish(name=name).clean_fields(exclude={"day", "course", "key"})


@pytest.mark.parametrize("name", ["Sans porc", "Religieuse au chocolat", "Galette de pois chiches", "Poulet sans os"])
def test_what_is_eaten_may_be_said(name: str) -> None:
    assert religious_word(name) == ""


def test_the_shares_are_counted_in_dishes() -> None:
    found = indicators(a_week().dishes())

    assert (found.dishes, found.organic, found.quality) == (9, 1, 2)
    assert (found.organic_share, found.quality_share) == (11, 22)


def test_the_vegetarian_menu_of_the_week_is_asked_for() -> None:
    meat = a_week(DayEntry(1, (dish("main", "Poulet", "milk"),)))

    assert any("végétarien" in warning for warning in warnings_for(meat))
    assert not any("Aucun plat végétarien" in warning for warning in warnings_for(a_week(monday(), tuesday())))
    assert warnings_for(a_week(DayEntry(1, special="Fête"))) == []
