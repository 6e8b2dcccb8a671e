"""The four steps, filled by the test client."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from portal.domain.families.models import Family
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory, MemberFactory

PARENT_URL = "/compte/inscription/"
DOSSIER_URL = "/compte/inscription/dossier/"
TERMS_URL = "/compte/inscription/conditions/"
CHECK_URL = "/compte/inscription/verification/"
SENT_URL = "/compte/inscription/mail-envoye/"
CONTACT = "claire@famille.example"

PARENT = {
    "first_name": "Claire",
    "last_name": "Vuillet",
    "email": CONTACT,
    "phone": "0639981234",
    "username": "claire",
    "password1": PASSWORD,
    "password2": PASSWORD,
}
DOSSIER = {"number": "4127", "name": "vuillet", "contact_email": CONTACT}


def known_family() -> Family:
    """The dossier 4127 of Claire Vuillet, with Hugo."""
    family = FamilyFactory.create(number="4127", name="Vuillet", contact_email=CONTACT)
    MemberFactory.create(family=family, adult__first_name="Claire", adult__last_name="Vuillet", adult__email=CONTACT)
    ChildLinkFactory.create(family=family)
    return family


def fill(
    client: Client, *, terms: int, parent: dict[str, str] | None = None, dossier: dict[str, str] | None = None
) -> None:
    """Answer the first three steps; each must be accepted."""
    for url, answers in (
        (PARENT_URL, PARENT | (parent or {})),
        (DOSSIER_URL, DOSSIER | (dossier or {})),
        (TERMS_URL, {"accepted": "on", "version": str(terms)}),
    ):
        response = client.post(url, answers)
        assert response.status_code == 302, response.content.decode()


def send(client: Client) -> HttpResponse:
    """« Valider »."""
    response: Any = client.post(CHECK_URL)
    return response


def links(path: str) -> list[str]:
    """The addresses of that kind in the mails, oldest first, without the host."""
    texts = OutgoingMail.objects.order_by("pk").values_list("text", flat=True)
    return [found for text in texts for found in re.findall(rf"https?://[^/\s]+(/compte/{path}/\S+)", text)]


def page_without_token(response: Any) -> str:
    """The page as anybody gets it: without its CSRF token, which is drawn each time."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", response.content.decode())
