"""A preparation and its proofs follow their child and their household."""

from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following, register_rows
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeLine


def _twice(kept: int, duplicate: int) -> list[int]:
    """The preparations of the duplicate for a year that the kept household prepares too."""
    years = RentreeDraft.objects.filter(family=kept).values("school_year")
    return list(RentreeDraft.objects.filter(family=duplicate, school_year__in=years).values_list("pk", flat=True))


def _plan_drafts(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    twice = len(_twice(kept, duplicate))
    moving = RentreeDraft.objects.filter(family=duplicate).count() - twice
    words = ("rentrée en préparation", "rentrées en préparation")
    return [
        *([Line(plural(moving, *words), Fate.MOVES)] if moving else []),
        *([Line(plural(twice, *words), Fate.THERE, "celle du dossier gardé reste")] if twice else []),
    ]


def _follow_drafts(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    RentreeDraft.objects.filter(pk__in=_twice(kept, duplicate)).delete()
    RentreeDraft.objects.filter(family=duplicate).update(family=kept)


def _plan_answers(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    count = RentreeAnswer.objects.filter(child=duplicate).count()
    return [Line(plural(count, "réponse de rentrée", "réponses de rentrée"), Fate.MOVES)] if count else []


def _follow_answers(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    """Of two answers about one activity in one preparation, that of the kept child stays."""
    _drop_twice(RentreeAnswer, "draft", kept, duplicate)
    RentreeAnswer.objects.filter(child=duplicate).update(child=kept)


def _plan_lines(_kept: int, duplicate: int, _at: datetime) -> list[Line]:
    count = RentreeLine.objects.filter(child=duplicate).count()
    return [Line(plural(count, "ligne de rentrée", "lignes de rentrée"), Fate.MOVES)] if count else []


def _follow_lines(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    _drop_twice(RentreeLine, "recap", kept, duplicate)
    RentreeLine.objects.filter(child=duplicate).update(child=kept)


def _drop_twice(model: type[RentreeAnswer] | type[RentreeLine], parent: str, kept: int, duplicate: int) -> None:
    there = set(model._default_manager.filter(child=kept).values_list(parent, "activity"))
    rows = model._default_manager.filter(child=duplicate).order_by("pk")
    twice = [key for key, *pair in rows.values_list("pk", parent, "activity") if tuple(pair) in there]
    model._default_manager.filter(pk__in=twice).delete()


def connect() -> None:
    """Register."""
    register_following(
        Following(
            "rentree.drafts", Subject.FAMILY, ("rentree.RentreeDraft.family",), _plan_drafts, _follow_drafts, order=94
        )
    )
    register_following(
        Following(
            "rentree.answers",
            Subject.CHILD,
            ("rentree.RentreeAnswer.child",),
            _plan_answers,
            _follow_answers,
            order=94,
        )
    )
    register_following(
        Following("rentree.lines", Subject.CHILD, ("rentree.RentreeLine.child",), _plan_lines, _follow_lines, order=94)
    )
    register_rows("rentree.RentreeRecap.family", Subject.FAMILY, ("rentrée envoyée", "rentrées envoyées"), order=94)
