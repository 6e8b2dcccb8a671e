"""Screens that call a verb of the domain instead of saving a form."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin import messages

from portal.backoffice.screens.base import AuditedEditView
from portal.domain.activities.models import PlacePool
from portal.domain.bookings.capacity import CapacityTooLow, set_capacity
from portal.domain.kernel.french import typography
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rules import SECRET_KINDS
from portal.domain.mails.services import NotResendable, resend_mail


class CapacityEditView(AuditedEditView):
    """A pool whose capacity also lies in the days that were already asked for."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        wanted = form.cleaned_data["capacity"]
        try:
            with transaction.atomic():
                set_capacity(
                    pool=PlacePool.objects.get(pk=self.instance.pk),
                    capacity=wanted,
                    by=self.request.user,
                    at=timezone.now(),
                )
                return super().form_valid(form)
        except CapacityTooLow as error:
            form.add_error("capacity", str(error))
            return self.form_invalid(form)


def resend_mail_view(request: HttpRequest, mail_id: int, *, index_url: str, allowed: bool) -> HttpResponse:
    """Ask, then send a mail again. A mail that holds a personal link is never sent twice."""
    if not allowed:
        raise PermissionDenied
    mail = get_object_or_404(OutgoingMail, pk=mail_id)
    if request.method == "POST":
        try:
            again = resend_mail(mail=mail.pk, by=request.user, at=timezone.now())
        except NotResendable:
            messages.error(
                request,
                typography("Ce mail contient un lien personnel : la famille en demande un nouveau depuis le portail."),
            )
        else:
            messages.success(
                request, typography(f"Le mail n° {again.pk} partira dans la minute, à {again.recipient}.")
            )
        return redirect(index_url)
    return TemplateResponse(
        request,
        "backoffice/resend_mail.html",
        {"mail": mail, "index_url": index_url, "resendable": mail.kind not in SECRET_KINDS},
    )
