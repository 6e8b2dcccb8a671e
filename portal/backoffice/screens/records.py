"""What only the domain writes: enrolments, bookings, receipts, mails, the journal. To look at, and mails to resend."""

import json
from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.urls import re_path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail_modeladmin.helpers import ButtonHelper

from portal.backoffice.screens.base import ReadOnlyAdmin, described
from portal.backoffice.screens.families import lines
from portal.backoffice.screens.views import resend_mail_view
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking, Receipt
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.french import amount, full_date, instant, signed_amount, weekday_names
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rules import SECRET_KINDS


class EnrolmentAdmin(ReadOnlyAdmin):
    model = Enrolment
    menu_label = "Inscriptions"
    menu_icon = "edit"
    list_display = ("child", "activity", "family", "state", "starts_on")
    list_filter = ("state", "activity")
    list_select_related = ("child", "activity", "family")
    search_fields = ("child__last_name", "child__first_name", "family__number", "family__name")
    ordering = ("-requested_at",)
    inspect_view_fields = [
        "child", "activity", "family", "state", "starts_on", "ends_on", "pattern_days", "requested_at", "requested_by",
        "decided_at",
    ]  # fmt: skip

    @described("Jours habituels")
    def show_pattern_days(self, enrolment: Enrolment) -> SafeString:
        """The regular week, unit by unit."""
        weeks: dict[str, list[int]] = {}
        for day in enrolment.pattern_days.select_related("unit").order_by("unit__order", "weekday"):
            weeks.setdefault(day.unit.name, []).append(day.weekday)
        return lines([f"{name} : {weekday_names(weekdays)}" for name, weekdays in weeks.items()])


class BookingAdmin(ReadOnlyAdmin):
    model = Booking
    menu_label = "Réservations"
    menu_icon = "tasks"
    list_display = ("day", "child", "unit", "state", "price", "family")
    list_filter = ("state", "unit__activity", "day")
    list_select_related = ("child", "unit__activity", "family")
    search_fields = ("child__last_name", "child__first_name", "family__number")
    ordering = ("-day", "child__last_name")
    inspect_view_fields = [
        "child", "unit", "day", "family", "state", "source", "unit_price", "explanation", "booked_at", "booked_by",
        "cancelled_at", "cancelled_by",
    ]  # fmt: skip

    @described("prix", order="unit_price")
    def price(self, booking: Booking) -> str:
        """The price fixed when it was asked for."""
        return amount(booking.unit_price)

    @described("Prix")
    def show_unit_price(self, booking: Booking) -> str:
        """The price fixed when it was asked for."""
        return amount(booking.unit_price)

    @described("Explication du prix")
    def show_explanation(self, booking: Booking) -> SafeString:
        """The steps that lead to the price."""
        return lines([str(step) for step in booking.explanation])


class ReceiptAdmin(ReadOnlyAdmin):
    model = Receipt
    menu_label = "Reçus"
    menu_icon = "doc-full"
    list_display = ("number", "family", "when", "amount", "sent_to")
    list_select_related = ("family",)
    search_fields = ("number", "code", "family__number", "family__name")
    ordering = ("-at",)
    inspect_view_fields = ["number", "code", "family", "at", "by", "sent_to", "total", "lines", "left_out"]

    @described("validé le", order="at")
    def when(self, receipt: Receipt) -> str:
        """The instant of the validation, in words."""
        return instant(receipt.at)

    @described("total", order="total")
    def amount(self, receipt: Receipt) -> str:
        """The net amount, with its sign."""
        return signed_amount(receipt.total)

    @described("Total")
    def show_total(self, receipt: Receipt) -> str:
        """The net amount, with its sign."""
        return signed_amount(receipt.total)

    @described("Lignes")
    def show_lines(self, receipt: Receipt) -> SafeString:
        """Each change that was validated."""
        return lines(
            [
                f"{full_date(line.day)} : {line.child_name}, {line.label}, {line.get_wish_display()}, "
                f"{signed_amount(line.amount)}"
                for line in receipt.lines.order_by("day", "child_name", "pk")
            ]
        )

    @described("Jours laissés de côté")
    def show_left_out(self, receipt: Receipt) -> str:
        """What could not be validated, as it was told to the family."""
        return pretty(receipt.left_out)


class _MailButtons(ButtonHelper):
    """Adds « Renvoyer » to a mail, when the agent may and the mail can be sent again."""

    def get_buttons_for_obj(self, obj: OutgoingMail, **kwargs: Any) -> list[dict[str, Any]]:
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, **kwargs)
        if self.permission_helper.user_can_resend(self.request.user) and obj.kind not in SECRET_KINDS:
            classes = kwargs.get("classnames_add") or []
            buttons.append(
                {
                    "url": reverse(RESEND_URL_NAME, args=[quote(obj.pk)]),
                    "label": "Renvoyer",
                    "classname": self.finalise_classname(["button-secondary", *classes]),
                    "title": f"Renvoyer le mail n° {obj.pk}",
                }
            )
        return buttons


class _MailPermissions(ReadOnlyAdmin.permission_helper_class):  # type: ignore[misc]  # the package has no types
    """Mails never change; sending one again is a permission of its own."""

    def user_can_resend(self, user: Any) -> bool:
        return bool(user.has_perm("mails.change_outgoingmail"))


RESEND_URL_NAME = "portal_resend_mail"


class OutgoingMailAdmin(ReadOnlyAdmin):
    model = OutgoingMail
    menu_label = "Courriels"
    menu_icon = "mail"
    list_display = ("id", "subject", "recipient", "kind", "state", "written")
    list_filter = ("state", "kind")
    search_fields = ("recipient", "subject", "reference")
    ordering = ("-queued_at", "-pk")
    button_helper_class = _MailButtons
    permission_helper_class = _MailPermissions
    inspect_view_fields = [
        "id", "kind", "recipient", "subject", "text", "reference", "state", "attempts", "queued_at", "next_attempt_at",
        "sent_at", "last_error",
    ]  # fmt: skip

    @described("écrit le", order="queued_at")
    def written(self, mail: OutgoingMail) -> str:
        """The instant it was written, in words."""
        return instant(mail.queued_at)

    @described("Texte")
    def show_text(self, mail: OutgoingMail) -> str | SafeString:
        """The text as it left; that of a mail with a personal link stays between the portal and the family."""
        if mail.kind in SECRET_KINDS:
            return "Ce mail contient un lien personnel : son texte n’est pas montré."
        return format_html("<pre>{}</pre>", mail.text)

    def get_admin_urls_for_registration(self) -> tuple[Any, ...]:
        """The list, the reading page, and the page that asks before sending again."""
        urls: tuple[Any, ...] = super().get_admin_urls_for_registration()
        return (
            *urls,
            re_path(
                rf"^{self.url_helper.base_url_path}/renvoyer/(?P<mail_id>\d+)/$", self.resend, name=RESEND_URL_NAME
            ),
        )

    def resend(self, request: HttpRequest, mail_id: str) -> HttpResponse:
        """The page that asks, then sends."""
        return resend_mail_view(
            request,
            int(mail_id),
            index_url=self.url_helper.index_url,
            allowed=self.permission_helper.user_can_resend(request.user),
        )


class AuditEntryAdmin(ReadOnlyAdmin):
    model = AuditEntry
    menu_label = "Journal"
    menu_icon = "history"
    list_display = ("when", "by", "verb", "target", "target_key", "family_key")
    list_filter = ("verb", "target")
    list_select_related = ("by",)
    search_fields = ("verb", "target", "target_key", "by__username")
    ordering = ("-at", "-pk")
    inspect_view_fields = ["at", "by", "verb", "target", "target_key", "family_key", "before", "after"]

    @described("quand", order="at")
    def when(self, entry: AuditEntry) -> str:
        """The instant, in words."""
        return instant(entry.at)

    @described("Avant")
    def show_before(self, entry: AuditEntry) -> SafeString:
        """The values before the change."""
        return format_html("<pre>{}</pre>", pretty(entry.before))

    @described("Après")
    def show_after(self, entry: AuditEntry) -> SafeString:
        """The values after the change."""
        return format_html("<pre>{}</pre>", pretty(entry.after))


def pretty(value: Any) -> str:
    """JSON laid out to be read; nothing for nothing."""
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
