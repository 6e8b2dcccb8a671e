"""What papers ask of a dossier."""

from collections.abc import Iterable

from django.db.models import QuerySet

from portal.domain.families.requirements import Asked, Effect, Requirement, Standing
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import PaperType
from portal.domain.papers.queries import AskedLine, asked_papers


def requirements(asked: Asked) -> Iterable[Requirement]:
    """One line per paper asked. An optional one is there only once it was sent, and never waits for the family
    because it is missing."""
    lines = asked_papers(family=asked.family, children=asked.children, activities=asked.activities, at=asked.at)
    return [_requirement(line) for line in lines if line.type.is_required or _was_sent(line)]


def may_block() -> QuerySet[PaperType]:
    """The papers whose lack refuses bookings in this town."""
    return PaperType.objects.filter(is_offered=True, is_required=True, effect=Effect.BLOCKS.value)


def _was_sent(line: AskedLine) -> bool:
    if line.standing in {Standing.SENT, Standing.DONE}:
        return True
    return line.paper is not None and line.paper.state in {PaperState.ASKED, PaperState.REFUSED}


def _requirement(line: AskedLine) -> Requirement:
    params: dict[str, str | int] = {"code": line.type.code}
    if line.child is not None:
        params["child_id"] = line.child.pk
    return Requirement(
        code=f"papers.{line.type.code}",
        label=line.title,
        standing=line.standing,
        # An optional paper that was refused is said; it holds nothing back.
        effect=Effect(line.type.effect) if line.type.is_required else Effect.INFORMS,
        child_id=line.child.pk if line.child else None,
        note=line.note,
        url_name="papers:child_paper" if line.child else "papers:family_paper",
        params=params,
    )
