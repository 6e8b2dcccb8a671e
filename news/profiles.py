"""What a profile says of the news: the list, its categories, the first items."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

import datetime
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cms_pages.audiences import Audience
from cms_pages.page_writer import body_from, write_page
from cms_pages.profiles import check_text_links, home_page
from news.enums import AlertLevel
from news.models import NewsCategory, NewsIndexPage, NewsPage
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.domain.families.enums import SchoolLevel
from portal.domain.kernel.clock import paris_date, start_of_day


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
    service: str = key(kinds.reference("`services`"), "Le service qui parle.", example='"enfance"', default="")
    date: datetime.date | None = key(kinds.fixed_date, "Sa date.", example="2026-09-07", default=None)
    days_ago: int | None = key(
        kinds.integer(0, 3650), "Ou son âge au premier chargement, en jours.", example="3", default=None
    )
    excerpt: str = key(kinds.text(300), "Deux phrases : ce qui change et pour qui.", example='"Cinq producteurs…"')
    file: TextFile = key(kinds.text_file, "Son texte.", example='"actualites/semaine-du-gout.md"')
    image: str = key(kinds.reference("`images`"), "Son image.", example='"repas"', default="")
    audience: str = key(
        kinds.choice(Audience.values),
        "Pour qui ; sans réponse, « chosen » dès qu’un critère suit, sinon « public ».",
        example='"families"',
        default="",
    )
    activities: tuple[str, ...] = key(
        kinds.references("`activities`"), "Pour les inscrits à l’une d’elles.", example='["restaurant"]', default=()
    )
    schools: tuple[str, ...] = key(
        kinds.references("`schools`"), "Pour les élèves de l’une d’elles.", example='["centre"]', default=()
    )
    levels: tuple[str, ...] = key(
        kinds.choices(SchoolLevel.values), "Pour l’un de ces niveaux.", example='["CM1", "CM2"]', default=()
    )
    present_from: datetime.date | None = key(
        kinds.fixed_date, "Pour les présents à partir de ce jour.", example="2026-10-12", default=None
    )
    present_until: datetime.date | None = key(
        kinds.fixed_date, "Et jusqu’à celui-ci ; sans réponse, ce seul jour.", example="2026-10-16", default=None
    )
    important: bool = key(
        kinds.boolean, "Si les familles concernées la voient d’abord, jusqu’à lecture.", example="true", default=False
    )
    expires_on: datetime.date | None = key(
        kinds.fixed_date, "Son dernier jour en ligne.", example="2026-10-16", default=None
    )
    expires_in_days: int | None = key(
        kinds.integer(1, 3650), "Ou dans combien de jours, au premier chargement.", example="30", default=None
    )
    pinned: str = key(
        kinds.choice(AlertLevel.values),
        "Si elle est aussi une alerte en haut des pages.",
        example='"attention"',
        default="",
    )
    pinned_days: int = key(
        kinds.integer(1, 365), "Combien de jours l’alerte se montre, au premier chargement.", example="10", default=7
    )
    event_on: datetime.date | None = key(
        kinds.fixed_date, "Le jour du rendez-vous qu’elle annonce.", example="2026-10-12", default=None
    )
    event_in_days: int | None = key(
        kinds.integer(0, 365), "Ou dans combien de jours, au premier chargement.", example="12", default=None
    )
    event_until: datetime.date | None = key(
        kinds.fixed_date, "Son dernier jour, s’il en dure plusieurs.", example="2026-10-16", default=None
    )
    event_days: int | None = key(
        kinds.integer(2, 60), "Ou combien de jours il dure, à la suite.", example="5", default=None
    )
    event_starts_at: datetime.time | None = key(kinds.hour, "Son début.", example='"18:00"', default=None)
    event_ends_at: datetime.time | None = key(kinds.hour, "Sa fin.", example='"20:00"', default=None)
    event_place: str = key(kinds.text(150), "Son lieu.", example='"Salle des fêtes"', default="")

    @property
    def narrowed(self) -> bool:
        """Whether a criterion is given."""
        return bool(self.activities or self.schools or self.levels or self.present_from)


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


# Checks


def _check(profile: Profile, news: NewsTable, place: Place) -> None:
    categories = news.categories if valid(news.categories) else ()
    items = news.items if valid(news.items) else ()
    unique(categories, "code", place)
    unique(items, "slug", place)
    for item in items:
        here = Place(place.folder, place.problems, place.file, item.path)
        if item.category:
            refer(item.category, [category.code for category in categories], here.at("category"), "une rubrique")
        if valid(item.file):
            check_text_links(item.file, profile, here.at("file"))
        _check_references(profile, item, here)
        _check_days(item, here)
        _check_audience(item, here)


def _check_references(profile: Profile, item: ItemTable, here: Place) -> None:
    town = profile.town
    if item.service:
        refer(item.service, _codes(town.services), here.at("service"), "un service")
    if item.image:
        refer(item.image, _codes(profile.sections.get("images", ())), here.at("image"), "une image")
    for name, known, what in (
        ("activities", town.activities, "une activité"),
        ("schools", town.schools, "une école"),
    ):
        wanted = getattr(item, name)
        for code in wanted if valid(wanted) else ():
            refer(code, _codes(known), here.at(name), what)


def _codes(tables: Any) -> list[str]:
    return [table.code for table in tables] if valid(tables) else []


def _check_days(item: ItemTable, here: Place) -> None:
    if valid(item.date, item.days_ago) and (item.date is None) == (item.days_ago is None):
        here.refuse("attend une date : « date » ou « days_ago », l’une ou l’autre.")
    for name, other in (
        ("expires_on", "expires_in_days"),
        ("event_on", "event_in_days"),
        ("event_until", "event_days"),
    ):
        one, two = getattr(item, name), getattr(item, other)
        if valid(one, two) and one is not None and two is not None:
            here.at(other).refuse(f"répète « {name} ».", "Gardez l’une des deux clés.")
    details = (item.event_until, item.event_days, item.event_starts_at, item.event_ends_at, item.event_place or None)
    if (
        valid(item.event_on, item.event_in_days, *details)
        and item.event_on is None
        and item.event_in_days is None
        and any(detail is not None for detail in details)
    ):
        here.refuse("annonce un rendez-vous sans jour.", "Donnez « event_on » ou « event_in_days ».")


def _check_audience(item: ItemTable, here: Place) -> None:
    if not valid(item.audience, item.activities, item.schools, item.levels, item.present_from):
        return
    if item.audience == Audience.CHOSEN and not item.narrowed:
        here.at("audience").refuse(
            "« chosen » attend un critère.", "Donnez « activities », « schools », « levels » ou « present_from »."
        )
    if item.audience in {Audience.PUBLIC, Audience.FAMILIES} and item.narrowed:
        here.at("audience").refuse(
            f"« {item.audience} » ne va pas avec un critère.", "Retirez le critère, ou cette clé."
        )


# Loading


def _load(loading: Loading, news: NewsTable) -> None:
    for table in news.categories:
        loading.codes.setdefault("news_categories", {})[table.code] = loading.store(
            NewsCategory,
            find={"slug": table.code},
            values={"name": table.name, "order": table.order},
            path=table.path,
        )
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
    for item in news.items:
        write_page(
            loading,
            NewsPage,
            parent=index,
            slug=item.slug,
            values=_values(loading, item),
            once=_once(item, loading.at),
            path=item.path,
        )


def _values(loading: Loading, item: ItemTable) -> dict[str, Any]:
    """What every loading brings up to date, as long as no agent wrote."""
    values: dict[str, Any] = {
        "title": item.title,
        "category": _stored(loading, "news_categories", item.category),
        "service": _stored(loading, "services", item.service),
        "excerpt": item.excerpt,
        "body": body_from(item.file.text, loading.codes.get("page_keys", {})),
        "audience": item.audience or (Audience.CHOSEN if item.narrowed else Audience.PUBLIC),
        "audience_activities": _all_stored(loading, "activities", item.activities),
        "audience_schools": _all_stored(loading, "schools", item.schools),
        "audience_levels": list(item.levels),
        "present_from": item.present_from,
        "present_until": item.present_until,
        "important": item.important,
        "event_starts_at": item.event_starts_at,
        "event_ends_at": item.event_ends_at,
        "event_place": item.event_place,
    }
    if item.image:
        values["image"] = _stored(loading, "images", item.image)
    if item.date is not None:
        values["date"] = item.date
    if item.expires_on is not None:
        values["expire_at"] = start_of_day(item.expires_on + timedelta(days=1))
    if item.event_on is not None:
        values["event_on"] = item.event_on
    if item.event_until is not None:
        values["event_until"] = item.event_until
    return values


def _once(item: ItemTable, at: datetime.datetime) -> dict[str, Any]:
    """What is counted from the first loading and does not move any more: families have read it."""
    today = paris_date(at)
    once: dict[str, Any] = {}
    if item.days_ago is not None:
        once["date"] = today - timedelta(days=item.days_ago)
    if item.expires_in_days is not None:
        once["expire_at"] = start_of_day(today + timedelta(days=item.expires_in_days + 1))
    if item.pinned:
        once |= {
            "alert_level": item.pinned,
            "pinned_from": start_of_day(today),
            "pinned_until": start_of_day(today + timedelta(days=item.pinned_days)),
        }
    if item.event_in_days is not None:
        once["event_on"] = today + timedelta(days=item.event_in_days)
    first = item.event_on or once.get("event_on")
    if first is not None and item.event_days is not None:
        once["event_until"] = first + timedelta(days=item.event_days - 1)
    return once


def _stored(loading: Loading, kind: str, code: str) -> Any:
    return loading.codes.get(kind, {}).get(code) if code else None


def _all_stored(loading: Loading, kind: str, codes: tuple[str, ...]) -> list[Any]:
    found = (_stored(loading, kind, code) for code in codes)
    return [thing for thing in found if thing is not None]
