"""Families as agents look them up. Changing a dossier belongs to its own screens, not to these."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from portal.backoffice.screens.base import PortalModelAdmin, ReadOnlyAdmin, described
from portal.domain.families.models import Adult, Child, Family, School
from portal.domain.kernel.french import full_date


def lines(items: list[str]) -> SafeString:
    """Several values, one under the other."""
    return format_html_join("", "{}<br>", ((item,) for item in items))


class FamilyAdmin(ReadOnlyAdmin):
    model = Family
    menu_label = "Familles"
    menu_icon = "group"
    list_display = ("number", "name", "contact_email", "phone", "town", "children")
    list_filter = ("town",)
    search_fields = ("number", "name", "contact_email", "members__adult__last_name", "child_links__child__first_name")
    ordering = ("name", "number")
    inspect_view_fields = [
        "number", "name", "contact_email", "phone", "street", "postcode", "town", "members", "child_links",
        "created_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Family]:
        found: QuerySet[Family] = super().get_queryset(request).annotate(child_count=Count("child_links"))
        return found

    @described("enfants", order="child_count")
    def children(self, family: Any) -> int:
        """How many children are linked to the dossier."""
        return int(family.child_count)

    @described("Adultes")
    def show_members(self, family: Family) -> SafeString:
        """Each adult, their role, and whether they have an account."""
        members = family.members.select_related("adult__user").order_by("role", "pk")
        return lines(
            [
                f"{member.adult}, {member.get_role_display()}, {_account(member.adult)}, "
                f"{member.adult.phone or 'sans téléphone'}"
                for member in members
            ]
        )

    @described("Enfants")
    def show_child_links(self, family: Family) -> SafeString:
        """Each child with its birth date."""
        links = family.child_links.select_related("child").order_by("order", "pk")
        return lines([f"{link.child}, né(e) le {full_date(link.child.birth_date)}" for link in links])


def _account(adult: Adult) -> str:
    if adult.user is None:
        return "sans compte"
    return f"compte « {adult.user.username} »" if adult.user.is_active else "compte à activer"


class AdultAdmin(ReadOnlyAdmin):
    model = Adult
    menu_label = "Adultes"
    menu_icon = "user"
    list_display = ("last_name", "first_name", "email", "phone", "families", "account")
    list_select_related = ("user",)
    search_fields = ("last_name", "first_name", "email", "memberships__family__number")
    ordering = ("last_name", "first_name")
    inspect_view_fields = ["first_name", "last_name", "email", "phone", "memberships", "user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adult]:
        found: QuerySet[Adult] = super().get_queryset(request).prefetch_related("memberships__family")
        return found

    @described("dossiers")
    def families(self, adult: Adult) -> str:
        """The numbers of the dossiers of this person."""
        return ", ".join(member.family.number for member in adult.memberships.all())

    @described("compte")
    def account(self, adult: Adult) -> str:
        """Whether this person may sign in."""
        return _account(adult)

    @described("Dossiers")
    def show_memberships(self, adult: Adult) -> SafeString:
        """Each dossier and the rights this person has in it."""
        named = {"can_see": "consulter", "can_edit": "modifier", "can_book": "réserver", "can_pay": "payer"}
        return lines(
            [
                f"{member.family}, {member.get_role_display()} : "
                + ", ".join(word for right, word in named.items() if getattr(member, right))
                for member in adult.memberships.select_related("family").order_by("pk")
            ]
        )

    @described("Compte")
    def show_user(self, adult: Adult) -> str:
        """Whether this person may sign in."""
        return _account(adult)


class ChildAdmin(ReadOnlyAdmin):
    model = Child
    menu_label = "Enfants"
    menu_icon = "user"
    list_display = ("last_name", "first_name", "birth_date", "families")
    search_fields = ("last_name", "first_name", "links__family__number", "links__family__name")
    ordering = ("last_name", "first_name", "birth_date")
    inspect_view_fields = ["first_name", "last_name", "birth_date", "links", "schoolings", "enrolments"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Child]:
        found: QuerySet[Child] = super().get_queryset(request).prefetch_related("links__family")
        return found

    @described("dossiers")
    def families(self, child: Child) -> str:
        """The numbers of the dossiers of this child."""
        return ", ".join(link.family.number for link in child.links.all())

    @described("Foyers")
    def show_links(self, child: Child) -> SafeString:
        """Each household of the child."""
        return lines([str(link.family) for link in child.links.select_related("family").order_by("pk")])

    @described("Scolarité")
    def show_schoolings(self, child: Child) -> SafeString:
        """School and level, year by year."""
        found = child.schoolings.select_related("school").order_by("-school_year")
        return lines(
            [
                f"{each.school_year}/{each.school_year + 1} : {each.get_level_display()}, {each.school}"
                for each in found
            ]
        )

    @described("Inscriptions")
    def show_enrolments(self, child: Child) -> SafeString:
        """Each enrolment and its state."""
        found = child.enrolments.select_related("activity").order_by("-starts_on", "pk")
        return lines([f"{each.activity} : {each.get_state_display()}" for each in found])


class SchoolAdmin(PortalModelAdmin):
    model = School
    menu_label = "Écoles"
    menu_icon = "home"
    list_display = ("name", "code")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_enabled = False
