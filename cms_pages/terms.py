"""Writing and publishing the terms of use. A published version never changes: another one replaces it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from cms_pages.models import TermsDraft
from portal.domain.accounts.models import TermsAcceptance, TermsVersion, User
from portal.domain.audit.services import record
from portal.domain.kernel import french


class TermsRefused(Exception):
    """Why nothing was published or withdrawn, in French."""


def current_draft() -> TermsDraft | None:
    """The text being prepared."""
    return TermsDraft.objects.first()


def scheduled_version(*, at: datetime) -> TermsVersion | None:
    """The version that is published but not in force yet."""
    return TermsVersion.objects.filter(published_at__gt=at).order_by("number").first()


def accounts_asked() -> int:
    """How many accounts a new version will ask at their next visit: the active ones of the families."""
    return User.objects.filter(is_active=True, is_staff=False).count()


def accounts_waiting(version: TermsVersion) -> int:
    """How many of them have not accepted that version yet."""
    accepted = TermsAcceptance.objects.filter(user=OuterRef("pk"), version=version)
    everybody = User.objects.filter(is_active=True, is_staff=False)
    return everybody.exclude(Exists(accepted)).count()


@transaction.atomic
def save_draft(*, title: str, body: str, by: User, at: datetime) -> TermsDraft:
    """Keep the text being prepared. Nothing changes for the families."""
    draft, created = TermsDraft.objects.select_for_update().get_or_create(
        single=True, defaults={"title": title, "body": body, "updated_at": at}
    )
    if not created and (draft.title, draft.body) == (title, body):
        return draft
    draft.title, draft.body, draft.updated_at = title, body, at
    draft.save()
    record(verb="create" if created else "change", target=draft, by=by, at=at, after={"title": title})
    return draft


@transaction.atomic
def publish_terms(*, draft_key: int, read_at: datetime, in_force: datetime, by: User, at: datetime) -> TermsVersion:
    """Make the draft the next version, in force from `in_force` on; every family is then asked to accept it.

    `read_at` is the state of the draft that was confirmed. Raises TermsRefused when it changed meanwhile, when
    another version already waits for its date, when the text is the one in force, or when `in_force` is past.
    """
    draft = TermsDraft.objects.select_for_update().filter(pk=draft_key).first()
    if draft is None:
        raise TermsRefused("Ce projet vient d’être publié : il n’y a plus rien à publier.")
    if draft.updated_at != read_at:
        raise TermsRefused("Le texte a changé depuis que vous l’avez relu : relisez-le avant de le publier.")
    if in_force < at:
        raise TermsRefused("La date d’entrée en vigueur est passée : choisissez aujourd’hui ou un jour qui vient.")
    waiting = scheduled_version(at=at)
    if waiting is not None:
        raise TermsRefused(
            f"La version {waiting.number} attend déjà le {french.full_date(waiting.published_at.date())} : "
            "retirez-la d’abord, ou attendez qu’elle soit en vigueur."
        )
    latest = TermsVersion.objects.order_by("-number").first()
    if latest is not None and (latest.title, latest.body) == (draft.title, draft.body):
        raise TermsRefused(f"Ce texte est déjà celui de la version {latest.number} : rien à demander aux familles.")
    number = (TermsVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    version = TermsVersion.objects.create(number=number, title=draft.title, body=draft.body, published_at=in_force)
    record(
        verb="publish_terms",
        target=version,
        by=by,
        at=at,
        after={"number": number, "title": version.title, "published_at": in_force.isoformat()},
    )
    draft.delete()
    return version


@transaction.atomic
def withdraw_terms(*, number: int, by: User, at: datetime) -> TermsDraft:
    """Take back a version that is not in force yet: its text is a draft again.

    Raises TermsRefused once it is in force or accepted: families read it, it stays.
    """
    version = TermsVersion.objects.select_for_update().filter(number=number).first()
    if version is None:
        raise TermsRefused("Cette version vient d’être retirée.")
    if version.published_at <= at or version.acceptances.exists():
        raise TermsRefused(f"La version {number} est en vigueur : elle ne se retire plus, publiez la suivante.")
    draft = current_draft()
    if draft is not None:
        raise TermsRefused("Un autre projet est en cours : publiez-le ou videz-le avant de reprendre celui-ci.")
    draft = TermsDraft.objects.create(title=version.title, body=version.body, updated_at=at)
    record(verb="withdraw_terms", target=version, by=by, at=at, before={"number": number, "title": version.title})
    version.delete()
    return draft
