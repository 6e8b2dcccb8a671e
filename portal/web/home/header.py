"""Who is signed in, as the top of every page says it: “Famille Vuillet · dossier n° 4127”."""

from django.http import HttpRequest
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.notices.queries import latest_unread
from portal.web.family import resolve_family
from portal.web.identity import FamilyHeader, HeaderNotice

#: What « Notifications ▾ » unfolds.
NOTICES_SHOWN = 5


def family_header(request: HttpRequest) -> FamilyHeader | None:
    """The name and number of the family in whose name the person works, with their last unread notices and the way
    to another family of theirs; None without family. One query for the notices.
    """
    family = resolve_family(request)
    user = request.user
    if family is None or not isinstance(user, User):
        return None
    notices, unread = latest_unread(user=user, limit=NOTICES_SHOWN)
    return FamilyHeader(
        family_name=family.name,
        dossier_number=family.number,
        unread_notifications=unread,
        notifications_url=reverse("notifications:index"),
        notifications=tuple(HeaderNotice(notice.pk, notice.title, notice.at) for notice in notices),
        switch_url=reverse("dossier:choose") if getattr(request, "has_other_families", False) else "",
    )
