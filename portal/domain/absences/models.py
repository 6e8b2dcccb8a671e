"""What the town accepts, what families declared, and what each declared day costs in the end."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.domain.absences.enums import OPEN_STATES, AbsenceState, Cause, Certificate, Outcome, Per
from portal.domain.absences.rules import Effect, Terms
from portal.domain.activities.models import Activity, ActivityType
from portal.domain.bookings.models import Booking
from portal.domain.families.models import Child, Family
from portal.domain.files.models import StoredFile

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

#: Beyond a school term an absence is spoken about with the service.
MOST_DELAY = 92


class AbsenceReason(models.Model):
    """Why a child does not come, in the town's words; never what they suffer from."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("motif", max_length=80)
    needs_certificate = models.BooleanField("demande un justificatif", default=True)
    certificate_name = models.CharField("nom du justificatif", max_length=80, default="justificatif")
    needs_words = models.BooleanField("demande une précision", default=False)
    skips_carence = models.BooleanField("sans carence", default=False)
    order = models.PositiveSmallIntegerField("rang", default=0)
    is_offered = models.BooleanField("proposé", default=True)

    class Meta:
        verbose_name = "motif d’absence"
        verbose_name_plural = "motifs d’absence"

    def __str__(self) -> str:
        return self.name


class AbsenceRule(models.Model):
    """How absences count for a type of activity, or for one activity, which then ignores its type's rule.

    Delays are days after a day of absence. Nothing is declared on line where there is no rule, or a closed one.
    """

    type = models.OneToOneField(
        ActivityType,
        verbose_name="type d’activité",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="absence_rule",
    )  # says nothing without what it is about
    activity = models.OneToOneField(
        Activity, verbose_name="activité", on_delete=models.CASCADE, null=True, blank=True, related_name="absence_rule"
    )
    is_open = models.BooleanField("les familles déclarent en ligne", default=True)
    declare_days = models.PositiveSmallIntegerField(
        "jours pour déclarer, après le jour d’absence", default=2, validators=[MaxValueValidator(MOST_DELAY)]
    )
    certificate = models.CharField(
        "justificatif", max_length=9, choices=Certificate.choices, default=Certificate.BY_REASON
    )
    certificate_days = models.PositiveSmallIntegerField(
        "jours pour envoyer le justificatif, après le premier jour d’absence",
        default=8,
        validators=[MaxValueValidator(MOST_DELAY)],
    )
    carence_days = models.PositiveSmallIntegerField("premiers jours facturés (carence)", default=0)
    most_days = models.PositiveSmallIntegerField(
        "jours non facturés au plus", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    per = models.CharField("ce maximum compte", max_length=5, choices=Per.choices, default=Per.YEAR)
    charged_percent = models.PositiveSmallIntegerField(
        "part du prix qui reste facturée, en %", default=0, validators=[MaxValueValidator(99)]
    )
    is_automatic = models.BooleanField("acceptée d’office quand aucun justificatif n’est demandé", default=False)

    class Meta:
        verbose_name = "règle d’absence"
        verbose_name_plural = "règles d’absence"
        constraints = [
            models.CheckConstraint(
                condition=Q(type__isnull=True, activity__isnull=False) | Q(type__isnull=False, activity__isnull=True),
                name="absence_rule_one_scope",
                violation_error_message="Choisissez un type d’activité ou une activité, l’un des deux.",
            ),
            models.CheckConstraint(
                condition=Q(charged_percent__lte=99),
                name="absence_rule_percent",
                violation_error_message="La part qui reste facturée va de 0 à 99 %.",
            ),
            models.CheckConstraint(
                condition=Q(most_days__isnull=True) | Q(most_days__gte=1),
                name="absence_rule_most",
                violation_error_message="Le maximum compte au moins un jour ; sans maximum, laissez vide.",
            ),
            models.CheckConstraint(
                condition=Q(declare_days__lte=MOST_DELAY, certificate_days__lte=MOST_DELAY),
                name="absence_rule_delays",
                violation_error_message=f"Un délai compte {MOST_DELAY} jours au plus.",
            ),
        ]

    def __str__(self) -> str:
        return f"absences, {self.activity or self.type}"

    @property
    def terms(self) -> Terms:
        """What it does to prices."""
        return Terms(carence=self.carence_days, most=self.most_days, per=self.per, percent=self.charged_percent)

    def asks_certificate(self, reason: AbsenceReason) -> bool:
        """Whether an absence of that reason needs a certificate."""
        if self.certificate == Certificate.BY_REASON:
            return reason.needs_certificate
        return self.certificate == Certificate.ALWAYS


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Declared by a household of this account's person, about a child whom they may see.

        The other household of the child sees nothing: the reason is the declaring parent's to tell.
        """
        return self.filter(
            family__in=Family.objects.visible_to(user).values("pk"),
            child__in=Child.objects.visible_to(user).values("pk"),
        )

    def waiting(self) -> Self:
        return self.filter(state=AbsenceState.SENT)


class Absence(models.Model):
    """One declaration: a child, a period, the days taken from the books. `version` grows with every change.

    `terms` are the rules in force when it was declared, by activity: those that were shown to the family.
    """

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="absences"
    )  # evidence of what was charged
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="absences")
    reason = models.ForeignKey(
        AbsenceReason, verbose_name="motif", on_delete=models.PROTECT, null=True, blank=True, related_name="absences"
    )  # emptied with the certificate
    words = models.CharField("précision de la famille", max_length=200, blank=True)
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")
    state = models.CharField("état", max_length=9, choices=AbsenceState.choices)
    version = models.PositiveIntegerField("version", default=1)
    terms = models.JSONField("règles appliquées", default=dict)
    certificate_due = models.DateField("justificatif attendu jusqu’au", null=True, blank=True)
    is_late = models.BooleanField("hors délai", default=False)
    late_reason = models.CharField("motif de l’acceptation hors délai", max_length=300, blank=True)
    declared_at = models.DateTimeField("déclarée le")
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="déclarée par", on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField("transmise le", null=True, blank=True)
    answer = models.CharField("réponse du service", max_length=300, blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="décidée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    forgotten_at = models.DateTimeField("justificatif effacé le", null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "absence"
        verbose_name_plural = "absences"
        permissions = [
            ("decide_absence", "Peut lire les justificatifs d’absence et décider"),
            ("list_absence", "Peut voir qui est absent un jour donné"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="absence_days_in_order",
                violation_error_message="Le dernier jour suit le premier.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AbsenceState.ACCEPTED, AbsenceState.REFUSED, AbsenceState.LAPSED])
                | Q(decided_at__isnull=False),
                name="absence_decided_has_a_date",
                violation_error_message="Une décision porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AbsenceState.REFUSED, AbsenceState.ASKED]) | ~Q(answer=""),
                name="absence_no_has_reason",
                violation_error_message="Un refus ou une demande de complément a son motif.",
            ),
            models.CheckConstraint(
                condition=~Q(state=AbsenceState.SENT) | Q(sent_at__isnull=False),
                name="absence_sent_has_a_date",
                violation_error_message="Une absence transmise porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state=AbsenceState.ACCEPTED, is_late=True) | ~Q(late_reason=""),
                name="absence_late_has_reason",
                violation_error_message="Accepter hors délai demande un motif.",
            ),
        ]
        indexes = [
            models.Index(fields=["family", "-declared_at"], name="absence_family"),
            models.Index(fields=["child", "first_day"], name="absence_child"),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="absence_waiting"),
            models.Index(fields=["certificate_due"], condition=Q(state__in=["expected", "asked"]), name="absence_due"),
        ]

    def __str__(self) -> str:
        return f"absence de {self.child}, {self.first_day:%d/%m/%Y}"

    @property
    def is_open(self) -> bool:
        """Nobody has answered yet."""
        return self.state in OPEN_STATES

    def terms_of(self) -> dict[int, Terms]:
        """The rules kept with the declaration, by activity."""
        return {int(activity): Terms.from_data(data) for activity, data in self.terms.items()}


class AbsenceFile(models.Model):
    """A page of a certificate, in the order in which it is read."""

    absence = models.ForeignKey(
        Absence, verbose_name="absence", on_delete=models.CASCADE, related_name="files"
    )  # nothing without it
    file = models.OneToOneField(
        StoredFile, verbose_name="fichier", on_delete=models.PROTECT, related_name="+"
    )  # erased by the verb that erases the certificate
    order = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "justificatif d’absence"
        verbose_name_plural = "justificatifs d’absence"

    def __str__(self) -> str:
        return str(self.file)


class AbsenceDayQuerySet(models.QuerySet["AbsenceDay"]):
    def in_force(self) -> Self:
        """Those that speak of their booking: under way or decided, not withdrawn."""
        return self.filter(holds=True)

    def decided(self) -> Self:
        """Those whose effect on the price is known: what billing reads."""
        return self.in_force().exclude(outcome="")


class AbsenceDay(models.Model):
    """One booking of a declaration and, once decided, what it costs in the end.

    `holds`: it speaks of its booking, one at most does; a declaration withdrawn lets go of its days. `amount` is what
    is charged, in euros; `explanation` French sentences.
    """

    absence = models.ForeignKey(
        Absence, verbose_name="absence", on_delete=models.CASCADE, related_name="days"
    )  # nothing without it
    booking = models.ForeignKey(
        Booking, verbose_name="réservation", on_delete=models.CASCADE, related_name="absence_days"
    )  # forgotten with its booking, ten years later
    holds = models.BooleanField("en vigueur", default=True)
    outcome = models.CharField("effet", max_length=8, choices=Outcome.choices, blank=True)
    cause = models.CharField("cause", max_length=9, choices=Cause.choices, blank=True)
    amount = models.DecimalField("montant facturé", max_digits=8, decimal_places=2, null=True, blank=True)
    explanation = models.JSONField("explication", default=list, blank=True)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)

    objects = AbsenceDayQuerySet.as_manager()

    class Meta:
        verbose_name = "jour d’absence"
        verbose_name_plural = "jours d’absence"
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(holds=True),
                name="absence_day_once_per_booking",
                violation_error_message="Une absence est déjà déclarée pour ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", cause="", amount__isnull=True, decided_at__isnull=True)
                | (~Q(outcome="") & ~Q(cause="") & Q(amount__isnull=False, amount__gte=0, decided_at__isnull=False)),
                name="absence_day_effect_is_whole",
                violation_error_message="Un effet a son montant, sa cause et sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=[Outcome.FREE, Outcome.VOID]) | Q(amount=0),
                name="absence_day_free_costs_nothing",
                violation_error_message="Un jour non facturé ne coûte rien.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absence}, {self.booking_id}"

    def apply(self, effect: Effect, *, at: Any) -> None:
        """Take an effect, in memory."""
        self.outcome, self.cause, self.amount = effect.outcome, effect.cause, effect.amount
        self.explanation, self.decided_at = list(effect.explanation), at

    def forget_effect(self) -> None:
        """As before any decision, in memory."""
        self.outcome, self.cause, self.amount, self.explanation, self.decided_at = "", "", None, [], None

    @property
    def day(self) -> date:
        return self.booking.day


class CertificateReading(models.Model):
    """An agent looked at the certificate of a declaration. The family sees it."""

    absence = models.ForeignKey(
        Absence, verbose_name="absence", on_delete=models.CASCADE, related_name="readings"
    )  # nothing without it
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="agent", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("lu le")

    class Meta:
        verbose_name = "lecture d’un justificatif"
        verbose_name_plural = "lectures de justificatifs"
        indexes = [models.Index(fields=["absence", "-at"], name="certificate_reading")]

    def __str__(self) -> str:
        return f"{self.agent}, {self.at:%d/%m/%Y}"
