from django.db import models
from django.utils.translation import gettext_lazy as _


class AbsenceState(models.TextChoices):
    """Its life. LAPSED: the certificate never came; the days are charged, an agent may still accept it."""

    EXPECTED = "expected", _("justificatif attendu")
    SENT = "sent", _("en cours d’examen")
    ASKED = "asked", _("à compléter")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    LAPSED = "lapsed", _("restée sans justificatif")
    WITHDRAWN = "withdrawn", _("retirée")


#: Nobody has answered yet: the family may withdraw.
OPEN_STATES = frozenset({AbsenceState.EXPECTED, AbsenceState.SENT, AbsenceState.ASKED})
#: The family may still send a certificate.
ATTACHABLE_STATES = frozenset({AbsenceState.EXPECTED, AbsenceState.SENT, AbsenceState.ASKED, AbsenceState.LAPSED})
#: A decision that an agent may take again.
DECIDED_STATES = frozenset({AbsenceState.ACCEPTED, AbsenceState.REFUSED, AbsenceState.LAPSED})


class Certificate(models.TextChoices):
    """Whether a certificate is asked for."""

    NEVER = "never", "jamais"
    BY_REASON = "by_reason", "selon le motif"
    ALWAYS = "always", "toujours"


class Per(models.TextChoices):
    """Over what a maximum counts."""

    YEAR = "year", "par année scolaire"
    MONTH = "month", "par mois"


class Outcome(models.TextChoices):
    """What a declared day costs in the end. VOID: the day was cancelled meanwhile and costs nothing of its own."""

    CHARGED = "charged", _("facturé")
    REDUCED = "reduced", _("facturé en partie")
    FREE = "free", _("non facturé")
    VOID = "void", _("réservation annulée entre-temps")


class Cause(models.TextChoices):
    """Why: a stable code beside the sentences of the explanation."""

    CARENCE = "carence", "carence"
    MAXIMUM = "maximum", "maximum atteint"
    EXCUSED = "excused", "absence acceptée"
    REFUSED = "refused", "absence refusée"
    LAPSED = "lapsed", "sans justificatif"
    CANCELLED = "cancelled", "réservation annulée"
