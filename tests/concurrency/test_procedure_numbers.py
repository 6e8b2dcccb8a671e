"""Two requests opened at once: two numbers that follow each other, no gap after a rollback."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from portal.domain.procedures.numbers import next_number

AT = datetime(2026, 9, 7, 10, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_a_number_waits_for_the_one_before_and_takes_its_place_if_it_is_given_back() -> None:
    taken: list[str] = []
    began = threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                began.set()
                taken.append(next_number(at=AT))
        finally:
            connection.close()

    with transaction.atomic():
        assert next_number(at=AT) == "AE-2026-00001"
        thread = threading.Thread(target=other)
        thread.start()
        began.wait(10)
        thread.join(0.5)
        assert not taken
        transaction.set_rollback(True)
    thread.join(30)
    assert taken == ["AE-2026-00001"]
