"""Certifying a dossier, renewing it each year, and the first look of a new account."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.dossier.enums import FAMILY_STATES, Answer, Branch, YearlyState
from portal.domain.dossier.models import Certification, Checklist, YearlySettings, YearlyUpdate
from portal.domain.dossier.queries import completeness_of, current_window
from portal.domain.families.access import NotAllowed, Right, children_with, lock_in_use, require
from portal.domain.families.models import Family
from portal.domain.families.requirements import Requirement
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.language import in_french
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure

#: The text under which a dossier is certified; another text is another version.
TEXT_VERSION = "2026-1"

#: The ordinary data for which silence may count as consent. A list of what may, so that nothing else ever does.
ORDINARY = ("name", "street", "address_extra", "postcode", "town", "phone", "contact_email")


class YearlyRefused(Exception):
    """The update cannot be sent or decided; the message, in French, says why. Nothing was written."""


@transaction.atomic
def certify_dossier(
    *,
    family: Family,
    school_year: int,
    rubrics: Mapping[str, str],
    by: User,
    at: datetime,
    text_version: str = TEXT_VERSION,
) -> Certification:
    """Keep that this person certified the dossier as exact, for the school year.

    `rubrics` gives what each rubric said when it was shown, by title: digests are kept, never the values. Sent twice
    without anything new, the first certification stands. Raises NotAllowed unless the person may edit the dossier.
    """
    require(user=by, family=family, right=Right.EDIT)
    lock_in_use(family)
    items = _items(rubrics, family, by, at)
    mine = Certification.objects.filter(family=family, school_year=school_year, tacit=False, by=by)
    last = mine.order_by("-at", "-pk").first()
    if last is not None and last.items == items and last.text_version == text_version:
        return last
    return _keep(family, school_year, items, shown_on=paris_date(at), by=by, at=at, text_version=text_version)


@transaction.atomic
def certify_tacitly(*, family: Family, settings: YearlySettings, by: User, at: datetime) -> Certification | None:
    """Note that the ordinary data of the family count as right since the day that was announced (guide 004).

    Its name, address and telephone only: never health data, authorisations or terms of use (rule 45). None while
    the day has not come, when the town does not do so, or when the dossier is already certified.
    """
    if settings.tacit_on is None or paris_date(at) < settings.tacit_on:
        return None
    _lock_family(family)
    if Certification.objects.filter(family=family, school_year=settings.school_year).exists():
        return None
    ordinary = {field: str(getattr(family, field)) for field in ORDINARY}
    items = [{"rubric": field, "digest": _digest(said)} for field, said in ordinary.items()]
    return _keep(
        family,
        settings.school_year,
        items,
        shown_on=settings.opens_on,
        by=by,
        at=at,
        effective_on=settings.tacit_on,
    )


@transaction.atomic
def choose_branch(*, family: Family, branch: Branch, by: User, at: datetime) -> YearlyUpdate:
    """Say how the family renews its dossier this year; may change until it is sent. Raises YearlyRefused."""
    require(user=by, family=family, right=Right.EDIT)
    window = _window(at)
    YearlyUpdate.objects.get_or_create(
        family=family, school_year=window.school_year, defaults={"branch": branch, "started_at": at}
    )
    update = _lock(family, window.school_year)
    if update.state not in FAMILY_STATES:
        raise YearlyRefused("Votre actualisation est déjà envoyée.")
    before = update.branch
    update.branch = branch
    update.save(update_fields=["branch"])
    record(
        verb="choose_yearly_branch",
        target=update,
        by=by,
        at=at,
        family_key=family.pk,
        before={"branch": before},
        after={"branch": branch.value},
    )
    return update


@in_french()
@transaction.atomic
def send_yearly_update(
    *,
    family: Family,
    answers: Mapping[str, Answer],
    rubrics: Mapping[str, str],
    by: User,
    at: datetime,
    activities: Mapping[int, Iterable[int]] | None = None,
) -> YearlyUpdate:
    """Certify the dossier and send its renewal to the service, as one démarche (guide 002).

    `rubrics` are those that were shown, `answers` what the family said of each; `activities` those
    of each child, by keys. Raises YearlyRefused when a rubric is
    still to be corrected or unanswered, or something obligatory is missing. Sent twice: one démarche, the same
    answer.
    """
    require(user=by, family=family, right=Right.EDIT)
    window = _window(at)
    update = _lock(family, window.school_year)
    if update.state in {YearlyState.SENT, YearlyState.ACCEPTED}:
        return update
    _check(update, answers=answers, rubrics=rubrics, missing=_missing(family, by, at, activities))
    again = update.state != YearlyState.DRAFT
    update.certification = certify_dossier(
        family=family, school_year=window.school_year, rubrics=rubrics, by=by, at=at
    )
    update.state, update.sent_at, update.sent_by = YearlyState.SENT, at, by
    update.answers = {title: answer.value for title, answer in answers.items()}
    update.save()
    record(
        verb="send_yearly_update",
        target=update,
        by=by,
        at=at,
        family_key=family.pk,
        after={"branch": update.branch, "school_year": update.school_year, "again": again},
    )
    procedure = find_procedure(about=update)
    if procedure is None:
        open_procedure(
            family=family,
            kind=ProcedureKind.YEARLY,
            title=f"Actualisation du dossier {SchoolYear(update.school_year).label}",
            state=ProcedureState.RECEIVED,
            note=str(Branch(update.branch).label),
            about=update,
            by=by,
            at=at,
        )
    else:
        move_procedure(procedure=procedure, state=ProcedureState.RECEIVED, note="Envoyée de nouveau.", by=by, at=at)
    return update


@transaction.atomic
def accept_yearly_update(*, update: int, by: User, at: datetime) -> YearlyUpdate:
    """Validate the renewal: the family receives it by notice and mail. Raises YearlyRefused when already decided."""
    year = SchoolYear(YearlyUpdate.objects.values_list("school_year", flat=True).get(pk=update)).label
    note = f"Votre dossier est à jour pour l’année {year}."
    return _decide(update, YearlyState.ACCEPTED, ProcedureState.ACCEPTED, note=note, by=by, at=at)


@transaction.atomic
def refuse_yearly_update(*, update: int, reason: str, by: User, at: datetime) -> YearlyUpdate:
    """Refuse it, with the reason that the family reads; it may be sent again. Raises YearlyRefused."""
    return _decide(update, YearlyState.REFUSED, ProcedureState.REFUSED, note=reason, by=by, at=at)


@transaction.atomic
def ask_again_yearly_update(*, update: int, message: str, by: User, at: datetime) -> YearlyUpdate:
    """Ask the family for something more before answering. Raises YearlyRefused."""
    return _decide(update, YearlyState.AGAIN, ProcedureState.YOUR_TURN, note=message, by=by, at=at)


@transaction.atomic
def look_at(*, user: User, codes: Iterable[str]) -> Checklist:
    """Note that this account has checked these lines of its first look."""
    Checklist.objects.get_or_create(user=user)
    checklist = Checklist.objects.select_for_update(of=("self",), no_key=True).get(user=user)
    checklist.seen = sorted({*checklist.seen, *codes})
    checklist.save(update_fields=["seen"])
    return checklist


def close_checklist(*, user: User, at: datetime) -> Checklist:
    """Put the first look away for good."""
    checklist, _created = Checklist.objects.update_or_create(user=user, defaults={"closed_at": at})
    return checklist


def _keep(
    family: Family,
    school_year: int,
    items: list[dict[str, str]],
    *,
    shown_on: date,
    by: User,
    at: datetime,
    text_version: str = TEXT_VERSION,
    effective_on: date | None = None,
) -> Certification:
    certification = Certification.objects.create(
        family=family,
        school_year=school_year,
        by=by,
        at=at,
        shown_on=shown_on,
        effective_on=effective_on or shown_on,
        valid_until=SchoolYear(school_year).last_day,
        text_version=text_version,
        tacit=effective_on is not None,
        items=items,
    )
    record(
        verb="certify_dossier",
        target=certification,
        by=by,
        at=at,
        family_key=family.pk,
        after={
            "school_year": school_year,
            "text_version": text_version,
            "tacit": certification.tacit,
            "effective_on": certification.effective_on.isoformat(),
        },
    )
    return certification


def _lock_family(family: Family) -> None:
    """One certification of a family after the other: a button pressed twice finds the first one."""
    list(Family.objects.select_for_update(of=("self",), no_key=True).filter(pk=family.pk).values_list("pk"))


def _window(at: datetime) -> YearlySettings:
    window = current_window(at=at)
    if window is None:
        raise YearlyRefused("L’actualisation des dossiers n’est pas ouverte en ce moment.")
    return window


def _lock(family: Family, school_year: int) -> YearlyUpdate:
    rows = YearlyUpdate.objects.select_for_update(of=("self",), no_key=True)
    update = rows.filter(family=family, school_year=school_year).first()
    if update is None:
        raise YearlyRefused("Dites d’abord quelle est votre situation pour la rentrée.")
    return update


def _missing(
    family: Family, by: User, at: datetime, activities: Mapping[int, Iterable[int]] | None
) -> Sequence[Requirement]:
    children = list(children_with(user=by, family=family, right=Right.SEE))
    return completeness_of(family=family, children=children, at=at, activities=activities).missing


def _check(
    update: YearlyUpdate,
    *,
    answers: Mapping[str, Answer],
    rubrics: Mapping[str, str],
    missing: Sequence[Requirement],
) -> None:
    silent = [title for title in rubrics if title not in answers]
    wrong = [title for title, answer in answers.items() if answer == Answer.WRONG]
    if silent:
        raise YearlyRefused(f"Répondez pour chaque rubrique{french.NBSP}: {french.join_words(silent)}.")
    if wrong:
        raise YearlyRefused(
            f"Corrigez d’abord dans votre dossier{french.NBSP}: {french.join_words(wrong)}. Puis répondez « exact »."
        )
    if missing:
        raise YearlyRefused(
            f"Il manque encore{french.NBSP}: {french.join_words(french.lower_first(each.label) for each in missing)}."
        )


def _decide(key: int, state: YearlyState, moved: ProcedureState, *, note: str, by: User, at: datetime) -> YearlyUpdate:
    if not by.has_perm("dossier.decide_yearlyupdate"):
        raise NotAllowed("decide_yearlyupdate")
    update = YearlyUpdate.objects.select_for_update(of=("self",), no_key=True).select_related("decided_by").get(pk=key)
    if update.state != YearlyState.SENT:
        who = f" par {update.decided_by.get_full_name()}" if update.decided_by else ""
        raise YearlyRefused(f"Cette actualisation est déjà {YearlyState(update.state).label}{who}.")
    update.state, update.decided_at, update.decided_by = state, at, by
    update.save(update_fields=["state", "decided_at", "decided_by"])
    record(
        verb="decide_yearly_update",
        target=update,
        by=by,
        at=at,
        family_key=update.family_id,
        before={"state": YearlyState.SENT.value},
        after={"state": state.value},
    )
    procedure = find_procedure(about=update)
    if procedure is not None:
        move_procedure(procedure=procedure, state=moved, note=note, by=by, at=at, tell=True)
    return update


def _items(rubrics: Mapping[str, str], family: Family, by: User, at: datetime) -> list[dict[str, str]]:
    children = list(children_with(user=by, family=family, right=Right.SEE))
    asked = completeness_of(family=family, children=children, at=at).requirements
    return [
        *({"rubric": title, "digest": _digest(said)} for title, said in rubrics.items()),
        *({"requirement": each.code, "standing": each.standing.value} for each in asked),
    ]


def _digest(said: str) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
