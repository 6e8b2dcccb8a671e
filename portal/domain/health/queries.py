"""Reading health, for those who may; badges for rosters."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.families.models import Child
from portal.domain.health.enums import Diet, DocumentKind, DocumentState, Need, Section
from portal.domain.health.models import HealthDocument, HealthSettings, HealthSheet, VaccineBooklet
from portal.domain.health.rules import SheetContent, SheetState, changed_sections, sheet_state, unanswered
from portal.domain.health.vaccines import Dose, Vaccine, compulsory_vaccines, missing_vaccines, provisional_until
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class VaccineLine:
    vaccine: Vaccine
    dose: Dose

    @property
    def label(self) -> str:
        return self.vaccine.label


@dataclass(frozen=True, slots=True)
class ChildCare:
    """All that is known of a child's health in the school year of a day."""

    child: Child
    year: SchoolYear
    today: date
    state: SheetState
    asked: tuple[str, ...]
    sheet: HealthSheet | None
    last: HealthSheet | None
    vaccines: tuple[VaccineLine, ...]
    vaccines_known: bool
    provisional_until: date | None
    documents: tuple[HealthDocument, ...]
    asks_booklet: bool

    @property
    def answers(self) -> SheetContent:
        """What is in force: certified this year, else what last year leaves to confirm."""
        if self.sheet is not None and self.sheet.certified_at is not None:
            return self.sheet.answers
        return self.last.answers if self.last is not None and self.state != SheetState.TO_FILL else SheetContent()

    @property
    def draft(self) -> SheetContent | None:
        return self.sheet.draft_answers if self.sheet is not None and self.sheet.draft else None

    @property
    def begun(self) -> SheetContent:
        """What the form shows."""
        return self.draft or self.answers

    @property
    def to_answer(self) -> tuple[str, ...]:
        return unanswered(self.begun, self.asked)

    @property
    def changed(self) -> tuple[str, ...]:
        """The sections that differ from last year's."""
        return changed_sections(self.last.answers, self.begun) if self.last is not None else ()

    @property
    def missing_vaccines(self) -> tuple[Vaccine, ...]:
        return tuple(line.vaccine for line in self.vaccines if not line.dose.is_covered)

    def document(self, kind: DocumentKind) -> HealthDocument | None:
        return next((each for each in self.documents if each.kind == kind), None)


def health_settings() -> HealthSettings:
    """The town's row, or what ships."""
    return HealthSettings.objects.order_by("pk").first() or HealthSettings(
        sections=list(Section.values), diets=list(Diet.values)
    )


def last_certified(*, child: Child, before: int) -> HealthSheet | None:
    """The last certified sheet of an earlier school year."""
    sheets = HealthSheet.objects.filter(child=child, school_year__lt=before, certified_at__isnull=False)
    return sheets.order_by("-school_year").first()


def care_of(*, child: Child, at: datetime) -> ChildCare:
    """For one child, in a handful of queries; the caller has asked for the right."""
    today = paris_date(at)
    year = SchoolYear.of(today)
    town = health_settings()
    sheets = {
        sheet.school_year: sheet
        for sheet in HealthSheet.objects.filter(child=child, school_year__in=(year.start - 1, year.start))
        .select_related("certified_by")
        .order_by("school_year")
    }
    sheet, last = sheets.get(year.start), sheets.get(year.start - 1)
    certified = [number for number, each in sheets.items() if each.certified_at is not None]
    booklet = VaccineBooklet.objects.filter(child=child).first()
    doses = doses_from_data(booklet.doses) if booklet is not None else {}
    return ChildCare(
        child=child,
        year=year,
        today=today,
        state=sheet_state(year=year.start, certified=certified, has_draft=bool(sheet and sheet.draft)),
        asked=tuple(town.sections),
        sheet=sheet,
        last=last if last is not None and last.certified_at is not None else None,
        vaccines=tuple(
            VaccineLine(vaccine, doses.get(vaccine, Dose()))
            for vaccine in compulsory_vaccines(born=child.birth_date, on=today)
        ),
        vaccines_known=booklet is not None,
        provisional_until=(
            provisional_until(booklet.provisional_from) if booklet and booklet.provisional_from else None
        ),
        documents=tuple(
            HealthDocument.objects.filter(child=child, removed_at=None)
            .select_related("sent_by")
            .prefetch_related("pages__file")
            .order_by("kind")
        ),
        asks_booklet=town.asks_booklet,
    )


def states_of(children: Collection[Child], *, at: datetime) -> dict[int, SheetState]:
    """Where the sheet of each child is, in one query; nothing sealed is opened."""
    year = SchoolYear.of(paris_date(at)).start
    certified: dict[int, set[int]] = {}
    started: set[int] = set()
    rows = HealthSheet.objects.filter(child__in=children, school_year__in=(year - 1, year))
    for key, school_year, certified_at, draft_at in rows.values_list(
        "child", "school_year", "certified_at", "draft_at"
    ):
        if certified_at is not None:
            certified.setdefault(key, set()).add(school_year)
        if draft_at is not None and school_year == year:
            started.add(key)
    return {
        child.pk: sheet_state(year=year, certified=certified.get(child.pk, set()), has_draft=child.pk in started)
        for child in children
    }


def needs_of(children: Collection[int], *, at: datetime) -> dict[int, tuple[str, ...]]:
    """For rosters: by child, the few words that those who welcome them need; in two queries whatever their number.

    Diet, allergies by name, a PAI in force, a treatment: words and nothing more. The caller holds
    `health.read_healthsheet` and notes its reading.
    """
    today = paris_date(at)
    year = SchoolYear.of(today).start
    words: dict[int, list[str]] = {}
    sheets = HealthSheet.objects.filter(
        child__in=children, school_year__in=(year - 1, year), certified_at__isnull=False
    ).order_by("school_year")
    answers = {sheet.child_id: sheet.answers for sheet in sheets}
    for key, content in answers.items():
        words[key] = list(words_of(content))
    plans = HealthDocument.objects.filter(
        child__in=children, kind=DocumentKind.CARE_PLAN, removed_at=None, state=DocumentState.ACCEPTED
    ).filter(valid_until__gte=today)
    for plan in plans:
        words.setdefault(plan.child_id, []).insert(0, "PAI, repas apporté" if plan.meal_brought else "PAI")
    return {key: tuple(each) for key, each in words.items() if each}


def meals_brought(children: Iterable[int]) -> dict[int, list[DateRange]]:
    """When the family of each of these children (keys) brings its meal, by an accepted care plan; one query.

    A fact of the service, not of health: the plan is neither read nor named.
    """
    found: dict[int, list[DateRange]] = {}
    plans = HealthDocument.objects.filter(
        child__in=list(children),
        kind=DocumentKind.CARE_PLAN,
        removed_at=None,
        state=DocumentState.ACCEPTED,
        meal_brought=True,
    ).order_by("pk")
    for child, year, first, last in plans.values_list("child", "school_year", "valid_from", "valid_until"):
        last = last or SchoolYear(year).last_day
        found.setdefault(child, []).append(DateRange(min(first or SchoolYear(year).first_day, last), last))
    return found


def words_of(content: SheetContent) -> tuple[str, ...]:
    """The badges of a sheet."""
    words = []
    if content.diet and content.diet != Diet.ALL and content.diet in Diet.values:
        words.append(str(Diet(content.diet).label))
    if content.has_allergies:
        named = [content.allergy_food, content.allergy_drug, content.allergy_other]
        words.append("allergie : " + ", ".join(filter(None, named)))
    words += [str(Need(need).label) for need in content.needs if need in Need.values and need != Need.OTHER]
    if content.has_treatment:
        words.append("traitement")
    return tuple(words)


def doses_as_data(doses: Mapping[Vaccine, Dose]) -> dict[str, dict[str, object]]:
    return {
        vaccine.value: {
            "dates": [day.isoformat() for day in sorted(dose.dates)],
            "contraindicated": dose.contraindicated,
        }
        for vaccine, dose in sorted(doses.items())
        if dose.is_covered
    }


def doses_from_data(data: Mapping[str, Mapping[str, object]]) -> dict[Vaccine, Dose]:
    known = {vaccine.value for vaccine in Vaccine}
    doses = {}
    for code, kept in data.items():
        if code in known:
            days = kept.get("dates")
            dates: Sequence[str] = days if isinstance(days, list) else ()
            doses[Vaccine(code)] = Dose(
                tuple(date.fromisoformat(day) for day in dates), bool(kept.get("contraindicated"))
            )
    return doses


def children_missing_vaccines(children: Collection[Child], *, on: date) -> dict[int, date | None]:
    """By child who lacks a vaccine: the end of the provisional admission, None before anything was declared."""
    booklets = {each.child_id: each for each in VaccineBooklet.objects.filter(child__in=children)}
    missing: dict[int, date | None] = {}
    for child in children:
        booklet = booklets.get(child.pk)
        doses = doses_from_data(booklet.doses) if booklet is not None else {}
        if missing_vaccines(born=child.birth_date, on=on, doses=doses):
            start = booklet.provisional_from if booklet is not None else None
            missing[child.pk] = provisional_until(start) if start else None
    return missing
