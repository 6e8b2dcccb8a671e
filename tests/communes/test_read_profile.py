"""Reading a profile: each mistake has its message, all of them are told at once."""

from pathlib import Path

import pytest

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import ProfileRefused, find_profile, read_profile
from portal.domain.kernel.french import typography
from tests.communes.small import ProfileFolder


def problems(folder: ProfileFolder) -> list[str]:
    """What is said against the profile; nothing when it is right."""
    try:
        read_profile(folder.path)
    except ProfileRefused as refused:
        return [str(problem) for problem in refused.problems]
    return []


def said(path: str, sentences: str) -> str:
    return f"profile.toml, {path}\u00a0: {typography(sentences)}"


def test_a_right_profile_is_read(folder: ProfileFolder) -> None:
    profile = read_profile(folder.path)

    assert profile.town.commune.name == "Essai"
    assert profile.town.activities[0].units[0].weekdays == (1, 2, 4, 5)
    assert [page.slug for page in profile.sections["pages"]] == ["aide", "reglement"]


def test_les_rousses_is_right() -> None:
    profile = read_profile(COMMUNES_DIR / "les-rousses")

    assert profile.town.calendar.zone == "A"
    assert [activity.code for activity in profile.town.activities] == ["restaurant", "periscolaire", "accueil-loisirs"]


MISTAKES = [
    # Keys
    ('zone = "A"', 'zone = "A"\nzones = "B"', "calendar.zones", "clé inconnue. Vouliez-vous dire « zone » ?"),
    ("[commune]", "[communes]\n[commune]", "communes", "clé inconnue. Vouliez-vous dire « commune » ?"),
    (
        'email = "enfance@essai.example"',
        'telephone = "x"',
        "services[enfance].telephone",
        "clé inconnue. Vouliez-vous dire « phone » ?",
    ),
    ('zone = "A"', "", "calendar.zone", 'manque. Exemple : zone = "A"'),
    ("[calendar]\nzone", "[autre]\nzone", "autre", "clé inconnue."),
    ("[site]", "[[site]]", "site", "attend une table (des lignes « clé = valeur »), et non une liste."),
    (
        "[[services]]",
        "[services]",
        "services",
        "attend plusieurs tables. Écrivez « [[services]] » au-dessus de chacune.",
    ),
    # Simple values
    ('name = "Essai"', "name = 12", "commune.name", "attend un texte entre guillemets, et non « 12 »."),
    ('name = "Essai"', 'name = " "', "commune.name", "est vide. Écrivez un texte, ou retirez la clé."),
    ('name = "Essai"', f'name = "{"e" * 101}"', "commune.name", "compte 101 caractères, 100 au plus."),
    ('name = "Essai"', 'name = """Es\nsai"""', "commune.name", "tient sur une seule ligne."),
    (
        'code = "essai"',
        'code = "Éssai !"',
        "commune.code",
        "« Éssai ! » n’est pas un code. Lettres minuscules sans accent, chiffres et tirets, "
        "par exemple « restaurant-scolaire ».",
    ),
    (
        "capacity = 40",
        "capacity = -1",
        "pools[places].capacity",
        "attend un nombre entier de 0 à 100000, et non « -1 ».",
    ),
    (
        "capacity = 40",
        "capacity = true",
        "pools[places].capacity",
        "attend un nombre entier de 0 à 100000, et non « true ».",
    ),
    ('zone = "A"', 'zone = "D"', "calendar.zone", "« D » n’est pas un choix possible. Au choix : A, B ou C."),
    (
        'enrolment_mode = "pattern"',
        'enrolment_mode = "patern"',
        "activities[restaurant].enrolment_mode",
        "« patern » n’est pas un choix possible. Vouliez-vous dire « pattern » ?",
    ),
    (
        'levels = ["PS", "CP"]',
        'levels = ["PS", "CP1"]',
        "activities[restaurant].levels[n°2]",
        "« CP1 » n’est pas un choix possible. Vouliez-vous dire « CP » ?",
    ),
    (
        'levels = ["PS", "CP"]',
        'levels = "PS"',
        "activities[restaurant].levels",
        "attend une liste entre crochets, et non « PS ».",
    ),
    (
        'enrolment_mode = "pattern"',
        'shown_on_planning = "oui"',
        "activities[restaurant].shown_on_planning",
        "attend true (oui) ou false (non), sans guillemets, et non « oui ».",
    ),
    (
        'email = "enfance@essai.example"',
        'email = "enfance"',
        "services[enfance].email",
        "« enfance » n’est pas une adresse mail. Par exemple « enfance@mairie.example ».",
    ),
    (
        'phone = "01 99 00 12 34"',
        'phone = "0199001234"',
        "site.phone",
        "« 0199001234 » n’est pas un numéro de téléphone. Par paires, par exemple « 01 99 00 12 34 ».",
    ),
    (
        'brand = "#1f6173"',
        'brand = "bleu"',
        "site.brand",
        "« bleu » n’est pas une couleur. En hexadécimal, par exemple « #1f6173 ».",
    ),
    (
        "unit_price = 4.30",
        "unit_price = 4.301",
        "tariffs[repas-enfant].versions[n°1].unit_price",
        "« 4.301 » : un prix s’arrête au centime. Écrivez-le en euros, par exemple 4.30.",
    ),
    (
        "unit_price = 4.30",
        "unit_price = -4.30",
        "tariffs[repas-enfant].versions[n°1].unit_price",
        "« -4.30 » : un prix va de 0 à 999999.99 €. Écrivez-le en euros, par exemple 4.30.",
    ),
    (
        "unit_price = 4.30",
        'unit_price = "cher"',
        "tariffs[repas-enfant].versions[n°1].unit_price",
        "« cher » n’est pas un prix. Écrivez-le en euros, par exemple 4.30.",
    ),
    (
        "unit_price = 4.30",
        'unit_price = 4.30\ndeliberation_url = "delib.pdf"',
        "tariffs[repas-enfant].versions[n°1].deliberation_url",
        "« delib.pdf » n’est pas une adresse. Elle commence par « https:// ».",
    ),
    # Days and hours
    (
        "valid_from = 2015-09-01",
        'valid_from = "septembre"',
        "tariffs[repas-enfant].versions[n°1].valid_from",
        "attend une date comme 2026-09-01, et non « septembre ».",
    ),
    (
        'starts_on = "rentree"',
        'starts_on = "31-09"',
        "activities[restaurant].starts_on",
        "« 31-09 » n’est pas un jour : écrivez « rentree », « fin-des-classes », un mois et un jour comme « 09-01 », "
        "ou une date comme 2026-09-01.",
    ),
    (
        'starts_at = "11:45"',
        'starts_at = "11h45"',
        "activities[restaurant].units[repas].starts_at",
        "attend une heure comme 07:30, et non « 11h45 ».",
    ),
    (
        'ends_at = "13:30"',
        'ends_at = "10:30"',
        "activities[restaurant].units[repas].ends_at",
        "l’heure de fin suit l’heure de début.",
    ),
    (
        '"lundi", "mardi", "jeudi"',
        '"lundi", "mardy", "jeudi"',
        "activities[restaurant].units[repas].weekdays[n°2]",
        "« mardy » n’est pas un jour de la semaine. Vouliez-vous dire « mardi » ?",
    ),
    (
        '["lundi", "mardi", "jeudi", "vendredi"]',
        "[]",
        "activities[restaurant].units[repas].weekdays",
        'attend au moins un jour entre crochets, par exemple ["lundi", "mardi"].',
    ),
    # Deadlines, with their own path inside the rule
    (
        'hour = "23:59"',
        'hour = "25:00"',
        "activities[restaurant].booking_deadline.hour",
        "attend une heure comme 23:59, et non « 25:00 ».",
    ),
    (
        'weekday = "jeudi"',
        'weekday = "jeudredi"',
        "activities[restaurant].booking_deadline.weekday",
        "attend un jour de 1 (lundi) à 7 (dimanche), et non « jeudredi ».",
    ),
    # What one table says of another
    (
        'tariff = "repas-enfant"',
        'tariff = "repas-enfan"',
        "activities[restaurant].units[repas].tariff",
        "« repas-enfan » n’est pas un tarif du profil. Vouliez-vous dire « repas-enfant » ?",
    ),
    (
        'pools = ["places"]',
        'pools = ["salle"]',
        "activities[restaurant].units[repas].pools",
        "« salle » n’est pas une réserve de places du profil. Au choix : places.",
    ),
    (
        'service = "enfance"',
        'service = "jeunesse"',
        "activities[restaurant].service",
        "« jeunesse » n’est pas un service du profil. Au choix : enfance.",
    ),
    (
        'schools = ["ecole"]',
        'schools = ["lycee"]',
        "activities[restaurant].schools",
        "« lycee » n’est pas une école du profil. Au choix : ecole.",
    ),
    (
        "max_age = 12",
        "max_age = 1",
        "activities[restaurant].max_age",
        "1\u00a0an est inférieur à l’âge minimum, 2\u00a0ans.",
    ),
    (
        'ends_on = "fin-des-classes"',
        'ends_on = "08-05"',
        "activities[restaurant].ends_on",
        "le dernier jour vient avant le premier.",
    ),
    (
        'starts_on = "rentree"',
        "starts_on = 2014-09-01",
        "activities[restaurant].units[repas].tariff",
        "le tarif « repas-enfant » n’a pas de prix au premier jour de l’activité, le 01/09/2014. "
        "Ajoutez-lui une version plus ancienne.",
    ),
    (
        'starts_on = "05-10"',
        'starts_on = "05-10"\nstructure = "restaurant-scolaire"\nactivity = "restaurant"',
        "closures[n°1].activity",
        "une fermeture concerne une structure ou une activité, pas les deux. Gardez l’une des deux clés.",
    ),
    # Files
    (
        'file = "cgu.md"',
        'file = "cgu.txt"',
        "terms.file",
        "le fichier « cgu.txt » n’existe pas. Vouliez-vous dire « cgu.md » ?",
    ),
    (
        'file = "cgu.md"',
        'file = "../../etc/passwd"',
        "terms.file",
        "« ../../etc/passwd » sort du dossier du profil. Gardez les textes dans ce dossier.",
    ),
    # The public site
    (
        'page = "aide"',
        'page = "aides"',
        "home.actions[n°1].page",
        "« aides » n’est pas une page du profil. Vouliez-vous dire « aide » ?",
    ),
    (
        'page = "aide"',
        'page = "aide"\ndoor = "account_signup"',
        "home.actions[n°1]",
        "un lien mène à un seul endroit. Gardez « page », « door » ou « url ».",
    ),
    (
        'category = "cantine"',
        'category = "cantines"',
        "news.items[ouverture].category",
        "« cantines » n’est pas une rubrique du profil. Vouliez-vous dire « cantine » ?",
    ),
    (
        "days_ago = 3",
        "days_ago = 3\ndate = 2026-09-07",
        "news.items[ouverture]",
        "attend une date : « date » ou « days_ago », l’une ou l’autre.",
    ),
]


@pytest.mark.parametrize(("old", "new", "path", "sentences"), MISTAKES, ids=lambda value: None)
def test_each_mistake_has_its_message(folder: ProfileFolder, old: str, new: str, path: str, sentences: str) -> None:
    folder.change(old, new)

    assert said(path, sentences) in problems(folder)


def test_everything_wrong_is_told_at_once(folder: ProfileFolder) -> None:
    folder.change('zone = "A"', 'zone = "D"').change("capacity = 40", 'capacity = "beaucoup"')
    folder.change('tariff = "repas-enfant"', 'tariff = "gouter"').change('file = "cgu.md"', 'file = "absent.md"')
    folder.change("[[activities.units]]", "[[activities.units]]\nprix = 3")

    assert [problem.split("\u00a0")[0] for problem in problems(folder)] == [
        "profile.toml, calendar.zone",
        "profile.toml, terms.file",
        "profile.toml, pools[places].capacity",
        "profile.toml, activities[restaurant].units[repas].prix",
        "profile.toml, activities[restaurant].units[repas].tariff",
    ]


def test_a_value_that_cannot_be_read_does_not_blame_what_names_it(folder: ProfileFolder) -> None:
    """A service whose name is wrong is still a service: the activity that names it is right."""
    folder.change('name = "Service Enfance"\nemail', "name = 3\nemail")

    assert problems(folder) == [said("services[enfance].name", "attend un texte entre guillemets, et non « 3 ».")]


def test_two_things_with_one_code_are_refused(folder: ProfileFolder) -> None:
    folder.add('[[services]]\ncode = "enfance"\nname = "Autre"')

    assert problems(folder) == [said("services[enfance].code", "« enfance » est déjà pris. Donnez à chacun le sien.")]


def test_a_whole_part_left_out_is_told(folder: ProfileFolder) -> None:
    folder.change('[calendar]\nzone = "A"', "")

    assert problems(folder)[0] == said("calendar", "manque. Exemple : [calendar]")


def test_a_text_that_leads_nowhere_is_refused(folder: ProfileFolder) -> None:
    folder.text("aide.md", "Voir le [règlement](page:reglements).")

    assert problems(folder) == [
        said(
            "pages[aide].file",
            "le texte mène à la page « reglements », qui n’existe pas. Vouliez-vous dire « reglement » ?",
        )
    ]


def test_a_text_in_another_encoding_is_refused(folder: ProfileFolder) -> None:
    (folder.path / "cgu.md").write_bytes("Règlement".encode("latin-1"))

    assert problems(folder) == [
        said("terms.file", "le fichier « cgu.md » n’est pas un texte en UTF-8. Réenregistrez-le en UTF-8.")
    ]


def test_an_empty_text_is_refused(folder: ProfileFolder) -> None:
    folder.text("cgu.md", " \n")

    assert problems(folder) == [said("terms.file", "le fichier « cgu.md » est vide.")]


def test_a_line_that_is_not_toml_is_shown(folder: ProfileFolder) -> None:
    folder.change('code = "essai"', "code = essai")

    assert problems(folder) == [
        said(
            "ligne 3",
            "cette ligne n’est pas du TOML : « code = essai ». L’analyseur dit : Invalid value. "
            "Vérifiez les guillemets, les crochets et le signe « = ».",
        )
    ]


def test_a_file_in_another_encoding_is_refused_with_its_line(folder: ProfileFolder) -> None:
    (folder.path / "profile.toml").write_bytes(folder.source.encode().replace("Règlement".encode(), b"R\xe8glement"))

    [problem] = problems(folder)
    assert problem.startswith("profile.toml, ligne ")
    assert problem.endswith("le fichier n’est pas en UTF-8. Réenregistrez-le en UTF-8.")


def test_a_profile_is_found_by_its_name_or_its_folder(folder: ProfileFolder) -> None:
    assert find_profile("les-rousses", [COMMUNES_DIR]) == COMMUNES_DIR / "les-rousses"
    assert find_profile(str(folder.path), [COMMUNES_DIR]) == folder.path


def test_a_folder_that_is_no_profile_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ProfileRefused, match=r"ce dossier n’existe pas\. Vouliez-vous dire «\xa0les-rousses\xa0»"):
        find_profile("les-rouses", [COMMUNES_DIR])
    with pytest.raises(ProfileRefused, match="ce dossier n’a pas de fichier profile.toml"):
        find_profile(str(tmp_path), [COMMUNES_DIR])
