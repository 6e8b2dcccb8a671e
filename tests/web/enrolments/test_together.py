"""From the type of activity or from the child, several children in one validation, papers handed in on the page."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.activities.models import Activity
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families import requirements
from portal.domain.families.requirements import Effect, Requirement, Standing, register_requirements
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from portal.domain.papers import requirements as papers
from portal.domain.papers.deciding import accept_paper
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper
from portal.domain.procedures.models import Procedure
from portal.domain.tariffs.models import TariffVersion
from tests.domain.activities.factories import ActivityFactory, ActivityTypeFactory, PlacePoolFactory, StructureFactory
from tests.domain.bookings.factories import Household, household, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.papers.factories import PaperTypeFactory, decider, photo
from tests.domain.quotients.factories import QuotientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

AT = datetime(2026, 9, 9, 10, 0, tzinfo=PARIS)
BY_QUOTIENT = {
    "parts": [
        {
            "method": {
                "kind": "brackets",
                "rows": [{"high": "1000", "prices": ["1.84"]}, {"low": "1000", "prices": ["4.30"]}],
            }
        }
    ]
}


@pytest.fixture
def frozen(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch):
    """A Wednesday of September; a dossier asks nothing but papers."""
    settings.PRIVATE_ROOT = tmp_path
    monkeypatch.setattr(requirements, "_sources", {})
    register_requirements("papers", papers.requirements, may_block=papers.may_block)
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def canteen():
    return priced_unit(
        pools=[PlacePoolFactory(capacity=40)],
        activity__enrolment_mode=EnrolmentMode.PATTERN,
        activity__code="cantine-2026",
    )


@pytest.fixture
def home(canteen, client) -> Household:
    made = household(canteen, children=3, enrolled=False)
    client.force_login(made.parent)
    return made


def url_of(activity: Activity, *children: Any) -> str:
    query = "&".join([f"activite={activity.code}", *(f"enfant={child.pk}" for child in children)])
    return f"{reverse('enrolments:together')}?{query}"


def wish(home: Household, *positions: int, start: str = "2026-09-14", **more: Any) -> dict[str, Any]:
    """What the form sends for these children."""
    data: dict[str, Any] = {"enfant": [str(home.children[each].pk) for each in positions], **more}
    for each in positions:
        key = home.children[each].pk
        data |= {f"e{key}-starts_on": start, f"e{key}-jours_{home.unit.pk}": ["1", "4"]}
    return data


def piece(kind: Any, child: Any = None) -> str:
    return f"piece_{kind.pk}_{child.pk if child else 0}"


@pytest.mark.exigence("I7", "I10")
def test_each_step_reduces_the_others_whichever_comes_first(home, canteen, client):
    other = ActivityTypeFactory(code="club", name="Club des ados")
    priced_unit(activity__type=other, activity__code="club-2026", activity__name="Club 2026/2027")
    page = client.get(reverse("enrolments:start")).content.decode()
    assert 'value="cantine-2026"' in page
    assert 'value="club-2026"' in page
    page = client.get(reverse("enrolments:start"), {"type": "club"}).content.decode()
    assert 'value="cantine-2026"' not in page
    assert 'value="club-2026" selected' in page  # the only one left
    assert page.count('class="star"') >= 3
    asked = client.get(reverse("enrolments:start"), {"type": "club", "suite": "1"})
    assert "Choisissez au moins un enfant" in asked.content.decode()
    chosen = {"type": "club", "enfant": [home.children[0].pk, home.children[2].pk], "suite": "1"}
    answer = client.get(reverse("enrolments:start"), chosen)
    activity = Activity.objects.get(code="club-2026")
    assert answer.url == url_of(activity, home.children[0], home.children[2])
    form = client.get(answer.url).content.decode()
    assert form.count(" checked") == 2


@pytest.mark.exigence("I14", "I18", "I54")
def test_wednesdays_and_holidays_offer_every_structure(home, canteen, client):
    for code in ("mercredi-nord", "vacances-sud", "soirees-ados"):
        ActivityFactory(code=code, structure=StructureFactory(code=code, name=f"Centre {code}"))
    page = client.get(reverse("enrolments:start"), {"enfant": home.child.pk}).content.decode()
    assert all(f"Centre {code}" in page for code in ("mercredi-nord", "vacances-sud", "soirees-ados"))


@pytest.mark.exigence("I27")
def test_several_children_are_enrolled_in_one_validation_all_or_nothing_for_each(home, canteen, client):
    activity = canteen.activity
    activity.min_age, activity.age_reference = 3, "day"
    activity.save()
    data = wish(home, 0, 1, 2) | {f"e{home.children[1].pk}-starts_on": "2027-08-01"}
    answer = client.post(url_of(activity), data)
    assert answer.url == reverse("enrolments:done")
    page = client.get(answer.url).content.decode()
    enrolled = set(Enrolment.objects.values_list("child", flat=True))
    assert enrolled == {home.children[0].pk, home.children[2].pk}
    assert "La date d’entrée doit être comprise" in page
    assert f"Reprendre pour {home.children[1].first_name}" in page
    assert Procedure.objects.count() == OutgoingMail.objects.count() == 2
    for child in (home.children[0], home.children[2]):
        assert {day.isoweekday() for day in Booking.objects.filter(child=child).values_list("day", flat=True)} == {
            1,
            4,
        }


def test_without_a_child_or_with_a_wrong_day_the_form_comes_back_whole(home, canteen, client):
    answer = client.post(url_of(canteen.activity), {})
    assert answer.status_code == 422
    assert "Choisissez au moins un enfant" in answer.content.decode()
    answer = client.post(url_of(canteen.activity), wish(home, 0, start="2026-09-01"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "La date d’entrée doit être comprise" in page
    assert 'value="2026-09-01"' in page
    assert not Enrolment.objects.exists()


def test_a_child_of_another_family_is_not_enrolled(home, canteen, client):
    other = household(canteen, enrolled=False)
    answer = client.post(url_of(canteen.activity), wish(other, 0))
    assert answer.status_code == 422
    assert not Enrolment.objects.exists()
    assert client.get(reverse("enrolments:together"), {"activite": "rien-2026"}).status_code == 404


@pytest.mark.exigence("I28", "I29")
def test_a_paper_that_blocks_is_joined_on_the_page_or_nothing_is_recorded(home, canteen, client):
    kind = PaperTypeFactory(insurance=True, effect=Effect.BLOCKS.value)
    page = client.get(url_of(canteen.activity, home.child)).content.decode()
    assert "À fournir." in page
    assert "Sans elle, l’inscription ne se termine pas." in page
    refused = client.post(url_of(canteen.activity), wish(home, 0))
    assert "Joignez cette pièce pour terminer l’inscription" in refused.content.decode()
    assert not Enrolment.objects.exists()
    data = wish(home, 0) | {piece(kind, home.child): photo()}
    assert client.post(url_of(canteen.activity), data).status_code == 302
    paper = Paper.objects.get()
    assert (paper.state, paper.child) == (PaperState.SENT, home.child)
    assert "Assurance scolaire de Hugo" in client.get(reverse("enrolments:done")).content.decode()


@pytest.mark.exigence("I28")
def test_what_the_page_does_not_ask_for_itself_is_named_before_anything_is_recorded(home, canteen, client):
    def sheet(asked):
        return [
            Requirement(
                code="health",
                label=f"Fiche sanitaire de {child.first_name}",
                standing=Standing.MISSING,
                effect=Effect.HOLDS,
                child_id=child.pk,
                url_name="dossier:index",
            )
            for child in asked.children
        ]

    register_requirements("health", sheet, may_block=lambda: False)
    page = client.get(url_of(canteen.activity, home.child)).content.decode()
    assert "Fiche sanitaire de Hugo" in page
    assert "Aucune pièce ne manque" not in page
    alone = client.get(reverse("enrolments:enrol", args=[home.child.pk, canteen.activity.code])).content.decode()
    assert "Fiche sanitaire de Hugo" in alone


@pytest.mark.exigence("I29", "I30", "I31")
def test_a_paper_that_only_holds_may_come_later_and_its_acceptance_is_told(home, canteen, client):
    PaperTypeFactory(insurance=True)  # holds requests back
    client.post(url_of(canteen.activity), wish(home, 0))
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.held_since) == (EnrolmentState.REQUESTED, AT)
    for address in (reverse("enrolments:done"), reverse("enrolments:detail", args=[enrolment.pk])):
        page = client.get(address).content.decode()
        assert "attend que votre dossier soit complet" in page
        assert f'href="{reverse("papers:child_paper", args=["assurance", home.child.pk])}"' in page
    kind = Paper.type.field.related_model.objects.get()
    client.post(url_of(canteen.activity), wish(home, 1) | {piece(kind, home.children[1]): photo()})
    assert Enrolment.objects.get(child=home.children[1]).state == EnrolmentState.ACCEPTED
    paper = Paper.objects.get()
    accept_paper(paper=paper.pk, version=paper.version, by=decider(), at=AT)
    assert OutgoingMail.objects.filter(subject__startswith="Pièce acceptée").count() == 1


@pytest.mark.exigence("I32")
def test_papers_of_children_enrolled_together_reach_the_service_together(home, canteen, client):
    kind = PaperTypeFactory(insurance=True)
    data = wish(home, 0, 1)
    for shade, child in enumerate(home.children[:2]):
        data[piece(kind, child)] = photo(shade=60 * shade)
    client.post(url_of(canteen.activity), data)
    sent = list(Paper.objects.order_by("pk"))
    assert [(paper.state, paper.sent_at, paper.child) for paper in sent] == [
        (PaperState.SENT, AT, home.children[0]),
        (PaperState.SENT, AT, home.children[1]),
    ]


@pytest.mark.exigence("I26")
def test_when_the_papers_are_there_one_only_validates(home, canteen, client):
    page = client.get(url_of(canteen.activity, home.child)).content.decode()
    assert "Aucune pièce ne manque" in page
    assert 'type="file"' not in page


def test_a_file_that_is_refused_is_named_and_enrols_nobody(home, canteen, client):
    kind = PaperTypeFactory(insurance=True, effect=Effect.BLOCKS.value)
    bad = photo()
    bad.name = "virus.exe"
    bad.file.seek(0)
    bad.file.write(b"MZ not a picture at all")
    bad.file.truncate()
    bad.file.seek(0)
    answer = client.post(url_of(canteen.activity), wish(home, 0) | {piece(kind, home.child): bad})
    assert answer.status_code == 422
    assert not Enrolment.objects.exists()
    assert not Paper.objects.exists()


@pytest.mark.exigence("I48", "I51")
def test_the_page_says_the_school_year_and_the_age_rule(home, canteen, client):
    activity = canteen.activity
    activity.name, activity.min_age, activity.max_age = "Accueil du soir", 6, 11
    activity.save()
    page = client.get(url_of(activity, home.child)).content.decode()
    assert "Accueil du soir 2026/2027" in page
    assert "s’adresse aux enfants de 6 à 11\u00a0ans, âge pris le" in page


def test_the_price_is_said_with_the_quotient_or_as_the_highest(home, canteen, client):
    TariffVersion.objects.filter(tariff__unit_links__unit=canteen).update(unit_price=None, grid=BY_QUOTIENT)
    page = client.get(url_of(canteen.activity, home.child)).content.decode()
    assert "4,30\u00a0€" in page
    assert "c’est le prix le plus élevé" in page
    QuotientFactory(family=home.family, accepted=True, value=Decimal(842))
    page = client.get(url_of(canteen.activity, home.child)).content.decode()
    assert "1,84\u00a0€" in page
    assert "c’est le prix le plus élevé" not in page
    assert "quotient familial de 842" in page


@pytest.mark.exigence("I52")
def test_enrolments_are_folded_by_type(home, canteen, client):
    club = ActivityFactory(code="club-2026", type=ActivityTypeFactory(code="club", name="Club des ados"))
    for activity in (canteen.activity, club):
        EnrolmentFactory(child=home.child, activity=activity, family=home.family)
    page = client.get(reverse("enrolments:index")).content.decode()
    assert page.count("<details") >= 2
    assert "<summary>Club des ados</summary>" in page
    assert "1 inscription ou demande" not in page
    assert "2 inscriptions" in page


@pytest.mark.exigence("I50")
def test_the_removal_shows_what_goes_before_it_is_done(home, canteen, client):
    client.post(url_of(canteen.activity), wish(home, 0))
    enrolment = Enrolment.objects.get()
    page = reverse("enrolments:remove", args=[enrolment.pk])
    shown = client.get(page).content.decode()
    assert "sont annulés avec elle" in shown
    booked = Booking.objects.booked().count()
    assert f"{booked} jours" in shown
    answer = client.post(page)
    assert answer.url.startswith("/famille/panier/") or "recu" in answer.url
    assert client.post(page).status_code == 302  # sent twice
    assert not Booking.objects.booked().exists()
    assert client.get(page).url == reverse("enrolments:detail", args=[enrolment.pk])
    activity = canteen.activity
    activity.removal_deadline = {"kind": "never"}
    activity.save()
    client.post(url_of(activity), wish(home, 0))
    again = reverse("enrolments:remove", args=[Enrolment.objects.order_by("-pk")[0].pk])
    assert "ne se supprime pas en ligne" in client.get(again).content.decode()
    assert client.post(again).status_code == 422


@pytest.mark.exigence("I49")
def test_the_confirmation_is_a_pdf_of_an_accepted_enrolment_for_its_family_only(home, canteen, client):
    client.post(url_of(canteen.activity), wish(home, 0))
    enrolment = Enrolment.objects.get()
    page = reverse("enrolments:confirmation", args=[enrolment.pk])
    answer = client.get(page)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    procedure = Procedure.objects.get()
    assert page in client.get(reverse("procedures:detail", args=[procedure.pk])).content.decode()
    Enrolment.objects.update(state=EnrolmentState.REQUESTED)
    assert client.get(page).status_code == 404
    Enrolment.objects.update(state=EnrolmentState.ACCEPTED)
    client.force_login(household(canteen, enrolled=False).parent)
    assert client.get(page).status_code == 404


@pytest.mark.exigence("T8")
def test_a_question_of_the_service_is_answered_from_the_enrolment(home, canteen, client):
    activity = canteen.activity
    activity.validation_mode = ValidationMode.AGENT
    activity.save()
    client.post(url_of(activity), wish(home, 0))
    enrolment = Enrolment.objects.get()
    Enrolment.objects.update(asked_at=AT, reason="Quel jour finit-il à 16\u00a0h\u202f?")
    page = client.get(reverse("enrolments:detail", args=[enrolment.pk])).content.decode()
    assert "Quel jour finit-il" in page
    answer_url = reverse("enrolments:answer", args=[enrolment.pk])
    assert client.post(answer_url, {"answer": " "}).status_code == 422
    assert client.post(answer_url, {"answer": "Le mardi."}).status_code == 302
    enrolment.refresh_from_db()
    assert (enrolment.answer, enrolment.asked_at) == ("Le mardi.", None)
    assert enrolment.starts_on == date(2026, 9, 14)


def test_the_cost_of_the_form_does_not_grow(home, canteen, client, django_assert_max_num_queries):
    kind = PaperTypeFactory(insurance=True)
    client.get(url_of(canteen.activity))
    with django_assert_max_num_queries(45) as few:
        client.get(url_of(canteen.activity))
    form = len(few)
    with django_assert_max_num_queries(45) as few:
        client.get(reverse("enrolments:start"))
    start = len(few)
    large = household(canteen, children=7, enrolled=False)
    for number in range(6):
        priced_unit(activity__code=f"atelier-{number}")
    client.force_login(large.parent)
    client.get(url_of(canteen.activity))  # the first page of a session costs more
    with django_assert_max_num_queries(form):
        assert client.get(url_of(canteen.activity)).content.decode().count(f'name="piece_{kind.pk}_') == 7
    with django_assert_max_num_queries(start):
        client.get(reverse("enrolments:start"))
