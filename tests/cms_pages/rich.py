"""A town whose public side is complete: every kind of page, written by its profile."""

from pathlib import Path

from PIL import Image as Picture

from tests.communes.small import ProfileFolder

SECTIONS = """
[[images]]
code = "creche"
file = "creche.png"
alt = "La cour de la crèche"

[[images]]
code = "plan"
file = "plan.png"
alt = "Le plan du quartier"

[[pages]]
slug = "cookies"
title = "Cookies"
role = "cookies"

[[section_pages]]
slug = "petite-enfance"
title = "Petite enfance"
lead = "Avant l’école."
icon = "heart"
image = "creche"
structures = ["nursery"]
activity_types = ["restauration"]
news_category = "cantine"

[[section_pages.documents]]
label = "Le règlement"
page = "reglement"

[structure_index]
parent = "infos-pratiques"
lead = "De la crèche à l’accueil jeunes."

[[structure_pages]]
structure = "creche"
kind = "nursery"
lead = "Vingt enfants, deux groupes."
image = "creche"
age_from = 0
age_to = 3
ages = "de 10 semaines à 3 ans"
agreed_places = 20
plan = "plan"
plan_description = "À côté de l’école, entrée par la cour."
file = "aide.md"

[[structure_pages.hours]]
days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi"]
opens = "07:30"
closes = "18:30"

[[structure_pages]]
structure = "restaurant-scolaire"
slug = "cantine"
kind = "canteen"
age_from = 3
age_to = 11

[[structure_pages.hours]]
days = ["lundi", "mardi", "jeudi", "vendredi"]
opens = "11:45"
closes = "13:30"
when = "school"

[[structure_pages.hours]]
days = ["mercredi"]
opens = "12:00"
closes = "13:00"
when = "holidays"

[[faq_pages]]
slug = "questions"
title = "Questions fréquentes"
parent = "infos-pratiques"
file = "questions.md"

[contact]
parent = "infos-pratiques"
lead = "Par sujet."
last_resort = "Écrivez au maire : réponse sous quinze jours."
last_resort_email = "maire@essai.example"

[[contact.subjects]]
kind = "billing"
title = "Une facture"
service = "enfance"

[[contact.subjects]]
kind = "help"
title = "Le portail"
text = "Compte, mot de passe."
phone = "01 99 00 12 99"

[[contact.subjects.links]]
label = "Les questions fréquentes"
page = "questions"

[[contact.subjects]]
kind = "coordination"
title = "Coordination enfance"
email = "coordination@essai.example"

[[structures]]
code = "creche"
name = "Crèche d’Essai"
street = "2, rue de l’Exemple"
postcode = "39220"
town = "Essai"
phone = "01 99 00 12 36"
email = "creche@essai.example"
latitude = 46.484800
longitude = 6.062800
"""

QUESTIONS = """## Mon compte

### Comment créer un compte ?

Avec le [règlement](page:reglement).

### Et le mot de passe ?

Un lien arrive par mail.

## Réserver

### Jusqu’à quand réserver ?

Jusqu’au jeudi, pour la semaine **suivante**.
"""


def picture(path: Path, colour: str) -> None:
    """A small image on disk."""
    Picture.new("RGB", (640, 480), colour).save(path)


def enrich(folder: ProfileFolder) -> ProfileFolder:
    """Add every kind of public page to a profile."""
    picture(folder.path / "creche.png", "#c8d8e8")
    picture(folder.path / "plan.png", "#e8d8c8")
    folder.text("questions.md", QUESTIONS)
    return folder.add(SECTIONS)
