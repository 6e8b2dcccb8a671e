"""Loading a profile: all or nothing, again as often as one likes, and never against the history."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from wagtail.models import Page, Site

from cms_pages.models import ContentPage, HomePage, SiteIdentitySettings
from config.places import COMMUNES_DIR
from news.models import NewsPage
from portal.backoffice.profiles import ProfileRefused, load_profile, read_profile
from portal.backoffice.profiles.loading import Report
from portal.domain.accounts.models import TermsVersion, User
from portal.domain.accounts.services import accept_terms
from portal.domain.activities.models import (
    Activity,
    CalendarSettings,
    Closure,
    PlacePool,
    SchoolHoliday,
    Service,
    Structure,
    Unit,
)
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import DayPlaces
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.french import typography
from portal.domain.kernel.money import line_amount
from portal.domain.tariffs.models import TariffVersion, UnitTariff
from portal.domain.tariffs.queries import load_price_book
from tests.communes.small import ProfileFolder
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import BookingFactory
from tests.domain.enrolments.factories import EnrolmentFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def load(folder: ProfileFolder, *, at: datetime = AT, **options: Any) -> Report:
    return load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=at, **options)


def refusals(folder: ProfileFolder, **options: Any) -> list[str]:
    with pytest.raises(ProfileRefused) as refused:
        load(folder, **options)
    return [str(problem) for problem in refused.value.problems]


def said(path: str, sentences: str) -> str:
    return f"profile.toml, {path}\u00a0: {typography(sentences)}"


def counts() -> dict[str, int]:
    """How many rows each table of ours has."""
    ours = ("portal.", "cms_pages", "news")
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model.__module__.startswith(ours)
    }


def booked(day: date = date(2026, 9, 14), **values: Any) -> Any:
    """A booking of the canteen, as if a family had made it."""
    unit = Unit.objects.get(code="repas")
    enrolment = EnrolmentFactory(activity=unit.activity)
    return BookingFactory(unit=unit, child=enrolment.child, enrolment=enrolment, day=day, **values)


def test_a_profile_makes_a_portal(folder: ProfileFolder) -> None:
    load(folder)

    activity = Activity.objects.get()
    assert (activity.code, activity.name) == ("restaurant-2026", "Restaurant scolaire 2026/2027")
    assert (activity.starts_on, activity.ends_on) == (date(2026, 9, 1), date(2027, 7, 2))
    assert activity.booking_deadline == {"kind": "weekday_before", "weekday": 4}
    assert activity.cancellation_deadline == activity.booking_deadline
    unit = Unit.objects.get()
    assert [pool.code for pool in unit.pools.all()] == ["places"]
    assert UnitTariff.objects.get(unit=unit).tariff.versions.get().unit_price == Decimal("4.30")
    assert CalendarSettings.objects.get().zone == "A"
    assert Closure.objects.get().starts_on == date(2027, 5, 10)
    assert TermsVersion.objects.get().body.startswith("## Article 1")
    assert SiteIdentitySettings.objects.get().name_with_article == "d’Essai"
    assert {group.name for group in Group.objects.all()} == {
        "gestion",
        "regie",
        "animation",
        "communication",
        "validation",
    }


def test_the_pages_of_a_profile_are_on_line(folder: ProfileFolder) -> None:
    load(folder)

    home = HomePage.objects.get()
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert not Page.objects.filter(title__startswith="Welcome").exists()
    page = ContentPage.objects.get(slug="aide")
    rules = ContentPage.objects.get(slug="reglement")
    assert page.live
    assert [block.block_type for block in page.body] == ["heading", "paragraph"]
    assert f'linktype="page" id="{rules.pk}"' in page.body[1].value.source
    item = NewsPage.objects.get()
    assert (item.date, item.category.name, item.live) == (date(2026, 11, 18), "Cantine", True)


@pytest.mark.exigence("P71")
def test_les_rousses_is_loaded_and_prices_september_2019_as_the_guide_does() -> None:
    """21 meals at 4,30 € are 90,30 €: the month of the guide, whatever the year of the demonstration."""
    profile = replace(read_profile(COMMUNES_DIR / "les-rousses"), sections={})
    load_profile(profile=profile, by=User.objects.system(), at=datetime(2019, 8, 27, 8, tzinfo=UTC))

    unit = Unit.objects.select_related("activity").get(code="repas")
    september = DateRange(date(2019, 9, 1), date(2019, 9, 30))
    served = list(load_calendar(september).served_days(offer_of(unit), september))
    price = load_price_book([unit]).price(unit.pk, served[0])

    assert unit.activity.code == "restaurant-2019"
    assert len(served) == 21
    assert line_amount(price.amount, len(served)) == Decimal("90.30")
    assert line_amount(price.amount, len(served) - 1) == Decimal("86.00")


@pytest.mark.parametrize(
    ("at", "code", "note"),
    [
        (datetime(2027, 6, 30, 8, tzinfo=UTC), "restaurant-2026", "Année scolaire 2026/2027."),
        (
            datetime(2027, 7, 14, 8, tzinfo=UTC),
            "restaurant-2027",
            "Année scolaire 2027/2028 : celle qui vient, puisque les classes sont finies.",
        ),
        (
            datetime(2027, 8, 20, 8, tzinfo=UTC),
            "restaurant-2027",
            "Année scolaire 2027/2028 : celle qui vient, puisque les classes sont finies.",
        ),
        (datetime(2029, 9, 3, 8, tzinfo=UTC), "restaurant-2029", "Année scolaire 2029/2030."),
    ],
)
def test_a_profile_is_loaded_for_the_school_year_of_the_day(
    folder: ProfileFolder, at: datetime, code: str, note: str
) -> None:
    report = load(folder, at=at)

    assert Activity.objects.get().code == code
    assert report.notes[0] == note


def test_the_next_year_is_added_beside_the_old_one(folder: ProfileFolder) -> None:
    load(folder)
    kept = booked()
    load(folder, at=datetime(2027, 9, 6, 8, tzinfo=UTC))

    assert sorted(Activity.objects.values_list("code", flat=True)) == ["restaurant-2026", "restaurant-2027"]
    kept.refresh_from_db()
    assert kept.unit.activity.code == "restaurant-2026"


@pytest.mark.exigence("C8")
def test_a_coming_year_is_announced_before_the_running_one_ends(folder: ProfileFolder) -> None:
    load(folder)
    call_command("load_commune", str(folder.path), annee="2027/2028", verbosity=0)
    assert sorted(Activity.objects.values_list("code", flat=True)) == ["restaurant-2026", "restaurant-2027"]
    with pytest.raises(CommandError, match="n’est pas une année scolaire"):
        call_command("load_commune", str(folder.path), annee="2027-2029", verbosity=0)


def test_loading_again_changes_nothing(folder: ProfileFolder) -> None:
    load(folder)
    before = counts()
    report = load(folder, at=AT.replace(day=28))

    assert counts() == before
    assert (report.created.total(), report.updated.total(), report.removed.total()) == (0, 0, 0)
    assert NewsPage.objects.get().date == date(2026, 11, 18)


def test_nothing_is_half_loaded(folder: ProfileFolder) -> None:
    """The mistake is found while storing, after many tables were written."""
    load(folder)
    booked(day=date(2026, 12, 1))
    DayPlaces.objects.create(pool=PlacePool.objects.get(), day=date(2026, 12, 1), capacity=40, taken=30)
    before = counts()
    folder.change('name = "Restaurant scolaire"\n', 'name = "Nouveau restaurant"\n')
    folder.change("capacity = 40", "capacity = 20")

    assert refusals(folder) == [
        said(
            "pools[places].capacity",
            "30\u00a0places déjà prises le mardi 1er décembre 2026 : choisissez une capacité plus haute, "
            "ou annulez d’abord des réservations.",
        )
    ]
    assert counts() == before
    assert Structure.objects.get().name == "Restaurant scolaire"


def test_a_change_is_stored_told_and_journalled(folder: ProfileFolder) -> None:
    load(folder)
    folder.change('email = "enfance@essai.example"', 'email = "service@essai.example"')
    report = load(folder)

    assert Service.objects.get().email == "service@essai.example"
    assert "service « Service Enfance » mis à jour : adresse mail." in report.notes
    entry = AuditEntry.objects.order_by("-pk").filter(target="activities.service").first()
    assert entry is not None
    assert (entry.before, entry.after) == (
        {"email": "enfance@essai.example"},
        {"email": "service@essai.example"},
    )


def test_a_price_that_was_used_does_not_change(folder: ProfileFolder) -> None:
    load(folder)
    booked(tariff_version=TariffVersion.objects.get())
    folder.change("unit_price = 4.30", "unit_price = 4.50")

    assert refusals(folder) == [
        said(
            "tariffs[repas-enfant].versions[n°1].unit_price",
            "ce prix a servi à 1\u00a0réservation. Il ne change plus. Ajoutez une version avec une date plus récente.",
        )
    ]
    assert TariffVersion.objects.get().unit_price == Decimal("4.30")


def test_a_new_version_of_a_price_is_added(folder: ProfileFolder) -> None:
    load(folder)
    booked(tariff_version=TariffVersion.objects.get())
    folder.change(
        "unit_price = 4.30", "unit_price = 4.30\n[[tariffs.versions]]\nvalid_from = 2027-01-01\nunit_price = 4.50"
    )
    load(folder)

    assert list(TariffVersion.objects.order_by("valid_from").values_list("unit_price", flat=True)) == [
        Decimal("4.30"),
        Decimal("4.50"),
    ]


def test_an_accepted_text_does_not_change(folder: ProfileFolder) -> None:
    load(folder)
    accept_terms(version=TermsVersion.objects.get(), by=UserFactory(), at=AT)
    folder.text("cgu.md", "Tout a changé.")

    assert refusals(folder) == [
        said(
            "terms.file",
            "des familles ont accepté la version 1 : son texte ne change plus. "
            "Remettez le texte d’avant, ou publiez celui-ci avec « version = 2 ».",
        )
    ]


def test_a_new_version_of_the_terms_is_published(folder: ProfileFolder) -> None:
    load(folder)
    accept_terms(version=TermsVersion.objects.get(), by=UserFactory(), at=AT)
    folder.text("cgu.md", "Tout a changé.").change("version = 1", "version = 2")
    load(folder)

    assert list(TermsVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_more_places_are_given_to_the_days_to_come(folder: ProfileFolder) -> None:
    load(folder)
    pool = PlacePool.objects.get()
    for day in (date(2026, 11, 2), date(2026, 12, 1)):
        DayPlaces.objects.create(pool=pool, day=day, capacity=40, taken=40)
    folder.change("capacity = 40", "capacity = 60")
    load(folder)

    assert dict(DayPlaces.objects.values_list("day", "capacity")) == {
        date(2026, 11, 2): 40,
        date(2026, 12, 1): 60,
    }


def test_a_unit_with_bookings_keeps_its_pools(folder: ProfileFolder) -> None:
    load(folder)
    booked()
    folder.change('pools = ["places"]', "pools = []")

    assert refusals(folder) == [
        said(
            "activities[restaurant].units[repas].pools",
            "cette unité compte déjà 1\u00a0place dans : Places du restaurant. "
            "Gardez ces réserves pour cette année scolaire.",
        )
    ]


def test_what_the_profile_names_no_more_is_kept_and_told(folder: ProfileFolder) -> None:
    load(folder)
    folder.change('code = "repas"', 'code = "dejeuner"')
    report = load(folder)

    assert sorted(Unit.objects.values_list("code", flat=True)) == ["dejeuner", "repas"]
    assert "L’unité « Cantine, Repas » n’est pas dans le profil : conservée." in report.notes


def test_pruning_removes_what_has_no_history(folder: ProfileFolder) -> None:
    load(folder)
    folder.change('code = "repas"', 'code = "dejeuner"')
    load(folder, prune=True)

    assert list(Unit.objects.values_list("code", flat=True)) == ["dejeuner"]
    assert AuditEntry.objects.filter(verb="load_commune_remove").count() == 1


def test_pruning_refuses_what_has_a_history(folder: ProfileFolder) -> None:
    load(folder)
    booked()
    folder.change('code = "repas"', 'code = "dejeuner"')

    assert refusals(folder, prune=True) == [
        said(
            "activities[restaurant].units",
            "repas : cette unité a 1\u00a0réservation. Elle ne peut pas disparaître. Remettez-la dans le profil.",
        )
    ]
    assert list(Unit.objects.values_list("code", flat=True)) == ["repas"]


def test_a_page_that_an_agent_edited_is_left_alone(folder: ProfileFolder) -> None:
    load(folder)
    page = ContentPage.objects.get(slug="aide")
    page.title = "Besoin d’aide ?"
    page.save_revision(user=UserFactory(agent=True)).publish()
    folder.text("aide.md", "Un autre texte.")
    report = load(folder)

    page.refresh_from_db()
    assert page.title == "Besoin d’aide ?"
    assert "page de contenu « Besoin d’aide ? » modifiée par un agent : laissée telle quelle." in report.notes


def test_a_page_that_an_agent_took_down_stays_down(folder: ProfileFolder) -> None:
    load(folder)
    ContentPage.objects.get(slug="aide").unpublish()
    report = load(folder)

    assert not ContentPage.objects.get(slug="aide").live
    assert "page de contenu « Aide » retirée par un agent : laissée telle quelle." in report.notes


def test_a_page_that_nobody_edited_follows_the_profile(folder: ProfileFolder) -> None:
    load(folder)
    folder.text("aide.md", "Un autre texte.")
    load(folder)

    assert [block.block_type for block in ContentPage.objects.get(slug="aide").body] == ["paragraph"]


def test_an_address_taken_by_another_kind_of_page_is_refused(folder: ProfileFolder) -> None:
    load(folder)
    folder.change('[news]\nlead = "Ce qui change."', '[news]\nslug = "aide"')

    assert refusals(folder) == [
        said("news", "une autre page a déjà l’adresse « aide ». Changez « slug », ou déplacez cette page.")
    ]


def test_a_holiday_that_an_agent_corrected_is_kept(folder: ProfileFolder) -> None:
    load(folder)
    SchoolHoliday.objects.filter(name__contains="Noël", starts_on__year=2026).update(
        ends_on=date(2027, 1, 5), edited=True
    )
    report = load(folder)

    assert SchoolHoliday.objects.get(starts_on=date(2026, 12, 19)).ends_on == date(2027, 1, 5)
    assert any("corrigées par un agent" in note for note in report.notes)


def test_the_command_says_what_it_did_then_that_nothing_was_left_to_do(folder: ProfileFolder) -> None:
    first, second = StringIO(), StringIO()
    call_command("load_commune", str(folder.path), stdout=first)
    call_command("load_commune", str(folder.path), stdout=second)

    assert "Essai\u00a0: profil chargé." in first.getvalue()
    assert "créés" in first.getvalue()
    assert "créés" not in second.getvalue()
    assert "inchangés" in second.getvalue()


def test_the_command_lists_every_mistake_and_writes_nothing(folder: ProfileFolder) -> None:
    before = counts()
    folder.change('zone = "A"', 'zone = "D"').change("capacity = 40", 'capacity = "beaucoup"')

    with pytest.raises(CommandError) as refused:
        call_command("load_commune", str(folder.path))
    assert str(refused.value).startswith(
        "2\u00a0erreurs dans le profil, rien n’a été chargé.\n  - profile.toml, calendar.zone"
    )
    assert counts() == before


def test_the_command_can_only_check(folder: ProfileFolder) -> None:
    before = counts()
    output = StringIO()
    call_command("load_commune", str(folder.path), "--check", stdout=output)

    assert "le profil est bon, rien n’a été écrit." in output.getvalue()
    assert counts() == before
