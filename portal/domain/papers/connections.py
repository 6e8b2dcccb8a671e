"""Where papers meet the rest."""

from portal.domain.families.requirements import register_requirements
from portal.domain.papers import privacy
from portal.domain.papers.requirements import may_block, requirements

ORDER = 70


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_requirements("papers", requirements, order=ORDER, may_block=may_block)
    privacy.connect()
