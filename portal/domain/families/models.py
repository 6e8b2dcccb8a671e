"""Families, adults, children, and the links between them, which carry the rights."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from portal.domain.families import scope
from portal.domain.families.enums import AdultRole, HouseholdSituation, Regime, SchoolLevel
from portal.domain.files.models import StoredFile

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


def _families_of(user: "User", path: str) -> Q:
    """Those of the account's person that are not archived; for an agent also the one whose space is open to them."""
    members = FamilyMember.objects.filter(adult__user=user, can_see=True, family__archived_at=None)
    theirs = Q(**{f"{path}__in": members.values("family")})
    if not user.is_staff:
        return theirs
    return theirs | Q(**{f"{path}__in": ActingSession.objects.open_of(user).values("family")})


class FamilyQuerySet(models.QuerySet["Family"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The families in which this account's person may look, and the one for which an agent acts."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(_families_of(user, "pk"), archived_at=None)

    def for_agent(self, agent: "User", *, on: date) -> Self:
        """The families that exist for this agent at the desk on that day (`families.scope`); none for a parent."""
        return self.filter(scope.of_families(agent, "pk", on=on)) if agent.is_staff else self.none()


class Family(models.Model):
    """A dossier: a household known to the town by its number (3 to 6 digits, printed on invoices)."""

    number = models.CharField(
        "numéro de dossier",
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"^\d{3,6}$", "Le numéro de dossier compte de 3 à 6 chiffres.")],
    )
    name = models.CharField("nom", max_length=100)
    contact_email = models.EmailField("adresse mail de contact", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    street = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    address_extra = models.CharField("complément d’adresse", max_length=100, blank=True)
    town = models.CharField("commune", max_length=100, blank=True)
    regime = models.CharField("régime", max_length=5, choices=Regime.choices, blank=True)
    benefit_number = models.CharField("numéro CAF ou MSA", max_length=15, blank=True)
    situation = models.CharField("situation du foyer", max_length=9, choices=HouseholdSituation.choices, blank=True)
    shares_contact = models.BooleanField(
        "l’autre foyer des enfants voit nos coordonnées", default=False
    )  # separated parents: an address is hidden unless its household shows it
    created_at = models.DateTimeField("créé le")
    archived_at = models.DateTimeField("archivé le", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="réuni au dossier",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
    )  # a number printed on an old invoice still leads somewhere

    objects = FamilyQuerySet.as_manager()

    class Meta:
        verbose_name = "famille"
        verbose_name_plural = "familles"
        permissions = [
            ("merge_family", "Peut réunir des doublons"),
            ("archive_family", "Peut archiver un dossier et le rouvrir"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^\d{3,6}$"),
                name="family_number_digits",
                violation_error_message="Le numéro de dossier compte de 3 à 6 chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(archived_at__isnull=False),
                name="family_merged_is_archived",
                violation_error_message="Un dossier réuni à un autre est archivé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Adult(models.Model):
    """A grown-up known to the town, with or without an account."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="adult",
    )  # a purged account leaves the person in the dossier
    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    email = models.EmailField("adresse mail", blank=True)
    phone = models.CharField("téléphone mobile", max_length=20, blank=True)
    other_phone = models.CharField("autre téléphone", max_length=20, blank=True)
    work_phone = models.CharField("téléphone au travail", max_length=20, blank=True)
    profession = models.CharField("profession", max_length=100, blank=True)
    employer = models.CharField("employeur", max_length=100, blank=True)
    photo = models.ForeignKey(
        StoredFile, verbose_name="photo", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # never asked for; its file may go by itself
    merged_into = models.ForeignKey(
        "self",
        verbose_name="réuni à la fiche",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
    )  # recorded twice: the survivor

    class Meta:
        verbose_name = "adulte"
        verbose_name_plural = "adultes"

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class FamilyMember(models.Model):
    """An adult's place in a family, and what it lets them do there."""

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="members"
    )  # a dossier with people in it is archived, not deleted
    adult = models.ForeignKey(Adult, verbose_name="adulte", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField("rôle", max_length=8, choices=AdultRole.choices, default=AdultRole.HOLDER)
    can_see = models.BooleanField("peut consulter", default=True)
    can_edit = models.BooleanField("peut modifier le dossier", default=True)
    can_book = models.BooleanField("peut réserver", default=True)
    can_pay = models.BooleanField("peut payer", default=True)
    is_notified = models.BooleanField("est prévenu", default=True)

    class Meta:
        verbose_name = "membre de la famille"
        verbose_name_plural = "membres de la famille"
        constraints = [
            models.UniqueConstraint(fields=["family", "adult"], name="family_member_once"),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(role=AdultRole.HOLDER),
                name="family_one_holder",
                violation_error_message="Un dossier a un seul responsable.",
            ),
            models.CheckConstraint(
                condition=Q(can_see=True) | Q(can_edit=False, can_book=False, can_pay=False),
                name="family_member_rights_need_sight",
                violation_error_message="Modifier, réserver ou payer suppose de pouvoir consulter.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.adult}, {self.family}"


class ChildQuerySet(models.QuerySet["Child"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The children whom this account's person may see, through any of their families, acted for included."""
        if not user.is_authenticated:
            return self.none()
        links = ChildLink.objects.filter(_families_of(user, "family"), can_see=True)
        return self.filter(pk__in=links.values("child"))

    def for_agent(self, agent: "User", *, on: date) -> Self:
        """The children about whom this agent may read more than a name on that day; none for a parent."""
        return self.filter(scope.of_children(agent, "pk", on=on)) if agent.is_staff else self.none()


class Child(models.Model):
    """A child. Belongs to one or several households through `ChildLink`."""

    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    birth_date = models.DateField("date de naissance")
    photo = models.ForeignKey(
        StoredFile, verbose_name="photo", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # never asked for; its file may go by itself
    merged_into = models.ForeignKey(
        "self",
        verbose_name="réuni à la fiche",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
    )  # recorded twice: the survivor

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name = "enfant"
        verbose_name_plural = "enfants"

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class ChildLink(models.Model):
    """A child's place in a household. The rights are those of the household over this child."""

    family = models.ForeignKey(Family, verbose_name="famille", on_delete=models.PROTECT, related_name="child_links")
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="links")
    order = models.PositiveSmallIntegerField("rang d’affichage", default=0)
    can_see = models.BooleanField("le foyer peut consulter", default=True)
    can_edit = models.BooleanField("le foyer peut modifier", default=True)
    can_book = models.BooleanField("le foyer peut réserver", default=True)
    can_pay = models.BooleanField("le foyer peut payer", default=True)
    is_notified = models.BooleanField("le foyer est prévenu", default=True)

    class Meta:
        verbose_name = "rattachement d’un enfant"
        verbose_name_plural = "rattachements des enfants"
        constraints = [
            models.UniqueConstraint(fields=["family", "child"], name="child_link_once"),
            models.CheckConstraint(
                condition=Q(can_see=True) | Q(can_edit=False, can_book=False, can_pay=False),
                name="child_link_rights_need_sight",
                violation_error_message="Modifier, réserver ou payer suppose de pouvoir consulter.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}, {self.family}"


class School(models.Model):
    """A school of the town or outside it; activities name the schools they serve by `code`."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=150)

    class Meta:
        verbose_name = "école"
        verbose_name_plural = "écoles"

    def __str__(self) -> str:
        return self.name


class Schooling(models.Model):
    """The school and level of a child for one school year (2026 means 2026/2027)."""

    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="schoolings"
    )  # a detail of the child
    school_year = models.PositiveSmallIntegerField("année scolaire")
    school = models.ForeignKey(School, verbose_name="école", on_delete=models.PROTECT, related_name="+")
    level = models.CharField("niveau", max_length=4, choices=SchoolLevel.choices)
    class_name = models.CharField("classe", max_length=60, blank=True)

    class Meta:
        verbose_name = "scolarité"
        verbose_name_plural = "scolarités"
        constraints = [
            models.UniqueConstraint(
                F("child"),
                F("school_year"),
                name="schooling_once_a_year",
                violation_error_message="Cet enfant a déjà une école pour cette année.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}, {self.level} {self.school_year}"


class Registration(models.Model):
    """An account that asks to join a dossier, from the form until the proof; it goes with the account, or once joined.

    Knowing three facts of a dossier opens nothing by itself: the dossier opens to whoever reads a mailbox that
    the town knows, either the account's own, or the contact address through the link kept here as a digest.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="registration"
    )  # a wish without its account is worth nothing
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="registrations"
    )  # somebody is waiting at its door
    contact_email = models.EmailField("adresse mail de contact donnée")
    phone = models.CharField("téléphone", max_length=20, blank=True)
    asked_at = models.DateTimeField("demandé le")
    confirm_digest = models.CharField("empreinte du lien de rattachement", max_length=64, blank=True)
    confirm_until = models.DateTimeField("lien de rattachement valable jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "demande de rattachement"
        verbose_name_plural = "demandes de rattachement"
        constraints = [
            models.UniqueConstraint(
                fields=["confirm_digest"],
                condition=~Q(confirm_digest=""),
                name="registration_confirm_digest_unique",
                violation_error_message="Un lien de rattachement ne sert qu’à une demande.",
            ),
            models.CheckConstraint(
                condition=Q(confirm_digest="", confirm_until=None)
                | (~Q(confirm_digest="") & Q(confirm_until__isnull=False)),
                name="registration_confirmation_has_an_end",
                violation_error_message="Un lien de rattachement a une fin de validité.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.family}"


class ActingSessionQuerySet(models.QuerySet["ActingSession"]):
    def open_of(self, user: "User") -> Self:
        """The one session of this agent that nobody closed yet."""
        return self.filter(agent=user, agent__is_active=True, agent__is_staff=True, ended_at=None)


class ActingSession(models.Model):
    """An agent at work in a family's space, in its name and by their own: at most one at a time, with a reason.

    While it is open the agent reaches the family as its holder would (rules: staff “act as” a family, with trace);
    what they write is signed by them. It ends by itself at `expires_at`.
    """

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="agent", on_delete=models.PROTECT, related_name="acting_sessions"
    )  # who acted is part of the journal
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="acting_sessions"
    )
    reason = models.CharField("motif", max_length=200)
    started_at = models.DateTimeField("ouverte le")
    expires_at = models.DateTimeField("se ferme le")
    ended_at = models.DateTimeField("fermée le", null=True, blank=True)
    viewed_at = models.DateTimeField("portail vu au", null=True, blank=True)  # then nothing may be written

    objects = ActingSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "session au nom d’une famille"
        verbose_name_plural = "sessions au nom de familles"
        permissions = [("act_for_family", "Peut agir pour une famille, avec un motif")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"],
                condition=Q(ended_at=None),
                name="acting_one_open_per_agent",
                violation_error_message="Vous agissez déjà pour une famille : terminez d’abord.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at")),
                name="acting_has_an_end",
                violation_error_message="Une session au nom d’une famille a une fin.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.family}"
