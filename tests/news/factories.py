"""A list of news without a profile, and items in it for whom one wants."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from wagtail.models import Page, Site

from cms_pages.audiences import Audience
from news.models import NewsIndexPage, NewsPage
from portal.domain.activities.models import Activity
from portal.domain.families.models import School

DAY = date(2026, 9, 8)


def make_index() -> NewsIndexPage:
    """A site that begins at a home page, with its news under `/actualites/`."""
    home = Page(title="Accueil", slug="accueil")
    Page.get_first_root_node().add_child(instance=home)
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    index = NewsIndexPage(title="Actualités", slug="actualites")
    home.add_child(instance=index)
    return index


def make_item(
    index: NewsIndexPage,
    slug: str,
    *,
    activities: Iterable[Activity] = (),
    schools: Iterable[School] = (),
    live: bool = True,
    published: bool = True,
    **fields: Any,
) -> NewsPage:
    """An item on line; with a criterion it is for « certaines familles » unless `audience` says otherwise."""
    activities, schools = list(activities), list(schools)
    chosen = activities or schools or fields.get("audience_levels") or fields.get("present_from")
    values = {
        "title": slug.replace("-", " ").capitalize(),
        "date": DAY,
        "excerpt": f"Extrait de {slug}.",
        "audience": Audience.CHOSEN if chosen else Audience.PUBLIC,
    } | fields
    item = NewsPage(slug=slug, live=live, **values)
    item.audience_activities.set(activities)
    item.audience_schools.set(schools)
    Page.objects.get(pk=index.pk).add_child(instance=item)
    if live and published:
        item.save_revision().publish()
    return item
