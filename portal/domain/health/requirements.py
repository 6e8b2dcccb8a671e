"""What a dossier must hold for each child: the sheet of the year, the vaccines, a care plan still in force."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.families.models import Child
from portal.domain.families.requirements import Asked, Effect, Requirement, Standing
from portal.domain.health.enums import DocumentKind, DocumentState, MissingEffect
from portal.domain.health.models import HealthDocument, HealthSettings, HealthSheet
from portal.domain.health.queries import children_missing_vaccines, health_settings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear


def requirements(asked: Asked) -> Iterable[Requirement]:
    """In four queries whatever the number of children; nothing sealed is opened but the dates of vaccines."""
    today = paris_date(asked.at)
    year = SchoolYear.of(today).start
    town = health_settings()
    certified: dict[int, set[int]] = {}
    for child_id, school_year in HealthSheet.objects.filter(
        child__in=asked.children, certified_at__isnull=False
    ).values_list("child", "school_year"):
        certified.setdefault(child_id, set()).add(school_year)
    documents: dict[tuple[int, str], HealthDocument] = {
        (document.child_id, document.kind): document
        for document in HealthDocument.objects.filter(child__in=asked.children, removed_at=None).defer("reason")
    }
    missing = children_missing_vaccines(asked.children, on=today)
    for child in asked.children:
        yield _sheet(child, certified.get(child.pk, set()), year, town)
        booklet = documents.get((child.pk, DocumentKind.BOOKLET))
        label = _("Vaccins de %(name)s") % {"name": child.first_name}
        if child.pk in missing:
            until = missing[child.pk]
            expired = until is not None and until < today
            note = _("dates du carnet de santé")
            if until is not None:
                note = _("admission provisoire jusqu’au %(day)s") % {"day": language.words().full_date(until)}
            standing = Standing.EXPIRED if expired else Standing.MISSING
            effect = Effect(town.effect) if expired else Effect.INFORMS
            yield _of(child, "vaccines", label, standing, effect, note)
        else:
            yield _of(child, "vaccines", label, Standing.DONE, Effect.INFORMS, "")
        if town.asks_booklet:
            yield _booklet(child, booklet, year, Effect(town.effect))
        yield from _care_plan(child, documents.get((child.pk, DocumentKind.CARE_PLAN)), asked)


def may_block() -> QuerySet[HealthSettings]:
    """The settings under which a sheet that is missing refuses bookings in this town."""
    return HealthSettings.objects.filter(effect=MissingEffect.BLOCKS)


def _of(child: Child, code: str, label: str, standing: Standing, effect: Effect, note: str) -> Requirement:
    return Requirement(
        code=f"health.{code}",
        label=label,
        standing=standing,
        effect=effect,
        child_id=child.pk,
        note=note,
        url_name="health_sheet:detail",
        params={"child_id": child.pk},
    )


def _sheet(child: Child, certified: set[int], year: int, town: HealthSettings) -> Requirement:
    label = _("Fiche sanitaire de %(name)s") % {"name": child.first_name}
    effect = Effect(town.effect)
    if year in certified:
        return _of(child, "sheet", label, Standing.DONE, effect, "")
    if year - 1 in certified:
        return _of(child, "sheet", label, Standing.EXPIRED, effect, _("à confirmer pour cette année scolaire"))
    return _of(child, "sheet", label, Standing.MISSING, effect, _("à remplir, carnet de santé en main"))


_STANDINGS = {
    DocumentState.SENT: Standing.SENT,
    DocumentState.ACCEPTED: Standing.DONE,
    DocumentState.REFUSED: Standing.REFUSED,
}


def _booklet(child: Child, document: HealthDocument | None, year: int, effect: Effect) -> Requirement:
    """Asked each school year (guide 003): vaccines go on."""
    label = _("Carnet de vaccination de %(name)s") % {"name": child.first_name}
    if document is None:
        return _of(child, "booklet", label, Standing.MISSING, effect, _("photo des pages de vaccination"))
    standing = _STANDINGS[DocumentState(document.state)]
    if standing == Standing.DONE and document.school_year < year:
        return _of(child, "booklet", label, Standing.EXPIRED, effect, _("à renvoyer chaque année scolaire"))
    return _of(child, "booklet", label, standing, effect, "")


def _care_plan(child: Child, document: HealthDocument | None, asked: Asked) -> Iterator[Requirement]:
    """Only for a child who has one; the words do not say what it is about."""
    if document is None:
        return
    label = _("Document de santé de %(name)s") % {"name": child.first_name}
    if document.valid_until is not None and document.valid_until < paris_date(asked.at):
        yield _of(child, "care_plan", label, Standing.EXPIRED, Effect.INFORMS, _("à renouveler"))
        return
    standing = _STANDINGS[DocumentState(document.state)]
    yield _of(child, "care_plan", label, standing, Effect.INFORMS, "")
