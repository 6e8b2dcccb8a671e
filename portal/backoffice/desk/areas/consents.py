"""The authorisations of a family's children, as agents read them."""

from datetime import datetime

from portal.backoffice.desk.registry import FileSection, register_file_section
from portal.backoffice.scoping import children_of_file
from portal.domain.accounts.models import User
from portal.domain.consents.queries import load_sheets
from portal.domain.families.models import Family

VIEW = "consents.view_consent"


def section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """Each child with each authorisation, who answered and when."""
    if not agent.has_perm(VIEW):
        return None
    children = list(children_of_file(agent, family))
    return FileSection(
        title="Autorisations",
        template="backoffice/consents/_agent_section.html",
        context={"sheets": load_sheets(children=children, at=at)},
    )


def connect() -> None:
    """Register the section of this area."""
    register_file_section("consents", section, order=30)
