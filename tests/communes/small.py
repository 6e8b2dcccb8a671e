"""A small profile, right in every respect: what a test changes in it is what it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import time_machine

from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User

PROFILE = """
[commune]
code = "essai"
name = "Essai"
name_with_article = "d’Essai"

[calendar]
zone = "A"

[terms]
version = 1
title = "Conditions générales"
file = "cgu.md"
published_on = 2019-08-01

[site]
brand = "#1f6173"
contact_name = "Service Enfance"
phone = "01 99 00 12 34"

[home]
hero_title = "Bienvenue"
lead = "Tout se fait ici."

[[home.actions]]
label = "L’aide"
page = "aide"

[[pages]]
slug = "aide"
title = "Aide"
role = "help"
file = "aide.md"

[[pages]]
slug = "reglement"
title = "Règlement"
file = "reglement.md"

[news]
lead = "Ce qui change."

[[news.categories]]
code = "cantine"
name = "Cantine"

[[news.items]]
slug = "ouverture"
title = "Ouverture"
category = "cantine"
days_ago = 3
excerpt = "Le portail ouvre."
file = "ouverture.md"

[[services]]
code = "enfance"
name = "Service Enfance"
email = "enfance@essai.example"

[[structures]]
code = "restaurant-scolaire"
name = "Restaurant scolaire"

[[schools]]
code = "ecole"
name = "École d’Essai"

[[activity_types]]
code = "restauration"
name = "Restauration"

[[pools]]
code = "places"
name = "Places du restaurant"
capacity = 40

[[tariffs]]
code = "repas-enfant"
name = "Repas enfant"

[[tariffs.versions]]
valid_from = 2015-09-01
unit_price = 4.30

[[activities]]
code = "restaurant"
name = "Restaurant scolaire {annee}"
short_name = "Cantine"
service = "enfance"
structure = "restaurant-scolaire"
type = "restauration"
starts_on = "rentree"
ends_on = "fin-des-classes"
min_age = 2
max_age = 12
levels = ["PS", "CP"]
schools = ["ecole"]
enrolment_mode = "pattern"
booking_deadline = { kind = "weekday_before", weekday = "jeudi", hour = "23:59" }

[[activities.units]]
code = "repas"
name = "Repas"
weekdays = ["lundi", "mardi", "jeudi", "vendredi"]
starts_at = "11:45"
ends_at = "13:30"
tariff = "repas-enfant"
pools = ["places"]

[[closures]]
reason = "Journée de préparation"
starts_on = "05-10"
"""

TEXTS = {
    "cgu.md": "## Article 1\n\nLe portail est gratuit.",
    "aide.md": "## Créer son compte\n\nVoir le [règlement](page:reglement).",
    "reglement.md": "## Article 1\n\nOn réserve avant le jeudi.",
    "ouverture.md": "Le portail ouvre **aujourd’hui**.",
}


class ProfileFolder:
    """A profile on disk, written again after each change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = PROFILE
        path.mkdir(parents=True, exist_ok=True)
        for name, text in TEXTS.items():
            (path / name).write_text(text, encoding="utf-8")
        self.write()

    def write(self) -> None:
        (self.path / "profile.toml").write_text(self.source, encoding="utf-8")

    def change(self, old: str, new: str) -> "ProfileFolder":
        """Replace a piece of the file, which must be there once."""
        assert self.source.count(old) == 1, f"{self.source.count(old)} × {old!r}"
        self.source = self.source.replace(old, new)
        self.write()
        return self

    def add(self, text: str) -> "ProfileFolder":
        """Write more at the end."""
        self.source = f"{self.source}\n{text}\n"
        self.write()
        return self

    def text(self, name: str, content: str) -> "ProfileFolder":
        """Replace one of the texts."""
        (self.path / name).write_text(content, encoding="utf-8")
        return self


@contextmanager
def loaded(profile: ProfileFolder, *, at: datetime) -> Iterator[ProfileFolder]:
    """The profile in the database; the clock stands still at that instant."""
    with time_machine.travel(at, tick=False):
        load_profile(profile=read_profile(profile.path), by=User.objects.system(), at=at)
        yield profile
