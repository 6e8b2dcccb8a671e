"""Reading families across models."""

from collections.abc import Iterable

from portal.domain.families.models import Schooling


def load_schoolings(*, children: Iterable[int], school_year: int) -> dict[int, Schooling]:
    """The schooling of each child for that school year (2026 means 2026/2027), in one query."""
    schoolings = Schooling.objects.filter(child__in=list(children), school_year=school_year).select_related(
        "school"
    )
    return {schooling.child_id: schooling for schooling in schoolings}
