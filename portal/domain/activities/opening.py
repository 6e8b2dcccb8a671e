"""Which days an activity serves, and why not: a calendar loaded once, then pure answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.activities.deadlines import Deadline
from portal.domain.activities.enums import ServiceDays
from portal.domain.activities.late import LatePath
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Refusal, Rule


@dataclass(frozen=True, slots=True)
class Offer:
    """What a unit promises: its days and its deadlines (its own, else those of its activity).

    `weekdays` are ISO. `article` names the règlement that refusals quote.
    """

    unit_id: int
    activity_id: int
    structure_id: int
    starts_on: date
    ends_on: date
    service_days: str
    weekdays: frozenset[int]
    booking: Deadline
    cancellation: Deadline
    article: str = ""
    late: LatePath | None = None

    @property
    def period(self) -> DateRange:
        return DateRange(self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A period without school, both days included."""

    name: str
    days: DateRange


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """Closed days and their reason; of the whole town when neither structure nor activity is given."""

    reason: str
    days: DateRange
    structure_id: int | None = None
    activity_id: int | None = None

    def concerns(self, offer: Offer) -> bool:
        """Whether the closure is the town's, of the offer's structure or of its activity."""
        if self.structure_id is not None:
            return self.structure_id == offer.structure_id
        if self.activity_id is not None:
            return self.activity_id == offer.activity_id
        return True


@dataclass(frozen=True, slots=True)
class ServiceCalendar:
    """Holidays and closures of a range of days (`queries.load_calendar`); also the deadlines' `Calendar`.

    Days outside what was loaded are taken as ordinary days.
    """

    public_holidays: Mapping[date, str] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    closures: tuple[ClosedPeriod, ...] = ()
    _holiday_days: Mapping[date, Holiday] = field(init=False, repr=False, compare=False)
    _closed_days: Mapping[date, tuple[ClosedPeriod, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A month of a planning asks hundreds of times: one look-up per answer.
        holiday_days = {day: holiday for holiday in self.holidays for day in holiday.days.days()}
        closed_days: dict[date, tuple[ClosedPeriod, ...]] = {}
        for closure in self.closures:
            for day in closure.days.days():
                closed_days[day] = (*closed_days.get(day, ()), closure)
        object.__setattr__(self, "_holiday_days", holiday_days)
        object.__setattr__(self, "_closed_days", closed_days)

    # What deadlines ask

    def is_public_holiday(self, day: date) -> bool:
        return day in self.public_holidays

    def is_school_holiday(self, day: date) -> bool:
        return day in self._holiday_days

    def is_closed(self, day: date) -> bool:
        """Closed for the whole town; a closed structure does not stop the calendar of deadlines."""
        return any(
            closure.structure_id is None and closure.activity_id is None for closure in self._closed_days.get(day, ())
        )

    # What plannings ask

    def holiday_on(self, day: date) -> Holiday | None:
        """The school holiday that holds `day`."""
        return self._holiday_days.get(day)

    def serves(self, offer: Offer, day: date) -> bool:
        """Whether `offer` is open on `day`, deadlines apart."""
        return self._why_not(offer, day) is None

    def served_days(self, offer: Offer, days: DateRange) -> Iterator[date]:
        """The days of `days` on which `offer` is open, in order."""
        within = days.intersection(offer.period)
        return (day for day in within.days() if self.serves(offer, day)) if within else iter(())

    def refusal(self, offer: Offer, day: date) -> Refusal | None:
        """Why `offer` is not open on `day`, or None.

        In this order: before its first day, after its last, weekday never served, public holiday, closure,
        school holiday (or, for a holiday activity, a day of term).
        """
        rule = self._why_not(offer, day)
        if rule is None:
            return None
        article = offer.article if rule in (Rule.NOT_OFFERED, Rule.SCHOOL_HOLIDAY, Rule.TERM_TIME) else ""
        return Refusal(rule=rule, sentence=self._sentence(rule, offer, day), article=article)

    def mark(self, offer: Offer, day: date) -> str:
        """Two words for a cell: “férié”, “vacances”, the reason of a closure; nothing when open or never served."""
        match self._why_not(offer, day):
            case Rule.PUBLIC_HOLIDAY:
                return _("férié")
            case Rule.SCHOOL_HOLIDAY:
                return _("vacances")
            case Rule.TERM_TIME:
                return _("école")
            case Rule.CLOSED_DAY:
                return self._reason(offer, day)
            case _:
                return ""

    def _why_not(self, offer: Offer, day: date) -> Rule | None:
        if day < offer.starts_on:
            return Rule.BEFORE_OPENING
        if day > offer.ends_on:
            return Rule.AFTER_END
        if day.isoweekday() not in offer.weekdays:
            return Rule.NOT_OFFERED
        if day in self.public_holidays:
            return Rule.PUBLIC_HOLIDAY
        if any(closure.concerns(offer) for closure in self._closed_days.get(day, ())):
            return Rule.CLOSED_DAY
        holiday = day in self._holiday_days
        if offer.service_days == ServiceDays.SCHOOL and holiday:
            return Rule.SCHOOL_HOLIDAY
        if offer.service_days == ServiceDays.HOLIDAYS and not holiday:
            return Rule.TERM_TIME
        return None

    def _closure(self, offer: Offer, day: date) -> ClosedPeriod:
        return next(closure for closure in self._closed_days[day] if closure.concerns(offer))

    def _reason(self, offer: Offer, day: date) -> str:
        """As an agent typed it, without its full stop."""
        return french.typography(self._closure(offer, day).reason.strip().rstrip("."))

    def _sentence(self, rule: Rule, offer: Offer, day: date) -> str:
        match rule:
            case Rule.BEFORE_OPENING:
                return _("Cette activité est ouverte à partir du %(day)s.") % {
                    "day": language.words().full_date(offer.starts_on)
                }
            case Rule.AFTER_END:
                return _("Cette activité se termine le %(day)s.") % {"day": language.words().full_date(offer.ends_on)}
            case Rule.NOT_OFFERED:
                return _("Cette activité n’a pas lieu le %(weekday)s.") % {
                    "weekday": language.words().weekday_name(day.isoweekday())
                }
            case Rule.PUBLIC_HOLIDAY:
                return _("Le %(day)s est férié\u00a0: %(name)s.") % {
                    "day": language.words().long_date(day),
                    "name": self.public_holidays[day],
                }
            case Rule.CLOSED_DAY:
                closure = self._closure(offer, day)
                return _("Fermé %(days)s\u00a0: %(reason)s.") % {
                    "days": language.words().date_range_year(closure.days.first, closure.days.last),
                    "reason": self._reason(offer, day),
                }
            case Rule.SCHOOL_HOLIDAY:
                holiday = self._holiday_days[day]
                return _("%(name)s, %(days)s\u00a0: cette activité a lieu les jours d’école.") % {
                    "name": holiday.name,
                    "days": language.words().date_range_year(holiday.days.first, holiday.days.last),
                }
            case _:
                return _("Cette activité a lieu pendant les vacances scolaires, pas les jours d’école.")
