"""An agent at the desk: signed in with a role, and what the screens are called."""

from datetime import date, time
from typing import Any

from django.contrib.messages import get_messages
from django.forms import CheckboxInput
from django.http import HttpResponse
from django.test import Client
from django.utils.html import strip_tags

from portal.backoffice.roles import Role, load_roles
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from tests.domain.accounts.factories import UserFactory

GESTION, REGIE, ANIMATION, COMMUNICATION = (
    Role.MANAGEMENT,
    Role.ACCOUNTING,
    Role.ACTIVITIES,
    Role.COMMUNICATION,
)

#: Every screen, with the roles that may open it. Superusers open all.
SCREENS: dict[str, frozenset[Role]] = {
    "familles/dossiers": frozenset({GESTION, REGIE}),
    "familles/adultes": frozenset({GESTION, REGIE}),
    "familles/enfants": frozenset({GESTION, REGIE, ANIMATION}),
    "familles/scolarite": frozenset({GESTION, REGIE}),
    "familles/ecoles": frozenset({GESTION}),
    "inscriptions/inscriptions": frozenset({GESTION, REGIE, ANIMATION}),
    "inscriptions/reservations": frozenset({GESTION, REGIE, ANIMATION}),
    "inscriptions/recus": frozenset({GESTION, REGIE}),
    "activites/activites": frozenset({GESTION, REGIE, ANIMATION}),
    "activites/fenetres": frozenset({GESTION, REGIE, ANIMATION}),
    "activites/unites": frozenset({GESTION, REGIE, ANIMATION}),
    "activites/places": frozenset({GESTION, REGIE, ANIMATION}),
    "activites/types": frozenset({GESTION, REGIE, ANIMATION}),
    # Address, telephone, hours: facts of the public site, which communication keeps right.
    "activites/structures": frozenset({GESTION, REGIE, ANIMATION, COMMUNICATION}),
    "activites/services": frozenset({GESTION, REGIE, ANIMATION}),
    "calendrier/fermetures": frozenset({GESTION, ANIMATION}),
    "calendrier/vacances": frozenset({GESTION, ANIMATION}),
    "calendrier/feries": frozenset({GESTION, ANIMATION}),
    "calendrier/zone": frozenset({GESTION, ANIMATION}),
    "tarifs/tarifs": frozenset({GESTION, REGIE}),
    "tarifs/versions": frozenset({GESTION, REGIE}),
    "tarifs/unites": frozenset({GESTION, REGIE}),
    "courriels": frozenset({GESTION, REGIE}),
    "journal": frozenset({GESTION}),
}

#: The screens on which each role may write; nobody writes on the others.
WRITTEN: dict[str, frozenset[Role]] = {
    **{name: frozenset({GESTION}) for name in SCREENS if name.startswith(("activites/", "calendrier/"))},
    **{name: frozenset({REGIE}) for name in SCREENS if name.startswith("tarifs/")},
    "familles/ecoles": frozenset({GESTION}),
    "activites/structures": frozenset({GESTION, COMMUNICATION}),
}


def address(screen: str, action: str = "", key: object = "") -> str:
    """“/gestion/activites/unites/edit/12/”."""
    return "/".join(str(part) for part in ("/gestion", screen, action, key) if part != "") + "/"


def make_agent(role: Role | None = None, **values: Any) -> User:
    """An agent with a role; without one, a superuser."""
    agent: User = UserFactory(agent=True, is_superuser=role is None, **values)
    if role is not None:
        agent.groups.add(load_roles()[role])
    return agent


def sign_in(client: Client, role: Role | None = None) -> User:
    """Sign an agent in."""
    agent = make_agent(role)
    client.force_login(agent)
    return agent


def is_refused(response: HttpResponse) -> bool:
    """Whether the page sent the agent back to the home of the administration, as Wagtail refuses."""
    return response.status_code == 302 and response.headers["Location"] == "/gestion/"


def words(response: HttpResponse) -> str:
    """What the page says, without its tags."""
    return " ".join(strip_tags(response.content.decode()).replace("&nbsp;", "\u00a0").split(" "))


def filled(client: Client, page: str, **changes: Any) -> dict[str, Any]:
    """What the form of a page sends as it stands, with some changes; None takes a value away."""
    form = client.get(page).context["form"]
    data = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if isinstance(field.widget, CheckboxInput):
            value = "on" if value else None
        elif isinstance(value, date | time):
            value = field.widget.format_value(value)
        data[name] = value
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def errors_of(response: HttpResponse) -> dict[str, list[str]]:
    """The errors of the form that came back, by field."""
    assert response.status_code == 200, response.headers.get("Location")
    found: dict[str, list[str]] = response.context["form"].errors.get_json_data()
    return {name: [each["message"] for each in errors] for name, errors in found.items()}


def said(response: HttpResponse) -> str:
    """The messages of the page that answers a saved form."""
    return " ".join(str(message).strip() for message in get_messages(response.wsgi_request))


def save(client: Client, screen: str, key: object = "", **changes: Any) -> HttpResponse:
    """Send the form of a screen as it stands, with these changes."""
    page = address(screen, "edit" if key else "create", key)
    return client.post(page, filled(client, page, **changes))


def delete(client: Client, screen: str, key: int) -> HttpResponse:
    assert client.get(address(screen, "delete", key)).status_code == 200
    return client.post(address(screen, "delete", key))


def last_entry() -> AuditEntry:
    """The last line of the journal."""
    return AuditEntry.objects.order_by("-pk")[0]
