"""Families as agents look them up. Correcting a dossier belongs to the domain's own verbs, which come with part 3."""

from typing import cast

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.scoping import Within, only_seen, today, town_wide
from portal.backoffice.screens.base import PortalModelAdmin, ReadOnlyAdmin
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.reading import column, detail, lines, link, table
from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.families.models import Adult, Child, Family, FamilyMember, School, Schooling
from portal.domain.kernel.french import full_date, plural, typography
from portal.domain.kernel.school_year import SchoolYear

_RIGHTS = {"can_see": "consulter", "can_edit": "modifier", "can_book": "réserver", "can_pay": "payer"}
_HOUSEHOLDS, _ADULTS, _CHILDREN = "familles/dossiers", "familles/adultes", "familles/enfants"


def _asks_for_one(screen: ReadOnlyAdmin, request: HttpRequest) -> bool:
    """Whether somebody looks for something, or opens an object, rather than reads the whole list."""
    return bool(request.GET.get("q")) or request.path != screen.url_helper.index_url


def _memberships(agent: User) -> QuerySet[FamilyMember]:
    """The places of adults in the dossiers that exist for this agent."""
    return FamilyMember.objects.filter(Within(family="family")(agent, today()))


class FamilyAdmin(ReadOnlyAdmin):
    model = Family
    menu_label = "Dossiers"
    menu_icon = "folder-open-inverse"
    base_url_path = _HOUSEHOLDS
    scoped_by = Within(family="pk")
    list_display = ("number", "named", "contact_email", "phone", "town", "children_named")
    list_filter = ("town",)
    search_fields = (
        "number",
        "name",
        "contact_email",
        "phone",
        "members__adult__first_name",
        "members__adult__last_name",
        "child_links__child__first_name",
        "child_links__child__last_name",
    )
    ordering = ("name", "number")
    inspect_view_fields = (
        "number",
        "name",
        "contact_email",
        "phone",
        "address",
        "adults",
        "children",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Family]:
        """Archived dossiers leave the list; a search finds them, marked, and an address opens them."""
        found: QuerySet[Family] = super().get_queryset(request).prefetch_related("child_links__child")
        return found if _asks_for_one(self, request) else found.filter(archived_at=None)

    @column("nom", order="name")
    def named(self, family: Family) -> str:
        """The name, with what tells that nobody acts there any more."""
        return f"{family.name} (archivé)" if family.archived_at else family.name

    @column("enfants")
    def children_named(self, family: Family) -> str:
        """The first names, as the household sees them listed."""
        links = sorted(family.child_links.all(), key=lambda link: (link.order, link.pk))
        return ", ".join(link.child.first_name for link in links)

    @detail("adresse")
    def address(self, family: Family, reader: User) -> str:
        """Street, postcode and town on one line."""
        return ", ".join(filter(None, (family.street, f"{family.postcode} {family.town}".strip())))

    @detail("adultes")
    def adults(self, family: Family, reader: User) -> str:
        """Each adult with what the dossier lets them do."""
        members = family.members.select_related("adult__user").order_by("pk")
        return table(
            ("Nom", "Rôle", "Adresse mail", "Téléphone", "Compte", "Peut"),
            (
                (
                    link(member.adult, reader, _ADULTS),
                    member.get_role_display(),
                    member.adult.email,
                    member.adult.phone,
                    account_of(member.adult),
                    rights_of(member),
                )
                for member in members
            ),
        )

    @detail("enfants")
    def children(self, family: Family, reader: User) -> str:
        """Each child with its schooling of the last year known and what the household may do for it."""
        links = family.child_links.select_related("child").prefetch_related("child__schoolings__school")
        found = list(links.order_by("order", "pk"))
        seen = {child.pk for child in only_seen(reader, [each.child for each in found])}
        return table(
            ("Prénom et nom", "Date de naissance", "École", "Le foyer peut"),
            (
                (
                    link(each.child, reader, _CHILDREN),
                    full_date(each.child.birth_date),
                    _last_school(each.child),
                    rights_of(each),
                )
                if each.child_id in seen
                else (str(each.child), "", "", "")
                for each in found
            ),
        )


def account_of(adult: Adult) -> str:
    """Whether this person may sign in."""
    if adult.user is None:
        return "sans compte"
    return typography(f"compte « {adult.user.username} »") if adult.user.is_active else "compte à activer"


def rights_of(holder: object) -> str:
    """What a member, or a household over a child, may do: “consulter, réserver”."""
    return ", ".join(word for right, word in _RIGHTS.items() if getattr(holder, right)) or "rien"


def _last_school(child: Child) -> str:
    schoolings = sorted(child.schoolings.all(), key=lambda schooling: schooling.school_year)
    return f"{schoolings[-1].level}, {schoolings[-1].school}" if schoolings else ""


class AdultAdmin(ReadOnlyAdmin):
    model = Adult
    menu_label = "Adultes"
    menu_icon = "user"
    base_url_path = _ADULTS
    scoped_by = Within(adult="pk")
    list_display = ("last_name", "first_name", "email", "phone", "dossiers", "account")
    list_select_related = ("user",)
    search_fields = ("last_name", "first_name", "email", "phone", "memberships__family__number")
    ordering = ("last_name", "first_name")
    inspect_view_fields = ("first_name", "last_name", "email", "phone", "households", "account")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adult]:
        """A record that was merged leaves the list."""
        theirs = _memberships(cast(User, request.user)).select_related("family")
        found: QuerySet[Adult] = super().get_queryset(request).prefetch_related(Prefetch("memberships", theirs))
        return found if _asks_for_one(self, request) else found.filter(merged_into=None)

    @column("dossiers")
    def dossiers(self, adult: Adult) -> str:
        """The numbers of this person's dossiers."""
        return ", ".join(sorted(member.family.number for member in adult.memberships.all()))

    @column("compte")
    def account(self, adult: Adult) -> str:
        """Whether this person may sign in."""
        return account_of(adult)

    @detail("dossiers")
    def households(self, adult: Adult, reader: User) -> str:
        """Each dossier and the rights this person has in it."""
        members = _memberships(reader).filter(adult=adult).select_related("family").order_by("pk")
        return table(
            ("Dossier", "Rôle", "Peut"),
            (
                (link(member.family, reader, _HOUSEHOLDS), member.get_role_display(), rights_of(member))
                for member in members
            ),
        )


class ChildAdmin(ReadOnlyAdmin):
    model = Child
    menu_label = "Enfants"
    menu_icon = "user"
    base_url_path = _CHILDREN
    scoped_by = Within(child="pk")
    list_display = ("last_name", "first_name", "born", "dossiers")
    search_fields = ("last_name", "first_name", "links__family__number", "links__family__name")
    ordering = ("last_name", "first_name", "birth_date")
    inspect_view_fields = ("first_name", "last_name", "born", "households", "schools", "enrolled")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Child]:
        """A record that was merged leaves the list."""
        found: QuerySet[Child] = super().get_queryset(request).prefetch_related("links__family")
        return found if _asks_for_one(self, request) else found.filter(merged_into=None)

    @column("date de naissance", order="birth_date")
    def born(self, child: Child) -> str:
        """The birth date, in words."""
        return full_date(child.birth_date)

    @column("dossiers")
    def dossiers(self, child: Child) -> str:
        """The numbers of this child's dossiers."""
        return ", ".join(sorted(each.family.number for each in child.links.all()))

    @detail("foyers")
    def households(self, child: Child, reader: User) -> str:
        """Each household of the child and what it may do for it."""
        links = child.links.select_related("family").order_by("pk")
        return table(
            ("Dossier", "Le foyer peut"),
            ((link(each.family, reader, _HOUSEHOLDS), rights_of(each)) for each in links),
        )

    @detail("scolarité")
    def schools(self, child: Child, reader: User) -> str:
        """School and level, the last year first."""
        found = child.schoolings.select_related("school").order_by("-school_year")
        return lines(
            f"{SchoolYear(each.school_year).label} : {each.get_level_display()}, {each.school}" for each in found
        )

    @detail("inscriptions")
    def enrolled(self, child: Child, reader: User) -> str:
        """Each enrolment and its state, for whoever may read enrolments."""
        if not reader.has_perm("enrolments.view_enrolment"):
            return ""
        found = child.enrolments.filter(Within(structure="activity__structure")(reader, today()))
        found = found.select_related("activity").order_by("-starts_on", "pk")
        return lines(f"{each.activity} : {each.get_state_display()}" for each in found)


class SchoolingAdmin(ReadOnlyAdmin):
    model = Schooling
    menu_label = "Scolarité"
    menu_icon = "list-ul"
    base_url_path = "familles/scolarite"
    scoped_by = Within(child="child")
    list_display = ("child", "year", "level", "school")
    list_filter = (("school", ByName), "level", "school_year")
    list_select_related = ("child", "school")
    search_fields = ("child__last_name", "child__first_name")
    ordering = ("-school_year", "child__last_name", "child__first_name")
    inspect_view_fields = ("child", "year", "level", "school")

    @column("année scolaire", order="school_year")
    def year(self, schooling: Schooling) -> str:
        """“2026/2027”."""
        return str(SchoolYear(schooling.school_year).label)


class SchoolAdmin(PortalModelAdmin):
    model = School
    menu_label = "Écoles"
    menu_icon = "home"
    base_url_path = "familles/ecoles"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "code")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_enabled = False
    panels = (FieldPanel("name"), FieldPanel("code"))

    def why_kept(self, school: School) -> str:
        """Activities name the schools they serve by code, which no constraint of the database watches."""
        used = Activity.objects.filter(school_codes__contains=[school.code]).count()
        return f"{plural(used, 'activité la nomme', 'activités la nomment')}." if used else ""


class FamiliesGroup(ModelAdminGroup):
    menu_label = "Familles"
    menu_icon = "group"
    menu_order = 110
    items = (FamilyAdmin, AdultAdmin, ChildAdmin, SchoolingAdmin, SchoolAdmin)
