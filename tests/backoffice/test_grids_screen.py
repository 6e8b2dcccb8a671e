"""The grids of a tariff at the desk: read, proved, confirmed, compared, published; a version that served stays."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.domain.kernel.clock import PARIS
from portal.domain.tariffs.models import TariffVersion, UnitTariff
from tests.backoffice import desk
from tests.backoffice.desk import ANIMATION, GESTION, REGIE, is_refused, last_entry, make_agent, sign_in
from tests.backoffice.halves import limit
from tests.backoffice.test_grid_editor import sent
from tests.domain.activities.factories import StructureFactory
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.quotients.factories import QuotientFactory
from tests.domain.tariffs.test_published import BUBRY, WAVRIN

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C16")]

SEPTEMBER = [date(2026, 9, day) for day in (3, 4, 7)]
TABLE = "QF;Prix\n0 à 599;1,00\n600 à 999;3,05\n1000 et plus;5,00"


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 10, 6, 9, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def tariff() -> Any:
    return UnitTariff.objects.get(unit=priced_unit(price="4.30")).tariff


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def words(response: Any) -> str:
    return plain(desk.words(response))


def said(response: Any) -> str:
    return plain(desk.said(response))


def new(tariff: Any) -> str:
    return reverse("tariff_grid_new", args=[tariff.pk])


def form_of(client: Client, url: str, **changes: Any) -> Any:
    """What the page sends as it stands, with some changes."""
    return sent(client.get(url).context["editor"], **changes)


def written(client: Client, url: str, table: str = TABLE, day: str = "2027-01-04", **changes: Any) -> Any:
    """A table chosen, pasted, then sent: the answer of the second face, or of the form with its faults."""
    chosen = client.post(url, form_of(client, url, **{"p.0-kind": "brackets", "faire": "montrer:p.0"}))
    filled = client.post(url, sent(chosen.context["editor"], **{"p.0-paste": table, "faire": "coller:p.0"}))
    assert "Le tableau est rempli" in words(filled)
    # Nobody has finished: the date that is still empty is no mistake.
    assert "Donnez le premier jour" not in words(chosen) + words(filled)
    return client.post(url, sent(filled.context["editor"], **{"v-valid_from": day} | changes))


def test_a_table_is_pasted_read_compared_and_published(client: Client, tariff: Any) -> None:
    agent = sign_in(client, REGIE)
    home = household(tariff.unit_links.get().unit)
    book(home, SEPTEMBER)
    plan = written(client, new(tariff), **{"v-deliberation": "délibération du 12 juin 2026"})
    page = words(plan)
    assert plan.status_code == 200
    assert "lundi 4 janvier 2027" in page
    assert "<polyline" in plan.content.decode()
    assert "de 600 à moins de 1 000" in page
    assert "3 réservations de septembre 2026" in page
    assert f"{home.family.name} (n° {home.family.number})" in page
    assert "+2,10 €" in page
    assert tariff.versions.count() == 1

    published = client.post(new(tariff), {"plan": plan.context["token"], "publier": "1"})
    version = tariff.versions.get(valid_from=date(2027, 1, 4))
    assert published.url == reverse("tariff_grid", args=[version.pk])
    assert "est publiée" in said(published)
    assert version.grid["parts"][0]["method"]["rows"][1] == {"low": "600", "high": "1000", "prices": ["3.05"]}
    entry = last_entry()
    assert (entry.verb, entry.by, entry.after["deliberation"]) == (
        "publish_grid", agent, "délibération du 12 juin 2026",
    )  # fmt: skip
    read = words(client.get(published.url))
    assert "à venir" in read
    assert "fixée par la délibération du 12 juin 2026" in read
    listed = words(client.get(reverse("tariff_grids", args=[tariff.pk])))
    assert "en vigueur" in listed
    assert "à venir" in listed


def test_a_file_fills_the_table(client: Client, tariff: Any) -> None:
    sign_in(client, REGIE)
    url = new(tariff)
    chosen = client.post(url, form_of(client, url, **{"p.0-kind": "brackets", "faire": "montrer:p.0"}))
    data = sent(chosen.context["editor"], faire="coller:p.0").dict()
    filled = client.post(url, data | {"p.0-file": SimpleUploadedFile("grille.csv", TABLE.encode())})
    assert "3 tranches" in words(filled)
    refused = client.post(url, data | {"p.0-file": SimpleUploadedFile("grille.xlsx", b"ceci n'en est pas un")})
    assert refused.status_code == 200
    assert refused.context["editor"].parts[0].errors


def test_a_hole_is_refused_beside_its_row_and_what_was_typed_stays(client: Client, tariff: Any) -> None:
    sign_in(client, REGIE)
    answer = written(client, new(tariff), TABLE.replace("600 à 999", "700 à 999"))
    assert answer.status_code == 422
    page = words(answer)
    assert "il y a un trou : rien ne dit le prix de 599,01 à moins de 700" in page
    assert 'value="700"' in answer.content.decode()
    assert "Rien n’est enregistré" in page
    assert tariff.versions.count() == 1


def test_a_price_that_falls_is_published_only_when_it_is_wanted(client: Client, tariff: Any) -> None:
    sign_in(client, REGIE)
    url = new(tariff)
    plan = written(client, url, TABLE.replace("5,00", "2,00"))
    assert "le prix baisse" in words(plan)
    refused = client.post(url, {"plan": plan.context["token"], "publier": "1"})
    assert (refused.status_code, tariff.versions.count()) == (422, 1)
    assert "C’est voulu" in words(refused)
    assert client.post(url, {"plan": plan.context["token"], "publier": "1", "voulu": "1"}).status_code == 302
    assert tariff.versions.count() == 2


def test_two_versions_on_one_day_are_refused_and_the_day_is_named(client: Client, tariff: Any) -> None:
    sign_in(client, REGIE)
    url = new(tariff)
    taken = written(client, url, day="2015-09-01")
    assert taken.status_code == 422
    assert "déjà une version à partir du mardi 1er septembre 2015" in words(taken)
    plan = written(client, url)
    tariff.versions.create(valid_from=date(2027, 1, 4), unit_price=Decimal("5.00"))
    late = client.post(url, {"plan": plan.context["token"], "publier": "1"})
    assert late.status_code == 422
    assert "déjà une version à partir du lundi 4 janvier 2027" in words(late)
    assert tariff.versions.get(valid_from=date(2027, 1, 4)).unit_price == Decimal("5.00")


def test_a_version_that_served_is_copied_not_changed(client: Client, tariff: Any) -> None:
    sign_in(client, REGIE)
    version = tariff.versions.get()
    edit = reverse("tariff_grid_edit", args=[version.pk])
    plan = client.post(edit, form_of(client, edit, **{"p.0.m-price": "4,50"}))
    book(household(tariff.unit_links.get().unit), SEPTEMBER)
    page = words(client.get(reverse("tariff_grid", args=[version.pk])))
    assert "Cette version a servi à 3 réservations" in page
    assert "Nouvelle version, copiée de celle-ci" in page
    sent_away = client.get(edit)
    assert sent_away.url == reverse("tariff_grid", args=[version.pk])
    assert "publiez une nouvelle version" in said(sent_away)
    # What was shown before the first booking is not written after it.
    client.post(edit, {"plan": plan.context["token"], "publier": "1"})
    version.refresh_from_db()
    assert version.unit_price == Decimal("4.30")
    copied = client.get(f"{new(tariff)}?depuis={version.pk}").context["editor"]
    assert copied.parts[0].method["price"].value() == "4,30"
    assert copied.version["valid_from"].value() in (None, "")


def test_a_version_nobody_used_is_changed_and_the_journal_says_how(client: Client, tariff: Any) -> None:
    sign_in(client, REGIE)
    edit = reverse("tariff_grid_edit", args=[tariff.versions.get().pk])
    plan = client.post(edit, form_of(client, edit, **{"p.0.m-price": "4,50"}))
    client.post(edit, {"plan": plan.context["token"], "publier": "1"})
    assert tariff.versions.get().unit_price == Decimal("4.50")
    assert last_entry().verb == "change_grid"
    back = client.post(edit, {"plan": plan.context["token"], "corriger": "1"})
    assert back.context["editor"].parts[0].method["price"].value() == "4,50"
    assert client.post(edit, {"plan": "autre chose", "publier": "1"}).status_code == 302


@pytest.mark.parametrize("data", [WAVRIN, BUBRY])
def test_a_published_grid_is_read_with_its_columns(client: Client, tariff: Any, data: dict[str, Any]) -> None:
    sign_in(client, GESTION)
    version = tariff.versions.create(valid_from=date(2026, 9, 1), grid=data)
    page = client.get(reverse("tariff_grid", args=[version.pk]))
    assert page.status_code == 200
    text = words(page)
    if data is WAVRIN:
        assert "habite l’intercommunalité ou habite ailleurs" in text
        assert "7,86 €" in text
    else:
        assert "3,70 €" in text
        assert "prix × 0,5" in text
    assert "Modifier" not in page.content.decode().partition('id="prix"')[0].partition("desk-wide")[2]


def test_who_may_not_see_families_reads_no_name(client: Client, tariff: Any) -> None:
    home = household(tariff.unit_links.get().unit)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(300))
    book(home, SEPTEMBER)
    after = tariff.versions.create(valid_from=date(2027, 1, 4), grid=BUBRY)
    agent = make_agent(REGIE)
    agent.groups.clear()
    agent.user_permissions.add(
        Permission.objects.get(codename="view_tariffversion"), Permission.objects.get(codename="access_admin")
    )
    client.force_login(agent)
    page = words(client.get(reverse("tariff_comparison", args=[tariff.pk])))
    assert "Famille 1" in page
    assert home.family.number not in page
    asked = {"avant": tariff.versions.get(valid_from=date(2015, 9, 1)).pk, "apres": after.pk, "mois": "2026-09"}
    file = client.post(reverse("tariff_comparison_file", args=[tariff.pk]), asked)
    rows = file.content.decode("utf-8-sig").splitlines()
    assert rows[1] == "Famille 1;12,90;11,10;-1,80;3"
    assert last_entry().verb == "export_comparison"
    client.force_login(make_agent(GESTION))
    named = client.post(reverse("tariff_comparison_file", args=[tariff.pk]), asked).content.decode()
    assert home.family.number in named
    empty = client.get(reverse("tariff_comparison", args=[tariff.pk]), {"mois": "2026-13", "avant": "x"})
    assert empty.context["comparison"].month == "2026-09"
    assert "choisissez un autre mois" in words(
        client.get(reverse("tariff_comparison", args=[tariff.pk]), {"mois": "2024-03"})
    )


def test_each_page_is_for_those_who_read_or_write_the_tariffs_of_the_whole_town(client: Client, tariff: Any) -> None:
    version = tariff.versions.get()
    tariff.versions.create(valid_from=date(2027, 1, 4), unit_price=Decimal("5.00"))
    reading = [reverse("tariff_grids", args=[tariff.pk]), reverse("tariff_grid", args=[version.pk])]
    writing = [new(tariff), reverse("tariff_grid_edit", args=[version.pk])]
    comparing = [reverse("tariff_comparison", args=[tariff.pk])]
    for role, allowed in ((REGIE, [*reading, *writing, *comparing]), (GESTION, [*reading, *comparing])):
        client.force_login(make_agent(role))
        assert [url for url in [*reading, *writing, *comparing] if client.get(url).status_code == 200] == allowed
    client.force_login(make_agent(ANIMATION))
    assert all(is_refused(client.get(url)) for url in [*reading, *writing])
    assert client.get(comparing[0]).status_code == 404
    limited = make_agent(REGIE)
    limit(limited, [StructureFactory()])
    client.force_login(limited)
    assert [client.get(url).status_code for url in reading] == [200, 200]
    assert all(is_refused(client.get(url)) for url in writing)
    assert is_refused(client.post(new(tariff), {"plan": "x", "publier": "1"}))
    assert client.get(comparing[0]).status_code == 404
    assert client.post(reverse("tariff_comparison_file", args=[tariff.pk])).status_code == 404
    client.force_login(make_agent(REGIE))
    for name in ("tariff_grids", "tariff_grid_new", "tariff_grid", "tariff_grid_edit", "tariff_comparison"):
        assert client.get(reverse(name, args=[10**12])).status_code == 404


def test_the_form_costs_the_same_for_one_column_and_for_many(
    client: Client, tariff: Any, django_assert_max_num_queries: Any
) -> None:
    sign_in(client, REGIE)
    version = tariff.versions.create(valid_from=date(2027, 1, 4), grid=WAVRIN)
    for url in (f"{new(tariff)}?depuis=0", f"{new(tariff)}?depuis={version.pk}"):
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)
    assert TariffVersion.objects.count() == 2
