"""The situation of a family in the yearly update, said by the package above that knows it.

`portal.domain.dossier` lies above and registers from its `apps.ready`; without it, no branch is known.
"""

from collections.abc import Callable

from portal.domain.families.models import Family

#: The code of the branch of a family for a school year, "" while it has not said.
BranchSource = Callable[[Family, int], str]

_source: list[BranchSource] = []


def register_branch_source(source: BranchSource) -> None:
    """Say who knows the branch; the last one counts."""
    _source[:] = [source]


def branch_in(family: Family, school_year: int) -> str:
    """The branch of a family, "" when nobody knows."""
    return _source[0](family, school_year) if _source else ""
