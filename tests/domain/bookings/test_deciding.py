"""An agent answers an enrolment request: accepted and booked at that instant, refused, asked again."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from portal.backoffice.desk.areas.enrolments import EnrolmentsQueue
from portal.backoffice.desk.registry import AlreadyDecided
from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.held import decide_held_enrolments
from portal.domain.bookings.models import Booking
from portal.domain.bookings.services import accept_enrolment, change_draft, enrol_and_book
from portal.domain.enrolments.deciding import (
    EnrolmentDecided,
    WordsMissing,
    answer_enrolment,
    ask_enrolment_again,
    refuse_enrolment,
)
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.families import requirements
from portal.domain.families.models import ChildLink
from portal.domain.families.requirements import Effect, register_requirements
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.papers import requirements as papers
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_places
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(days=1)
QUEUE = EnrolmentsQueue()


def agent_of(username: str = "gestion") -> User:
    """An agent who may answer enrolment requests."""
    agent = UserFactory(username=username, agent=True)
    agent.user_permissions.add(Permission.objects.get(codename="decide_enrolment"))
    return User.objects.get(pk=agent.pk)


@pytest.fixture
def agent():
    return agent_of()


@pytest.fixture(autouse=True)
def only_papers(monkeypatch):
    """A dossier asks nothing here but papers."""
    monkeypatch.setattr(requirements, "_sources", {})
    register_requirements("papers", papers.requirements, may_block=papers.may_block)


@pytest.fixture
def pool(db):
    return PlacePoolFactory(capacity=1)


@pytest.fixture
def canteen(pool, calendar):
    return priced_unit(
        pools=[pool], activity__enrolment_mode=EnrolmentMode.PATTERN, activity__validation_mode=ValidationMode.AGENT
    )


@pytest.fixture
def home(canteen):
    return household(canteen, enrolled=False)


def ask(home: Any, **changes: Any) -> Any:
    unit = home.unit
    wish = {"starts_on": MONDAY, "pattern": {unit.pk: frozenset({1, 2})}, "by": home.parent, "at": AT}
    return enrol_and_book(family=home.family, child=home.child, activity=unit.activity, **(wish | changes)).enrolment


def state_of(enrolment: Any) -> str:
    enrolment.refresh_from_db()
    return str(enrolment.state)


@pytest.mark.exigence("I37", "I39")
def test_an_accepted_request_books_its_week_and_lists_what_was_left_out(home, canteen, agent):
    request = ask(home)
    book(household(canteen), [MONDAY])  # taken between the request and its answer
    outcome = accept_enrolment(enrolment=request.pk, by=agent, at=LATER)
    assert state_of(request) == EnrolmentState.ACCEPTED
    assert (request.decided_by, request.decided_at) == (agent, LATER)
    assert [(each.day, each.refusal.rule) for each in outcome.left_out] == [(MONDAY, Rule.FULL)]
    assert outcome.booked == Booking.objects.filter(enrolment=request).count() > 50
    check_places()
    mail = OutgoingMail.objects.order_by("-pk")[0]
    assert mail.subject.startswith("Inscription enregistrée")
    assert outcome.left_out[0].refusal.sentence in mail.text
    procedure = Procedure.objects.get(reference=str(request.pk))
    assert procedure.state == "accepted"
    assert procedure.events.order_by("-pk")[0].note == f"{outcome.booked}\u00a0jours réservés, 1\u00a0laissé de côté."
    notice = Notice.objects.get(user=home.parent)
    assert notice.title.startswith("Inscription acceptée")
    assert AuditEntry.objects.get(verb="accept_enrolment").by == agent
    # One mail for the request, one for its answer.
    assert OutgoingMail.objects.count() == 2


@pytest.mark.exigence("I2", "I39")
def test_days_are_booked_only_once_the_request_is_accepted(home, canteen, agent):
    canteen.activity.enrolment_mode = EnrolmentMode.OPEN
    canteen.activity.save()

    def tick():
        return change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)

    assert tick().left_out[0].refusal.rule is Rule.NOT_ENROLLED
    request = ask(home)
    assert tick().left_out[0].refusal.rule is Rule.NOT_ENROLLED
    accept_enrolment(enrolment=request.pk, by=agent, at=AT)
    assert tick().changed == 1


def test_a_refusal_says_its_reason_everywhere_and_frees_the_child_for_another_request(home, agent):
    request = ask(home)
    with pytest.raises(WordsMissing):
        refuse_enrolment(enrolment=request.pk, reason="  ", by=agent, at=LATER)
    refuse_enrolment(enrolment=request.pk, reason="Il n’y a plus de place.", by=agent, at=LATER)
    assert (state_of(request), request.reason) == (EnrolmentState.REFUSED, "Il n’y a plus de place.")
    procedure = Procedure.objects.get(reference=str(request.pk))
    assert (procedure.state, procedure.events.order_by("-pk")[0].note) == ("refused", "Il n’y a plus de place.")
    assert "Il n’y a plus de place." in OutgoingMail.objects.order_by("-pk")[0].text
    assert Notice.objects.get(user=home.parent).path.endswith(f"/{request.pk}/")
    assert not Booking.objects.exists()
    assert ask(home).pk != request.pk


@pytest.mark.exigence("T10")
def test_a_question_waits_for_the_family_and_comes_back_with_its_answer(home, agent):
    request = ask(home)
    ask_enrolment_again(enrolment=request.pk, message="Quel jour finit-il à 16 h ?", by=agent, at=LATER)
    assert QUEUE.count(agent) == 0
    assert Procedure.objects.get(reference=str(request.pk)).state == "your_turn"
    with pytest.raises(EnrolmentDecided):
        accept_enrolment(enrolment=request.pk, by=agent, at=LATER)
    for _ in range(2):  # sent twice, answered once
        answer_enrolment(enrolment=request, answer="Le mardi.", by=home.parent, at=LATER)
    assert Procedure.objects.get(reference=str(request.pk)).state == "received"
    facts = dict(QUEUE.panel(agent, request.pk, at=LATER).facts)
    assert (facts["Votre question"], facts["Réponse de la famille"]) == ("Quel jour finit-il à 16 h ?", "Le mardi.")
    with pytest.raises(EnrolmentDecided):
        answer_enrolment(enrolment=request, answer="Encore.", by=home.parent, at=LATER)
    with pytest.raises(EnrolmentDecided):
        answer_enrolment(enrolment=request, answer="Un autre.", by=UserFactory(), at=LATER)


def test_the_queue_shows_requests_to_whoever_may_answer_and_what_accepting_would_do(home, canteen, agent):
    request = ask(home)
    book(household(canteen), [MONDAY])
    (line,) = QUEUE.waiting(agent, limit=5)
    assert (line.key, line.child_name, line.family_number) == (request.pk, "Hugo", home.family.number)
    facts = dict(QUEUE.panel(agent, request.pk, at=LATER).facts)
    assert "CM1" in facts["École"]
    assert facts["Jours habituels, Repas"] == "lundi et mardi"
    assert facts["Dossier"] == "complet"
    assert "14\u00a0septembre" in facts["Laissés de côté"]
    outcome = accept_enrolment(enrolment=request.pk, by=agent, at=LATER)
    assert facts["Accepter maintenant"].startswith(str(outcome.booked))
    stranger = UserFactory(username="accueil", agent=True)
    assert (QUEUE.count(stranger), QUEUE.panel(stranger, request.pk, at=LATER)) == (0, None)
    for verb in (
        lambda: accept_enrolment(enrolment=request.pk, by=stranger, at=LATER),
        lambda: refuse_enrolment(enrolment=request.pk, reason="Non.", by=stranger, at=LATER),
        lambda: ask_enrolment_again(enrolment=request.pk, message="Et ?", by=stranger, at=LATER),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_the_second_agent_is_told_who_answered(home, agent):
    request = ask(home)
    refuse_enrolment(enrolment=request.pk, reason="Non.", by=agent, at=LATER)
    with pytest.raises(AlreadyDecided, match="refusée, "):
        QUEUE.accept(request.pk, cleaned={}, by=agent_of("autre"), at=LATER)


def test_a_child_who_left_the_household_is_not_booked(home, agent):
    request = ask(home)
    ChildLink.objects.filter(child=home.child).delete()
    with pytest.raises(AlreadyDecided, match="n’est plus dans ce dossier"):
        QUEUE.accept(request.pk, cleaned={}, by=agent, at=LATER)
    assert state_of(request) == EnrolmentState.REQUESTED


@pytest.mark.exigence("I37", "I30")
def test_a_request_with_a_complete_dossier_is_accepted_else_it_goes_to_an_agent(home, canteen, agent):
    canteen.activity.validation_mode = ValidationMode.COMPLETE
    canteen.activity.save()
    kind = PaperTypeFactory(insurance=True, effect=Effect.INFORMS.value)
    request = ask(home)
    assert (request.state, request.held_since) == (EnrolmentState.REQUESTED, None)
    assert "assurance scolaire de Hugo" in dict(QUEUE.panel(agent, request.pk, at=AT).facts)["Dossier"]
    assert QUEUE.count(agent) == 1
    system = User.objects.system()
    assert decide_held_enrolments(family=home.family, by=system, at=LATER) == 0
    PaperFactory(type=kind, family=home.family, child=home.child)  # sent, not answered yet
    assert decide_held_enrolments(family=home.family, by=system, at=LATER) == 1
    assert state_of(request) == EnrolmentState.ACCEPTED
    assert Booking.objects.filter(enrolment=request).exists()
    assert Paper.objects.get().state == PaperState.SENT
    assert decide_held_enrolments(family=home.family, by=system, at=LATER) == 0


@pytest.mark.exigence("I37")
def test_a_complete_dossier_needs_nobody(home, canteen):
    canteen.activity.validation_mode = ValidationMode.COMPLETE
    canteen.activity.save()
    assert ask(home).state == EnrolmentState.ACCEPTED


@pytest.mark.exigence("I21")
def test_an_enrolment_runs_to_the_end_of_the_activity(home, canteen):
    assert ask(home).ends_on == canteen.activity.ends_on == date(2027, 7, 2)
