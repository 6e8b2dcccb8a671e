"""What notices and mails say: that something happened, for which child. Never a word of health."""

from datetime import datetime

from django.urls import NoReverseMatch, reverse

from portal.domain.families.models import Child, Family
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family


def page_of(child: Child) -> str:
    """The address of the child's health page in the portal, empty where the families' door is not served."""
    try:
        return reverse("health_sheet:detail", args=(child.pk,))
    except NoReverseMatch:
        return ""


def tell_other_households(*, family: Family, child: Child, title: str, at: datetime) -> None:
    """The other household of the child, if it edits the child's dossier too: it reads what the first one wrote."""
    for other in Family.objects.filter(child_links__child=child, child_links__can_edit=True, archived_at=None).exclude(
        pk=family.pk
    ):
        notify_family(family=other, kind=NoticeKind.DOSSIER, title=title, path=page_of(child), child=child, at=at)


def tell_family(*, family: Family, child: Child, title: str, text: str, at: datetime) -> None:
    notify_family(
        family=family, kind=NoticeKind.DOCUMENT, title=title, text=text, path=page_of(child), child=child, at=at
    )
