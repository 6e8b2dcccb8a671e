"""What families are told of their papers: that something happened and where to read it, never what a file shows."""

from datetime import datetime

from django.urls import reverse

from portal.domain.families.models import Family
from portal.domain.kernel.french import NBSP, full_date, labelled
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.papers.models import Paper


def tell_accepted(paper: Paper, *, at: datetime) -> None:
    text = f"Elle est valable jusqu’au {full_date(paper.valid_until)}." if paper.valid_until else ""
    _tell(paper, f"Pièce acceptée{NBSP}: {paper.title}", text, at=at)


def tell_refused(paper: Paper, *, at: datetime) -> None:
    _tell(paper, f"Pièce refusée{NBSP}: {paper.title}", labelled("Motif", paper.reason), at=at)


def tell_asked_again(paper: Paper, *, at: datetime) -> None:
    _tell(paper, f"Pièce à compléter{NBSP}: {paper.title}", paper.reason, at=at)


def tell_ending(paper: Paper, *, at: datetime) -> None:
    """To every household of the child: either may send the next one."""
    last = full_date(paper.valid_until) if paper.valid_until else ""
    title = f"Bientôt périmée{NBSP}: {paper.title}"
    _tell_all(paper, title, f"Elle est valable jusqu’au {last}. Envoyez la nouvelle d’ici là.", at=at)


def tell_expired(paper: Paper, *, at: datetime) -> None:
    """To every household of the child."""
    _tell_all(paper, f"Pièce périmée{NBSP}: {paper.title}", "Envoyez la nouvelle depuis votre dossier.", at=at)


def paper_path(paper: Paper) -> str:
    """Where a family reads it, and sends the next one."""
    if paper.child_id is None:
        return reverse("papers:family_paper", kwargs={"code": paper.type.code})
    return reverse("papers:child_paper", kwargs={"code": paper.type.code, "child_id": paper.child_id})


def _tell(paper: Paper, title: str, text: str, *, at: datetime) -> None:
    _notify(paper.family, paper, NoticeKind.DOCUMENT, title, text, at=at)


def _tell_all(paper: Paper, title: str, text: str, *, at: datetime) -> None:
    households = [paper.family]
    if paper.child_id is not None:
        households = list(
            Family.objects.filter(child_links__child=paper.child_id, archived_at=None).distinct().order_by("pk")
        )
    for household in households:
        _notify(household, paper, NoticeKind.DEADLINE, title, text, at=at)


def _notify(family: Family, paper: Paper, kind: NoticeKind, title: str, text: str, *, at: datetime) -> None:
    notify_family(
        family=family, kind=kind, title=title[:200], text=text, at=at, path=paper_path(paper), child=paper.child
    )
