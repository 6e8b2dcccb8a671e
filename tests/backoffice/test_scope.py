"""An agent limited to a place: what is elsewhere does not exist, at no address, in no list, file or mail."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.backoffice.desk import actions
from portal.backoffice.desk.digest import send_digests
from portal.backoffice.desk.listing import Desk
from portal.backoffice.desk.registry import Wanted, queues
from portal.backoffice.desk.sources import key_of
from portal.domain.activities.models import Closure
from portal.domain.audit.models import AuditEntry
from portal.domain.desk.models import DeskPreference, RequestNote
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, ChildLink, Family
from portal.domain.mails.models import OutgoingMail
from tests.backoffice.desk import SCREENS, address, is_refused, said, words
from tests.backoffice.halves import NOW, Half, Halves
from tests.consistency.test_every_url import every_pattern
from tests.domain.activities.factories import ActivityFactory, ClosureFactory
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.joining.factories import confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B43")]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.PRIVATE_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def town() -> Halves:
    return Halves()


#: The lines of the queue, by kind. First contacts are of nobody's family: agents of the whole town answer them.
QUEUES: dict[str, Callable[[Half], int]] = {
    "changes": lambda half: half.change.pk,
    "custody": lambda half: half.custody.pk,
    "erasures": lambda half: half.erasure.pk,
    "health": lambda half: half.health.pk,
    "joinings": lambda half: half.joining.pk,
    "papers": lambda half: key_of(half.paper),
    "quotients": lambda half: half.quotient.pk,
    "yearly": lambda half: half.yearly.pk,
}


def lines(half: Half) -> list[tuple[Any, ...]]:
    return [(source, key(half)) for source, key in QUEUES.items()]


def acts(half: Half) -> list[tuple[Any, ...]]:
    return [(half.number, code) for code, act in actions._acts.items() if act.targets is None]


def acts_on_people(half: Half) -> list[tuple[Any, ...]]:
    people = {"inviter": half.guest, "droits-adulte": half.adult}
    people |= {"designer-responsable": half.guest, "retirer-adulte": half.guest}
    people |= {"corriger-adulte": half.adult, "corriger-telephones": half.adult}
    # A decision of an absence is taken again on an absence, not on somebody: its own tests say for whom.
    apart = {"reprendre-absence"}
    codes = [code for code, act in actions._acts.items() if act.targets is not None and code not in apart]
    return [(half.number, code, people.get(code, half.child).pk) for code in codes]


def preview(half: Half) -> list[tuple[Any, ...]]:
    return [("papers", key_of(half.paper), half.paper_file.key)]


#: Every address of the administration that names a family, a child, a request or something of a place.
BY_KEY: dict[str, Callable[[Half], list[tuple[Any, ...]]]] = {
    "desk_family": lambda half: [(half.number,)],
    "desk_act": lambda half: [(half.number,)],
    "desk_act_on": acts,
    "desk_act_on_person": acts_on_people,
    "desk_merge": lambda half: [(half.number,)],
    "desk_contacts": lambda half: [(half.family.pk,)],
    "desk_decide": lines,
    "desk_preview": preview,
    "desk_picture": lambda half: [(*preview(half)[0], 1)],
    "care_sheet": lambda half: [(half.child.pk,)],
    "care_page": lambda half: [(half.page.pk,)],
    "custody_judgement": lambda half: [(half.custody.pk,)],
    "desk_waiting_propose": lambda half: [(half.entry_in_line.pk,)],
    "activity_rules": lambda half: [(half.unit.activity_id,)],
    "activity_limit_new": lambda half: [(half.unit.activity_id,)],
    "activity_limit": lambda half: [(half.unit.activity_id, half.limit.pk)],
    "activity_rule": lambda half: [
        *(("activite", half.unit.activity_id, word) for word in ("reserver", "annuler", "supprimer")),
        *(("unite", half.unit.pk, word) for word in ("reserver", "annuler")),
    ],
    "desk_bus_stop": lambda half: [(half.line.stops.get(code="marche").pk,)],
    "desk_bus_new_stop": lambda half: [(half.line.pk,)],
}
#: The rows of the screens, by the name of their addresses.
ROWS: dict[str, Callable[[Half], Any]] = {
    "familles_dossiers": lambda half: half.family,
    "familles_adultes": lambda half: half.adult,
    "familles_enfants": lambda half: half.child,
    "familles_scolarite": lambda half: half.schooling,
    "inscriptions_inscriptions": lambda half: half.enrolment,
    "inscriptions_reservations": lambda half: half.booking,
    "inscriptions_recus": lambda half: half.receipt,
    "activites_activites": lambda half: half.unit.activity,
    "activites_unites": lambda half: half.unit,
    "activites_places": lambda half: half.pool,
    "activites_fenetres": lambda half: half.window,
    "activites_structures": lambda half: half.place,
    "calendrier_fermetures": lambda half: half.closure,
    "tarifs_unites": lambda half: half.unit.tariff_link,
    "bus_lignes": lambda half: half.line,
    "courriels": lambda half: half.mail,
    "journal": lambda half: half.entry,
}
#: Kinds of requests that have a test of their own below.
APART = {"first_contacts", "enrolments", "absences", "late_requests"}
#: Addresses with a key that no limit cuts, and why.
WHOLE = {
    "agent_limit": "pour l’administration, qui n’est pas limitée",
    "retention_detail": "toute la commune : n’existe pas pour un agent limité",
    "reconciliation_check": "toute la commune : n’existe pas pour un agent limité",
    "reconciliation_finding": "toute la commune : n’existe pas pour un agent limité",
    "retention_slip": "toute la commune : n’existe pas pour un agent limité",
    "surveys_figures": "les réponses des familles ne se lisent pas sans toute la commune",
    "surveys_download": "les réponses des familles ne se lisent pas sans toute la commune",
    "": "les réponses des familles ne se lisent pas sans toute la commune",
    "terms_withdraw": "les conditions générales sont celles de tous",
    "tariff_comparison": "ce que toute la commune a réservé : n’existe pas pour un agent limité",
    "tariff_comparison_file": "ce que toute la commune a réservé : n’existe pas pour un agent limité",
}
#: Of the whole town, or public: read by whoever has the role.
OF_THE_TOWN = (
    "absences_motifs", "absences_regles", "listes-d-attente_regles", "demandes-au-service_regles",
    "activites_services", "activites_types", "bibliotheque_", "calendrier_feries", "calendrier_vacances",
    "calendrier_zone", "familles_ecoles", "lieux-de-repas", "menus_", "tarifs_adhesions", "tarifs_residence",
    "tarifs_tarifs", "tarifs_versions", "tariff_grid",
)  # fmt: skip


def of_the_portal() -> list[tuple[str, str]]:
    """The addresses of ours under /gestion/ that name something: how they are written, their names."""
    ours = ("portal.", "cms_pages.", "documents.", "news.", "wagtail_modeladmin")
    return [
        (pattern, name)
        for pattern, name, view in every_pattern()
        if pattern.startswith("gestion/") and "<" in pattern and getattr(view, "__module__", "").startswith(ours)
    ]


def screen_of(name: str) -> str:
    return name.partition("_modeladmin_")[0]


def test_no_address_with_a_key_is_left_out_of_this_table() -> None:
    unknown = [
        (pattern, name)
        for pattern, name in of_the_portal()
        if name not in BY_KEY and name not in WHOLE and screen_of(name) not in ROWS
        and not name.startswith(OF_THE_TOWN)
    ]  # fmt: skip
    assert unknown == []
    assert {source.code for source in queues()} == {*QUEUES, *APART}


def addresses(half: Half) -> Iterator[tuple[str, str]]:
    """The name and the address of everything that this half has."""
    for name, arguments in BY_KEY.items():
        for some in arguments(half):
            yield name, reverse(name, args=some)
    for _pattern, name in of_the_portal():
        if (row := ROWS.get(screen_of(name))) is not None:
            yield name, reverse(name, args=[row(half).pk])


def test_what_is_elsewhere_does_not_exist_at_any_address(client: Client, town: Halves) -> None:
    client.force_login(town.limited)
    opened = [(url, status) for _name, url in addresses(town.theirs) if (status := client.get(url).status_code) != 404]
    assert opened == []


def test_what_is_here_opens_at_the_same_addresses(client: Client, town: Halves) -> None:
    """What nobody writes from a screen, and an act that this dossier does not need, send back where one came from."""
    client.force_login(town.limited)
    closed = []
    for name, url in addresses(town.ours):
        screen = screen_of(name).replace("_", "/")
        read_only = name.endswith(("_edit", "_delete")) and not screen.startswith(
            ("activites/", "bus/", "calendrier/")
        )
        never = read_only and screen != "tarifs/unites" or name == "tarifs_unites_modeladmin_delete"
        wanted = 302 if never or "actes/rouvrir" in url else 200
        if (status := client.get(url).status_code) != wanted:
            closed.append((url, status))
    assert closed == []


def test_nothing_is_written_elsewhere(client: Client, town: Halves) -> None:
    client.force_login(town.limited)
    before = AuditEntry.objects.count(), RequestNote.objects.count()
    data = {
        "decision": "accepter", "sure": "on", "motif": "Au guichet", "reason": "x", "email": "x@famille.example",
        "first_name": "Ana", "last_name": "Roy", "role": "relative", "verifier": town.theirs.contact.pk, "note": "x",
    }  # fmt: skip
    for name, url in addresses(town.theirs):
        for decision in ("accepter", "noter", "prendre") if name == "desk_decide" else ("accepter",):
            answer = client.post(url, data | {"decision": decision})
            if name == "desk_decide":  # as for one that another agent answered
                assert "n’attend plus de réponse" in said(answer), url
            else:
                assert answer.status_code in {404, 405}, (url, answer.status_code)
    assert (AuditEntry.objects.count(), RequestNote.objects.count()) == before
    assert Family.objects.filter(pk=town.theirs.family.pk, archived_at=None).exists()


def seen(text: str, half: Half) -> list[str]:
    """Numbers are looked for whole: the key of a row may hold the digits of another."""
    return [word for word in half.secrets if re.search(rf"(?<!\d){re.escape(word)}(?!\d)", text)]


def test_lists_counts_and_filters_know_nothing_of_elsewhere(client: Client, town: Halves) -> None:
    client.force_login(town.limited)
    for screen in SCREENS:
        page = client.get(address(screen))
        assert page.status_code == 200, screen
        assert seen(page.content.decode(), town.theirs) == [], screen
        if screen.replace("/", "_") in ROWS:
            assert ROWS[screen.replace("/", "_")](town.ours) in page.context["object_list"], screen
            assert ROWS[screen.replace("/", "_")](town.theirs) not in page.context["object_list"], screen
    for asked in ("Quatremer", "9047"):
        page = client.get(address("familles/dossiers"), {"q": asked})
        assert page.context["paginator"].count == 0
        assert client.get(address("journal"), {"q": "9047"}).context["paginator"].count == 0
        assert client.get(address("courriels"), {"q": asked}).context["paginator"].count == 0


def test_the_queue_counts_and_shows_its_own(client: Client, town: Halves) -> None:
    confirmed()
    client.force_login(town.limited)
    page = client.get("/gestion/demandes/")
    assert seen(page.content.decode(), town.theirs) == []
    assert page.context["total"] == page.context["page"].total == len(QUEUES)
    assert {line.family_number for line, *_rest in page.context["lines"]} == {"8127"}
    assert {source.code for source, _count, _at in Desk(town.limited, Wanted(at=NOW)).oldest()} == set(QUEUES)
    assert client.get("/gestion/demandes/", {"texte": "Quatremer"}).context["page"].total == 0
    client.force_login(town.whole)
    assert client.get("/gestion/demandes/").context["total"] == 2 * len(QUEUES) + 1


def test_a_request_about_a_child_is_for_who_welcomes_that_child(town: Halves) -> None:
    """A brother enrolled elsewhere: his care plan is not theirs, the family's papers are."""
    town.ours.health.child = town.ours.sibling
    town.ours.health.save()
    waiting = {source.code: source.count(town.limited) for source in queues()}
    assert (waiting["health"], waiting["papers"], waiting["custody"]) == (0, 1, 1)


def test_a_request_of_enrolment_is_for_the_place_that_is_asked(client: Client, town: Halves) -> None:
    """The same child asks for both places: each answers its own."""
    child, family = town.ours.child, town.ours.family
    asked = [
        EnrolmentFactory(
            requested=True, child=child, family=family, requested_at=NOW, activity=ActivityFactory(structure=place)
        ).pk
        for place in (town.ours.place, town.theirs.place)
    ]
    client.force_login(town.limited)
    pages = [client.get(reverse("desk_decide", args=["enrolments", key])).status_code for key in asked]
    assert pages == [200, 404]
    client.post(reverse("desk_decide", args=["enrolments", asked[1]]), {"decision": "refuser", "texte": "Non."})
    assert Enrolment.objects.get(pk=asked[1]).state == EnrolmentState.REQUESTED


def test_the_mail_of_the_morning_counts_their_own(town: Halves) -> None:
    for agent in (town.limited, town.whole):
        DeskPreference.objects.create(agent=agent, digest=True)
    assert send_digests(at=NOW) == 2
    texts = {mail.recipient: mail.text for mail in OutgoingMail.objects.filter(kind="digest")}
    assert "Pièces : 1" in texts[town.limited.email].replace("\u00a0", " ")
    assert "Pièces : 2" in texts[town.whole.email].replace("\u00a0", " ")


def test_search_finds_nobody_of_elsewhere(client: Client, town: Halves) -> None:
    client.force_login(town.limited)

    def found(asked: str) -> list[str]:
        return [
            each.family.number for each in client.get("/gestion/familles/chercher/", {"q": asked}).context["found"]
        ]

    assert found("Delorme") == ["8127", "81279"]
    assert found("Cadet8127") == ["8127"]
    for asked in ("Quatremer", "9047", "Ildefonse", town.theirs.adult.email, "12/03/2018"):
        assert "9047" not in found(asked), asked
    old = Family.objects.create(number="700", name="Delorme", created_at=NOW, archived_at=NOW)
    gone = Family.objects.create(number="701", name="Quatremer", created_at=NOW, archived_at=NOW)
    Family.objects.filter(pk=old.pk).update(merged_into=town.ours.family)
    Family.objects.filter(pk=gone.pk).update(merged_into=town.theirs.family)
    assert (found("700"), found("701")) == (["8127"], [])


def test_the_journal_and_its_file_tell_their_own(client: Client, town: Halves) -> None:
    client.force_login(town.limited)
    line = {"at": NOW, "by": town.whole, "target": "health.healthdocument", "target_key": "1"}
    AuditEntry.objects.create(verb="accept_health_document", family_key=town.ours.family.pk, **line)
    AuditEntry.objects.create(verb="create", **line | {"target": "activities.closure"})
    for half in (town.ours, town.theirs):
        client.get(reverse("care_sheet", args=[half.child.pk]))
        half.child.health_readings.create(agent=town.whole, at=NOW, screen="file")
    told = b"".join(client.post("/gestion/journal/fichier/").streaming_content).decode()
    assert seen(told, town.theirs) == []
    assert told.count("lecture de données de santé") == 2
    assert "8127" in told
    verbs = [each.verb for each in client.get(address("journal")).context["object_list"]]
    assert verbs == ["export_journal", "change_dossier"]
    history = client.get("/gestion/familles/8127/").context["history"]
    assert [line.entry.verb for line in history] == ["change_dossier"]


def test_the_file_tells_of_a_sibling_the_name_only(client: Client, town: Halves) -> None:
    """The household is shown whole; what is about one child is for who welcomes that child."""
    elsewhere = EnrolmentFactory(
        child=town.ours.sibling, family=town.ours.family, activity=town.theirs.unit.activity, state="accepted"
    )
    town.ours.contact.contact.links.create(child=town.ours.sibling, relation="tante")
    other = Family.objects.create(number="777", name="Ailleurs", created_at=NOW)
    ChildLink.objects.create(family=other, child=town.ours.sibling)
    client.force_login(town.limited)
    page = client.get("/gestion/familles/8127/")
    text = words(page)
    assert "Cadet8127 Delorme" in text
    for hidden in (elsewhere.activity.name, "777", "tante", "Lire la fiche de Cadet8127", "identité de Cadet8127"):
        assert hidden not in text, hidden
    for shown in ("Cantine Delorme", "Lire la fiche de Barnabé", "identité de Barnabé Delorme"):
        assert shown in text, shown
    sibling = town.ours.sibling.pk
    for url in (
        reverse("care_sheet", args=[sibling]),
        reverse("desk_act_on_person", args=["8127", "corriger-enfant", sibling]),
        address("familles/enfants", "inspect", sibling),
        address("inscriptions/inscriptions", "inspect", elsewhere.pk),
    ):
        assert client.get(url).status_code == 404, url
    assert elsewhere.activity.name not in words(
        client.get(address("familles/dossiers", "inspect", town.ours.family.pk))
    )
    client.force_login(town.whole)
    assert "777" in words(client.get("/gestion/familles/8127/"))


def test_forms_offer_and_take_nothing_of_elsewhere(client: Client, town: Halves) -> None:
    client.force_login(town.limited)
    file = "/gestion/familles/8127/"
    merging = client.get(f"{file}reunir/", {"autre": "9047"})
    assert merging.status_code == 422
    assert seen(words(merging), town.theirs) == ["9047"]  # as it was typed
    both = {"nature": "dossier", "garder": town.ours.family.pk, "doublon": town.theirs.family.pk, "autre": "9047"}
    assert client.post(f"{file}reunir/", both | {"relu": "on"}).status_code == 404
    shared = {"number": "9047", "first_name": "Ildefonse", "birth_date": str(town.theirs.child.birth_date)}
    assert client.post(f"{file}actes/rattacher-enfant/", shared).status_code == 422
    paper = client.get(f"{file}actes/enregistrer-piece/").context["form"].fields["child"].queryset
    assert list(paper) == [town.ours.child]
    judgement = client.get(reverse("desk_contacts", args=[town.ours.family.pk])).context["form"]
    assert list(judgement.fields["child"].queryset) == [town.ours.child]
    for screen, field in (
        ("activites/activites", "structure"), ("activites/unites", "activity"), ("activites/unites", "pools"),
    ):  # fmt: skip
        offered = list(client.get(address(screen, "create")).context["form"].fields[field].queryset)
        assert len(offered) == 1, (screen, field)
    places = client.get(address("calendrier/fermetures", "create")).context["form"].fields["place"].choices
    assert [len(found) for label, found in places if isinstance(found, list)] == [1, 1]


def test_what_counts_for_the_whole_town_is_read_and_not_changed(client: Client, town: Halves) -> None:
    everywhere = ClosureFactory(reason="Pont")
    shared = town.ours.pool
    client.force_login(town.limited)
    assert everywhere in client.get(address("calendrier/fermetures")).context["object_list"]
    assert is_refused(client.post(address("calendrier/fermetures", "edit", everywhere.pk), {"reason": "x"}))
    assert is_refused(client.post(address("calendrier/fermetures", "delete", everywhere.pk)))
    create = address("calendrier/fermetures", "create")
    closing = {"reason": "Grève", "starts_on": "2026-10-01", "place": "commune"}
    refused = client.post(create, closing)
    assert "place" in refused.context["form"].errors
    plan = client.post(create, closing | {"place": f"structure-{town.ours.place.pk}"})
    assert client.post(create, {"plan": plan.context["token"], "relu": "on"}).status_code == 302
    assert Closure.objects.filter(structure=town.ours.place, reason="Grève").exists()
    assert client.get(address("activites/places", "edit", shared.pk)).status_code == 200
    town.theirs.unit.pools.add(shared)
    assert is_refused(client.get(address("activites/places", "edit", shared.pk)))
    for screen in ("activites/structures", "activites/services", "tarifs/tarifs", "familles/ecoles"):
        assert is_refused(client.get(address(screen, "create"))), screen
    assert client.get("/gestion/conservation/").status_code == 404
    assert client.get("/gestion/perimetres/").status_code == 302
    client.force_login(town.whole)
    assert client.get("/gestion/conservation/").status_code == 200
    assert client.get(address("calendrier/fermetures", "edit", everywhere.pk)).status_code == 200


def test_a_limit_costs_the_same_for_one_family_and_for_many(client: Client, town: Halves) -> None:
    client.force_login(town.limited)
    pages = ("/gestion/demandes/?nature=papers", "/gestion/familles/chercher/?q=delorme", address("familles/dossiers"))

    def cost() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            # An announced maintenance is looked for once in a while, whatever the page.
            counts.append(sum("town_" not in each["sql"] for each in asked))
        return counts

    cost()
    few = cost()
    for number in range(6):
        Half(town.ours.place, str(5000 + number), "Delorme", "Hugo")
    assert cost() == few


def test_the_whole_town_costs_one_look_at_the_limits(client: Client, town: Halves) -> None:
    client.force_login(town.whole)
    for page in ("/gestion/demandes/", "/gestion/familles/8127/", address("inscriptions/reservations")):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        about = [each["sql"] for each in asked if "scope_agentlimit" in each["sql"]]
        assert len(about) == 1, page
        assert about[0].startswith('SELECT "scope_agentlimit"."structure_id"')


def test_children_of_nobody_here_do_not_exist(client: Client, town: Halves) -> None:
    """A child whose enrolment ended before the school year before this one is out of sight; so is its family."""
    town.ours.child.enrolments.update(starts_on="2025-01-06", ends_on="2025-07-31")
    client.force_login(town.limited)
    assert client.get("/gestion/familles/8127/").status_code == 404
    town.ours.child.enrolments.update(ends_on="2025-08-01")
    assert client.get("/gestion/familles/8127/").status_code == 200
    assert not Child.objects.for_agent(town.ours.parent, on=NOW.date()).exists()
