"""The outbox: what was sent to whom, and « Renvoyer »."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin import messages
from wagtail_modeladmin.views import InstanceSpecificView

from portal.backoffice.scoping import mails_within
from portal.backoffice.screens.base import PortalButtons, ReadOnlyAdmin
from portal.backoffice.screens.permissions import ReadOnlyPermissions
from portal.backoffice.screens.reading import KnownInstance, column, detail, on_the_clock
from portal.domain.accounts.models import User
from portal.domain.kernel.french import typography
from portal.domain.mails.enums import MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rules import SECRET_KINDS
from portal.domain.mails.services import NotResendable, resend_mail

_PERSONAL_LINK = "Ce mail contient un lien personnel : la famille en demande un nouveau depuis le portail."


class MailPermissions(ReadOnlyPermissions):
    """A mail never changes; sending it again asks for the permission to change it."""

    def user_can_resend(self, user: User) -> bool:
        """Whether the agent may send mails again."""
        return bool(self.user_has_specific_permission(user, self.get_perm_codename("change")))


class MailButtons(PortalButtons):
    """Adds « Renvoyer » where it would do something."""

    def get_buttons_for_obj(self, obj: OutgoingMail, **kwargs: Any) -> list[dict[str, Any]]:
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, **kwargs)
        waits = obj.state == MailState.QUEUED
        if waits or obj.kind in SECRET_KINDS or not self.permission_helper.user_can_resend(self.request.user):
            return buttons
        classes = [*self.edit_button_classnames, *(kwargs.get("classnames_add") or [])]
        return [
            *buttons,
            {
                "url": self.url_helper.get_action_url("renvoyer", quote(obj.pk)),
                "label": "Renvoyer",
                "classname": self.finalise_classname(classes),
                "title": typography(f"Renvoyer le mail n° {obj.pk}"),
            },
        ]


class ResendView(KnownInstance, InstanceSpecificView):
    """Asks, then sends a mail again: one call of the domain, which also writes the journal."""

    page_title = "Renvoyer"

    def check_action_permitted(self, user: User) -> bool:
        return bool(self.permission_helper.user_can_resend(user))

    def get_template_names(self) -> list[str]:
        return ["backoffice/screens/resend_mail.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(secret=self.instance.kind in SECRET_KINDS, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send, say what happens, go back to the list."""
        try:
            again = resend_mail(mail=self.instance.pk, by=request.user, at=timezone.now())
        except NotResendable:
            messages.error(request, typography(_PERSONAL_LINK))
        else:
            messages.success(request, typography(f"Le mail n° {again.pk} part à {again.recipient}."))
        return redirect(self.index_url)


class OutgoingMailAdmin(ReadOnlyAdmin):
    model = OutgoingMail
    menu_label = "Courriels"
    menu_icon = "mail"
    menu_order = 160
    base_url_path = "courriels"
    scoped_by = staticmethod(mails_within)
    list_display = ("number", "subject", "recipient", "kind", "state", "written", "left")
    list_filter = ("state", "kind")
    search_fields = ("id", "recipient", "subject", "reference")
    ordering = ("-pk",)
    list_display_add_buttons = "subject"
    button_helper_class = MailButtons
    permission_helper_class = MailPermissions
    inspect_view_fields = (
        "number",
        "kind",
        "recipient",
        "subject",
        "body",
        "reference",
        "state",
        "attempts",
        "queued_at",
        "next_attempt_at",
        "sent_at",
        "last_error",
    )

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Also the page that asks before sending again."""
        action = re_path(
            self.url_helper.get_action_url_pattern("renvoyer"),
            self.resend,
            name=self.url_helper.get_action_url_name("renvoyer"),
        )
        return (*super().get_admin_urls_for_registration(), action)

    def resend(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """The view behind « Renvoyer », in modeladmin's manner."""
        response: HttpResponse = ResendView.as_view(model_admin=self, instance_pk=instance_pk)(request)
        return response

    @column("numéro", order="pk")
    def number(self, mail: OutgoingMail) -> int:
        """Its key, printed in its headers."""
        return int(mail.pk)

    @column("écrit le", order="queued_at")
    def written(self, mail: OutgoingMail) -> str:
        """When it was written."""
        return on_the_clock(mail.queued_at)

    @column("envoyé le", order="sent_at")
    def left(self, mail: OutgoingMail) -> str:
        """When it left."""
        return on_the_clock(mail.sent_at)

    @detail("texte")
    def body(self, mail: OutgoingMail, reader: User) -> SafeString | str:
        """The text as it left; a personal link stays between the portal and the family."""
        if mail.kind in SECRET_KINDS:
            return typography("Il contient un lien personnel : il n’est pas montré.")
        return mark_safe(linebreaks(mail.text, autoescape=True))  # noqa: S308  # escaped by linebreaks
