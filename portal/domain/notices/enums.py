from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """What a notice is about: a person chooses, kind by kind, whether a mail comes with it."""

    PROCEDURE = "procedure", _("vos démarches")
    DOCUMENT = "document", _("vos pièces")
    DOSSIER = "dossier", _("votre dossier")
    BOOKING = "booking", _("vos réservations")
    WAITING = "waiting", _("les listes d’attente et les places proposées")
    CLOSURE = "closure", _("les fermetures")
    DEADLINE = "deadline", _("les échéances")
    REMINDER = "reminder", _("les rappels avant une échéance de réservation")
    SECURITY = "security", _("votre compte")


#: Sent by mail whatever the person prefers: a door that moved, or that will be shut, is always announced; a place is
#: kept for some hours only, for somebody who asked to be told.
ALWAYS_MAILED = frozenset({NoticeKind.SECURITY, NoticeKind.CLOSURE, NoticeKind.WAITING})

#: Left out of the space too when the person says so: they tell nothing that happened.
OPTIONAL = frozenset({NoticeKind.REMINDER})
