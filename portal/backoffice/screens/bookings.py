"""Enrolments, bookings and receipts: to read. Only the domain writes them."""

from datetime import date
from typing import Any

from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.scoping import Within, is_limited, receipt_lines, receipts_within, today
from portal.backoffice.screens.base import ReadOnlyAdmin
from portal.backoffice.screens.lists import ByName, DayFilter, PastDayFilter
from portal.backoffice.screens.reading import column, detail, lines, on_the_clock, table
from portal.domain.accounts.models import User
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Booking, Receipt
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.weeks import named_weeks
from portal.domain.kernel.french import (
    amount,
    date_range_year,
    full_date,
    long_date,
    short_date,
    signed_amount,
    weekday_names,
)

_PEOPLE = ("child__first_name", "child__last_name", "family__number", "family__name")


class RequestedFilter(PastDayFilter):
    title = "jour de la demande"
    field = "requested_at"


class ValidatedFilter(PastDayFilter):
    title = "jour de la validation"
    field = "at"


class EnrolmentAdmin(ReadOnlyAdmin):
    model = Enrolment
    menu_label = "Inscriptions"
    menu_icon = "edit"
    base_url_path = "inscriptions/inscriptions"
    scoped_by = Within(child="child", structure="activity__structure")
    list_display = ("child", "activity", "family", "state", "period", "requested")
    list_filter = ("state", ("activity", ByName), RequestedFilter)
    list_select_related = ("child", "activity", "family")
    search_fields = (*_PEOPLE, "activity__name")
    ordering = ("-pk",)
    inspect_view_fields = (
        "child",
        "activity",
        "family",
        "state",
        "period",
        "week",
        "requested_at",
        "requested_by",
        "decided_at",
    )

    @column("période", order="starts_on")
    def period(self, enrolment: Enrolment) -> str:
        """From the first to the last day, in words."""
        return date_range_year(enrolment.starts_on, enrolment.ends_on)

    @column("demandée le", order="requested_at")
    def requested(self, enrolment: Enrolment) -> str:
        """The instant of the request."""
        return on_the_clock(enrolment.requested_at)

    @detail("jours habituels")
    def week(self, enrolment: Enrolment, reader: User) -> str:
        """The regular week, unit by unit."""
        first, *later = named_weeks(enrolment)
        said = [f"{name} : {weekday_names(weekdays)}" for name, weekdays in first.units]
        for week in later:
            days = [f"{name} : {weekday_names(weekdays)}" for name, weekdays in week.units] or ["aucun jour"]
            said.append(f"à partir du {full_date(week.starts_on)}, {', '.join(days)}")
        return lines(said)


class BookingAdmin(ReadOnlyAdmin):
    model = Booking
    menu_label = "Réservations"
    menu_icon = "tasks"
    base_url_path = "inscriptions/reservations"
    scoped_by = Within(child="child", structure="unit__activity__structure")
    list_display = ("date", "child", "unit", "state", "price", "family")
    list_filter = (DayFilter, "state", ("unit__activity", ByName))
    list_select_related = ("child", "unit__activity", "family")
    search_fields = _PEOPLE
    ordering = ("-pk",)
    inspect_view_fields = (
        "child",
        "unit",
        "date",
        "family",
        "state",
        "source",
        "price",
        "steps",
        "booked_at",
        "booked_by",
        "cancelled_at",
        "cancelled_by",
    )

    @column("jour", order="day")
    def date(self, booking: Booking) -> str:
        """The service day."""
        return long_date(booking.day)

    @column("prix", order="unit_price")
    def price(self, booking: Booking) -> str:
        """The price fixed when it was asked for."""
        return amount(booking.unit_price)

    @detail("explication du prix")
    def steps(self, booking: Booking, reader: User) -> str:
        """The steps that lead to the price: they tell a quotient, and whether a meal is brought."""
        if not reader.has_perm("quotients.view_quotient"):
            return "visible par les agents qui lisent les quotients"
        return lines(str(step) for step in booking.explanation)


class ReceiptAdmin(ReadOnlyAdmin):
    model = Receipt
    menu_label = "Reçus"
    menu_icon = "doc-full"
    base_url_path = "inscriptions/recus"
    scoped_by = staticmethod(receipts_within)
    list_display = ("number", "family", "validated", "net", "sent_to")
    list_filter = (ValidatedFilter,)
    list_select_related = ("family",)
    search_fields = ("number", "code", "family__number", "family__name", "lines__child_name")
    ordering = ("-pk",)
    inspect_view_fields = ("number", "code", "family", "at", "by", "sent_to", "changes", "net", "fallen")

    @column("validé le", order="at")
    def validated(self, receipt: Receipt) -> str:
        """The instant of the validation."""
        return on_the_clock(receipt.at)

    @column("total", order="total")
    def net(self, receipt: Receipt) -> str:
        """The net amount, with its sign."""
        return signed_amount(receipt.total)

    @detail("lignes")
    def changes(self, receipt: Receipt, reader: User) -> str:
        """Each change that was validated, as it was."""
        return table(
            ("Jour", "Enfant", "Activité", "Changement", "Tarif", "Montant"),
            (
                (
                    short_date(line.day),
                    line.child_name,
                    line.label,
                    line.get_wish_display(),
                    f"{line.tariff_name}, {line.rate_label}",
                    signed_amount(line.amount),
                )
                for line in receipt_lines(reader, today()).filter(receipt=receipt).order_by("pk")
            ),
        )

    @detail("jours laissés de côté")
    def fallen(self, receipt: Receipt, reader: User) -> str:
        """What could not be validated, with the reason told to the family."""
        # These are words, not rows: nothing in them tells the place.
        return lines(_fallen_words(each) for each in receipt.left_out if not is_limited(reader))


def _fallen_words(left_out: dict[str, Any]) -> str:
    day = short_date(date.fromisoformat(left_out["day"]))
    return f"{left_out['child']}, {left_out['label']}, {day}, {Wish(left_out['wish']).label} : {left_out['reason']}"


class BookingsGroup(ModelAdminGroup):
    menu_label = "Inscriptions et réservations"
    menu_icon = "calendar-check"
    menu_order = 120
    items = (EnrolmentAdmin, BookingAdmin, ReceiptAdmin)
