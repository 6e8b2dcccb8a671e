"""The agents' door reaches people through `portal.backoffice.scoping`: who looks beside it says why here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model
from wagtail_modeladmin.options import ModelAdmin

from config.places import ROOT
from portal.backoffice import scoping
from portal.backoffice.desk.registry import queues
from portal.backoffice.desk.sources import RowQueue
from portal.backoffice.screens.base import PortalModelAdmin

pytestmark = pytest.mark.exigence("B43")

#: Doors for agents. What loads a profile or writes the sample town has no agent before it.
DOORS = ("portal/backoffice/desk", "portal/backoffice/screens", "portal/backoffice/parts/family_file.py")
PEOPLE = ("families.family", "families.child", "families.adult", "families.schooling", "bookings.receipt")

MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}

FAMILY_GIVEN = "de la famille déjà ouverte par family_for"
SEEN_ROW = "l’objet vient de _rows, ou est réduit par _seen ou Within dans la même fonction"
THEN_CHECKED = "le verbe relit l’objet que le panneau vient de montrer"

#: Module, function and model of each direct query, and why it shows nothing of elsewhere.
ALLOWED = {
    ("desk/areas/changes.py", "_awaiting", "ChangeRequest"): SEEN_ROW,
    ("desk/areas/changes.py", "_find", "ChangeRequest"): SEEN_ROW,
    ("desk/areas/changes.py", "_get", "ChangeRequest"): THEN_CHECKED,
    ("desk/areas/changes.py", "people_section", "FamilyMember"): FAMILY_GIVEN,
    ("desk/areas/changes.py", "people_section", "ChildLink"): SEEN_ROW,
    ("desk/areas/changes.py", "people_section", "Child"): FAMILY_GIVEN + " ; les autres sont par leur seul nom",
    ("desk/areas/changes.py", "people_section", "ChangeRequest"): FAMILY_GIVEN + " ; un nombre",
    ("desk/areas/contacts.py", "__init__", "Adult"): "les adultes des foyers de ses enfants",
    ("desk/areas/contacts.py", "JudgementForm", "Adult"): "aucun",
    ("desk/areas/contacts.py", "JudgementForm", "Child"): "aucun",
    ("desk/areas/contacts.py", "_context", "Kinship"): "des enfants de children_of_file",
    ("desk/areas/contacts.py", "_press", "ContactLink"): SEEN_ROW,
    ("desk/areas/contacts.py", "_press", "Kinship"): "des enfants de children_of_file",
    ("desk/areas/custody.py", "_awaiting", "Custody"): SEEN_ROW,
    ("desk/areas/custody.py", "_section", "Custody"): SEEN_ROW,
    ("desk/areas/custody.py", "judgement", "Custody"): SEEN_ROW,
    ("desk/areas/entries.py", "accept", "Family"): "une première demande n’est que pour qui voit toute la commune",
    ("desk/areas/entries.py", "_awaiting", "FirstContact"): SEEN_ROW,
    ("desk/areas/entries.py", "_mentioning", "FirstContact"): "une condition sur des lignes déjà réduites",
    ("desk/areas/entries.py", "_awaiting", "Registration"): SEEN_ROW,
    ("desk/areas/entries.py", "_access", "Invitation"): FAMILY_GIVEN,
    ("desk/areas/health.py", "_awaiting", "HealthDocument"): SEEN_ROW,
    ("desk/areas/health.py", "page", "HealthFile"): SEEN_ROW,
    ("desk/areas/health.py", "sheet", "HealthReading"): "de l’enfant de children_for",
    ("desk/areas/household.py", "holder", "ChildLink"): FAMILY_GIVEN,
    ("desk/areas/household.py", "holder", "FamilyMember"): FAMILY_GIVEN,
    ("desk/areas/household.py", "adults_of", "FamilyMember"): FAMILY_GIVEN,
    ("desk/areas/household.py", "_not_holders", "FamilyMember"): FAMILY_GIVEN,
    ("desk/areas/household.py", "children_of", "ChildLink"): FAMILY_GIVEN + " ; Act.people et only_seen en retirent",
    ("desk/areas/inviting.py", "without_account", "FamilyMember"): FAMILY_GIVEN,
    ("desk/areas/papers.py", "_unblocks", "Enrolment"): SEEN_ROW,
    ("desk/areas/privacy.py", "_told", "Family"): "les dossiers des lignes de _rows",
    ("desk/areas/privacy.py", "panel", "Family"): "le dossier d’une ligne de _rows",
    ("desk/areas/privacy.py", "_awaiting", "ErasureRequest"): SEEN_ROW,
    ("desk/areas/privacy.py", "section", "ErasureRequest"): FAMILY_GIVEN,
    ("desk/areas/quotients.py", "_awaiting", "Quotient"): SEEN_ROW,
    ("desk/areas/pricing.py", "AidForm", "Child"): "aucun",
    ("desk/areas/pricing.py", "MembershipForm", "Child"): "aucun",
    ("desk/areas/pricing.py", "_recorded", "AidGrant"): FAMILY_GIVEN + " ; des enfants de children_of_file",
    ("desk/areas/pricing.py", "_recorded", "HouseholdFigures"): FAMILY_GIVEN,
    ("desk/areas/pricing.py", "_recorded", "Membership"): FAMILY_GIVEN + " ; des enfants de children_of_file",
    ("desk/areas/pricing.py", "_recorded", "ResidenceRuling"): FAMILY_GIVEN,
    ("desk/areas/recording.py", "PaperRecordForm", "Child"): "aucun",
    ("desk/areas/yearly.py", "_awaiting", "YearlyUpdate"): SEEN_ROW,
    ("desk/areas/yearly.py", "_find", "YearlyUpdate"): SEEN_ROW,
    ("desk/areas/yearly.py", "panel", "Child"): "d’une actualisation de _find, qui porte sur tout le dossier",
    ("desk/areas/yearly.py", "_section", "YearlyUpdate"): FAMILY_GIVEN,
    ("desk/areas/yearly.py", "_section", "Certification"): FAMILY_GIVEN,
    ("desk/family.py", "file", "Procedure"): SEEN_ROW,
    ("desk/listing.py", "_due_days", "Procedure"): "le jour promis pour les lignes déjà réduites",
    ("desk/sources.py", "_in_school", "Schooling"): "une condition sur des lignes déjà réduites",
    ("desk/sources.py", "_taken", "RequestAssignment"): "une condition sur des lignes déjà réduites",
    ("desk/sources.py", "_due", "Procedure"): "une condition sur des lignes déjà réduites",
    ("screens/families.py", "_memberships", "FamilyMember"): SEEN_ROW,
    ("screens/journal.py", "search_queryset", "Family"): "une condition sur des lignes déjà réduites",
    ("screens/journal.py", "get_queryset", "Family"): "le numéro du dossier de lignes déjà réduites",
    ("screens/journal.py", "of_family", "Family"): "le dossier d’une ligne déjà réduite",
    ("screens/journal_filters.py", "family", "Family"): "une condition sur des lignes déjà réduites",
    ("screens/journal_file.py", "_readings", "ChildLink"): "le numéro du dossier de lignes déjà réduites",
    ("screens/journal_file.py", "_readings", "HealthReading"): SEEN_ROW,
    ("screens/journal_file.py", "_number", "Family"): "le numéro du dossier de lignes déjà réduites",
}  # fmt: skip


def about_people() -> set[str]:
    """The models that are people, or point to them."""
    named = set()
    for model in apps.get_models():
        points = any(
            field.is_relation and field.related_model in {apps.get_model(name) for name in PEOPLE[:3]}
            for field in model._meta.concrete_fields
        )
        keyed = any(field.name == "family_key" for field in model._meta.concrete_fields)
        if model._meta.label_lower in PEOPLE or points or keyed or model._meta.label_lower == "health.healthfile":
            named.add(model.__name__)
    return named - {"AuditEntry"}


def queries() -> Iterator[tuple[str, str, str]]:
    """Each `Model.objects` and `get_object_or_404(Model, …)` of the doors: module, function (or class), model."""
    people = about_people()
    for door in DOORS:
        path = ROOT / door
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            where = str(file.relative_to(ROOT / "portal/backoffice"))
            yield from ((where, *each) for each in _in(ast.parse(file.read_text()), "", people))


def _in(node: ast.AST, inside: str, people: set[str]) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        name = child.name if isinstance(child, ast.FunctionDef | ast.ClassDef) else inside
        asked: ast.AST | None = None
        if isinstance(child, ast.Attribute) and child.attr in MANAGERS:
            asked = child.value
        elif isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in SHORTCUTS:
            asked = child.args[0]
        if isinstance(asked, ast.Name) and asked.id in people:
            yield name, asked.id
        yield from _in(child, name, people)


def test_people_are_reached_through_the_scope_or_for_a_reason() -> None:
    found = set(queries())
    assert sorted(found - ALLOWED.keys()) == []
    assert sorted(ALLOWED.keys() - found) == []


def test_every_queue_goes_through_the_scope() -> None:
    for source in queues():
        assert isinstance(source, RowQueue), source
        assert type(source)._rows is RowQueue._rows, source
        assert type(source)._seen is RowQueue._seen, source


def screens() -> list[type[ModelAdmin]]:
    def below(kind: type[ModelAdmin]) -> Iterator[type[ModelAdmin]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return [each for each in below(ModelAdmin) if isinstance(getattr(each, "model", None), type(Model))]


def test_every_screen_says_what_its_rows_hang_on() -> None:
    said = {screen.model.__name__: getattr(screen, "scoped_by", None) for screen in screens()}
    assert [name for name, condition in said.items() if condition is None] == []
    assert [screen for screen in screens() if not issubclass(screen, PortalModelAdmin)] == []
    everywhere = {scoping.town_wide, scoping.public_content}
    assert {name for name, condition in said.items() if condition in everywhere} == {
        "AbsenceReason", "AbsenceRule",
        "ActivityType", "CalendarSettings", "DocumentCategory", "LibraryDocument", "LateRule", "ListRule",
        "MembershipKind", "MenuSite", "PublicHoliday", "ResidencePolicy", "School", "SchoolHoliday", "Service",
        "Tariff", "TariffVersion",
    }  # fmt: skip
    assert not {name for name, condition in said.items() if condition in everywhere} & about_people()


def test_the_table_sees_a_query_beside_the_scope(tmp_path: Path) -> None:
    source = "def view(request):\n    get_object_or_404(Family, pk=1)\n    return Child.objects.all()\n"
    assert set(_in(ast.parse(source), "", about_people())) == {("view", "Family"), ("view", "Child")}
