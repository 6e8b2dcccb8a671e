"""What a profile says of the news: the list, its categories, the first items."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.
# ruff: noqa: RUF009

import datetime
from dataclasses import dataclass

from cms_pages.page_writer import body_from, write_page
from cms_pages.profiles import check_text_links, home_page
from news.models import NewsCategory, NewsIndexPage, NewsPage
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.domain.kernel.clock import paris_date


@dataclass(frozen=True, kw_only=True)
class CategoryTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"cantine"')
    name: str = key(kinds.text(40), "Son nom.", example='"Cantine"')
    order: int = key(kinds.integer(0, 999), "Son rang.", example="10", default=0)


@dataclass(frozen=True, kw_only=True)
class ItemTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"semaine-du-gout"')
    title: str = key(kinds.text(255), "Son titre.", example='"La semaine du goût arrive à la cantine"')
    category: str = key(kinds.reference("`news.categories`"), "Sa rubrique.", example='"cantine"', default="")
    date: datetime.date | None = key(kinds.fixed_date, "Sa date.", example="2026-09-07", default=None)
    days_ago: int | None = key(
        kinds.integer(0, 3650), "Ou son âge au premier chargement, en jours.", example="3", default=None
    )
    excerpt: str = key(kinds.text(300), "Deux phrases : ce qui change et pour qui.", example='"Cinq producteurs…"')
    file: TextFile = key(kinds.text_file, "Son texte.", example='"actualites/semaine-du-gout.md"')


@dataclass(frozen=True, kw_only=True)
class NewsTable(Table):
    title: str = key(kinds.text(255), "Le titre de la liste.", example='"Actualités"', default="Actualités")
    slug: str = key(kinds.slug(), "Son adresse.", example='"actualites"', default="actualites")
    lead: str = key(kinds.text(400), "Son chapeau.", example='"Ce qui change pour les familles."', default="")
    categories: tuple[CategoryTable, ...] = key(
        kinds.tables(CategoryTable), "Les rubriques.", example="[[news.categories]]", default=()
    )
    items: tuple[ItemTable, ...] = key(
        kinds.tables(ItemTable), "Les actualités du premier jour.", example="[[news.items]]", default=()
    )


def register() -> None:
    """Add the news to what profiles may hold, and its categories to a role. Called once, at start-up."""
    register_section(
        Section(
            name="news",
            kind=kinds.table(NewsTable),
            help="Les actualités.",
            example="[news]",
            order=30,
            check=_check,
            load=_load,
        )
    )
    grant(Role.COMMUNICATION, *(f"news.{action}_newscategory" for action in ("view", "add", "change", "delete")))


def _check(profile: Profile, news: NewsTable, place: Place) -> None:
    categories = news.categories if valid(news.categories) else ()
    items = news.items if valid(news.items) else ()
    unique(categories, "code", place)
    unique(items, "slug", place)
    for item in items:
        here = Place(place.folder, place.problems, place.file, item.path)
        if item.category:
            refer(item.category, [category.code for category in categories], here.at("category"), "une rubrique")
        if valid(item.date, item.days_ago) and (item.date is None) == (item.days_ago is None):
            here.refuse("attend une date : « date » ou « days_ago », l’une ou l’autre.")
        if valid(item.file):
            check_text_links(item.file, profile, here.at("file"))


def _load(loading: Loading, news: NewsTable) -> None:
    categories = {
        table.code: loading.store(
            NewsCategory,
            find={"slug": table.code},
            values={"name": table.name, "order": table.order},
            path=table.path,
        )
        for table in news.categories
    }
    index = write_page(
        loading,
        NewsIndexPage,
        parent=home_page(loading),
        slug=news.slug,
        values={"title": news.title, "lead": news.lead},
        path=news.path,
    )
    if index is None:
        return
    today = paris_date(loading.at)
    keys = loading.codes.get("page_keys", {})
    for item in news.items:
        # An age is counted once: the date of an item that families have read does not move.
        once = {} if item.days_ago is None else {"date": today - datetime.timedelta(days=item.days_ago)}
        values = {
            "title": item.title,
            "category": categories.get(item.category),
            "excerpt": item.excerpt,
            "body": body_from(item.file.text, keys),
        }
        if item.date is not None:
            values["date"] = item.date
        write_page(loading, NewsPage, parent=index, slug=item.slug, values=values, once=once, path=item.path)
