"""Writing pages from a profile: create them once, bring them up to date as long as no agent has edited them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from wagtail.models import Page

from portal.backoffice.profiles.loading import Loading
from portal.domain.audit.services import record
from portal.domain.kernel import prose
from portal.domain.kernel.prose import BlockKind

P = TypeVar("P", bound=Page)

PAGE_LINK = "page:"
"""In a text of a profile, `[mots](page:aide)` leads to the page whose slug is `aide`."""


def write_page(
    loading: Loading,
    model: type[P],
    *,
    parent: Page,
    slug: str,
    values: Mapping[str, Any],
    path: str,
    once: Mapping[str, Any] | None = None,
) -> P | None:
    """The page `slug` under `parent`, created and published, or updated when nobody but the portal wrote it.

    A page that an agent edited, drafted or took down is left as it is, and the report says so. `once` gives values
    for the creation only. Returns None, with a problem noted, when the page cannot be written.
    """
    page = reserve_page(loading, model, parent=parent, slug=slug, values={**values, **(once or {})}, path=path)
    if page is None:
        return None
    kind = str(model._meta.verbose_name)
    created = page.latest_revision is None
    changed = [name for name, value in values.items() if not _same(getattr(page, name), value)]
    if not created and (reason := _edited(page, loading)):
        loading.report.note(f"{kind} « {page.title} » {reason} : laissée telle quelle.")
        return page
    if not created and not changed:
        loading.report.unchanged[kind] += 1
        return page
    for name in changed:
        setattr(page, name, values[name])
    if not _accepted(page, loading, path):
        return None
    page.save_revision(user=loading.by).publish(user=loading.by, skip_permission_checks=True)
    page.refresh_from_db()
    if created:
        loading.report.created[kind] += 1
    else:
        loading.report.updated[kind] += 1
        loading.report.note(f"{kind} « {page.title} » mise à jour.")
    record(
        verb="load_commune",
        target=page,
        by=loading.by,
        at=loading.at,
        after={"title": page.title, "slug": page.slug},
    )
    return page


def reserve_page(
    loading: Loading,
    model: type[P],
    *,
    parent: Page,
    slug: str,
    values: Mapping[str, Any],
    path: str,
) -> P | None:
    """The page `slug` under `parent`, added without being published when it is missing: others can lead to it.

    Returns None, with a problem noted, when the address belongs to another kind of page.
    """
    found = Page.objects.child_of(parent).filter(slug=slug).first()
    if found is not None:
        if isinstance(found.specific, model):
            return found.specific
        loading.refuse(
            path, f"une autre page a déjà l’adresse « {slug} ».", "Changez « slug », ou déplacez cette page."
        )
        return None
    page = model(slug=slug, live=False, **values)
    try:
        # The row of the tree is locked through its own table, not through the join of the specific page.
        Page.objects.get(pk=parent.pk).add_child(instance=page)
    except ValidationError as error:
        _refuse(error, loading, path)
        return None
    parent.refresh_from_db(fields=["numchild"])
    return page


def _accepted(page: Page, loading: Loading, path: str) -> bool:
    try:
        page.full_clean()
    except ValidationError as error:
        _refuse(error, loading, path)
        return False
    return True


def _refuse(error: ValidationError, loading: Loading, path: str) -> None:
    for name, messages in error.message_dict.items():
        for message in messages:
            loading.refuse(f"{path}.{name}", message)


def _edited(page: Page, loading: Loading) -> str:
    """Why the page is an agent's now; empty while it is still the profile's."""
    if not page.live:
        return "retirée par un agent"
    author = page.latest_revision.user_id if page.latest_revision else None
    return "" if author in (None, loading.by.pk) else "modifiée par un agent"


def _same(current: Any, wanted: Any) -> bool:
    """Whether a field already says that; streams are compared without the identifiers of their blocks."""
    if isinstance(wanted, list) and hasattr(current, "get_live_queryset"):
        return set(current.all()) == set(wanted)
    if hasattr(current, "get_prep_value"):
        return bool(_without_ids(current.get_prep_value()) == _without_ids(_prepared(current, wanted)))
    return bool(current == wanted)


def _prepared(current: Any, wanted: Any) -> Any:
    """Raw data as the stream block would store it."""
    return current.stream_block.to_python(wanted).get_prep_value()


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_ids(item) for name, item in value.items() if name != "id"}
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    return value


def body_from(text: str, slugs: Mapping[str, int], *, questions: bool = False) -> list[dict[str, Any]]:
    """The blocks of a page from a text: a title is a block, what lies between two titles is one paragraph block.

    With `questions`, each subtitle is a question and what follows it the answer. `slugs` gives the keys of the
    pages that `page:…` links lead to.
    """

    def link(address: str) -> str:
        if address.startswith(PAGE_LINK):
            return f'linktype="page" id="{slugs[address.removeprefix(PAGE_LINK)]}"'
        return prose.plain_link(address)

    body: list[dict[str, Any]] = []
    pending: list[str] = []
    question = ""

    def close() -> None:
        nonlocal question
        html = "".join(pending)
        if question:
            body.append({"type": "question", "value": {"question": question, "answer": html}})
        elif html:
            body.append({"type": "paragraph", "value": html})
        pending.clear()
        question = ""

    for block in prose.blocks(text):
        if block.kind is BlockKind.TITLE:
            close()
            body.append({"type": "heading", "value": block.lines[0]})
        elif questions and block.kind is BlockKind.SUBTITLE:
            close()
            question = block.lines[0]
        else:
            pending.append(prose.block_html(block, link=link))
    close()
    return body


def groups_from(text: str, slugs: Mapping[str, int]) -> list[dict[str, Any]]:
    """The groups of a page of questions: a title opens a group, a subtitle a question, the rest is its answer.

    Questions before any title go in a group of their own. What comes before the first question is left out.
    """
    groups: list[dict[str, Any]] = []
    for block in body_from(text, slugs, questions=True):
        if block["type"] == "heading":
            groups.append({"title": block["value"], "questions": []})
        elif block["type"] == "question":
            if not groups:
                groups.append({"title": "Questions", "questions": []})
            groups[-1]["questions"].append(block["value"])
    return [{"type": "group", "value": group} for group in groups if group["questions"]]


def page_links(text: str) -> tuple[str, ...]:
    """The slugs that the links of a text lead to."""
    return tuple(address.removeprefix(PAGE_LINK) for address in prose.addresses(text) if address.startswith(PAGE_LINK))
