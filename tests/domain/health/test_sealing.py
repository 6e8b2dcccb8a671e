"""A stolen dump or disk reads nothing; keys turn."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from portal.domain.health.documents import open_page
from portal.domain.health.models import HealthFile, HealthSheet
from portal.domain.health.sealing import CannotOpen, seal, unseal
from tests.domain.health.factories import filled_sheet, sent_document
from tests.web.planning.scene import NOW, Scene

pytestmark = pytest.mark.django_db


def test_the_database_holds_no_word_of_a_sheet() -> None:
    scene = Scene()
    child = scene.child()
    filled_sheet(
        scene.family, child, by=scene.user, at=NOW, treatment={"has_treatment": True, "treatment_advice": "ZQX"}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, draft FROM health_healthsheet")
        kept = str(cursor.fetchall())
    assert "ZQX" not in kept
    assert "Bouvet" not in kept
    assert HealthSheet.objects.get().answers.treatment_advice == "ZQX"


def test_the_disk_holds_no_plain_page() -> None:
    scene = Scene()
    document = sent_document(scene.family, scene.child(), by=scene.user, at=NOW)
    page = document.pages.get()
    with page.file.content.open("rb") as stream:
        kept = stream.read()
    assert b"%PDF" not in kept
    assert open_page(page).startswith(b"%PDF-")
    folder = page.file.content.storage.listdir(page.file.content.name.rsplit("/", 1)[0])[1]
    assert len([name for name in folder if name.startswith(page.file.key.hex)]) == 1


def test_keys_turn_without_losing_anything(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.HEALTH_KEYS = [old]
    scene = Scene()
    child = scene.child()
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    sent_document(scene.family, child, by=scene.user, at=NOW)
    settings.HEALTH_KEYS = [new, old]
    call_command("rotate_health_keys", verbosity=0)
    settings.HEALTH_KEYS = [new]
    assert HealthSheet.objects.get().answers.doctor_name == "Dr Bouvet"
    assert open_page(HealthFile.objects.get()).startswith(b"%PDF-")


def test_a_lost_key_says_nothing_of_the_content(settings: Any) -> None:
    settings.HEALTH_KEYS = [Fernet.generate_key().decode()]
    token = seal(b"arachide")
    settings.HEALTH_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CannotOpen) as raised:
        unseal(token)
    assert "arachide" not in str(raised.value)
