"""Telling people, always inside the transaction of what is told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import Child, ChildLink, Family, FamilyMember
from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rendering import MailTexts, render_mail
from portal.domain.mails.services import queue_mail, queue_mails
from portal.domain.notices.enums import ALWAYS_MAILED, OPTIONAL, NoticeKind
from portal.domain.notices.models import Notice, NoticePreference


def notify_family(
    *,
    family: Family,
    kind: NoticeKind,
    title: str,
    at: datetime,
    text: str = "",
    path: str = "",
    reference: str = "",
    child: Child | None = None,
    mail: bool = True,
    mail_kind: MailKind = MailKind.NOTICE,
) -> list[Notice]:
    """Tell the adults of a family who have an account, may see the dossier and want to be told.

    With `child`, only if the household is to be told about that child. `path` is an address of the portal
    (`reverse(…)`), `mail=False` when another mail already says it. Sentences are finished French, without health or
    bank data.
    """
    if child is not None and not _is_told_about(family, child):
        return []
    members = FamilyMember.objects.filter(family=family, can_see=True, is_notified=True, adult__user__is_active=True)
    users = [member.adult.user for member in members.select_related("adult__user").order_by("pk") if member.adult.user]
    return notify_users(
        users=users,
        family=family,
        kind=kind,
        title=title,
        at=at,
        text=text,
        path=path,
        reference=reference,
        mail=mail,
        mail_kind=mail_kind,
    )


def notify_users(
    *,
    users: Iterable[User],
    kind: NoticeKind,
    title: str,
    at: datetime,
    family: Family | None = None,
    text: str = "",
    path: str = "",
    reference: str = "",
    mail: bool = True,
    mail_kind: MailKind = MailKind.NOTICE,
    texts: MailTexts | None = None,
) -> list[Notice]:
    """The same for named accounts; the notices of their space. `texts` is the mail when it says more than a notice.

    A kind of `OPTIONAL` is kept out of the space of whoever does not want it there.
    """
    told = list(users)
    unwanted = _saying_no(told, kind)
    notices = [
        Notice(
            user=user,
            family=family,
            kind=kind,
            title=title,
            text=text,
            path=path,
            reference=reference,
            at=at,
        )
        for user in told
    ]
    shown = Notice.objects.bulk_create(
        notice for notice in notices if kind not in OPTIONAL or (notice.user_id, "in_space") not in unwanted
    )
    if mail:
        for notice in notices:
            if notice.user.email and (kind in ALWAYS_MAILED or (notice.user_id, "by_mail") not in unwanted):
                _mail(notice, mail_kind, texts or _texts(notice))
    return shown


@dataclass(frozen=True, slots=True)
class Reach:
    """By whom a family hears something: the accounts told in their space, the addresses written to."""

    users: tuple[User, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What one family is told: the notice of each account, the mail to each address. Finished French."""

    family: int
    title: str
    text: str
    path: str
    mail: MailTexts
    reference: str = ""


def reach_families(families: Collection[int]) -> dict[int, Reach]:
    """How each of these families (keys) is told of what nobody may miss, in two queries.

    As `notify_family`, whatever the mails that they prefer; a family where no account is told is written to at its
    address of contact. One with neither is reached by nothing: somebody must telephone.
    """
    members = FamilyMember.objects.filter(
        family__in=families, can_see=True, is_notified=True, adult__user__is_active=True
    ).select_related("adult__user")
    users: dict[int, list[User]] = {}
    for member in members.order_by("family", "pk"):
        if member.adult.user is not None:
            users.setdefault(member.family_id, []).append(member.adult.user)
    contacts = dict(Family.objects.filter(pk__in=families).values_list("pk", "contact_email"))
    found = {}
    for family in families:
        told = users.get(family, [])
        addresses = [user.email for user in told if user.email] or [contacts.get(family) or ""]
        found[family] = Reach(tuple(told), tuple(dict.fromkeys(filter(None, addresses))))
    return found


def tell_families(
    *, tellings: Sequence[Telling], reach: Mapping[int, Reach], kind: NoticeKind, mail_kind: MailKind, at: datetime
) -> None:
    """Tell many families at once by their `reach`: two queries whatever their number.

    For a kind of `ALWAYS_MAILED`: preferences are not asked. Raises ValueError for another kind.
    """
    if kind not in ALWAYS_MAILED:
        raise ValueError(kind)
    Notice.objects.bulk_create(
        Notice(
            user=user,
            family_id=telling.family,
            kind=kind,
            title=telling.title,
            text=telling.text,
            path=telling.path,
            reference=telling.reference,
            at=at,
        )
        for telling in tellings
        for user in reach[telling.family].users
    )
    queue_mails(
        [
            OutgoingMail(
                kind=mail_kind,
                recipient=address,
                subject=telling.mail.subject,
                text=telling.mail.text,
                html=telling.mail.html,
                reference=telling.reference,
                queued_at=at,
                next_attempt_at=at,
            )
            for telling in tellings
            for address in reach[telling.family].addresses
        ]
    )


def read_notices(*, user: User, at: datetime, keys: Iterable[int] | None = None) -> int:
    """Note that this person has read these notices of theirs, or all of them; how many were unread."""
    unread = Notice.objects.visible_to(user).unread()
    if keys is not None:
        unread = unread.filter(pk__in=list(keys))
    return unread.update(read_at=at)


@transaction.atomic
def set_preferences(
    *, user: User, by_mail: Iterable[NoticeKind], in_space: Iterable[NoticeKind] = OPTIONAL, at: datetime
) -> None:
    """Keep the kinds of notices that this person also wants by mail, and those of `OPTIONAL` that their space shows.

    Those of `ALWAYS_MAILED` stay on, and the space shows all the others.
    """
    wanted = {*by_mail, *ALWAYS_MAILED}
    shown = {*in_space, *NoticeKind} - (OPTIONAL - {*in_space})
    NoticePreference.objects.bulk_create(
        (
            NoticePreference(user=user, kind=kind, by_mail=kind in wanted, in_space=kind in shown)
            for kind in NoticeKind
        ),
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["by_mail", "in_space"],
    )
    record(
        verb="set_notice_preferences",
        target=user,
        by=user,
        at=at,
        after={
            "by_mail": sorted(kind.value for kind in wanted),
            "in_space": sorted(kind.value for kind in shown & OPTIONAL),
        },
    )


def _is_told_about(family: Family, child: Child) -> bool:
    return ChildLink.objects.filter(Q(is_notified=True) & Q(can_see=True), family=family, child=child).exists()


def _saying_no(users: list[User], kind: NoticeKind) -> set[tuple[int, str]]:
    """Who does not want which channel: (account, « by_mail » or « in_space »), in one query."""
    rows = NoticePreference.objects.filter(user__in=users, kind=kind).values_list("user", "by_mail", "in_space")
    return {
        (user, channel)
        for user, by_mail, in_space in rows
        for channel, wanted in (("by_mail", by_mail), ("in_space", in_space))
        if not wanted
    }


def _texts(notice: Notice) -> MailTexts:
    return render_mail(
        template="notice",
        context={
            "title": notice.title,
            "words": notice.text,
            "url": f"{settings.PORTAL_BASE_URL}{notice.path}" if notice.path else "",
        },
    )


def _mail(notice: Notice, kind: MailKind, texts: MailTexts) -> None:
    queue_mail(
        kind=kind,
        recipient=notice.user.email,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        reference=notice.reference,
        at=notice.at,
    )
