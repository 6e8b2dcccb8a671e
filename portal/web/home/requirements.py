"""What is asked of a dossier, as rows of a list of things to do."""

from collections.abc import Iterable

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from portal.domain.families.requirements import Effect, Requirement, Standing
from portal.web.home.tasks import HomeTask


def todo(requirements: Iterable[Requirement]) -> list[HomeTask]:
    """A row for each thing that waits for the family, in the order given."""
    return [_task(each) for each in requirements if each.waits_for_family]


def _task(requirement: Requirement) -> HomeTask:
    badge, kind = {
        Standing.REFUSED: (_("à refaire"), "bad"),
        Standing.EXPIRED: (_("n’est plus valable"), "bad"),
    }.get(requirement.standing, (_("obligatoire"), "bad") if requirement.effect != Effect.INFORMS else ("", ""))
    return HomeTask(
        label=requirement.label,
        url=address(requirement),
        icon="folder",
        note=requirement.note,
        kind=kind,
        badge=badge,
        badge_kind=kind,
    )


def address(requirement: Requirement) -> str:
    """The page where the family answers; empty when nothing serves it."""
    if not requirement.url_name:
        return ""
    try:
        return reverse(requirement.url_name, kwargs=dict(requirement.params))
    except NoReverseMatch:
        return ""


def named_address(name: str, *args: int) -> str:
    """The address of a view; empty when nothing serves it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
