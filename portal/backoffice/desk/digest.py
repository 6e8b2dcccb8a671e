"""The mail of the morning: what waits for each agent who wants it, and since when."""

from datetime import datetime

from django.conf import settings

from portal.backoffice.desk.listing import Desk
from portal.backoffice.desk.registry import Wanted
from portal.domain.desk.queries import wishing_digest
from portal.domain.desk.services import DigestLine, is_digest_due, send_digest
from portal.domain.kernel.clock import paris_date


def send_digests(*, at: datetime) -> int:
    """Write the mails that are due; how many. One agent after the other, each in its own transaction."""
    sent = 0
    for preference in wishing_digest():
        if not is_digest_due(preference, at=at):
            continue
        agent = preference.agent
        lines = [
            DigestLine(source.label, count, paris_date(oldest))
            for source, count, oldest in Desk(agent, Wanted(at=at)).oldest()
        ]
        sent += send_digest(agent=agent, lines=lines, address=settings.PORTAL_BASE_URL, at=at) is not None
    return sent
