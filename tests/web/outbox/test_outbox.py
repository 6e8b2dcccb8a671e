"""/demo/courriels/: what the demo would have sent, drawn without danger, and never in production."""

import importlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.services import queue_mail
from portal.web.outbox import urls

URL = "/demo/courriels/"

pytestmark = pytest.mark.django_db


def queue(**changes: Any) -> OutgoingMail:
    values: dict[str, Any] = {
        "kind": MailKind.ACTIVATION,
        "recipient": "claire@famille.example",
        "subject": "Activez votre compte",
        "text": "Suivez http://localhost:8000/compte/activation/jeton/",
        "html": "<html><head><title>x</title></head><body><script>alert(1)</script><p>Suivez</p></body></html>",
        "at": datetime(2026, 9, 7, 10, tzinfo=UTC),
    }
    return queue_mail(**values | changes)


def test_the_list_shows_the_last_first(client: Client) -> None:
    assert "Aucun courriel" in client.get(URL).content.decode()
    queue()
    queue(subject="Vos réservations", at=datetime(2026, 9, 8, 10, tzinfo=UTC))
    page = client.get(URL).content.decode()
    assert page.index("Vos réservations") < page.index("Activez votre compte")
    assert "Aucun mail ne quitte cette machine" in page


def test_a_mail_is_shown_as_text_with_its_links_and_in_a_frame_that_runs_nothing(client: Client) -> None:
    mail = queue()
    page = client.get(f"{URL}{mail.pk}/").content.decode()
    assert 'href="http://localhost:8000/compte/activation/jeton/"' in page
    assert f'src="{URL}{mail.pk}/forme/"' in page
    assert "<script>alert" not in page
    shaped = client.get(f"{URL}{mail.pk}/forme/")
    policy = shaped["Content-Security-Policy"]
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert shaped["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in shaped.content.decode()


def test_a_mail_without_shape_has_no_frame(client: Client) -> None:
    mail = queue(html="")
    assert "<iframe" not in client.get(f"{URL}{mail.pk}/").content.decode()
    assert client.get(f"{URL}{mail.pk}/forme/").status_code == 404
    assert client.get(f"{URL}99999/").status_code == 404


def test_production_has_no_such_address(settings: Any) -> None:
    settings.DEMO = False
    try:
        assert importlib.reload(urls).urlpatterns == []
    finally:
        settings.DEMO = True
        importlib.reload(urls)


def test_production_is_no_demo() -> None:
    # In a process of its own: settings modules share, and change, the dictionaries of the base.
    code = "from config.settings import production; assert production.DEMO is False"
    environment = os.environ | {
        "SECRET_KEY": "x",
        "ALLOWED_HOSTS": "portail.les-rousses.example",
        "DATABASE_URL": "postgresql://portail@127.0.0.1/portail",
        "REDIS_URL": "redis://127.0.0.1/0",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
